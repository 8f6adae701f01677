"""Who signs in and what they are given: applications, credentials, grants, signing keys, callers.

Owns: the values and the deciders over them (lockout, grants). Does not own hashing, signing or storage.
Hands to: `ringfence.application.identity`, which remembers.
"""

"""The use cases of the token service: applications, roles, passwords, grants, and who asks.

Owns: what is remembered of each, in whole transactions. Does not own hashing, signing (`ringfence.crypto`) or any wire format.
Hands to: `ringfence.oauth`, `ringfence.graph` and the command line.
"""

"""What needs a key or a hash, behind ports: the key file, sealing numbers, passwords, tokens, certificates.

Owns: algorithms, key ids, the key file's form and mode, the server's own certificate authority, and the
refusal of a wrong or lost key.
Does not own: where sealed values are kept, and who may see one opened.
Hands to: `application` through its ports; `storage` keeps what comes out and never sees the key.
"""

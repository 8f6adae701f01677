"""Policy: which directory roles there are, and which of them may do what to whom.

Owns: the roles (`roles`) and the second gate of a delegated call, the caller's role against the target's (`authority`).
Does not own: the first gate, the permissions in the token, which are the wire's (`graph.permissions`); nor who holds a role.
Hands to: the surfaces, which ask before they call a use case; `storage`, which keeps a role as its number.
"""

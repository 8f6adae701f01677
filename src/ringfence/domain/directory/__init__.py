"""Users and where they come from: cloud-only, synced, formerly synced.

Owns: what a reader hands over (`records.py`), matching a record to a user, the sync plan and its guards (domain-rules H).
Does not own: reading files or servers, nor what a changed public number does to the authentication number.
Hands to: `application`, which applies the plan; `domain.numbers` decides the mirror of each number the plan writes.
"""

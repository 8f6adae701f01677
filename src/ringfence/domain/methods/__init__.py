"""Methods: what registering and removing an authentication method does to a user's entries.

Owns: the entries and their default (`entries`), and taking both over from an export (`legacy_state`).
Does not own: the numbers themselves (`domain.numbers`).
Hands to: `application`, which records what is decided here.
"""

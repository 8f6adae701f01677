"""Methods: what registering and removing an authentication method does to a user's entries.

Owns the entry rules (`entries`). Does not own numbers (`ringfence.domain.numbers`) or who may do it (`policy`, later).
"""

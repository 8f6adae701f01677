"""Which entries of an on-premises directory are users.

Source: the object classes of Active Directory (a computer is a `user` too, a contact a `person` too) and of RFC 2798.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_USERS: Final = frozenset({"user", "person", "inetorgperson"})
_NOT_USERS: Final = frozenset({"computer", "contact", "group"})


@lru_cache(maxsize=256)
def is_user(classes: tuple[str, ...]) -> bool:
    """Whether an entry with these object classes (any case) is a user."""
    names = {name.strip().casefold() for name in classes}
    return not names.isdisjoint(_USERS) and names.isdisjoint(_NOT_USERS)

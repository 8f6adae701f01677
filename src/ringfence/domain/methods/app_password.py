"""App passwords: what is kept of one. Source: domain-rules D.9."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

LETTERS: Final = 16
"""Lower-case letters of one: 75 bits."""
MOST: Final = 40
LONGEST_NAME: Final = 64


class StoredAppPassword(NamedTuple):
    """One of a user, named by them after a device; `fingerprint` is a keyed one of the password, of 16 bytes."""

    app_password_id: bytes
    name: str
    fingerprint: bytes
    created_at: datetime
    last_used_at: datetime | None = None

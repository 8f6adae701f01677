"""The log of changed users: in which order users changed, for readers that come back for what is new.

A place in the log is all that a reader has to keep. It outlives restarts, and a place in a log that has been cut off since, or
that was replaced by a backup's, is told from a good one.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import NamedTuple, Protocol


class LogPlace(NamedTuple):
    """A place in the log of a tenant: the entry with this number, of whose users the first `given` lie behind the reader.

    `tag` (8 random bytes) tells the entry from another that had its number before the database was restored.
    """

    sequence: int
    given: int
    tag: bytes


class LogPage(NamedTuple):
    """Users (16 bytes each) in the order they changed, each once; where to go on, and whether there is more already."""

    user_ids: list[bytes]
    place: LogPlace
    more: bool


class ChangeLog(Protocol):
    """The log of a deployment. Stores write it with every commit that changes what is shown of users; here it is read."""

    def end(self, tenant_id: int) -> LogPlace:
        """The place behind everything that is committed."""

    def holds(self, tenant_id: int, place: LogPlace) -> bool:
        """Whether everything behind this place is still there."""

    def read(self, tenant_id: int, place: LogPlace, limit: int, only: AbstractSet[bytes]) -> LogPage:
        """At most `limit` users that changed behind this place, which is held, among `only` unless it is empty.

        It looks at a bounded part of the log, so a page may be empty though there is more.
        """

    def mark(self, now: datetime) -> None:
        """Note for every tenant where the log ends now."""

    def forget(self, before: datetime) -> int:
        """Remove what lies behind the last mark made before this instant, of all tenants; return how many entries."""

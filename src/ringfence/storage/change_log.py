"""The log of changed users: written last in every transaction, read by place, cut off at marks.

An entry holds the ids of up to a thousand users, so that an import of a million adds a thousand rows. Its number is taken from
the tenant's counter, whose row stays locked until the commit: numbers follow commits, and whoever sees an entry sees every one
before it (`docs/decisions/0012-change-log.md`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final

from ringfence.application.ports.changes import LogPage, LogPlace
from ringfence.storage.rows import to_micros
from ringfence.storage.statements import Row, Statements

_USERS_AN_ENTRY: Final = 1000
_ENTRIES_AT_ONCE: Final = 100
_MOST_EXAMINED: Final = 10_000
"""Users a page looks at before it ends, however few of them are wanted: every page costs about the same."""
_ID: Final = 16
_TAG: Final = 8
_COLUMNS: Final = ("tenant_id", "sequence", "tag", "user_ids")
_NOWHERE: Final = LogPlace(0, 0, bytes(_TAG))
"""The end of the log of a tenant that has none, should there be one: whoever comes back with it begins again."""


class ChangedUsers:
    """The users that a transaction changed so far, by tenant."""

    def __init__(self) -> None:
        """Begin with none."""
        self._by_tenant: dict[int, set[bytes]] = {}

    def note(self, tenant_id: int, user_ids: Iterable[bytes]) -> None:
        """Remember that what is shown of these users changed."""
        self._by_tenant.setdefault(tenant_id, set()).update(user_ids)

    def take(self) -> Iterator[tuple[int, list[bytes]]]:
        """All of them once, in order: the tenant, its users."""
        taken, self._by_tenant = self._by_tenant, {}
        for tenant_id, user_ids in sorted(taken.items()):
            if user_ids:
                yield tenant_id, sorted(user_ids)


def begin_log(sql: Statements, tenant_id: int) -> None:
    """Give a new tenant a counter and the first entry, about nobody: the place that its first readers go on from.

    A number that belonged to a tenant before goes on with that one's log.
    """
    begun = sql.run("INSERT INTO change_sequences (tenant_id, last_sequence) VALUES (?, 0) ON CONFLICT DO NOTHING", tenant_id)
    if begun:
        sql.database.insert(sql.connection, "directory_changes", _COLUMNS, [(tenant_id, 0, secrets.token_bytes(_TAG), b"")])


class SqlChangeLog:
    """`ChangeLog` over SQL, and the writing that a commit ends with."""

    def __init__(self, statements: Statements, changed: ChangedUsers) -> None:
        """Work on this transaction; `changed` is what its stores noted."""
        self._sql = statements
        self._changed = changed

    def flush(self) -> None:
        """Write what was noted. Nothing may be locked behind it but the commit: it makes other writers of the tenant wait."""
        for tenant_id, user_ids in self._changed.take():
            groups = [user_ids[at : at + _USERS_AN_ENTRY] for at in range(0, len(user_ids), _USERS_AN_ENTRY)]
            first = self._advance(tenant_id, len(groups)) - len(groups) + 1
            rows = [
                (tenant_id, sequence, secrets.token_bytes(_TAG), b"".join(group)) for sequence, group in enumerate(groups, first)
            ]
            self._sql.database.insert(self._sql.connection, "directory_changes", _COLUMNS, rows)

    def _advance(self, tenant_id: int, count: int) -> int:
        """Take so many numbers; return the last of them."""
        row = self._sql.one(
            "INSERT INTO change_sequences (tenant_id, last_sequence) VALUES (?, ?) ON CONFLICT (tenant_id) "
            "DO UPDATE SET last_sequence = change_sequences.last_sequence + excluded.last_sequence RETURNING last_sequence",
            tenant_id,
            count,
        )
        if row is None:
            raise AssertionError
        return int(row[0])

    def end(self, tenant_id: int) -> LogPlace:
        """The place behind everything that is committed."""
        text = "SELECT sequence, length(user_ids), tag FROM directory_changes WHERE tenant_id = ? ORDER BY sequence DESC LIMIT 1"
        row = self._sql.one(text, tenant_id)
        return _NOWHERE if row is None else LogPlace(row[0], row[1] // _ID, bytes(row[2]))

    def holds(self, tenant_id: int, place: LogPlace) -> bool:
        """Whether everything behind this place is still there: then its own entry is, for only whole beginnings are removed."""
        text = "SELECT tag, length(user_ids) FROM directory_changes WHERE tenant_id = ? AND sequence = ?"
        row = self._sql.one(text, tenant_id, place.sequence)
        return row is not None and bytes(row[0]) == place.tag and place.given * _ID <= row[1]

    def read(self, tenant_id: int, place: LogPlace, limit: int, only: AbstractSet[bytes]) -> LogPage:
        """At most `limit` users that changed behind this place, which is held, among `only` unless it is empty."""
        found: dict[bytes, None] = {}
        examined = 0
        for at, user_id in self._behind(tenant_id, place):
            if examined == _MOST_EXAMINED or (len(found) == limit and user_id not in found):
                return LogPage(list(found), place, more=True)
            place, examined = at, examined + 1
            if not only or user_id in only:
                found[user_id] = None
        return LogPage(list(found), place, more=False)

    def _behind(self, tenant_id: int, place: LogPlace) -> Iterator[tuple[LogPlace, bytes]]:
        """Each change behind a place: the place behind it, and who changed."""
        for sequence, tag, joined in self._entries(tenant_id, place.sequence):
            ids = bytes(joined)
            behind = place.given if sequence == place.sequence else 0
            for given in range(behind, len(ids) // _ID):
                yield LogPlace(sequence, given + 1, bytes(tag)), ids[given * _ID : (given + 1) * _ID]

    def _entries(self, tenant_id: int, first: int) -> Iterator[Row]:
        text = (
            "SELECT sequence, tag, user_ids FROM directory_changes WHERE tenant_id = ? AND sequence >= ? "
            "ORDER BY sequence LIMIT ?"
        )
        while rows := self._sql.all(text, tenant_id, first, _ENTRIES_AT_ONCE):
            yield from rows
            first = rows[-1][0] + 1

    def mark(self, now: datetime) -> None:
        """Note for every tenant where the log ends now; where it has not grown, the mark made first says more."""
        self._sql.run(
            "INSERT INTO change_marks (tenant_id, sequence, noted_at) "
            "SELECT tenant_id, last_sequence, ? FROM change_sequences WHERE TRUE ON CONFLICT DO NOTHING",
            to_micros(now),
        )

    def forget(self, before: datetime) -> int:
        """Remove what lies behind the last mark made before this instant; the marked entry stays, and so does its mark."""
        text = "SELECT tenant_id, MAX(sequence) FROM change_marks WHERE noted_at < ? GROUP BY tenant_id"
        return sum(self._cut(row) for row in self._sql.all(text, to_micros(before)))

    def _cut(self, mark: Row) -> int:
        """Remove a tenant's entries and marks before the marked one."""
        self._sql.run("DELETE FROM change_marks WHERE tenant_id = ? AND sequence < ?", *mark)
        return self._sql.run("DELETE FROM directory_changes WHERE tenant_id = ? AND sequence < ?", *mark)

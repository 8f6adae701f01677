"""Notices to people: the outbox of mails, and what their links are known by."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ringfence.domain.signin.notices import Notice, NoticeKind, NoticeState
from ringfence.storage.rows import from_micros, maybe_instant, to_micros
from ringfence.storage.statements import Row, Statements

_COLUMNS: Final = "notice_id, user_id, kind, facts, created_at, recipient, state, attempts, link_used_at"
_ONE: Final = "WHERE tenant_id = ? AND notice_id = ?"
_OPEN: Final = f"{int(NoticeState.PENDING)}, {int(NoticeState.CLAIMED)}"
_DUE: Final = f"state IN ({_OPEN}) AND due_at <= ?"
"""One that is claimed is due again when its claim runs out."""


class SqlNoticeStore:
    """`NoticeStore` over SQL."""

    def __init__(self, statements: Statements) -> None:
        """Work on this transaction."""
        self._sql = statements

    def add(self, tenant_id: int, notice: Notice) -> None:
        """Store one that waits."""
        self._sql.run(
            f"INSERT INTO notices (tenant_id, {_COLUMNS}, due_at) VALUES ({', '.join('?' * 11)})",  # noqa: S608 - columns of ours
            tenant_id,
            notice.notice_id,
            notice.user_id,
            int(notice.kind),
            json.dumps(dict(notice.facts)),
            to_micros(notice.created_at),
            notice.recipient,
            int(notice.state),
            notice.attempts,
            None,
            to_micros(notice.created_at),
        )

    def waits(self, now: datetime) -> bool:
        """Whether anything is due."""
        return self._sql.one(f"SELECT 1 FROM notices WHERE {_DUE} LIMIT 1", to_micros(now)) is not None  # noqa: S608 - ours

    def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[tuple[int, Notice]]:
        """Take due notices, those of claims that ran out included; nobody else gets them before `until`."""
        skipping = self._sql.database.skip_locked_clause()
        text = f"SELECT tenant_id, {_COLUMNS} FROM notices WHERE {_DUE} ORDER BY due_at LIMIT ?{skipping}"  # noqa: S608 - ours
        claimed = [(row[0], _notice(row[1:])) for row in self._sql.all(text, to_micros(now), limit)]
        change = f"UPDATE notices SET state = {int(NoticeState.CLAIMED)}, due_at = ?, attempts = attempts + 1 {_ONE}"  # noqa: S608 - ours
        self._sql.run_many(change, [(to_micros(until), tenant_id, one.notice_id) for tenant_id, one in claimed])
        return [(tenant_id, one._replace(state=NoticeState.CLAIMED, attempts=one.attempts + 1)) for tenant_id, one in claimed]

    def settle(self, tenant_id: int, notice: Notice, state: NoticeState, due_at: datetime | None) -> bool:
        """Store what became of one that was claimed; return whether the claim still was ours."""
        text = f"UPDATE notices SET state = ?, due_at = ? {_ONE} AND state = ? AND attempts = ?"  # noqa: S608 - ours
        due = to_micros(due_at or notice.created_at)
        claim = (int(NoticeState.CLAIMED), notice.attempts)
        return self._sql.run(text, int(state), due, tenant_id, notice.notice_id, *claim) == 1

    def save_link(self, tenant_id: int, notice: Notice, secret_hash: bytes) -> None:
        """Note what its link is known by."""
        self._sql.run(f"UPDATE notices SET link_hash = ? {_ONE}", secret_hash, tenant_id, notice.notice_id)  # noqa: S608 - ours

    def find_link(self, secret_hash: bytes) -> tuple[int, Notice] | None:
        """The notice with this link."""
        row = self._sql.one(f"SELECT tenant_id, {_COLUMNS} FROM notices WHERE link_hash = ?", secret_hash)  # noqa: S608 - ours
        return None if row is None else (row[0], _notice(row[1:]))

    def use_link(self, tenant_id: int, notice: Notice, at: datetime) -> bool:
        """Note that its link was used; return whether it was not before, which it is once."""
        text = f"UPDATE notices SET link_used_at = ? {_ONE} AND link_used_at IS NULL"  # noqa: S608 - ours
        return self._sql.run(text, to_micros(at), tenant_id, notice.notice_id) == 1

    def newest(self, tenant_id: int, limit: int) -> Sequence[Notice]:
        """The newest, newest first."""
        text = f"SELECT {_COLUMNS} FROM notices WHERE tenant_id = ? ORDER BY created_at DESC, notice_id LIMIT ?"  # noqa: S608 - ours
        return [_notice(row) for row in self._sql.all(text, tenant_id, limit)]

    def count_waiting(self) -> tuple[int, datetime | None]:
        """How many wait, of all tenants, and since when the first of them does."""
        row = self._sql.one(f"SELECT COUNT(*), MIN(created_at) FROM notices WHERE state IN ({_OPEN})")  # noqa: S608 - ours
        return (0, None) if row is None else (int(row[0]), maybe_instant(row[1]))

    def forget_before(self, tenant_id: int, before: datetime, limit: int) -> int:
        """Remove the oldest, about `limit` of them; return how many."""
        oldest = "SELECT created_at FROM notices WHERE tenant_id = ? AND created_at < ? ORDER BY created_at LIMIT ?"
        rows = self._sql.all(oldest, tenant_id, to_micros(before), limit)
        if not rows:
            return 0
        return self._sql.run("DELETE FROM notices WHERE tenant_id = ? AND created_at <= ?", tenant_id, rows[-1][0])


def _notice(row: Row) -> Notice:
    return Notice(
        bytes(row[0]),
        bytes(row[1]),
        NoticeKind(row[2]),
        json.loads(row[3]),
        from_micros(row[4]),
        row[5],
        NoticeState(row[6]),
        row[7],
        maybe_instant(row[8]),
    )

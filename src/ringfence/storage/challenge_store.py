"""Challenges, and what is held against the methods of an account."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ringfence.domain.signin.challenge import Challenge, ChallengeMethod
from ringfence.domain.signin.lockout import Counted, Failures
from ringfence.domain.signin.transitions import State
from ringfence.storage.rows import from_micros, maybe_instant, maybe_micros, to_micros
from ringfence.storage.statements import Row, Statements

_COLUMNS: Final = "challenge_id, user_id, app_id, login, method, purpose, state, created_at, expires_at, is_anybody"
_OWN: Final = "WHERE tenant_id = ? AND challenge_id = ?"
_METHOD: Final = "WHERE tenant_id = ? AND user_id = ? AND method = ?"


class SqlChallengeStore:
    """`ChallengeStore` over SQL."""

    def __init__(self, statements: Statements, *, writes: bool) -> None:
        """Work on this transaction; where it writes, rows that are read are its own until the commit."""
        self._sql = statements
        self._lock = statements.database.lock_clause(to_write=True) if writes else ""

    def add(self, tenant_id: int, challenge: Challenge) -> None:
        """Store a new one."""
        self._sql.run(
            f"INSERT INTO challenges (tenant_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - columns of ours
            tenant_id,
            *challenge[:4],
            int(challenge.method),
            challenge.purpose,
            int(challenge.state),
            to_micros(challenge.created_at),
            to_micros(challenge.expires_at),
            int(challenge.is_anybody),
        )

    def find(self, tenant_id: int, challenge_id: bytes) -> Challenge | None:
        """One challenge; in a write nobody else changes it until the commit."""
        text = f"SELECT {_COLUMNS} FROM challenges {_OWN}{self._lock}"  # noqa: S608 - columns of ours
        row = self._sql.one(text, tenant_id, challenge_id)
        return None if row is None else _challenge(row)

    def move(self, tenant_id: int, challenge: Challenge, state: State) -> bool:
        """Store its next state; return whether it still was in the one given."""
        text = f"UPDATE challenges SET state = ? {_OWN} AND state = ?"  # noqa: S608 - ours
        return self._sql.run(text, int(state), tenant_id, challenge.challenge_id, int(challenge.state)) == 1

    def hold(self, tenant_id: int, user_id: bytes, method: ChallengeMethod | Counted, now: datetime) -> Failures:
        """What is held against the method; nobody else counts for it until the commit."""
        own = (tenant_id, user_id, int(method))
        self._sql.run(
            "INSERT INTO method_failures (tenant_id, user_id, method, failures, locks, changed_at) VALUES (?, ?, ?, 0, 0, ?) "
            "ON CONFLICT (tenant_id, user_id, method) DO NOTHING",
            *own,
            to_micros(now),
        )
        row = self._sql.one(f"SELECT failures, locks, locked_until FROM method_failures {_METHOD}{self._lock}", *own)  # noqa: S608 - ours
        return Failures() if row is None else Failures(row[0], row[1], maybe_instant(row[2]))

    def save_failures(
        self, tenant_id: int, user_id: bytes, method: ChallengeMethod | Counted, failures: Failures, now: datetime
    ) -> None:
        """Store it; the caller holds it."""
        self._sql.run(
            f"UPDATE method_failures SET failures = ?, locks = ?, locked_until = ?, changed_at = ? {_METHOD}",  # noqa: S608 - ours
            failures.failures,
            failures.locks,
            maybe_micros(failures.locked_until),
            to_micros(now),
            tenant_id,
            user_id,
            int(method),
        )

    def forget_before(self, tenant_id: int, before: datetime, limit: int) -> int:
        """Remove challenges that expired before an instant, about `limit` of them; return how many."""
        return self._forget("challenges", "expires_at", (tenant_id, before, limit))

    def forget_failures_before(self, tenant_id: int, before: datetime, limit: int) -> int:
        """Remove what nobody added to since an instant, about `limit` rows; return how many."""
        return self._forget("method_failures", "changed_at", (tenant_id, before, limit))

    def _forget(self, table: str, instant: str, which: tuple[int, datetime, int]) -> int:
        tenant_id, before, limit = which
        oldest = f"SELECT {instant} FROM {table} WHERE tenant_id = ? AND {instant} < ? ORDER BY {instant} LIMIT ?"  # noqa: S608 - ours
        rows = self._sql.all(oldest, tenant_id, to_micros(before), limit)
        if not rows:
            return 0
        return self._sql.run(f"DELETE FROM {table} WHERE tenant_id = ? AND {instant} <= ?", tenant_id, rows[-1][0])  # noqa: S608 - ours


def _challenge(row: Row) -> Challenge:
    return Challenge(
        bytes(row[0]),
        bytes(row[1]),
        bytes(row[2]),
        row[3],
        ChallengeMethod(row[4]),
        row[5],
        State(row[6]),
        from_micros(row[7]),
        from_micros(row[8]),
        bool(row[9]),
    )

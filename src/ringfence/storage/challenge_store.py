"""Challenges, and what is held against the methods of an account."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.signin.challenge import Challenge, ChallengeMethod, Destination, Enrolment, Origin
from ringfence.domain.signin.lockout import Counted, Failures
from ringfence.domain.signin.transitions import State
from ringfence.storage.rows import NUMBER_SETS, from_micros, maybe_instant, maybe_micros, to_micros
from ringfence.storage.statements import Row, Statements

COLUMNS: Final = (
    "challenge_id, user_id, app_id, login, method, purpose, state, created_at, expires_at, is_anybody, language, sends, "
    "resend_at, correlation_id, ip_address, is_browser, enrols, pair, masked, numbers, sealed, key_id"
)
_PLACES: Final = ", ".join("?" * (COLUMNS.count(",") + 2))
_OPEN: Final = ", ".join(str(int(state)) for state in State if state.is_open)
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
            f"INSERT INTO challenges (tenant_id, {COLUMNS}) VALUES ({_PLACES})",  # noqa: S608 - columns of ours
            tenant_id,
            *challenge[:4],
            int(challenge.method),
            challenge.purpose,
            int(challenge.state),
            to_micros(challenge.created_at),
            to_micros(challenge.expires_at),
            int(challenge.is_anybody),
            challenge.language,
            challenge.sends,
            maybe_micros(challenge.resend_at),
            challenge.origin.correlation_id,
            challenge.origin.ip_address,
            int(challenge.origin.is_browser),
            None if challenge.enrolment is None else challenge.enrolment.method_id,
            *_bound(challenge),
        )

    def find(self, tenant_id: int, challenge_id: bytes) -> Challenge | None:
        """One challenge; in a write nobody else changes it until the commit."""
        text = f"SELECT {COLUMNS} FROM challenges {_OWN}{self._lock}"  # noqa: S608 - columns of ours
        row = self._sql.one(text, tenant_id, challenge_id)
        return None if row is None else challenge_of(row)

    def move(self, tenant_id: int, challenge: Challenge, state: State) -> bool:
        """Store its next state; return whether it still was in the one given."""
        text = f"UPDATE challenges SET state = ? {_OWN} AND state = ?"  # noqa: S608 - ours
        return self._sql.run(text, int(state), tenant_id, challenge.challenge_id, int(challenge.state)) == 1

    def note_sending(self, tenant_id: int, before: Challenge, after: Challenge) -> bool:
        """Store that it is sent once more; return whether it still stood as before."""
        text = f"UPDATE challenges SET sends = ?, resend_at = ?, expires_at = ?, state = ? {_OWN} AND sends = ? AND state = ?"  # noqa: S608 - ours
        stored = (after.sends, maybe_micros(after.resend_at), to_micros(after.expires_at), int(after.state))
        return self._sql.run(text, *stored, tenant_id, before.challenge_id, before.sends, int(before.state)) == 1

    def replace_open(self, tenant_id: int, challenge: Challenge) -> int:
        """End those that the same application still asks the same user by the same method; return how many there were."""
        return self._sql.run(
            f"UPDATE challenges SET state = ? WHERE tenant_id = ? AND user_id = ? AND method = ? AND app_id = ? "  # noqa: S608 - ours
            f"AND state IN ({_OPEN}) AND challenge_id <> ?",
            int(State.REPLACED),
            tenant_id,
            challenge.user_id,
            int(challenge.method),
            challenge.app_id,
            challenge.challenge_id,
        )

    def hold(self, tenant_id: int, user_id: bytes, method: ChallengeMethod | Counted, now: datetime) -> Failures:
        """What is held against the method; nobody else counts for it until the commit."""
        row = self._sql.one(
            "INSERT INTO method_failures (tenant_id, user_id, method, failures, locks, changed_at) VALUES (?, ?, ?, 0, 0, ?) "
            "ON CONFLICT (tenant_id, user_id, method) DO UPDATE SET failures = method_failures.failures "  # only holds it
            "RETURNING failures, locks, locked_until",
            tenant_id,
            user_id,
            int(method),
            to_micros(now),
        )
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


def challenge_of(row: Row) -> Challenge:
    """A row of `COLUMNS`."""
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
        Origin(bytes(row[13]), row[14], bool(row[15])),
        None if row[18] is None else _destination(row[17:]),
        row[10],
        row[11],
        maybe_instant(row[12]),
        None if row[16] is None else _enrolment(row[16:]),
    )


def _destination(row: Row) -> Destination:
    return Destination(
        None if row[0] is None else Pair(row[0]), row[1], NUMBER_SETS[row[2]], None if row[3] is None else bytes(row[3]), row[4]
    )


def _enrolment(row: Row) -> Enrolment:
    """The seed stands where otherwise a number does."""
    return Enrolment(row[0], bytes(row[4]), row[5]) if row[1] is None else Enrolment(row[0])


def _bound(challenge: Challenge) -> tuple[object, ...]:
    """Pair, mask, number set, what is sealed, and its key."""
    to, enrolment = challenge.destination, challenge.enrolment
    if to is not None:
        return (None if to.pair is None else int(to.pair), to.masked, NUMBER_SETS.index(to.numbers), to.sealed, to.key_id)
    if enrolment is not None:
        return (None, None, None, enrolment.sealed, enrolment.key_id)
    return (None,) * 5

"""The board of a demonstration: texts and calls, without a tenant, for a phone is nobody's in particular."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ringfence.application.ports.board import BoardCall, BoardText, CallState
from ringfence.application.ports.calls import CallEnd
from ringfence.storage.rows import from_micros, maybe_instant, maybe_micros, to_micros
from ringfence.storage.statements import Row, Statements

_TEXT: Final = "text_id, number, text, arrived_at, expires_at"
_CALL: Final = (
    "call_id, number, rang_at, expires_at, fraud_code, must_confirm_fraud, state, keys, answered_at, ended_at, call_end"
)
_KEPT: Final = ("call_id", "number", "rang_at", "expires_at", "fraud_code", "must_confirm_fraud")
"""What stays the same about a call."""


class SqlBoardStore:
    """`BoardStore` over SQL."""

    def __init__(self, statements: Statements, *, writes: bool) -> None:
        """Work on this transaction; where it writes, a call that is read is its own until the commit."""
        self._sql = statements
        self._lock = statements.database.lock_clause(to_write=True) if writes else ""

    def add_text(self, text: BoardText) -> None:
        """Store one; the same one that comes again takes its own place."""
        self._sql.run(
            f"INSERT INTO board_texts ({_TEXT}) VALUES (?, ?, ?, ?, ?) ON CONFLICT (text_id) DO UPDATE SET "  # noqa: S608 - ours
            "text = excluded.text, arrived_at = excluded.arrived_at, expires_at = excluded.expires_at",
            text.text_id,
            text.number,
            text.text,
            to_micros(text.arrived_at),
            to_micros(text.expires_at),
        )

    def add_call(self, call: BoardCall) -> None:
        """Store one that rings; the same one that comes again rings anew."""
        columns = _CALL.split(", ")
        anew = ", ".join(f"{name} = excluded.{name}" for name in columns if name != "call_id")
        self._sql.run(
            f"INSERT INTO board_calls ({_CALL}) VALUES ({', '.join('?' * len(columns))}) "  # noqa: S608 - columns of ours
            f"ON CONFLICT (call_id) DO UPDATE SET {anew}",
            call.call_id,
            call.number,
            to_micros(call.rang_at),
            to_micros(call.expires_at),
            call.fraud_code,
            int(call.must_confirm_fraud),
            *_standing(call),
        )

    def texts(self, since: datetime, limit: int) -> Sequence[BoardText]:
        """The newest that arrived since, newest first."""
        text = f"SELECT {_TEXT} FROM board_texts WHERE arrived_at >= ? ORDER BY arrived_at DESC, text_id LIMIT ?"  # noqa: S608 - ours
        return [_text(row) for row in self._sql.all(text, to_micros(since), limit)]

    def calls(self, since: datetime, limit: int) -> Sequence[BoardCall]:
        """The newest that rang since, newest first."""
        text = f"SELECT {_CALL} FROM board_calls WHERE rang_at >= ? ORDER BY rang_at DESC, call_id LIMIT ?"  # noqa: S608 - ours
        return [_call(row) for row in self._sql.all(text, to_micros(since), limit)]

    def call(self, call_id: bytes) -> BoardCall | None:
        """One call; in a write nobody else changes it until the commit."""
        row = self._sql.one(f"SELECT {_CALL} FROM board_calls WHERE call_id = ?{self._lock}", call_id)  # noqa: S608 - ours
        return None if row is None else _call(row)

    def save_call(self, call: BoardCall) -> None:
        """Store how it stands."""
        changing = ", ".join(f"{name} = ?" for name in _CALL.split(", ") if name not in _KEPT)
        self._sql.run(f"UPDATE board_calls SET {changing} WHERE call_id = ?", *_standing(call), call.call_id)  # noqa: S608 - ours

    def has_before(self, before: datetime) -> bool:
        """Whether anything is there from before an instant."""
        text = "SELECT 1 FROM board_texts WHERE arrived_at < ? UNION ALL SELECT 1 FROM board_calls WHERE rang_at < ? LIMIT 1"
        return self._sql.one(text, to_micros(before), to_micros(before)) is not None

    def forget_before(self, before: datetime) -> int:
        """Remove what is from before an instant; return how many rows."""
        texts = self._sql.run("DELETE FROM board_texts WHERE arrived_at < ?", to_micros(before))
        return texts + self._sql.run("DELETE FROM board_calls WHERE rang_at < ?", to_micros(before))


def _standing(call: BoardCall) -> tuple[object, ...]:
    end = None if call.end is None else call.end.value
    return int(call.state), call.keys, maybe_micros(call.answered_at), maybe_micros(call.ended_at), end


def _text(row: Row) -> BoardText:
    return BoardText(bytes(row[0]), row[1], row[2], from_micros(row[3]), from_micros(row[4]))


def _call(row: Row) -> BoardCall:
    return BoardCall(
        bytes(row[0]),
        row[1],
        from_micros(row[2]),
        from_micros(row[3]),
        row[4],
        bool(row[5]),
        CallState(row[6]),
        row[7],
        maybe_instant(row[8]),
        maybe_instant(row[9]),
        None if row[10] is None else CallEnd(row[10]),
    )

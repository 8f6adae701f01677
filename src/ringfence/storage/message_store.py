"""Messages: the outbox of the MFA service, and what the send guard counts, in one table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from ringfence.application.ports.telephony import Message, MessageState, Settled
from ringfence.domain.signin.challenge import Channel
from ringfence.domain.signin.send_guard import Completion, Scope
from ringfence.storage.rows import from_micros, maybe_instant, to_micros
from ringfence.storage.statements import Row, Statements

_COLUMNS: Final = (
    "message_id, challenge_id, user_id, channel, prefix, number, created_at, expires_at, sending, price, is_decoy, attempts"
)
_ONE: Final = "WHERE tenant_id = ? AND message_id = ?"
_SCOPES: Final = {
    Scope.NUMBER: "AND number = ?",
    Scope.PREFIX: "AND prefix = ?",
    Scope.TENANT: f"AND channel <> {int(Channel.MAIL)}",
    Scope.USER: f"AND user_id = ? AND channel <> {int(Channel.MAIL)}",
    Scope.USER_DAY: f"AND user_id = ? AND channel <> {int(Channel.MAIL)}",
}
"""A mail has a fingerprint of its user for a number, by which it is counted; it counts for nothing else."""
_OPEN: Final = f"{int(MessageState.PENDING)}, {int(MessageState.CLAIMED)}"
_DUE: Final = f"state IN ({_OPEN}) AND due_at <= ?"
"""One that is claimed is due again when its claim runs out."""


class SqlMessageStore:
    """`MessageStore` over SQL."""

    def __init__(self, statements: Statements) -> None:
        """Work on this transaction."""
        self._sql = statements

    def add(self, tenant_id: int, message: Message) -> None:
        """Store one that waits."""
        self._sql.run(
            f"INSERT INTO messages (tenant_id, {_COLUMNS}, state, due_at, is_answered) "  # noqa: S608 - columns of ours
            f"VALUES ({', '.join('?' * 16)})",
            tenant_id,
            *message[:3],
            int(message.channel),
            message.prefix,
            message.number,
            to_micros(message.created_at),
            to_micros(message.expires_at),
            message.sending,
            message.price,
            int(message.is_decoy),
            message.attempts,
            int(MessageState.PENDING),
            to_micros(message.created_at),
            0,
        )

    def nth_latest(self, tenant_id: int, scope: Scope, key: object, nth: int) -> datetime | None:
        """When the `nth` latest message of a scope was made, 1 being the last; None when there are fewer."""
        text = (
            f"SELECT created_at FROM messages WHERE tenant_id = ? {_SCOPES[scope]} "  # noqa: S608 - ours
            f"ORDER BY created_at DESC LIMIT 1 OFFSET ?"
        )
        row = self._sql.one(text, tenant_id, *([] if scope is Scope.TENANT else [key]), nth - 1)
        return None if row is None else from_micros(row[0])

    def count_waiting(self) -> tuple[int, datetime | None]:
        """How many wait, of all tenants, and since when the first of them does."""
        row = self._sql.one(f"SELECT COUNT(*), MIN(created_at) FROM messages WHERE state IN ({_OPEN})")  # noqa: S608 - ours
        return (0, None) if row is None else (int(row[0]), maybe_instant(row[1]))

    def waits(self, now: datetime, channels: Collection[Channel]) -> bool:
        """Whether anything is due for one of these channels: the question that the outbox asks all the time."""
        text = f"SELECT 1 FROM messages WHERE {_DUE} AND {_among(channels)} LIMIT 1"  # noqa: S608 - ours
        return self._sql.one(text, to_micros(now)) is not None

    def claim(self, now: datetime, until: Mapping[Channel, datetime], limit: int) -> Sequence[tuple[int, Message]]:
        """Take due messages, those of claims that ran out included; nobody else gets them before `until`, by channel.

        Only channels that have one are looked at.
        """
        skipping = self._sql.database.skip_locked_clause()
        rows = self._sql.all(
            f"SELECT tenant_id, {_COLUMNS} FROM messages WHERE {_DUE} AND {_among(until)} ORDER BY due_at LIMIT ?{skipping}",  # noqa: S608 - ours
            to_micros(now),
            limit,
        )
        text = f"UPDATE messages SET state = {int(MessageState.CLAIMED)}, due_at = ?, attempts = attempts + 1 {_ONE}"  # noqa: S608 - ours
        claimed = [(row[0], _message(row[1:])) for row in rows]
        self._sql.run_many(text, [(to_micros(until[one.channel]), tenant_id, one.message_id) for tenant_id, one in claimed])
        return claimed

    def settle(self, tenant_id: int, settled: Settled) -> bool:
        """Store what became of one; return whether the claim still was ours."""
        message = settled.order.message
        text = f"UPDATE messages SET state = ?, due_at = ?, reference = ? {_ONE} AND state = ? AND attempts = ?"  # noqa: S608 - ours
        due_at = settled.due_at or message.expires_at
        after = (int(settled.state), to_micros(due_at), settled.reference)
        claim = (int(MessageState.CLAIMED), message.attempts + 1)
        return self._sql.run(text, *after, tenant_id, message.message_id, *claim) == 1

    def drop(self, tenant_id: int, message: Message) -> None:
        """Close one that was claimed just now: it goes out no more, whatever became of its challenge."""
        text = f"UPDATE messages SET state = ?, due_at = ? {_ONE} AND state = ? AND attempts = ?"  # noqa: S608 - ours
        after = (int(MessageState.DROPPED), to_micros(message.expires_at))
        self._sql.run(text, *after, tenant_id, message.message_id, int(MessageState.CLAIMED), message.attempts + 1)

    def find_sent(self, reference: str) -> tuple[int, Message] | None:
        """The message that the network calls so and that no receipt came for yet."""
        text = (
            f"SELECT tenant_id, {_COLUMNS} FROM messages WHERE reference = ? AND state = ? "  # noqa: S608 - columns of ours
            "ORDER BY created_at DESC LIMIT 1"
        )
        row = self._sql.one(text, reference, int(MessageState.SENT))
        return None if row is None else (row[0], _message(row[1:]))

    def close(self, tenant_id: int, message: Message, state: MessageState) -> bool:
        """Store the last word on a message that was sent; return whether none was there before."""
        text = f"UPDATE messages SET state = ? {_ONE} AND state = ?"  # noqa: S608 - ours
        return self._sql.run(text, int(state), tenant_id, message.message_id, int(MessageState.SENT)) == 1

    def mark_answered(self, tenant_id: int, challenge_id: bytes) -> None:
        """Note that the challenge was answered, on the messages that it was sent by."""
        text = "UPDATE messages SET is_answered = 1 WHERE tenant_id = ? AND challenge_id = ?"
        self._sql.run(text, tenant_id, challenge_id)

    def completion(self, tenant_id: int, since: datetime) -> Sequence[Completion]:
        """By prefix: how many went out since, and how many of these were answered; the most first."""
        rows = self._sql.all(
            "SELECT prefix, COUNT(*), SUM(is_answered) FROM messages WHERE tenant_id = ? AND created_at >= ? AND is_decoy = 0 "
            "AND channel <> ? GROUP BY prefix ORDER BY COUNT(*) DESC, prefix",
            tenant_id,
            to_micros(since),
            int(Channel.MAIL),
        )
        return [Completion(row[0], int(row[1]), int(row[2])) for row in rows]

    def count_by_state(self, tenant_id: int, since: datetime) -> Sequence[tuple[Channel, MessageState, int]]:
        """How many there are since an instant, by channel and state."""
        rows = self._sql.all(
            "SELECT channel, state, COUNT(*) FROM messages WHERE tenant_id = ? AND created_at >= ? AND is_decoy = 0 "
            "GROUP BY channel, state ORDER BY channel, state",
            tenant_id,
            to_micros(since),
        )
        return [(Channel(row[0]), MessageState(row[1]), int(row[2])) for row in rows]

    def forget_before(self, tenant_id: int, before: datetime, limit: int) -> int:
        """Remove the oldest, about `limit` of them; return how many."""
        oldest = "SELECT created_at FROM messages WHERE tenant_id = ? AND created_at < ? ORDER BY created_at LIMIT ?"
        rows = self._sql.all(oldest, tenant_id, to_micros(before), limit)
        if not rows:
            return 0
        return self._sql.run("DELETE FROM messages WHERE tenant_id = ? AND created_at <= ?", tenant_id, rows[-1][0])


def _among(channels: Collection[Channel]) -> str:
    return f"channel IN ({', '.join(str(int(channel)) for channel in sorted(channels))})"


def _message(row: Row) -> Message:
    return Message(
        bytes(row[0]),
        bytes(row[1]),
        bytes(row[2]),
        Channel(row[3]),
        row[4],
        bytes(row[5]),
        from_micros(row[6]),
        from_micros(row[7]),
        row[8],
        row[9],
        bool(row[10]),
        row[11],
    )

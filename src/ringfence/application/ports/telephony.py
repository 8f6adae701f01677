"""What telephony asks of the store: messages, which are outbox and count in one, and the settings of the send guard."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import IntEnum, unique
from typing import Final, NamedTuple, Protocol

from ringfence.domain.signin.challenge import Challenge, Channel
from ringfence.domain.signin.send_guard import Completion, Scope, SendRefusal, TelephonySettings


@unique
class MessageState(IntEnum):
    """Where a message stands; the value is what the database stores."""

    PENDING = 1
    """Waits for its time."""
    CLAIMED = 2
    """Somebody is handing it to the network."""
    SENT = 3
    """The network has it, or may have it."""
    DELIVERED = 4
    FAILED = 5
    """Refused, undelivered, or too late."""
    DROPPED = 6
    """Not wanted any more: its challenge was over."""


OPEN: Final = (MessageState.PENDING, MessageState.CLAIMED)


class Message(NamedTuple):
    """One text, call or mail of a challenge. What it says and where it goes is not kept: both are in the challenge.

    `number` is a keyed fingerprint, for a mail of its user; `sending` says the how-manieth of its challenge it is; `price` is in
    mills.
    """

    message_id: bytes
    challenge_id: bytes
    user_id: bytes
    channel: Channel
    prefix: str
    number: bytes
    created_at: datetime
    expires_at: datetime
    sending: int
    price: int
    is_decoy: bool
    attempts: int = 0


class Order(NamedTuple):
    """A message that is claimed, of which tenant, and its challenge as it stands."""

    tenant_id: int
    message: Message
    challenge: Challenge


class Settled(NamedTuple):
    """What became of a message that was claimed: its next state, when it is tried again, the network's reference."""

    order: Order
    state: MessageState
    due_at: datetime | None = None
    reference: str | None = None


class MessageStore(Protocol):
    """Messages of all tenants: the outbox, and what the send guard counts."""

    def add(self, tenant_id: int, message: Message) -> None:
        """Store one that waits."""

    def nth_latest(self, tenant_id: int, scope: Scope, key: object, nth: int) -> datetime | None:
        """When the `nth` latest message of a scope was made, 1 being the last; None when there are fewer."""

    def count_waiting(self) -> tuple[int, datetime | None]:
        """How many wait, of all tenants, and since when the first of them does."""

    def waits(self, now: datetime, channels: Collection[Channel]) -> bool:
        """Whether anything is due for one of these channels: the question that the outbox asks all the time."""

    def claim(self, now: datetime, until: Mapping[Channel, datetime], limit: int) -> Sequence[tuple[int, Message]]:
        """Take due messages, those of claims that ran out included; nobody else gets them before `until`, by channel.

        Only channels that have one are looked at.
        """

    def settle(self, tenant_id: int, settled: Settled) -> bool:
        """Store what became of one; return whether the claim still was ours."""

    def drop(self, tenant_id: int, message: Message) -> None:
        """Close one that was claimed just now: it goes out no more, whatever became of its challenge."""

    def find_sent(self, reference: str) -> tuple[int, Message] | None:
        """The message that the network calls so and that no receipt came for yet."""

    def close(self, tenant_id: int, message: Message, state: MessageState) -> bool:
        """Store the last word on a message that was sent; return whether none was there before."""

    def mark_answered(self, tenant_id: int, challenge_id: bytes) -> None:
        """Note that the challenge was answered, on the messages that it was sent by."""

    def completion(self, tenant_id: int, since: datetime) -> Sequence[Completion]:
        """By prefix: how many went out since, and how many of these were answered; the most first."""

    def count_by_state(self, tenant_id: int, since: datetime) -> Sequence[tuple[Channel, MessageState, int]]:
        """How many there are since an instant, by channel and state."""

    def forget_before(self, tenant_id: int, before: datetime, limit: int) -> int:
        """Remove the oldest, about `limit` of them; return how many."""


class TelephonyStore(Protocol):
    """The settings of the send guard, and what was spent in a month."""

    def settings(self, tenant_id: int) -> TelephonySettings | None:
        """A tenant's, None when it has none yet."""

    def hold(self, tenant_id: int) -> None:
        """Let nobody else count or change anything of this tenant's telephony until the commit."""

    def save_settings(self, tenant_id: int, settings: TelephonySettings) -> None:
        """Store them; the caller holds the tenant's telephony."""

    def spent(self, tenant_id: int, month: str) -> int:
        """Mills."""

    def spend(self, tenant_id: int, month: str, price: int) -> None:
        """Count more; the caller holds it."""

    def count_refusal(self, tenant_id: int, day: str, refusal: SendRefusal) -> None:
        """Count one more: one statement, so that nobody has to hold anything."""

    def refusals(self, tenant_id: int, day: str) -> Mapping[SendRefusal, int]:
        """How many were refused on a day (`2026-11-24`), by reason."""

    def forget_refusals_before(self, tenant_id: int, day: str) -> int:
        """Remove the counts of earlier days; return how many."""

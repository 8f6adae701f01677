"""The outbox as whoever hands messages to the networks sees it: take what is due, say what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

from ringfence.application.ports.calls import CallOutcome, VoiceCall
from ringfence.application.ports.delivery import DeliveryReceipt, SendOutcome, TextMessage
from ringfence.application.ports.mail import MailMessage
from ringfence.application.ports.telephony import Order

LEASE: Final = timedelta(seconds=45)
"""How long whoever took a text may take over it: longer than any sender waits. Then it is taken for lost, and due again."""
CALL_LEASE: Final = timedelta(seconds=90)
"""The same for a call."""


class Outgoing(NamedTuple):
    """A message that is to go out now."""

    order: Order
    what: TextMessage | VoiceCall | MailMessage


class Outbox(Protocol):
    """Every method is one transaction and may wait for others."""

    def waits(self, now: datetime) -> bool:
        """Whether anything is due."""

    def take(self, now: datetime, limit: int) -> Sequence[Outgoing]:
        """Take messages that are due, at most `limit` of them. What is too late, or not wanted any more, is closed instead."""

    def settle(self, ended: Sequence[tuple[Outgoing, SendOutcome | CallOutcome]], now: datetime) -> None:
        """Store what became of messages that were taken, and of their challenges."""

    def answered(self, order: Order) -> None:
        """Note that the phone was answered."""

    def receipt(self, receipt: DeliveryReceipt, now: datetime) -> bool:
        """Take the last word on a text; False when no such text is known (yet)."""

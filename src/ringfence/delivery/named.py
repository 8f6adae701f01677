"""A sender under its name in the deployment: references of several senders may be the same, names are not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from ringfence.application.ports.delivery import (
    Accepted,
    DeliveryReceipt,
    SendOutcome,
    SmsSender,
    TakeReceipt,
    TextMessage,
    Unknown,
)

_BETWEEN: Final = "/"

MakeSender = Callable[[TakeReceipt], SmsSender]


def full_reference(name: str, reference: str) -> str:
    """A reference that no other sender's is the same as."""
    return f"{name}{_BETWEEN}{reference}"


class NamedSender:
    """`SmsSender` over another; references and receipts carry its name."""

    def __init__(self, name: str, make: MakeSender, take_receipt: TakeReceipt) -> None:
        """Make the sender, with its receipts on the way to `take_receipt`."""
        self.name = name
        self.inner = make(lambda receipt: take_receipt(self._own(receipt)))

    def _own(self, receipt: DeliveryReceipt) -> DeliveryReceipt:
        return DeliveryReceipt(full_reference(self.name, receipt.reference), receipt.is_delivered, receipt.status)

    async def start(self) -> None:
        """Start it."""
        await self.inner.start()

    async def stop(self) -> None:
        """Stop it."""
        await self.inner.stop()

    async def send(self, message: TextMessage, now: datetime) -> SendOutcome:
        """Send by it."""
        match outcome := await self.inner.send(message, now):
            case Accepted(reference=reference) if reference:
                return Accepted(full_reference(self.name, reference))
            case Unknown(reference=reference) if reference:
                return Unknown(full_reference(self.name, reference))
        return outcome

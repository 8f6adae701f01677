"""Messages to send, whoever took what, and waiting without sleeping for a fixed time."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from collections.abc import Awaitable, Callable
from typing import Final

from ringfence.application.ports.delivery import DeliveryReceipt, Later, SendOutcome, SmsSender, TextMessage

NOW: Final = dt.datetime(2026, 11, 24, 20, 0, tzinfo=dt.UTC)
SECONDS: Final = 15
_EVERY: Final = 0.01
_numbers: Final = itertools.count(1)


def text_to(number: str, text: str = "Your code is 123456.", lasts: dt.timedelta = dt.timedelta(minutes=5)) -> TextMessage:
    """A message that nobody sent before."""
    return TextMessage(next(_numbers).to_bytes(16), number, text, NOW + lasts)


class Receipts(list[DeliveryReceipt]):
    """Receipts as they came."""

    def of(self, reference: str) -> list[DeliveryReceipt]:
        """Those of one message."""
        return [receipt for receipt in self if receipt.reference == reference]


async def until(holds: Callable[[], object]) -> None:
    """Go on as soon as the condition holds; fail when it does not within the deadline."""
    async with asyncio.timeout(SECONDS):
        while not holds():  # noqa: ASYNC110 - what happens elsewhere sets no event of ours
            await asyncio.sleep(_EVERY)


async def send_until_settled(sender: SmsSender, message: TextMessage) -> tuple[SendOutcome, list[Later]]:
    """Send again as long as the answer is `Later`; the other answer, and those before it."""
    earlier: list[Later] = []
    async with asyncio.timeout(SECONDS):
        while isinstance(outcome := await sender.send(message, NOW), Later):
            earlier.append(outcome)
            await asyncio.sleep(min(outcome.after.total_seconds(), _EVERY * 5))
    return outcome, earlier


def run(work: Awaitable[None]) -> None:
    """Run a test's own coroutine."""

    async def whole() -> None:
        await work

    asyncio.run(whole())

"""Several senders as one: which of them a number goes to, and who is asked when one does not take it.

Owns the rule that a message that may have been sent goes to nobody else. Does not own the choice by prefix (`routes`) nor how
the senders work.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ringfence.application.ports.delivery import (
    Accepted,
    Later,
    RefusalReason,
    Refused,
    SendOutcome,
    SmsSender,
    TextMessage,
    Unknown,
)
from ringfence.delivery.routes import Route, Routes

_REFUSED_FOR_ITSELF: Final = Refused(RefusalReason.CONFIGURATION)


class SenderChain:
    """`SmsSender` over others; a number without a route is refused."""

    def __init__(self, routes: Sequence[Route[SmsSender]]) -> None:
        """Raises `InvalidError` as `Routes` does."""
        self._routes = Routes(routes)

    async def start(self) -> None:
        """Start every sender once, together."""
        await self._routes.start()

    async def stop(self) -> None:
        """Stop every sender."""
        await self._routes.stop()

    async def send(self, message: TextMessage, now: datetime) -> SendOutcome:
        """Ask one sender after the other as long as the one before certainly did not send, for a reason of its own.

        When all fail so, the answer is the `Later` that ends soonest; without one, the refusal.
        """
        soonest: Later | None = None
        for sender in self._routes.of(message.digits):
            match outcome := await sender.send(message, now):
                case Later():
                    soonest = outcome if soonest is None or outcome.after < soonest.after else soonest
                case Refused(reason=RefusalReason.CONFIGURATION):
                    continue
                case Accepted() | Refused() | Unknown():
                    return outcome
        return soonest or _REFUSED_FOR_ITSELF

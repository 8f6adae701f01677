"""Several senders as one: which of them a number goes to, and who is asked when one does not take it.

Owns the choice by prefix and the rule that a message that may have been sent goes to nobody else. Does not own how the
senders work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
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
from ringfence.domain.errors import ErrorCode, InvalidError

_REFUSED_FOR_ITSELF: Final = Refused(RefusalReason.CONFIGURATION)


@dataclass(frozen=True, slots=True)
class Route:
    """Numbers that begin with the prefix go to these senders, in order. It is digits, the country code first; "" is all."""

    prefix: str
    senders: Sequence[SmsSender]


class SenderChain:
    """`SmsSender` over others. The route with the longest prefix counts, alone; a number without a route is refused."""

    def __init__(self, routes: Sequence[Route]) -> None:
        """Raises `InvalidError` for a prefix that is not digits, that stands twice, or that no sender serves."""
        for route in routes:
            if route.prefix and not (route.prefix.isascii() and route.prefix.isdecimal()):
                raise InvalidError(ErrorCode.SETTING_INVALID, setting="prefix of a route", value=route.prefix)
            if not route.senders:
                raise InvalidError(ErrorCode.SETTING_INVALID, setting=f"route of {route.prefix!r}", value="without a sender")
        if len({route.prefix for route in routes}) < len(routes):
            raise InvalidError(ErrorCode.SETTING_INVALID, setting="prefix of a route", value="there twice")
        self._routes = sorted(routes, key=lambda route: len(route.prefix), reverse=True)
        self._senders = list({id(sender): sender for route in routes for sender in route.senders}.values())

    async def start(self) -> None:
        """Start every sender once, together."""
        await asyncio.gather(*(sender.start() for sender in self._senders))

    async def stop(self) -> None:
        """Stop every sender."""
        await asyncio.gather(*(sender.stop() for sender in self._senders))

    async def send(self, message: TextMessage, now: datetime) -> SendOutcome:
        """Ask one sender after the other as long as the one before certainly did not send, for a reason of its own.

        When all fail so, the answer is the `Later` that ends soonest; without one, the refusal.
        """
        soonest: Later | None = None
        for sender in self._route(message.digits):
            match outcome := await sender.send(message, now):
                case Later():
                    soonest = outcome if soonest is None or outcome.after < soonest.after else soonest
                case Refused(reason=RefusalReason.CONFIGURATION):
                    continue
                case Accepted() | Refused() | Unknown():
                    return outcome
        return soonest or _REFUSED_FOR_ITSELF

    def _route(self, digits: str) -> Sequence[SmsSender]:
        return next((route.senders for route in self._routes if digits.startswith(route.prefix)), ())

"""Several callers as one: which of them a number goes to, and who is asked when one does not place the call.

Owns the rule that a call that may have rung is placed by nobody else. Does not own the choice by prefix (`routes`) nor how the
callers work.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ringfence.application.ports.calls import CallOutcome, VoiceCall, VoiceCaller
from ringfence.application.ports.delivery import Later, RefusalReason, Refused
from ringfence.delivery.routes import Route, Routes

_REFUSED_FOR_ITSELF: Final = Refused(RefusalReason.CONFIGURATION)


class CallerChain:
    """`VoiceCaller` over others; a number without a route is refused."""

    def __init__(self, routes: Sequence[Route[VoiceCaller]]) -> None:
        """Raises `InvalidError` as `Routes` does."""
        self._routes = Routes(routes)

    async def start(self) -> None:
        """Start every caller once, together."""
        await self._routes.start()

    async def stop(self) -> None:
        """Stop every caller."""
        await self._routes.stop()

    async def place(self, call: VoiceCall, now: datetime) -> CallOutcome:
        """Ask one caller after the other as long as the one before certainly rang nobody, for a reason of its own.

        When all fail so, the answer is the `Later` that ends soonest; without one, the refusal.
        """
        soonest: Later | None = None
        for caller in self._routes.of(call.digits):
            match outcome := await caller.place(call, now):
                case Later():
                    soonest = outcome if soonest is None or outcome.after < soonest.after else soonest
                case Refused(reason=RefusalReason.CONFIGURATION):
                    continue
                case _:
                    return outcome
        return soonest or _REFUSED_FOR_ITSELF

"""Several callers as one."""

from __future__ import annotations

import asyncio
import datetime as dt
from datetime import datetime
from typing import Final

import pytest

from ringfence.application.ports.calls import CallEnd, CallOutcome, VoiceCall
from ringfence.application.ports.delivery import Later, LaterReason, RefusalReason, Refused
from ringfence.delivery.call_chain import CallerChain
from ringfence.delivery.routes import Route
from tests.delivery.messages import NOW
from tests.delivery.telephones import call_to

_SOON: Final = Later(dt.timedelta(seconds=2), LaterReason.THROTTLED)
_LATE: Final = Later(dt.timedelta(seconds=9), LaterReason.UNREACHABLE)
_WRONG: Final = Refused(RefusalReason.CONFIGURATION)
_OTHER: Final = CallEnd.APPROVED


class FakeCaller:
    """Always the same outcome."""

    def __init__(self, outcome: CallOutcome) -> None:
        """Not started, and nobody called."""
        self.outcome = outcome
        self.placed: list[VoiceCall] = []
        self.starts = 0

    async def start(self) -> None:
        """Count."""
        self.starts += 1

    async def stop(self) -> None:
        """Count back."""
        self.starts -= 1

    async def place(self, call: VoiceCall, now: datetime) -> CallOutcome:
        """Keep the call."""
        assert now == NOW
        self.placed.append(call)
        return self.outcome


FALLS: dict[str, tuple[CallOutcome, CallOutcome, CallOutcome, int]] = {
    **{end.value: (end, _OTHER, end, 0) for end in CallEnd},
    "destination": (Refused(RefusalReason.DESTINATION), _OTHER, Refused(RefusalReason.DESTINATION), 0),
    "expired": (Refused(RefusalReason.EXPIRED), _OTHER, Refused(RefusalReason.EXPIRED), 0),
    "later": (_LATE, _OTHER, _OTHER, 1),
    "configuration": (_WRONG, _OTHER, _OTHER, 1),
    "later-twice": (_LATE, _SOON, _SOON, 1),
    "later-then-configuration": (_LATE, _WRONG, _LATE, 1),
    "configuration-twice": (_WRONG, _WRONG, _WRONG, 1),
}


@pytest.mark.parametrize(("first", "second", "wanted", "asked"), FALLS.values(), ids=FALLS)
def test_falling_back(first: CallOutcome, second: CallOutcome, wanted: CallOutcome, asked: int) -> None:
    """The second is asked only where the first rang nobody for a reason of its own: no phone rings twice for one question."""
    callers = [FakeCaller(first), FakeCaller(second)]
    assert wanted == asyncio.run(CallerChain([Route("", callers)]).place(call_to(), NOW))
    assert [1, asked] == [len(caller.placed) for caller in callers]


def test_by_country_of_the_number_without_its_extension() -> None:
    """The longest prefix serves a number, and a country that nobody was configured for is not called."""
    america, caribbean = FakeCaller(CallEnd.BUSY), FakeCaller(CallEnd.APPROVED)
    chain = CallerChain([Route("1", [america]), Route("1876", [caribbean])])
    numbers = ("+1 2025550123x5", "+1 8765550123x5", "+43 66412345001")
    assert [CallEnd.BUSY, CallEnd.APPROVED, _WRONG] == [asyncio.run(chain.place(call_to(number), NOW)) for number in numbers]


def test_start_and_stop() -> None:
    """A caller of several routes is started once, and stopped once."""
    shared = FakeCaller(_OTHER)
    chain = CallerChain([Route("", [shared]), Route("49", [shared])])
    asyncio.run(chain.start())
    assert 1 == shared.starts
    asyncio.run(chain.stop())
    assert 0 == shared.starts

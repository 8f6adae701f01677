"""Several senders as one."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from typing import Final

import pytest

from ringfence.application.ports.delivery import (
    Accepted,
    Later,
    LaterReason,
    RefusalReason,
    Refused,
    SendOutcome,
    SmsSender,
    TextMessage,
    Unknown,
)
from ringfence.delivery.chain import SenderChain
from ringfence.delivery.routes import Route
from ringfence.domain.errors import InvalidError
from tests.delivery.messages import NOW, run, text_to

_SOON: Final = Later(dt.timedelta(seconds=2), LaterReason.THROTTLED)
_LATE: Final = Later(dt.timedelta(seconds=9), LaterReason.UNREACHABLE)
_WRONG: Final = Refused(RefusalReason.CONFIGURATION)
_TAKEN: Final = Accepted("second")


class FakeSender:
    """Always the same outcome."""

    def __init__(self, outcome: SendOutcome) -> None:
        """Not started, and nothing sent."""
        self.outcome = outcome
        self.sent: list[TextMessage] = []
        self.starts = 0

    async def start(self) -> None:
        """Count."""
        self.starts += 1

    async def stop(self) -> None:
        """Count back."""
        self.starts -= 1

    async def send(self, message: TextMessage, now: datetime) -> SendOutcome:
        """Keep the message."""
        assert now == NOW
        self.sent.append(message)
        return self.outcome


def outcome_through(chain: SenderChain, number: str = "+49 15112345001") -> SendOutcome:
    """What a chain answers."""
    outcomes: list[SendOutcome] = []

    async def send() -> None:
        outcomes.append(await chain.send(text_to(number), NOW))

    run(send())
    return outcomes[0]


FALLS: dict[str, tuple[SendOutcome, SendOutcome, SendOutcome, int]] = {
    "accepted": (Accepted("first"), _TAKEN, Accepted("first"), 0),
    "later": (_LATE, _TAKEN, _TAKEN, 1),
    "configuration": (_WRONG, _TAKEN, _TAKEN, 1),
    "unknown": (Unknown(None), _TAKEN, Unknown(None), 0),
    "unknown-in-part": (Unknown("half"), _TAKEN, Unknown("half"), 0),
    "destination": (Refused(RefusalReason.DESTINATION), _TAKEN, Refused(RefusalReason.DESTINATION), 0),
    "expired": (Refused(RefusalReason.EXPIRED), _TAKEN, Refused(RefusalReason.EXPIRED), 0),
    "later-twice": (_LATE, _SOON, _SOON, 1),
    "later-then-configuration": (_LATE, _WRONG, _LATE, 1),
    "configuration-twice": (_WRONG, _WRONG, _WRONG, 1),
    "later-then-unknown": (_LATE, Unknown(None), Unknown(None), 1),
}


@pytest.mark.parametrize(("first", "second", "wanted", "asked"), FALLS.values(), ids=FALLS)
def test_falling_back(first: SendOutcome, second: SendOutcome, wanted: SendOutcome, asked: int) -> None:
    """The second is asked only when the first certainly did not send for a reason of its own; never after `Unknown`."""
    senders = [FakeSender(first), FakeSender(second)]
    assert wanted == outcome_through(SenderChain([Route("", senders)]))
    assert [1, asked] == [len(sender.sent) for sender in senders]


ROUTES = {
    "country": ("+49 15112345001", "49"),
    "longest-wins": ("+49 1711234567", "49171"),
    "north-america": ("+1 2025550123", "1"),
    "caribbean-within-it": ("+1 8765550123", "1876"),
    "all-others": ("+43 66412345001", ""),
}


@pytest.mark.parametrize(("number", "prefix"), ROUTES.values(), ids=ROUTES)
def test_routes(number: str, prefix: str) -> None:
    """The longest prefix of country code and national number wins."""
    chain = SenderChain([Route(each, [FakeSender(Accepted(each))]) for each in ("", "1", "49", "49171", "1876")])
    assert Accepted(prefix) == outcome_through(chain, number)


def test_no_route() -> None:
    """A country that nobody was configured for gets nothing."""
    other = FakeSender(_TAKEN)
    assert _WRONG == outcome_through(SenderChain([Route("49", [other])]), "+43 66412345001")
    assert [] == other.sent


def test_another_route_is_no_fallback() -> None:
    """Who is configured for a country alone serves it: a wider route is not asked."""
    wide = FakeSender(_TAKEN)
    assert _SOON == outcome_through(SenderChain([Route("", [wide]), Route("49", [FakeSender(_SOON)])]))
    assert [] == wide.sent


def test_start_and_stop() -> None:
    """A sender of several routes is started once, and stopped once."""
    shared, own = FakeSender(_TAKEN), FakeSender(_TAKEN)
    chain = SenderChain([Route("", [shared]), Route("49", [own, shared])])
    run(chain.start())
    assert [1, 1] == [shared.starts, own.starts]
    run(chain.stop())
    assert [0, 0] == [shared.starts, own.starts]


WRONG: dict[str, list[Route[SmsSender]]] = {
    "not-digits": [Route("+49", [FakeSender(_TAKEN)])],
    "twice": [Route("49", [FakeSender(_TAKEN)]), Route("49", [FakeSender(_TAKEN)])],
    "empty": [Route("49", [])],
}


@pytest.mark.parametrize("routes", WRONG.values(), ids=WRONG)
def test_refused_routes(routes: list[Route[SmsSender]]) -> None:
    """A table that leaves open who is asked is refused."""
    with pytest.raises(InvalidError):
        SenderChain(routes)

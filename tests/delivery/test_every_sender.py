"""What holds for every sender: one suite, run on SMPP, both shapes of HTTP, and a chain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
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
from ringfence.delivery.http_post import Limits
from ringfence.delivery.routes import Route
from ringfence.delivery.smpp import SmppSender
from ringfence.delivery.smpp_account import Patience, SmppAccount
from ringfence.delivery.twilio_shape import TwilioAccount, TwilioShapeSender
from ringfence.delivery.webhook import WebhookAccount, WebhookSender
from tests.delivery import gateways
from tests.delivery.messages import NOW, Receipts, run, send_until_settled, text_to
from tests.servers.smsc import PASSWORD, USER, message_centre

pytestmark = pytest.mark.slow  # it waits for those that do not answer

_SHORT: Final = dt.timedelta(milliseconds=20)
_SECOND: Final = dt.timedelta(seconds=1)
_LIMITS: Final = Limits(_SECOND, _SECOND)
_NOBODY: Final = 1
"""A port that nobody listens on."""

Make = Callable[[int, str], SmsSender]
"""A sender to a port, with a password, secret or token."""


def smpp(port: int, password: str) -> SmsSender:
    """An account at the SMSC."""
    patience = Patience(_SECOND, _SECOND, _SHORT, _SHORT)
    return SmppSender(SmppAccount("127.0.0.1", port, USER, password, "Ringfence", patience=patience), Receipts().append)


def twilio(port: int, token: str) -> SmsSender:
    """An account in Twilio's shape."""
    url = f"http://127.0.0.1:{port}"
    return TwilioShapeSender(TwilioAccount(gateways.SID, token, "+15005550006", base_url=url, limits=_LIMITS), Receipts().append)


def webhook(port: int, secret: str) -> SmsSender:
    """A webhook."""
    return WebhookSender(WebhookAccount(f"http://127.0.0.1:{port}/texts", secret, limits=_LIMITS), Receipts().append)


def chain(port: int, secret: str) -> SmsSender:
    """A chain of one."""
    return SenderChain([Route("", [webhook(port, secret)])])


SENDERS: dict[str, tuple[Make, str]] = {
    "chain": (chain, gateways.SECRET),
    "smpp": (smpp, PASSWORD),
    "twilio": (twilio, gateways.TOKEN),
    "webhook": (webhook, gateways.SECRET),
}


@pytest.fixture(
    scope="module", params=[pytest.param(name, marks=[pytest.mark.slow] if name == "smpp" else []) for name in SENDERS]
)
def ways(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Make, int, str]]:
    """How to make a sender, the port of its other side, and the right secret."""
    make, secret = SENDERS[request.param]
    if request.param == "smpp":
        with message_centre(tmp_path_factory.mktemp("smsc")) as centre:
            yield make, centre.port, secret
    else:
        with gateways.gateway(gateways.twilio if request.param == "twilio" else gateways.webhook) as one:
            yield make, int(one.url.rpartition(":")[2]), secret


def outcome_of(sender: SmsSender, message: TextMessage) -> SendOutcome:
    """What becomes of one message between start and stop."""
    outcomes: list[SendOutcome] = []

    async def send() -> None:
        await sender.start()
        outcomes.append(await sender.send(message, NOW))
        await sender.stop()

    run(send())
    return outcomes[0]


FATES: dict[str, tuple[TextMessage, SendOutcome]] = {
    "invalid-destination": (text_to("+49 15112345103"), Refused(RefusalReason.DESTINATION)),
    "no-answer": (text_to("+49 15112345106"), Unknown(None)),
    "connection-cut": (text_to("+49 15112345107"), Unknown(None)),
    "empty": (text_to("+49 15112345001", ""), Refused(RefusalReason.CONTENT)),
    "half-a-surrogate-pair": (text_to("+49 15112345001", "Code \ud83d"), Refused(RefusalReason.CONTENT)),
    "expired": (text_to("+49 15112345001", lasts=dt.timedelta()), Refused(RefusalReason.EXPIRED)),
}


@pytest.mark.parametrize(("message", "fate"), FATES.values(), ids=FATES)
def test_fates(ways: tuple[Make, int, str], message: TextMessage, fate: SendOutcome) -> None:
    """The same trouble is the same answer, whatever the wire."""
    make, port, secret = ways
    assert fate == outcome_of(make(port, secret), message)


def test_accepted(ways: tuple[Make, int, str]) -> None:
    """A message that is taken has a reference, and another message another one."""
    make, port, secret = ways
    first, second = (outcome_of(make(port, secret), text_to(f"+49 1511234500{end}")) for end in "12")
    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    assert first.reference != second.reference


def test_throttled_then_accepted(ways: tuple[Make, int, str]) -> None:
    """A throttle says how long to wait, and passes."""
    make, port, secret = ways

    async def send() -> None:
        sender = make(port, secret)
        await sender.start()
        outcome, earlier = await send_until_settled(sender, text_to("+49 15112345101"))
        await sender.stop()
        assert isinstance(outcome, Accepted)
        assert {LaterReason.THROTTLED} == {later.reason for later in earlier}
        assert all(later.after > dt.timedelta() for later in earlier)

    run(send())


def test_wrong_secret(ways: tuple[Make, int, str]) -> None:
    """Credentials that the other side does not know are a matter of configuration."""
    make, port, secret = ways
    wrong = f"{secret[:-1]}!"
    assert Refused(RefusalReason.CONFIGURATION) == outcome_of(make(port, wrong), text_to("+49 15112345003"))


def test_nobody_there(ways: tuple[Make, int, str]) -> None:
    """Without a connection nothing was sent, for certain."""
    make, _, secret = ways
    outcome = outcome_of(make(_NOBODY, secret), text_to("+49 15112345004"))
    assert isinstance(outcome, Later)
    assert LaterReason.UNREACHABLE == outcome.reason


def test_before_start_and_after_stop(ways: tuple[Make, int, str]) -> None:
    """A sender that is not running sends nothing, and says so; it can be started again."""
    make, port, secret = ways

    async def send() -> None:
        sender = make(port, secret)
        outcomes = [await sender.send(text_to("+49 15112345005"), NOW)]
        for _ in range(2):
            await sender.start()
            outcomes.append(await sender.send(text_to("+49 15112345005"), NOW))
            await sender.stop()
            outcomes.append(await sender.send(text_to("+49 15112345005"), NOW))
        assert [Later, Accepted, Later, Accepted, Later] == [type(outcome) for outcome in outcomes]

    run(send())

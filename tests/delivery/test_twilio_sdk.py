"""Our sender beside Twilio's own SDK: the same requests, the same answers, the same signature of a callback.

The SDK's client talks to the stub that our sender is tested on, so that the stub holds the shapes of the real thing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from ringfence.application.ports.delivery import Accepted, DeliveryReceipt, RefusalReason, Refused, SendOutcome
from ringfence.delivery.twilio_shape import TwilioAccount, TwilioShapeSender, signature
from tests.delivery import gateways
from tests.delivery.messages import NOW, Receipts, run, text_to

_CALLBACK: Final = "https://ringfence.example/mfa/v1/receipts/second"
_SOURCE: Final = "+15005550006"
_SERVICE: Final = "https://api.twilio.com/"
"""Where the SDK believes that it sends to."""


class LoopbackClient(TwilioHttpClient):  # type: ignore[misc]
    """The SDK's own client over HTTP, but for the host: whatever it would ask the service, it asks the stub."""

    def __init__(self, url: str) -> None:
        """Ask this address, and no proxy that the environment names."""
        super().__init__(timeout=10)
        self._url = url
        self.session.trust_env = False

    def request(self, method: str, url: str, *rest: Any, **named: Any) -> Response:  # noqa: ANN401 - the SDK's own
        """Ask; anything but the service's address is a mistake of the test."""
        assert url.startswith(_SERVICE)
        return super().request(method, f"{self._url}/{url.removeprefix(_SERVICE)}", *rest, **named)


@pytest.fixture
def gateway() -> Iterator[gateways.Gateway]:
    """The stub."""
    with gateways.gateway(gateways.twilio) as running:
        yield running


def by_sdk(gateway: gateways.Gateway, number: str, token: str = gateways.TOKEN) -> Any:  # noqa: ANN401 - the SDK has no types
    """Create a message as the SDK does."""
    client = Client(gateways.SID, token, http_client=LoopbackClient(gateway.url))
    form = {"from_": _SOURCE, "body": "Code & 1=€", "validity_period": 300, "status_callback": _CALLBACK}
    return client.messages.create(to=number, **form)


def by_us(gateway: gateways.Gateway, number: str, token: str = gateways.TOKEN) -> SendOutcome:
    """Create the same message as our sender does."""
    outcomes: list[SendOutcome] = []

    async def send() -> None:
        sender = TwilioShapeSender(TwilioAccount(gateways.SID, token, _SOURCE, _CALLBACK, gateway.url), Receipts().append)
        await sender.start()
        outcomes.append(await sender.send(text_to(f"+49 {number[3:]}", "Code & 1=€", dt.timedelta(minutes=5)), NOW))
        await sender.stop()

    run(send())
    return outcomes[0]


def test_the_same_request(gateway: gateways.Gateway) -> None:
    """Path, account, kind of body and every field of the form are those of the SDK."""
    by_sdk(gateway, "+4915112345001")
    by_us(gateway, "+4915112345001")
    kept = ("authorization", "content-type", "accept")
    theirs, ours = ((one.path, one.words, {name: one.headers[name] for name in kept}) for one in gateway.requests)
    assert theirs == ours


def test_the_same_answer(gateway: gateways.Gateway) -> None:
    """The stub's answer is a message to the SDK, and its SID is the reference that our sender returns."""
    made = by_sdk(gateway, "+4915112345001")
    assert ("SM+4915112345001", "queued") == (made.sid, made.status)
    assert Accepted(made.sid) == by_us(gateway, "+4915112345001")


REFUSALS: Final = {
    "destination": ("+4915112345103", gateways.TOKEN, (400, 21211), Refused(RefusalReason.DESTINATION)),
    "account": ("+4915112345001", "another", (401, 20003), Refused(RefusalReason.CONFIGURATION)),
}


@pytest.mark.parametrize(("number", "token", "told", "wanted"), REFUSALS.values(), ids=REFUSALS)
def test_the_same_refusals(
    gateway: gateways.Gateway, number: str, token: str, told: tuple[int, int], wanted: SendOutcome
) -> None:
    """What the SDK raises as an error with status and code, our sender takes for the refusal that it is."""
    with pytest.raises(TwilioRestException) as refused:
        by_sdk(gateway, number, token)
    assert told == (refused.value.status, refused.value.code)
    assert wanted == by_us(gateway, number, token)


FORMS: Final = {
    "delivered": {"MessageSid": "SM1", "MessageStatus": "delivered"},
    "letters": {"MessageSid": "SM1", "MessageStatus": "failed", "Body": "ü & ="},
    "empty": {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": ""},
}
ADDRESSES: Final = {"plain": _CALLBACK, "query": f"{_CALLBACK}?a=1&b=2"}


@pytest.mark.parametrize("url", ADDRESSES.values(), ids=ADDRESSES)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_same_signature(form: dict[str, str], url: str) -> None:
    """A callback that the SDK's validator signs is believed, and it believes what is signed by us."""
    validator, receipts = RequestValidator(gateways.TOKEN), Receipts()
    sender = TwilioShapeSender(TwilioAccount(gateways.SID, gateways.TOKEN, _SOURCE, _CALLBACK), receipts.append)
    assert sender.take_status(url, form, validator.compute_signature(url, form))
    assert validator.validate(url, form, signature(gateways.TOKEN, url, form))
    status = form["MessageStatus"]
    assert [DeliveryReceipt("SM1", is_delivered=status == "delivered", status=status)] == receipts


def test_what_neither_believes() -> None:
    """A callback that is signed for another form: the SDK's validator refuses it, and so do we."""
    validator, form = RequestValidator(gateways.TOKEN), FORMS["delivered"]
    signed = validator.compute_signature(_CALLBACK, {**form, "MessageStatus": "failed"})
    sender = TwilioShapeSender(TwilioAccount(gateways.SID, gateways.TOKEN, _SOURCE, _CALLBACK), Receipts().append)
    assert [False, False] == [validator.validate(_CALLBACK, form, signed), sender.take_status(_CALLBACK, form, signed)]

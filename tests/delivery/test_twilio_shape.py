"""Messages in Twilio's shape."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pytest

from ringfence.application.ports.delivery import Accepted, DeliveryReceipt, RefusalReason, Refused
from ringfence.delivery.twilio_shape import TwilioAccount, TwilioShapeSender, signature
from ringfence.domain.errors import InvalidError
from tests.delivery import gateways
from tests.delivery.messages import NOW, Receipts, run, text_to

_CALLBACK: Final = "https://ringfence.example/receipts"


def account(url: str = "https://api.example", token: str = gateways.TOKEN) -> TwilioAccount:
    """An account with a status callback."""
    return TwilioAccount(gateways.SID, token, "+15005550006", _CALLBACK, url)


def test_what_is_sent() -> None:
    """The form of "Create a Message", as the SDK `twilio` 9.13 fills it, on one connection; the SID is the reference."""
    with gateways.gateway(gateways.twilio) as gateway:

        async def send() -> None:
            sender = TwilioShapeSender(account(gateway.url), Receipts().append)
            await sender.start()
            for _ in range(3):
                outcome = await sender.send(text_to("+49 15112345001", "Code & 1=€", dt.timedelta(minutes=5)), NOW)
                assert Accepted("SM+4915112345001") == outcome
            await sender.stop()

        run(send())
    assert {
        "To": "+4915112345001",
        "From": "+15005550006",
        "Body": "Code & 1=€",
        "StatusCallback": _CALLBACK,
        "ValidityPeriod": "300",
    } == gateway.requests[0].words
    assert 1 == len(gateway.connections)


@pytest.mark.parametrize(("text", "lasts"), [("", 5), ("a" * 1601, 5)], ids=["empty", "too-long"])
def test_texts_that_it_does_not_take(text: str, lasts: int) -> None:
    """They are refused without asking ("Messages resource", Body: at most 1,600 characters)."""

    async def send() -> None:
        sender = TwilioShapeSender(account(), Receipts().append)
        assert Refused(RefusalReason.CONTENT) == await sender.send(text_to("+49 15112345001", text, dt.timedelta(lasts)), NOW)

    run(send())


def test_signature() -> None:
    """The worked example of Twilio's own documentation ("Webhooks security": token 12345)."""
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    assert "L/OH5YylLD5NRKLltdqwSvS0BnU=" == signature("12345", "https://example.com/myapp.php?foo=1&bar=2", form)


STATUSES = {
    "delivered": ("delivered", [DeliveryReceipt("SM1", is_delivered=True, status="delivered")]),
    "undelivered": ("undelivered", [DeliveryReceipt("SM1", is_delivered=False, status="undelivered")]),
    "failed": ("failed", [DeliveryReceipt("SM1", is_delivered=False, status="failed")]),
    "on-its-way": ("sent", []),
}


@pytest.mark.parametrize(("status", "wanted"), STATUSES.values(), ids=STATUSES)
def test_status_callbacks(status: str, wanted: list[DeliveryReceipt]) -> None:
    """A final status is a receipt; those before it are taken and say nothing."""
    receipts, form = Receipts(), {"MessageSid": "SM1", "MessageStatus": status}
    sender = TwilioShapeSender(account(), receipts.append)
    assert sender.take_status(_CALLBACK, form, signature(gateways.TOKEN, _CALLBACK, form))
    assert wanted == receipts


def test_a_forged_callback() -> None:
    """A callback that the account did not sign is not believed, nor one signed for another form."""
    receipts, form = Receipts(), {"MessageSid": "SM1", "MessageStatus": "delivered"}
    sender = TwilioShapeSender(account(), receipts.append)
    for signed in ("", "ü", signature("another", _CALLBACK, form), signature(gateways.TOKEN, _CALLBACK, {})):
        assert not sender.take_status(_CALLBACK, form, signed)
    assert [] == receipts


def test_an_account_of_another_form() -> None:
    """An account SID is part of the path, so it may not hold one."""
    with pytest.raises(InvalidError):
        TwilioAccount("AC/../../Accounts", gateways.TOKEN, "+15005550006")


def test_a_token_is_not_shown() -> None:
    """`repr` of an account may reach a log."""
    assert gateways.TOKEN not in repr(account())

"""The generic webhook: its template, its signature, and what comes back."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
from pathlib import Path
from typing import Final

import pytest

from ringfence.application.ports.delivery import DeliveryReceipt
from ringfence.delivery.webhook import WebhookAccount, WebhookSender, signature
from ringfence.domain.errors import InvalidError
from tests.delivery import gateways
from tests.delivery.messages import NOW, Receipts, run, text_to

_URL: Final = "https://gateway.example/texts"


def sent(template: str, text: str) -> gateways.Request:
    """What a receiver gets for a message with this text."""
    with gateways.gateway(gateways.webhook) as gateway:

        async def send() -> None:
            account = WebhookAccount(f"{gateway.url}/texts", gateways.SECRET, template)
            sender = WebhookSender(account, Receipts().append)
            await sender.start()
            await sender.send(text_to("+49 15112345001", text), NOW)
            await sender.stop()

        run(send())
        return gateway.requests[0]


TEXTS = {
    "plain": "Your code is 123456.",
    "quotes": 'Say "123456", \\ and no more\n',
    "places": "{number} {id} {text}",
    "any-script": "Код 123456 😀",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_text_arrives_as_it_is(text: str) -> None:
    """Whatever is in a text, JSON's own signs and the template's places included, stays text."""
    request = sent('{"to": ["tel:{number}"], "body": "{text}", "kind": 7, "none": null}', text)
    assert {"to": ["tel:+4915112345001"], "body": text, "kind": 7, "none": None} == request.words


def test_headers() -> None:
    """The signature covers time and body (HMAC-SHA-256); the identifier lets the receiver refuse a second time."""
    request = sent('{"id": "{id}", "number": "{number}"}', "Hello")
    seconds = int(NOW.timestamp())
    digest = hmac.new(gateways.SECRET.encode(), f"{seconds}.".encode() + request.body, hashlib.sha256).hexdigest()
    assert f"t={seconds},v1={digest}" == request.headers["ringfence-signature"]
    assert request.words["id"] == request.headers["idempotency-key"]


def took(body: object, key: str = gateways.SECRET, age: int = 0) -> tuple[bool, Receipts]:
    """Whether a report, signed with this key so many seconds ago, was taken, and what came of it."""
    receipts = Receipts()
    octets, seconds = json.dumps(body).encode(), int(NOW.timestamp()) - age
    digest = hmac.new(key.encode(), f"{seconds}.".encode() + octets, hashlib.sha256).hexdigest()
    sender = WebhookSender(WebhookAccount(_URL, gateways.SECRET), receipts.append)
    return sender.take_status(octets, f"t={seconds},v1={digest}", NOW), receipts


def test_a_report_is_a_receipt() -> None:
    """A report signed as the messages are is handed on."""
    receipt = DeliveryReceipt("0a", is_delivered=False, status="absent")
    assert (True, [receipt]) == took({"id": "0a", "delivered": False, "status": "absent"})


_DELIVERED: Final = {"id": "0a", "delivered": True}
REPORTS: dict[str, tuple[bool, list[DeliveryReceipt]]] = {
    "another-s-key": took(_DELIVERED, key="key-of-somebody-else"),
    "old": took(_DELIVERED, age=301),
    "of-the-future": took(_DELIVERED, age=-301),
    "of-another-form": took([_DELIVERED]),
    "without-a-fate": took({"id": "0a", "delivered": "yes"}),
}


@pytest.mark.parametrize("said", REPORTS.values(), ids=REPORTS)
def test_what_is_no_report(said: tuple[bool, list[DeliveryReceipt]]) -> None:
    """A report of somebody else, an old one played again, and one of another form are not believed."""
    assert (False, []) == said


@pytest.mark.parametrize("signed", ["", "t=1,v1=00", "v1=" + "0" * 64], ids=["none", "short", "without-time"])
def test_what_is_no_signature(signed: str) -> None:
    """A header of another form is no signature."""
    sender = WebhookSender(WebhookAccount(_URL, gateways.SECRET), Receipts().append)
    assert not sender.take_status(b"{}", signed, NOW + dt.timedelta())


@pytest.mark.parametrize(("secret", "template"), [("short", "{}"), (gateways.SECRET, "{text}")], ids=["secret", "template"])
def test_refused_accounts(secret: str, template: str) -> None:
    """A secret that can be guessed, and a template that is not JSON, are refused before the first message."""
    with pytest.raises(InvalidError):
        WebhookAccount(_URL, secret, template)


def test_the_documented_check_of_a_signature() -> None:
    """The three lines of docs/telephony.md find our signature right, and one over another body wrong."""
    page = (Path(__file__).parents[2] / "docs" / "telephony.md").read_text("utf-8")
    (lines,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    secret, body = gateways.SECRET.encode(), b'{"id": "1"}'
    found = []
    for sent_body in (body, b"{}"):
        names = {"hmac": hmac, "hashlib": hashlib, "secret": secret, "body": body, "header": signature(secret, 1000, sent_body)}
        exec(lines, names)  # noqa: S102 - our own page
        found.append(names["is_ours"])
    assert [True, False] == found

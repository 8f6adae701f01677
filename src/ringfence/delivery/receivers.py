"""Receipts that come over HTTP: each is checked and read by the sender it is for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl

from ringfence.application.ports.delivery import HttpReceipt
from ringfence.delivery.named import NamedSender
from ringfence.delivery.twilio_shape import TwilioShapeSender
from ringfence.delivery.webhook import WebhookSender

_TWILIO_SIGNATURE: Final = "X-TWILIO-SIGNATURE"
_WEBHOOK_SIGNATURE: Final = "RINGFENCE-SIGNATURE"
_MOST_FIELDS: Final = 100


class Receivers:
    """`ReceiptReceiver` over the senders of a deployment."""

    def __init__(self, senders: Mapping[str, NamedSender]) -> None:
        """Take receipts for these."""
        self._senders = senders

    def take(self, name: str, receipt: HttpReceipt, now: datetime) -> bool:
        """Hand a receipt on; False when there is no such sender, or the receipt is not signed by its other side."""
        sender = self._senders.get(name)
        match sender.inner if sender is not None else None:
            case TwilioShapeSender() as twilio:
                signed = receipt.headers.get(_TWILIO_SIGNATURE, "")
                return twilio.take_status(receipt.url, _form(receipt.body), signed)
            case WebhookSender() as webhook:
                return webhook.take_status(receipt.body, receipt.headers.get(_WEBHOOK_SIGNATURE, ""), now)
            case _:
                return False


def _form(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, strict_parsing=True))
    except (UnicodeDecodeError, ValueError):
        return {}

"""Texts handed to anybody's HTTP interface: a POST of JSON after a template, signed.

Owns the template, the signature and its check on the way back. Does not own the route by which receipts come back: a surface
reads the request and calls `take_status`.
The header `Ringfence-Signature: t=SECONDS,v1=HEX` carries the time of sending and HMAC-SHA-256 over `SECONDS.BODY`; the
receiver should refuse an old time. `Idempotency-Key` is the message's identifier, so that it can refuse a second time, too.
The receiver says 2xx when it has the message, 422 for a number it will never take, 429 or 503 when it did nothing.
Source: RFC 2104, RFC 9110.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from ringfence.application.ports.delivery import (
    Accepted,
    DeliveryReceipt,
    RefusalReason,
    Refused,
    SendOutcome,
    TakeReceipt,
    TextMessage,
)
from ringfence.delivery.http_post import Answer, HttpPost, Limits, outcome_of
from ringfence.domain.errors import ErrorCode, InvalidError

USUAL_TEMPLATE: Final = '{"id": "{id}", "number": "{number}", "text": "{text}"}'
_PLACE: Final = re.compile(r"\{(id|number|text)\}")
_SIGNATURE: Final = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")
_TOLERANCE: Final = timedelta(minutes=5)
_NEVER: Final = 422
_SHORTEST_SECRET: Final = 16

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class WebhookAccount:
    """Where to, signed with what, in which form. Raises `InvalidError` for a secret below 16 characters or a template not JSON.

    `{number}` stands for `+` and digits, `{text}` and `{id}` for themselves, anywhere in the strings of the template.
    """

    url: str
    secret: str = field(repr=False)
    template: str = USUAL_TEMPLATE
    authority: Path | None = None
    limits: Limits | None = None

    def __post_init__(self) -> None:
        """Refuse what would fail with the first message."""
        if len(self.secret) < _SHORTEST_SECRET:
            raise InvalidError(ErrorCode.SETTING_INVALID, setting="webhook secret", value="shorter than 16 characters")
        try:
            json.loads(self.template)
        except ValueError as error:
            raise InvalidError(ErrorCode.SETTING_INVALID, setting="webhook template", value="other than JSON") from error


class WebhookSender:
    """`SmsSender` over one webhook."""

    def __init__(self, account: WebhookAccount, take_receipt: TakeReceipt) -> None:
        """Receipts go to `take_receipt`. Raises `InvalidError` for an address that is not allowed."""
        self._secret = account.secret.encode()
        self._template: Json = json.loads(account.template)
        self._post = HttpPost(account.url, account.authority, account.limits)
        self._take_receipt = take_receipt

    async def start(self) -> None:
        """Be ready; the first message makes the connection."""
        self._post.start()

    async def stop(self) -> None:
        """Wait for what is under way."""
        await self._post.stop()

    async def send(self, message: TextMessage, now: datetime) -> SendOutcome:
        """Post the message; its reference is its identifier."""
        if message.expires_at <= now:
            return Refused(RefusalReason.EXPIRED)
        if not message.is_text:
            return Refused(RefusalReason.CONTENT)
        reference = message.message_id.hex()
        words = {"id": reference, "number": f"+{message.digits}", "text": message.text}
        body = json.dumps(_filled(self._template, words)).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": reference,
            "Ringfence-Signature": signature(self._secret, int(now.timestamp()), body),
        }
        answer = await self._post.send(body, headers)
        if isinstance(answer, Answer) and answer.is_ok:
            return Accepted(reference)
        if isinstance(answer, Answer) and answer.status == _NEVER:
            return Refused(RefusalReason.DESTINATION)
        return outcome_of(answer)

    def take_status(self, body: bytes, signed: str, now: datetime) -> bool:
        """Hand on what the receiver reports, `{"id": …, "delivered": true, "status": …}`; False when it is not signed so."""
        match = _SIGNATURE.fullmatch(signed)
        if match is None or abs(int(match[1]) - now.timestamp()) > _TOLERANCE.total_seconds():
            return False
        if not hmac.compare_digest(signature(self._secret, int(match[1]), body), signed):
            return False
        try:
            told: Json = json.loads(body)
        except ValueError:
            return False
        receipt = _receipt(told)
        if receipt is not None:
            self._take_receipt(receipt)
        return receipt is not None


def signature(secret: bytes, seconds: int, body: bytes) -> str:
    """The header that proves who sent this body, and when."""
    return f"t={seconds},v1={hmac.new(secret, b'%d.%b' % (seconds, body), hashlib.sha256).hexdigest()}"


def _filled(template: Json, words: dict[str, str]) -> Json:
    """The template with its places filled, once: what the text says about places stays text."""
    if isinstance(template, str):
        return _PLACE.sub(lambda match: words[match[1]], template)
    if isinstance(template, list):
        return [_filled(each, words) for each in template]
    if isinstance(template, dict):
        return {name: _filled(each, words) for name, each in template.items()}
    return template


def _receipt(told: Json) -> DeliveryReceipt | None:
    if not isinstance(told, dict):
        return None
    reference, is_delivered, status = told.get("id"), told.get("delivered"), told.get("status", "")
    if not isinstance(reference, str) or not isinstance(is_delivered, bool) or not isinstance(status, str):
        return None
    return DeliveryReceipt(reference, is_delivered, status)

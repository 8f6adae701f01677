"""Texts over HTTP in the shape that Twilio gave its messages, which several providers take.

Owns the form, the meaning of error codes, and the check of a status callback. Does not own the route by which callbacks come:
a surface reads the request and calls `take_status`.
Source: Twilio's reference, "Messages resource" (create; message status values), "Error and warning dictionary", and "Webhooks
security" (X-Twilio-Signature: HMAC-SHA-1 over the address and the sorted form).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from ringfence.application.ports.delivery import (
    Accepted,
    DeliveryReceipt,
    RefusalReason,
    Refused,
    SendOutcome,
    TakeReceipt,
    TextMessage,
    Unknown,
)
from ringfence.delivery.http_post import Answer, HttpPost, Limits, outcome_of
from ringfence.domain.errors import ErrorCode, InvalidError

_SID: Final = re.compile(r"AC[0-9a-f]{32}")
_LONGEST_VALIDITY: Final = 14_400
"""Seconds; what every version of the interface takes."""
_LONGEST_TEXT: Final = 1600
_FATES: Final = {"delivered": True, "failed": False, "undelivered": False}
_REFUSALS: Final = {
    21211: RefusalReason.DESTINATION,  # invalid number
    21214: RefusalReason.DESTINATION,  # cannot be reached
    21610: RefusalReason.DESTINATION,  # has unsubscribed
    21614: RefusalReason.DESTINATION,  # not a mobile number
    21602: RefusalReason.CONTENT,  # no text
    21617: RefusalReason.CONTENT,  # too long
}


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """An account, and what phones show as the sender. Raises `InvalidError` for an account identifier of another form."""

    account_sid: str
    auth_token: str = field(repr=False)
    source: str
    status_callback: str | None = None
    base_url: str = "https://api.twilio.com"
    authority: Path | None = None
    limits: Limits | None = None

    def __post_init__(self) -> None:
        """Refuse what would become another path."""
        if not _SID.fullmatch(self.account_sid):
            raise InvalidError(ErrorCode.SETTING_INVALID, setting="account SID", value=self.account_sid)


class TwilioShapeSender:
    """`SmsSender` over one account."""

    def __init__(self, account: TwilioAccount, take_receipt: TakeReceipt) -> None:
        """Receipts go to `take_receipt`. Raises `InvalidError` for an address that is not allowed."""
        self._account = account
        self._take_receipt = take_receipt
        url = f"{account.base_url.rstrip('/')}/2010-04-01/Accounts/{account.account_sid}/Messages.json"
        self._post = HttpPost(url, account.authority, account.limits)
        credentials = base64.b64encode(f"{account.account_sid}:{account.auth_token}".encode()).decode("ascii")
        self._headers = {
            "Accept": "application/json",
            "Authorization": f"Basic {credentials}",
            "Content-Type": "application/x-www-form-urlencoded",
        }

    async def start(self) -> None:
        """Be ready; the first message makes the connection."""
        self._post.start()

    async def stop(self) -> None:
        """Wait for what is under way."""
        await self._post.stop()

    async def send(self, message: TextMessage, now: datetime) -> SendOutcome:
        """Create a message; its reference is the SID that the answer gives."""
        if message.expires_at <= now:
            return Refused(RefusalReason.EXPIRED)
        if not message.is_text or len(message.text) > _LONGEST_TEXT:
            return Refused(RefusalReason.CONTENT)
        lasts = int((message.expires_at - now).total_seconds())
        form = {
            "To": f"+{message.digits}",
            "From": self._account.source,
            "Body": message.text,
            "ValidityPeriod": str(max(1, min(lasts, _LONGEST_VALIDITY))),
        }
        if self._account.status_callback is not None:
            form["StatusCallback"] = self._account.status_callback
        answer = await self._post.send(urlencode(form).encode("ascii"), self._headers)
        if not isinstance(answer, Answer):
            return outcome_of(answer)
        if answer.is_ok:
            sid = _read(answer.body).get("sid")
            return Accepted(sid) if isinstance(sid, str) and sid else Unknown(None)
        code = _read(answer.body).get("code")
        reason = _REFUSALS.get(code) if isinstance(code, int) else None
        return outcome_of(answer) if reason is None else Refused(reason)

    def take_status(self, url: str, form: Mapping[str, str], signed: str) -> bool:
        """Hand on what a status callback says; False when it is not signed by the account. `url` is the one it was sent to."""
        if not hmac.compare_digest(signature(self._account.auth_token, url, form).encode(), signed.encode()):
            return False
        status = form.get("MessageStatus", "")
        if status in _FATES and form.get("MessageSid"):
            self._take_receipt(DeliveryReceipt(form["MessageSid"], _FATES[status], status))
        return True


def signature(auth_token: str, url: str, form: Mapping[str, str]) -> str:
    """X-Twilio-Signature of a form sent to this address."""
    signed = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    return base64.b64encode(hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()).decode("ascii")


def _read(body: bytes) -> dict[str, object]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}

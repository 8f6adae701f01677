"""What carries a text to a phone: the message, what a sender answers, and the receipt that may follow.

Answers are values: a refusal or a throttle is expected, and the outbox decides by them what it does next. The one that needs
care is `Unknown`: the message may be on its way, so sending it again, here or elsewhere, may ring twice.
Sources: house rules 6.1; SMPP 3.4, 5.1.3 (statuses) and appendix B (receipts).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum, unique
from typing import Final, NamedTuple, Protocol

_CANONICAL: Final = re.compile(r"\+[1-9][0-9]{0,2} [0-9]{4,14}")
_IDENTIFIER_LENGTH: Final = 16


@unique
class LaterReason(StrEnum):
    """Why a message was not taken now, though it may be later."""

    FAULT = "fault"
    """The other side refused it for a reason of its own."""
    THROTTLED = "throttled"
    """We send more than it wants."""
    UNREACHABLE = "unreachable"
    """It did not get the message, for certain."""


@unique
class RefusalReason(StrEnum):
    """Why a sender will never take a message."""

    CONFIGURATION = "configuration"
    """Not the message's fault: credentials, the sender's address, a right that is lacking."""
    CONTENT = "content"
    """A text that cannot be sent: too long, or not Unicode."""
    DESTINATION = "destination"
    """A number that no network takes."""
    EXPIRED = "expired"
    """Past its time when it was to be sent."""


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text to one phone. The number is canonical, without extension: `+49 15112345678`; text and number stay out of `repr`.

    Raises `ValueError` for an identifier that has not 16 bytes, another form of number, or an instant without a zone.
    """

    message_id: bytes
    number: str = field(repr=False)
    text: str = field(repr=False)
    expires_at: datetime

    def __post_init__(self) -> None:
        """Refuse what no caller of ours should hand over."""
        if len(self.message_id) != _IDENTIFIER_LENGTH:
            message = "a message's identifier has 16 bytes"
        elif not _CANONICAL.fullmatch(self.number):
            message = "a text goes to a canonical number without extension"
        elif self.expires_at.tzinfo is None:
            message = "an instant has a zone"
        else:
            return
        raise ValueError(message)

    @property
    def digits(self) -> str:
        """Country code and national number, with nothing before or between."""
        return self.number[1:].replace(" ", "")

    @property
    def is_text(self) -> bool:
        """Whether there is anything to send, and all of it Unicode: half a surrogate pair has no form on any wire."""
        return self.text != "" and not any("\ud800" <= char <= "\udfff" for char in self.text)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Taken; receipts name it by this reference, the sender's own."""

    reference: str


@dataclass(frozen=True, slots=True)
class Later:
    """Not taken, and certainly not sent; worth another try after the span."""

    after: timedelta
    reason: LaterReason


@dataclass(frozen=True, slots=True)
class Refused:
    """Not taken, and not to be tried with this sender again."""

    reason: RefusalReason


@dataclass(frozen=True, slots=True)
class Unknown:
    """Perhaps sent, wholly or in part: no answer came. Whoever sends it again may send it twice."""

    reference: str | None


SendOutcome = Accepted | Later | Refused | Unknown


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    """The last word on a message: whether the phone has it, and the status in the network's own word."""

    reference: str
    is_delivered: bool
    status: str


TakeReceipt = Callable[[DeliveryReceipt], None]
"""Called in the sender's event loop. Networks repeat receipts and lose them; one may come before `send` has returned."""


class SmsSender(Protocol):
    """One way to the phones. It is used in one event loop, by any number of tasks; receipts go where its construction said."""

    async def start(self) -> None:
        """Begin; returns after the first try to reach the other side, whether it went well or not."""

    async def stop(self) -> None:
        """End, and leave nothing running; what is under way may come back `Unknown`."""

    async def send(self, message: TextMessage, now: datetime) -> SendOutcome:
        """Hand the message over and say what became of it."""


class HttpReceipt(NamedTuple):
    """A receipt as it comes over HTTP: the address it was sent to, its headers (names in upper case) and its body."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class ReceiptReceiver(Protocol):
    """Where receipts go that come over HTTP."""

    def take(self, name: str, receipt: HttpReceipt, now: datetime) -> bool:
        """Take a receipt for the sender of this name; False when there is none, or it is not signed by its other side."""

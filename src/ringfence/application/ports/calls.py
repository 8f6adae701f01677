"""What carries a question to a phone by voice: the call, how it goes on, and how it ended.

The person hears who asks, and answers with keys: `#` alone approves; the fraud code and `#` report an attempt that is not
theirs. How a call ended is a value. Two of them say that no phone rang, so that asking again, here or elsewhere, rings once:
`Later` and `Refused`, the same as for texts; after a `CallEnd` a phone may have rung. A mailbox that answers cannot be told
from a person who presses nothing: there is no end for it, it is `NO_KEY`.
Sources: domain rules D.4 (the call) and D.10 (the words in which results are shown, quoted below).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, unique
from typing import Final, NamedTuple, Protocol

from ringfence.application.ports.delivery import Later, Refused

DEFAULT_FRAUD_CODE: Final = "0"
_CANONICAL: Final = re.compile(r"(\+[1-9][0-9]{0,2} [0-9]{4,14})(?:x([0-9]{1,10}))?")
_FRAUD_CODE: Final = re.compile(r"[0-9]{1,8}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_IDENTIFIER_LENGTH: Final = 16


@unique
class CallEnd(StrEnum):
    """How a call ended that may have rung. The words are those of the report (D.10), or of D.4 where the report has none."""

    APPROVED = "approved"
    """`#` was pressed: "successfully completed"."""
    BUSY = "busy"
    """The line was engaged: "unable to reach phone"."""
    DECLINED = "declined"
    """The call was turned away without being taken: "user declined"."""
    FRAUD = "fraud"
    """The fraud code was pressed, and confirmed where that is asked for: "MFA denied, fraud code entered" (D.6)."""
    HUNG_UP = "hung_up"
    """Taken, and hung up without `#`: "hung up". It denies."""
    NO_ANSWER = "no_answer"
    """It rang, or was to ring, until our time was over: "unable to reach phone"."""
    NO_KEY = "no_key"
    """Taken, and nothing valid was pressed until the end, as a mailbox does: "never entered code"."""
    UNREACHABLE = "unreachable"
    """The network does not find the phone: "unable to reach phone"."""


CallOutcome = CallEnd | Later | Refused
"""`Refused` for a destination is "phone number has invalid format", for the configuration "misconfiguration"; `Later` is
"service error"."""


@unique
class CallStage(StrEnum):
    """How far a call is."""

    ANSWERED = "answered"
    RINGING = "ringing"


class CallProgress(NamedTuple):
    """One call came one stage further."""

    call_id: bytes
    stage: CallStage


TakeProgress = Callable[[CallProgress], None]
"""Called in the caller's event loop. A stage comes at most once, and `RINGING` may be missing."""


@dataclass(frozen=True, slots=True)
class VoiceCall:
    """A question to one phone. The number is canonical, `+49 15112345678`; an office number has its extension, `…x123`.

    `fraud_code` is the tenant's; it counts where a recording of the organization's own names it, the default where our greeting
    is heard (D.4). Without `is_fraud_reportable` no code reports fraud. With `must_confirm_fraud` a report counts after a `1`.
    `language` is a tag such as `de` or `pt-BR`. The number stays out of `repr`. Raises `ValueError` for what no caller of ours
    should hand over.
    """

    call_id: bytes
    number: str = field(repr=False)
    language: str
    expires_at: datetime
    is_fraud_reportable: bool = True
    must_confirm_fraud: bool = False
    fraud_code: str = DEFAULT_FRAUD_CODE

    def __post_init__(self) -> None:
        """Refuse the forms that the class does not name."""
        if len(self.call_id) != _IDENTIFIER_LENGTH:
            message = "a call's identifier has 16 bytes"
        elif not _CANONICAL.fullmatch(self.number):
            message = "a call goes to a canonical number"
        elif not _LANGUAGE.fullmatch(self.language):
            message = "a language is a tag"
        elif self.expires_at.tzinfo is None:
            message = "an instant has a zone"
        elif not _FRAUD_CODE.fullmatch(self.fraud_code):
            message = "a fraud code is 1 to 8 digits"
        else:
            return
        raise ValueError(message)

    @property
    def digits(self) -> str:
        """Country code and national number, with nothing before or between, and no extension."""
        return self.number.partition("x")[0][1:].replace(" ", "")

    @property
    def national(self) -> str:
        """What follows the country code, without the extension."""
        return self.number.partition("x")[0].partition(" ")[2]

    @property
    def extension(self) -> str:
        """What is dialled once the office has answered; empty when there is nothing to."""
        return self.number.partition("x")[2]


class VoiceCaller(Protocol):
    """One way to the phones. It is used in one event loop, by any number of tasks; progress goes where its construction said."""

    async def start(self) -> None:
        """Begin; returns after the first try to reach the other side, whether it went well or not."""

    async def stop(self) -> None:
        """End every call and leave nothing running; a call under way ends as if its time were over."""

    async def place(self, call: VoiceCall, now: datetime) -> CallOutcome:
        """Ring the phone, ask, and say how it ended, as soon as that is decided: a last sentence may still be spoken then."""

"""How a second proof ended, in the words of Microsoft's log. Source: domain-rules D.6 (fraud, limits), D.10."""

from __future__ import annotations

from enum import IntEnum, unique
from typing import Final, NamedTuple

from ringfence.domain.numbers.tables import Contact
from ringfence.domain.signin.challenge import AnswerResult, ChallengeMethod
from ringfence.domain.signin.send_guard import SendRefusal


@unique
class StrongResult(IntEnum):
    """The end of a second proof; the value is what the database stores."""

    APPROVED = 1
    SUCCESSFULLY_COMPLETED = 2
    ALREADY_USED = 20
    BLOCKED = 21
    BUDGET = 37
    COUNTRY = 38
    EXPIRED = 22
    FRAUD = 23
    HUNG_UP = 24
    INCORRECT_CODE = 25
    INVALID_FORMAT = 26
    LIMIT = 27
    LIMIT_OF_MAILS = 46
    LIMIT_OF_NUMBER = 39
    LIMIT_OF_PREFIX = 40
    LIMIT_OF_TENANT = 41
    LIMIT_OF_USER = 42
    LIMIT_OF_USER_DAY = 43
    LOCKED = 28
    METHOD_DISABLED = 44
    MISCONFIGURATION = 29
    NO_METHODS = 30
    NO_SENDER = 45
    OVER = 31
    SERVICE_ERROR = 32
    UNREACHABLE = 33
    USER_DECLINED = 34
    USER_NOT_FOUND = 35
    VOICEMAIL = 36

    @property
    def words(self) -> str:
        """As the log says it."""
        return _WORDS[self]

    @property
    def is_satisfied(self) -> bool:
        """Whether the proof was given."""
        return self in {StrongResult.APPROVED, StrongResult.SUCCESSFULLY_COMPLETED}


_LIMIT: Final = "hit our limit on verification calls or text verification codes"
_WORDS: Final = {
    StrongResult.APPROVED: "MFA completed in the cloud",
    StrongResult.SUCCESSFULLY_COMPLETED: "MFA successfully completed",
    StrongResult.ALREADY_USED: "MFA denied; code already used",
    StrongResult.BLOCKED: "MFA denied; user is blocked",
    StrongResult.BUDGET: f"MFA denied; {SendRefusal.BUDGET}",
    StrongResult.COUNTRY: f"MFA denied; {SendRefusal.COUNTRY} (ringfence telephony show)",
    StrongResult.EXPIRED: "MFA denied; never entered code",
    StrongResult.FRAUD: "MFA denied; fraud code entered",
    StrongResult.HUNG_UP: "MFA denied; hung up",
    StrongResult.INCORRECT_CODE: "MFA denied; incorrect code",
    StrongResult.INVALID_FORMAT: "MFA denied; phone number has an invalid format",
    StrongResult.LIMIT: f"MFA denied; {_LIMIT}",
    StrongResult.LIMIT_OF_MAILS: f"MFA denied; {SendRefusal.MAIL}",
    StrongResult.LIMIT_OF_NUMBER: f"MFA denied; {_LIMIT}: {SendRefusal.NUMBER}",
    StrongResult.LIMIT_OF_PREFIX: f"MFA denied; {_LIMIT}: {SendRefusal.PREFIX}",
    StrongResult.LIMIT_OF_TENANT: f"MFA denied; {_LIMIT}: {SendRefusal.TENANT}",
    StrongResult.LIMIT_OF_USER: f"MFA denied; {_LIMIT}: {SendRefusal.USER}",
    StrongResult.LIMIT_OF_USER_DAY: f"MFA denied; {_LIMIT}: {SendRefusal.USER_DAY}",
    StrongResult.LOCKED: "MFA denied; incorrect code too many times",
    StrongResult.METHOD_DISABLED: f"MFA denied; {SendRefusal.METHOD_DISABLED} (ringfence policy show)",
    StrongResult.MISCONFIGURATION: "MFA denied; misconfiguration",
    StrongResult.NO_METHODS: "MFA denied; no verification methods registered",
    StrongResult.NO_SENDER: f"MFA denied; {SendRefusal.NO_SENDER} (RINGFENCE_SENDERS)",
    StrongResult.OVER: "MFA denied; duplicate attempt",
    StrongResult.SERVICE_ERROR: "MFA denied; service error",
    StrongResult.UNREACHABLE: "MFA denied; unable to reach phone",
    StrongResult.USER_DECLINED: "MFA denied; user declined",
    StrongResult.USER_NOT_FOUND: "MFA denied; user not found",
    StrongResult.VOICEMAIL: "MFA denied; phone call went to voicemail",
}

_REFUSALS: Final = {
    SendRefusal.BUDGET: StrongResult.BUDGET,
    SendRefusal.COUNTRY: StrongResult.COUNTRY,
    SendRefusal.MAIL: StrongResult.LIMIT_OF_MAILS,
    SendRefusal.METHOD_DISABLED: StrongResult.METHOD_DISABLED,
    SendRefusal.NO_SENDER: StrongResult.NO_SENDER,
    SendRefusal.NUMBER: StrongResult.LIMIT_OF_NUMBER,
    SendRefusal.PREFIX: StrongResult.LIMIT_OF_PREFIX,
    SendRefusal.TENANT: StrongResult.LIMIT_OF_TENANT,
    SendRefusal.USER: StrongResult.LIMIT_OF_USER,
    SendRefusal.USER_DAY: StrongResult.LIMIT_OF_USER_DAY,
}


def of_refusal(refusal: SendRefusal) -> StrongResult:
    """What the log says where nothing was sent: Microsoft's words for a limit, and which one."""
    return _REFUSALS[refusal]


def result_of(answer: AnswerResult) -> StrongResult:
    """What the log says of an answer."""
    return StrongResult[answer.name]


class SecondFactor(NamedTuple):
    """The second step of a sign-in: by which method, to which number (masked) of which set, and how it ended."""

    method: ChallengeMethod
    result: StrongResult
    masked: str | None = None
    numbers: Contact | None = None

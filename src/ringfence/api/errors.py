"""What goes wrong, in this API's words: one status, code and message for each of our error codes that can lead here."""

from __future__ import annotations

from typing import Any, Final

from ringfence.domain.errors import ErrorCode, RingfenceError, UnavailableError
from ringfence.domain.signin.challenge import AnswerResult
from ringfence.domain.signin.send_guard import SendRefusal

_AGAIN: Final = "The service is unavailable. Try again."
MESSAGES: Final[dict[ErrorCode, tuple[int, str, str]]] = {
    ErrorCode.CHALLENGE_NOT_SENT: (409, "nothingToSend", "Nothing is sent for a challenge of this method."),
    ErrorCode.CHALLENGE_OVER: (410, "challengeOver", "This challenge is over. Create another one."),
    ErrorCode.CHALLENGE_PURPOSE: (400, "invalidPurpose", "purpose is a text of 1 to {most} printable characters."),
    ErrorCode.CHALLENGE_TAKES_NO_CODE: (409, "answeredByPhone", "It is answered on the phone. Ask for the challenge's state."),
    ErrorCode.CHALLENGE_UNKNOWN: (404, "challengeUnknown", "This application has no such challenge."),
    ErrorCode.METHODS_FULL: (
        409,
        "tooManyMethods",
        "The user has {most} apps and tokens, the most there may be. Delete one first.",
    ),
    ErrorCode.METHOD_NOT_FOR_PURPOSE: (400, "methodNotForPurpose", "{method} does not serve for this purpose."),
    ErrorCode.METHOD_NAME: (400, "invalidDisplayName", "displayName is a text of at most {most} printable characters."),
    ErrorCode.OATH_PERIOD: (400, "invalidPeriod", "period is 30 or 60 (seconds)."),
    ErrorCode.TELEPHONY_OFF: (409, "methodNotServed", "Nobody can be asked by {method} here until senders for it are set up."),
    ErrorCode.USER_UNKNOWN: (404, "userUnknown", "There is no such user."),
}
ANSWERS: Final[dict[AnswerResult, tuple[int, str, str]]] = {
    AnswerResult.ALREADY_USED: (403, "codeAlreadyUsed", "This code was used before. Wait for the next one."),
    AnswerResult.EXPIRED: (410, "challengeExpired", "The answer came too late. Create another challenge."),
    AnswerResult.INCORRECT_CODE: (403, "incorrectCode", "The code is not right."),
    AnswerResult.LOCKED: (429, "tooManyWrongCodes", "Too many wrong codes were given. The method is locked for a while."),
    AnswerResult.OVER: (410, "challengeOver", "This challenge was answered before."),
}
"""What is said of an answer that is not accepted."""
LIMITS: Final[dict[SendRefusal, tuple[int, str, str]]] = {
    SendRefusal.BUDGET: (503, "telephonyBudget", "The month's budget for texts and calls is spent. Use another method."),
    SendRefusal.MAIL: (429, "mailLimit", "The limit on mails with codes was reached. Try again later, or use another method."),
    **dict.fromkeys(
        (SendRefusal.COUNTRY, SendRefusal.METHOD_DISABLED, SendRefusal.NO_SENDER),
        (409, "methodNotServed", "Nobody can be asked so here until telephony is set up."),
    ),
    **dict.fromkeys(
        (SendRefusal.NUMBER, SendRefusal.PREFIX, SendRefusal.TENANT, SendRefusal.USER, SendRefusal.USER_DAY),
        (429, "telephonyLimit", "The limit on texts and calls was reached. Try again later, or use another method."),
    ),
}
"""What is said when nothing may be sent; which of the limits it was, the log and the metrics know."""

NOT_ACCEPTED: Final = (403, "incorrectPassword", "This name and password may not be used here.")
"""The one refusal of a password of a legacy client, whatever the reason; the log of sign-ins has that."""


class ApiError(Exception):
    """An answer that is an error; `facts` stand beside code and message."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None, **facts: Any) -> None:  # noqa: ANN401 - JSON
        """Say what is wrong and what to do."""
        super().__init__(code)
        self.status = status
        self.headers = headers or {}
        self.document = {"error": {"code": code, "message": message, **facts}}


def translate(error: RingfenceError) -> ApiError:
    """The answer to one of our errors; what is not in the table is a part that is missing, or our own mistake."""
    known = MESSAGES.get(error.code)
    if known is not None:
        status, code, message = known
        return ApiError(status, code, message.format(**error.facts))
    if isinstance(error, UnavailableError) or error.code is ErrorCode.ROW_CHANGED:
        return ApiError(503, "serviceUnavailable", _AGAIN, {"Retry-After": "2"})
    return ApiError(500, "internalServerError", "Internal error.")

"""Errors as Entra words them: an OAuth error with an `AADSTS` code that scripts and people look for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum, StrEnum, unique
from typing import Any, Final

from ringfence.application.identity.clients import ClientFailure
from ringfence.application.identity.devices import Waiting
from ringfence.application.identity.issue import GrantFailure


@unique
class Code(StrEnum):
    """OAuth's errors."""

    AUTHORIZATION_DECLINED = "authorization_declined"
    AUTHORIZATION_PENDING = "authorization_pending"
    BAD_VERIFICATION_CODE = "bad_verification_code"
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - a word of OAuth
    INVALID_CLIENT = "invalid_client"
    INVALID_GRANT = "invalid_grant"
    INVALID_REQUEST = "invalid_request"
    INVALID_SCOPE = "invalid_scope"
    INVALID_TOKEN = "invalid_token"  # noqa: S105 - a word of OAuth
    LOGIN_REQUIRED = "login_required"
    SLOW_DOWN = "slow_down"
    TEMPORARILY_UNAVAILABLE = "temporarily_unavailable"
    UNAUTHORIZED_CLIENT = "unauthorized_client"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"


class Refusal(Exception):  # noqa: N818 - an answer, not a mistake of ours
    """An answer that is an error: status, OAuth error, Entra's number and words."""

    def __init__(self, error: Code, number: int, words: str, status: int = 400) -> None:
        """Keep what the answer says."""
        super().__init__(error, number)
        self.error = error
        self.number = number
        self.words = words
        self.status = status

    def description(self, now: datetime, ids: Mapping[str, Any]) -> str:
        """The `error_description`."""
        at = f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"
        trace, correlation = ids["request-id"], ids["client-request-id"]
        return f"AADSTS{self.number}: {self.words} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {at}"

    def document(self, now: datetime, ids: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON body."""
        return {
            "error": self.error,
            "error_description": self.description(now, ids),
            "error_codes": [self.number],
            "timestamp": f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}",
            "trace_id": ids["request-id"],
            "correlation_id": ids["client-request-id"],
        }


_FAILURES: Final[Mapping[Enum, tuple[Code, int, str, int]]] = {
    ClientFailure.UNKNOWN: (Code.UNAUTHORIZED_CLIENT, 700016, "The application was not found in this tenant.", 400),
    ClientFailure.NO_PROOF: (
        Code.INVALID_CLIENT,
        7000218,
        "The request body must contain 'client_assertion' or 'client_secret'.",
        401,
    ),
    ClientFailure.WRONG_SECRET: (Code.INVALID_CLIENT, 7000215, "Invalid client secret provided.", 401),
    ClientFailure.WRONG_ASSERTION: (
        Code.INVALID_CLIENT,
        700027,
        "The client assertion failed signature or time validation.",
        401,
    ),
    GrantFailure.MISMATCH: (Code.INVALID_GRANT, 70000, "The grant was issued to another application or redirect URI.", 400),
    GrantFailure.PKCE: (Code.INVALID_GRANT, 501481, "The code_verifier does not match the code_challenge.", 400),
    GrantFailure.PROOF_EXPIRED: (Code.INVALID_GRANT, 50078, "The second factor has expired: sign in again.", 400),
    GrantFailure.REUSED: (Code.INVALID_GRANT, 54005, "The grant was already redeemed; all that came of it is revoked.", 400),
    GrantFailure.SCOPE: (Code.INVALID_GRANT, 65001, "A scope was asked for that has not been consented to.", 400),
    GrantFailure.UNKNOWN: (Code.INVALID_GRANT, 70008, "The grant is expired, revoked or unknown.", 400),
    GrantFailure.USER: (Code.INVALID_GRANT, 50173, "The grant was revoked, or its user is disabled or gone.", 400),
    Waiting.DECLINED: (Code.AUTHORIZATION_DECLINED, 70018, "The person declined.", 400),
    Waiting.EXPIRED: (Code.EXPIRED_TOKEN, 70020, "The device code has expired.", 400),
    Waiting.PENDING: (Code.AUTHORIZATION_PENDING, 70016, "Authorization is pending. Continue polling.", 400),
    Waiting.SLOW_DOWN: (Code.SLOW_DOWN, 70016, "Authorization is pending. Poll less often.", 400),
    Waiting.UNKNOWN: (Code.BAD_VERIFICATION_CODE, 70000, "There is no such device code.", 400),
}


def refusal_of(failure: ClientFailure | GrantFailure | Waiting) -> Refusal:
    """The answer to a failure of the use cases."""
    error, number, words, status = _FAILURES[failure]
    return Refusal(error, number, words, status)


def busy() -> Refusal:
    """The database or the hashing of passwords has no room, or no key; nothing was decided."""
    words = "The service is temporarily unavailable. Please try again."
    return Refusal(Code.TEMPORARILY_UNAVAILABLE, 90033, words, 503)


def missing(name: str) -> Refusal:
    """A parameter that must be there is not."""
    return Refusal(Code.INVALID_REQUEST, 900144, f"The request body must contain the following parameter: '{name}'.")

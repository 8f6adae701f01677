"""Errors as Graph words them: one translation table from our codes, per family of endpoints.

Endpoints of authentication methods answer lower camel codes and repeat the message inside `innerError`; endpoints of the
directory answer `Request_BadRequest` style (surface, trap 10 and d5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import Enum, unique
from typing import Any, Final

from ringfence.domain.errors import ErrorCode, RingfenceError


@unique
class Family(Enum):
    """Which style of codes an endpoint answers with."""

    DIRECTORY = "directory"
    METHODS = "methods"


class GraphError(Exception):
    """An answer that is an error. `inner` goes into `innerError` beside date and ids."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        inner: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what the answer says."""
        super().__init__(status, code)
        self.status = status
        self.code = code
        self.message = message
        self.inner = dict(inner or {})
        self.headers = dict(headers or {})

    def document(self, now: datetime, ids: Mapping[str, Any]) -> dict[str, Any]:
        """The body."""
        date = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
        return {"error": {"code": self.code, "message": self.message, "innerError": {**self.inner, "date": date, **ids}}}


_STATUS_CODES: Final = {
    (400, Family.DIRECTORY): "Request_BadRequest",
    (400, Family.METHODS): "badRequest",
    (403, Family.DIRECTORY): "Authorization_RequestDenied",
    (403, Family.METHODS): "accessDenied",
    (404, Family.DIRECTORY): "Request_ResourceNotFound",
    (404, Family.METHODS): "resourceNotFound",
    (409, Family.DIRECTORY): "Request_MultipleObjectsWithSameKeyValue",
    (409, Family.METHODS): "conflict",
    (503, Family.DIRECTORY): "Service_InternalServerError",
    (503, Family.METHODS): "serviceNotAvailable",
}

_ALREADY: Final = "{type} phone method is already registered on the account."

_METHOD_IS_DEFAULT: Final = (
    "The requested authentication method id of [{id}] matches the user's current default authentication "
    "method, and cannot be deleted until the default authentication method is changed"
)
_TOO_WEAK: Final = (
    "The specified password does not comply with password complexity requirements: 8 to 256 characters, "
    "of three kinds out of lower case, upper case, digits and others."
)
_PHONE_ALTERNATE_EXISTS: Final = (
    "The mobile phone cannot be deleted while an alternateMobile phone exists. Update mobile to the other"
    " number, then delete alternateMobile."
)
_PROFILE_MANAGED_ON_PREMISES: Final = (
    "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects"
    " currently undergoing migration: {property}."
)
MESSAGES: Final[Mapping[ErrorCode, tuple[int, str]]] = {
    ErrorCode.DATABASE_BUSY: (503, "The service is busy. Please try again."),
    ErrorCode.DATABASE_UNREACHABLE: (503, "The service is unavailable. Please try again."),
    ErrorCode.EMAIL_ABSENT: (404, "The requested authentication method is not registered."),
    ErrorCode.EMAIL_EXISTS: (400, "An email method is already registered on the account."),
    ErrorCode.EMAIL_FORM: (400, "The email address is not valid. Write kim@contoso.example."),
    ErrorCode.KEY_LOST: (503, "The service is unavailable. Please try again."),
    ErrorCode.KEY_MISSING: (503, "The service is unavailable. Please try again."),
    ErrorCode.KEY_UNREADABLE: (503, "The service is unavailable. Please try again."),
    ErrorCode.KEY_WRONG: (503, "The service is unavailable. Please try again."),
    ErrorCode.METHOD_ABSENT: (404, "The requested authentication method is not registered."),
    ErrorCode.METHOD_IS_DEFAULT: (400, _METHOD_IS_DEFAULT),
    ErrorCode.METHOD_NOT_REGISTERED: (400, "The user has no such method registered, so it cannot be the default."),
    ErrorCode.NUMBER_COUNTRY: (400, "The phone number does not begin with an assigned country code. Write +1 4255550100."),
    ErrorCode.NUMBER_EXTENSION: (400, "Only an office number may have an extension (x123), of one to ten digits."),
    ErrorCode.NUMBER_FORM: (400, "The phone number is not valid. Write + country code, a space, the number: +1 4255550100."),
    ErrorCode.NUMBER_LENGTH: (400, "The phone number is too short or too long for its country."),
    ErrorCode.PASSWORD_WEAK: (400, _TOO_WEAK),
    ErrorCode.PASS_LIFETIME: (
        400,
        "Invalid LifetimeInMinutes specified. The valid range between {least} and {most}.",
    ),
    ErrorCode.PASS_ONCE_ONLY: (400, "isUsableOnce has to be true: the policy lets a temporary access pass be used once only."),
    ErrorCode.PHONE_ABSENT: (404, "The requested authentication method is not registered."),
    ErrorCode.PHONE_ALTERNATE_EXISTS: (400, _PHONE_ALTERNATE_EXISTS),
    ErrorCode.PHONE_EXISTS: (400, _ALREADY),
    ErrorCode.PHONE_MOBILE_REQUIRED: (400, "An alternateMobile phone needs a mobile phone. Register the mobile phone first."),
    ErrorCode.POLICY_UNREADABLE: (503, "The service is unavailable. Please try again."),
    ErrorCode.POLICY_VALUE: (400, "Invalid value for property '{setting}': {expected} is expected."),
    ErrorCode.PROFILE_MANAGED_ON_PREMISES: (400, _PROFILE_MANAGED_ON_PREMISES),
    ErrorCode.ROW_CHANGED: (503, "Somebody else keeps changing the same object. Please try again."),
    ErrorCode.SERVICE_BUSY: (503, "The service is busy. Please try again."),
    ErrorCode.USER_EXISTS: (400, "Another object with the same value for property userPrincipalName already exists."),
    ErrorCode.USER_NAME: (400, "Invalid value specified for property 'userPrincipalName' of resource 'User'."),
    ErrorCode.USER_UNKNOWN: (
        404,
        "Resource '{user}' does not exist or one of its queried reference-property objects are not present.",
    ),
}
"""Status and message by code; every other code belongs to the command line or the token service and is an internal error here."""

NOT_ON_THE_WIRE: Final = frozenset(
    {
        ErrorCode.ADDRESS_UNUSABLE,
        ErrorCode.APP_EXISTS,
        ErrorCode.APP_NAME,
        ErrorCode.APP_PASSWORDS_FULL,
        ErrorCode.APP_PASSWORDS_NOT_ENFORCED,
        ErrorCode.APP_PASSWORDS_OFF,
        ErrorCode.APP_PASSWORD_ABSENT,
        ErrorCode.APP_PASSWORD_NAME,
        ErrorCode.APP_PUBLIC,
        ErrorCode.APP_REDIRECT_URI,
        ErrorCode.APP_UNKNOWN,
        ErrorCode.AUDIO_FORM,
        ErrorCode.AUDIO_LENGTH,
        ErrorCode.AUDIO_SIZE,
        ErrorCode.CERTIFICATE_INVALID,
        ErrorCode.CHALLENGE_NOT_SENT,
        ErrorCode.CHALLENGE_OVER,
        ErrorCode.CHALLENGE_PURPOSE,
        ErrorCode.CHALLENGE_TAKES_NO_CODE,
        ErrorCode.CHALLENGE_UNKNOWN,
        ErrorCode.METHOD_NOT_FOR_PURPOSE,
        ErrorCode.TELEPHONY_LIMIT,
        ErrorCode.TELEPHONY_MONEY,
        ErrorCode.TELEPHONY_OFF,
        ErrorCode.TELEPHONY_PREFIX,
        ErrorCode.TELEPHONY_PRICE,
        ErrorCode.CONTACTS_UNDER_ANOTHER_KEY,
        ErrorCode.DATABASE_EMPTY,
        ErrorCode.DATABASE_MISSING,
        ErrorCode.DATABASE_NEWER,
        ErrorCode.DATABASE_OLDER,
        ErrorCode.DATABASE_UNSUPPORTED,
        ErrorCode.DATE_INVALID,
        ErrorCode.DEMO_ONLY,
        ErrorCode.GUARD_CLEARS,
        ErrorCode.GUARD_DELETES,
        ErrorCode.GUARD_EMPTY,
        ErrorCode.GUARD_MIDWAY,
        ErrorCode.KEY_EXISTS,
        ErrorCode.KEY_ROTATING,
        ErrorCode.METHODS_FULL,
        ErrorCode.METHOD_NAME,
        ErrorCode.MFA_BLOCKED,
        ErrorCode.MFA_BLOCK_REASON,
        ErrorCode.MFA_FRAUD_CODE,
        ErrorCode.MFA_NOT_BLOCKED,
        ErrorCode.MFA_REMEMBER_DAYS,
        ErrorCode.MFA_TRUSTED_FULL,
        ErrorCode.MFA_TRUSTED_RANGE,
        ErrorCode.OATH_PERIOD,
        ErrorCode.PERMISSION_UNKNOWN,
        ErrorCode.POLICY_METHOD,
        ErrorCode.POLICY_SETTING,
        ErrorCode.PROGRAM_MISSING,
        ErrorCode.ROLE_UNKNOWN,
        ErrorCode.RUN_UNKNOWN,
        ErrorCode.SETTING_INVALID,
        ErrorCode.SOURCE_FORMAT,
        ErrorCode.SOURCE_REJECTS_UNWRITABLE,
        ErrorCode.SOURCE_TRUNCATED,
        ErrorCode.SOURCE_UNREADABLE,
        ErrorCode.TARGET_UNWRITABLE,
        ErrorCode.TENANT_ABSENT,
        ErrorCode.TENANT_AMBIGUOUS,
        ErrorCode.TENANT_NAME,
        ErrorCode.TENANT_UNKNOWN,
        ErrorCode.TRANSITION_ABSENT,
        ErrorCode.TRANSITION_ENDED,
        ErrorCode.TRANSITION_OPEN,
        ErrorCode.TRANSITION_ORDER,
    }
)
"""Codes of the command line and of what surrounds a deployment: no request leads to them, so one would be our mistake."""

_SHOWN: Final = 200


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return ""


def translate(error: RingfenceError, family: Family) -> GraphError:
    """The answer to one of our errors."""
    status, message = MESSAGES.get(error.code, (500, "Internal error."))
    if status == 500:  # noqa: PLR2004 - a status
        return GraphError(500, "generalException", message)
    shown = {name: str(value)[:_SHOWN] for name, value in error.facts.items()}
    words = message.format_map(_Facts(shown))
    inner = {"message": words} if family is Family.METHODS else {}
    headers = {"Retry-After": "2"} if status == 503 else {}  # noqa: PLR2004 - a status
    return GraphError(status, _STATUS_CODES[status, family], words, inner, headers)


def bad_request(message: str, family: Family) -> GraphError:
    """400 in the family's code."""
    return GraphError(400, _STATUS_CODES[400, family], message, {"message": message} if family is Family.METHODS else {})


def not_expandable(field: str) -> GraphError:
    """400 for a relation that cannot be included."""
    return GraphError(400, "ExpandNotSupported", f"Expanding '{field[:128]}' is not supported.")


def not_found(message: str, family: Family) -> GraphError:
    """404 in the family's code."""
    return GraphError(404, _STATUS_CODES[404, family], message)


def not_allowed(method: str, served: Iterable[str]) -> GraphError:
    """405 that names what can be done there, in `Allow` too (RFC 9110, 15.5.6)."""
    allowed = ", ".join(sorted(served))
    message = f"The method {method[:16]} is not allowed here; {allowed} is."
    return GraphError(405, "Request_BadRequest", message, headers={"Allow": allowed})


def denied(family: Family, permissions: list[str], roles: list[str], why: str) -> GraphError:
    """403 that says what would do: scripts' authors have asked for it for years."""
    message = "Request Authorization failed" if family is Family.METHODS else "Insufficient privileges to complete the operation."
    inner: dict[str, Any] = {"message": why}
    if permissions:
        inner["requiredPermissions"] = permissions
    if roles:
        inner["requiredRoles"] = roles
    return GraphError(403, _STATUS_CODES[403, family], message, inner)


def unauthenticated(message: str) -> GraphError:
    """401; without a `claims` challenge, which would make SDKs ask for another token."""
    return GraphError(401, "InvalidAuthenticationToken", message, headers={"WWW-Authenticate": 'Bearer realm=""'})

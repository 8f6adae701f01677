"""Reading bodies strictly, and writing challenges."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

import falcon
import msgspec

from ringfence.api.errors import ApiError
from ringfence.application.mfa.found import public_id
from ringfence.application.mfa.legacy_passwords import LegacyApproval
from ringfence.domain.signin.challenge import Challenge, state_at
from ringfence.http.bodies import read_body

_Body = TypeVar("_Body", bound=msgspec.Struct)


class NewChallenge(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /mfa/v1/challenges`."""

    user: str
    purpose: str
    method: str | None = None
    locale: str | None = None


class Answer(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST …/answer`."""

    code: str


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST …/resend`, which may be left out."""


class NewApp(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of `POST …/software-oath`."""

    display_name: str = ""
    period: int = 30
    hash_function: str = "hmacsha1"


class LegacyTry(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of `POST /mfa/v1/legacy-password`."""

    user: str
    password: str
    ip_address: str | None = None


def read(request: falcon.Request, kind: type[_Body]) -> _Body:
    """The body as such a document; raises `ApiError` for anything else, naming what is wrong."""
    try:
        body = read_body(request.env)
    except falcon.HTTPContentTooLarge as error:
        raise ApiError(413, "bodyTooLarge", "The body is larger than 1 MiB.") from error
    given = (request.content_type or "").partition(";")[0].strip().casefold()
    if body and given != "application/json":
        raise ApiError(415, "unsupportedMediaType", "Send the body as Content-Type: application/json.")
    try:
        return msgspec.json.decode(body or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        words = str(error) if isinstance(error, msgspec.ValidationError) else "The body is not valid JSON."
        raise ApiError(400, "invalidBody", words) from error


def challenge_document(challenge: Challenge, now: datetime) -> dict[str, Any]:
    """A challenge as its application sees it; it says nothing of whether there is such a user.

    How far a message got is not shown while an answer can be given: one to nobody gets nowhere.
    """
    state, to = state_at(challenge, now), challenge.destination
    return {
        "id": public_id(challenge),
        "method": challenge.method.wire_name,
        "purpose": challenge.purpose,
        "state": "pending" if state.is_open else state.name.lower(),
        "contact": None if to is None else to.masked,
        "createdAt": _instant(challenge.created_at),
        "expiresAt": _instant(challenge.expires_at),
        "resendAt": None if challenge.resend_at is None else _instant(challenge.resend_at),
    }


def legacy_document(approval: LegacyApproval) -> dict[str, Any]:
    """Who may come in, and why without another factor."""
    why = approval.requirement
    return {"user": approval.user.upn, "result": why.wire_name, "detail": why.words}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

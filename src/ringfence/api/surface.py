"""`/mfa/v1/…` on Falcon: challenges and their answers, and the enrolment of apps, for applications with the permission."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from ipaddress import ip_address
from typing import Any, Final

import falcon
import msgspec

from ringfence.api.documents import Answer, LegacyTry, NewApp, NewChallenge, Nothing, challenge_document, legacy_document, read
from ringfence.api.errors import ANSWERS, LIMITS, NOT_ACCEPTED, ApiError, translate
from ringfence.application.identity.callers import Callers
from ringfence.application.identity.parts import Identity
from ringfence.application.mfa.answers import answer_challenge
from ringfence.application.mfa.challenges import (
    CreateChallenge,
    TooSoon,
    create_challenge,
    resend_challenge,
    seconds_until,
    show_challenge,
)
from ringfence.application.mfa.legacy_passwords import LegacyPassword, check_legacy_password
from ringfence.application.mfa.software_oath import EnrolSoftwareOath, enrol_software_oath, otpauth_uri
from ringfence.application.ports.delivery import HttpReceipt, ReceiptReceiver
from ringfence.domain.errors import RingfenceError
from ringfence.domain.identity.callers import Caller
from ringfence.domain.identity.sign_ins import Attempt, ClientApp
from ringfence.domain.methods.oath import HashFunction, write_secret
from ringfence.domain.policy.own_permissions import CHALLENGE, LEGACY_PASSWORD, WRITE_METHODS
from ringfence.domain.signin.challenge import Challenge, ChallengeMethod, Verdict
from ringfence.domain.signin.send_guard import Refused
from ringfence.http.around import correlation
from ringfence.http.bearer import caller_of
from ringfence.http.bodies import read_body, write_json
from ringfence.http.roots import Roots

_PATH: Final = "/mfa/v1"
_METHODS: Final = {method.wire_name: method for method in ChallengeMethod}
_HASHES: Final = {"hmacsha1": HashFunction.SHA1, "hmacsha256": HashFunction.SHA256}

_Work = Callable[[Caller, datetime], tuple[int, dict[str, Any]]]


class MfaSurface:
    """The paths."""

    def __init__(self, identity: Identity, callers: Callers, receivers: ReceiptReceiver, roots: Roots) -> None:
        """Serve this deployment; receipts of senders go to `receivers`."""
        self._identity = identity
        self._callers = callers
        self._receivers = receivers
        self._roots = roots

    def mount(self, app: falcon.App[falcon.Request, falcon.Response]) -> None:
        """Add them."""
        app.add_route(f"{_PATH}/openapi.json", self, suffix="openapi")
        app.add_route(f"{_PATH}/challenges", self, suffix="challenges")
        app.add_route(f"{_PATH}/challenges/{{challenge}}", self, suffix="challenge")
        app.add_route(f"{_PATH}/challenges/{{challenge}}/answer", self, suffix="answer")
        app.add_route(f"{_PATH}/challenges/{{challenge}}/resend", self, suffix="resend")
        app.add_route(f"{_PATH}/receipts/{{sender}}", self, suffix="receipt")
        app.add_route(f"{_PATH}/legacy-password", self, suffix="legacy_password")
        app.add_route(f"{_PATH}/users/{{user}}/software-oath", self, suffix="software_oath")

    def on_get_openapi(self, _request: falcon.Request, response: falcon.Response) -> None:
        """The OpenAPI file; for everybody."""
        response.content_type = "application/json; charset=utf-8"
        response.data = files("ringfence.api").joinpath("openapi.json").read_bytes()

    def on_post_challenges(self, request: falcon.Request, response: falcon.Response) -> None:
        """Create one."""

        def work(caller: Caller, now: datetime) -> tuple[int, dict[str, Any]]:
            body = read(request, NewChallenge)
            if body.method is not None and body.method not in _METHODS:
                raise ApiError(400, "invalidMethod", f"method is one of {', '.join(_METHODS)}.")
            command = CreateChallenge(body.user, body.purpose, _METHODS.get(body.method or ""), body.locale)
            made = create_challenge(self._identity, caller.tenant_id, _attempt(request, caller), command, now)
            return 201, challenge_document(_sent(made, now), now)

        self._answer(request, response, CHALLENGE, work)

    def on_get_challenge(self, request: falcon.Request, response: falcon.Response, challenge: str) -> None:
        """Show one."""

        def work(caller: Caller, now: datetime) -> tuple[int, dict[str, Any]]:
            found = show_challenge(self._identity, caller.tenant_id, caller.app_id, challenge)
            return 200, challenge_document(found, now)

        self._answer(request, response, CHALLENGE, work)

    def on_post_answer(self, request: falcon.Request, response: falcon.Response, challenge: str) -> None:
        """Take a code."""

        def work(caller: Caller, now: datetime) -> tuple[int, dict[str, Any]]:
            body = read(request, Answer)
            attempt = _attempt(request, caller)
            verdict = answer_challenge(self._identity, caller.tenant_id, attempt, (challenge, body.code), now)
            if verdict.approved is None:
                raise _refused(verdict, now)
            return 200, challenge_document(verdict.approved, now)

        self._answer(request, response, CHALLENGE, work)

    def on_post_resend(self, request: falcon.Request, response: falcon.Response, challenge: str) -> None:
        """Send it once more."""

        def work(caller: Caller, now: datetime) -> tuple[int, dict[str, Any]]:
            read(request, Nothing)
            again = resend_challenge(self._identity, caller.tenant_id, _attempt(request, caller), challenge, now)
            return 200, challenge_document(_sent(again, now), now)

        self._answer(request, response, CHALLENGE, work)

    def on_post_receipt(self, request: falcon.Request, response: falcon.Response, sender: str) -> None:
        """Take a receipt from a sender's other side, which signs it; there is no token."""
        now = self._identity.services.clock.now()
        response.set_header("Cache-Control", "no-store")
        try:
            body = read_body(request.env)
        except falcon.HTTPContentTooLarge:
            body = b""
        url = f"{self._roots.of(request.env)}{request.relative_uri}"
        is_taken = self._receivers.take(sender, HttpReceipt(url, request.headers, body), now)
        response.status = falcon.HTTP_204 if is_taken else falcon.HTTP_403

    def on_post_legacy_password(self, request: falcon.Request, response: falcon.Response) -> None:
        """Say whether a password may be used by a legacy protocol."""

        def work(caller: Caller, now: datetime) -> tuple[int, dict[str, Any]]:
            body = read(request, LegacyTry)
            attempt = _attempt(request, caller)._replace(client=ClientApp.LEGACY, ip_address=_address(body.ip_address))
            given = LegacyPassword(body.user, body.password)
            found = check_legacy_password(self._identity, caller.tenant_id, given, attempt, now)
            if found is None:
                raise ApiError(*NOT_ACCEPTED)
            return 200, legacy_document(found)

        self._answer(request, response, LEGACY_PASSWORD, work)

    def on_post_software_oath(self, request: falcon.Request, response: falcon.Response, user: str) -> None:
        """Enrol an app."""

        def work(caller: Caller, now: datetime) -> tuple[int, dict[str, Any]]:
            body = read(request, NewApp)
            if body.hash_function not in _HASHES:
                raise ApiError(400, "invalidHashFunction", f"hashFunction is one of {', '.join(_HASHES)}.")
            command = EnrolSoftwareOath(user, caller.actor, body.display_name, body.period, _HASHES[body.hash_function])
            made = enrol_software_oath(self._identity, caller.tenant_id, command, now)
            document = {
                "id": made.method_id,
                "secretKey": write_secret(made.token.seed),
                "otpauthUri": otpauth_uri(made.token, made.user, made.issuer),
            }
            return 201, document

        self._answer(request, response, WRITE_METHODS, work)

    def _answer(self, request: falcon.Request, response: falcon.Response, permission: str, work: _Work) -> None:
        now = self._identity.services.clock.now()
        response.set_header("Cache-Control", "no-store")
        try:
            status, document = work(self._caller(request, permission, now), now)
        except RingfenceError as error:
            self._refuse(response, translate(error))
        except ApiError as error:
            self._refuse(response, error)
        else:
            write_json(response, document, status)

    def _caller(self, request: falcon.Request, permission: str, now: datetime) -> Caller:
        caller = caller_of(request.env, self._callers, now)
        if not isinstance(caller, Caller):
            words = "A valid access token of an application is needed."
            raise ApiError(401, "invalidToken", words, {"WWW-Authenticate": "Bearer"})
        if caller.is_delegated or permission not in caller.permissions:
            words = "The token has not the application permission for this."
            raise ApiError(403, "permissionDenied", words, requiredPermissions=[permission])
        return caller

    def _refuse(self, response: falcon.Response, error: ApiError) -> None:
        write_json(response, error.document, error.status)
        for name, value in error.headers.items():
            response.set_header(name, value)


def _sent(outcome: Challenge | TooSoon | Refused, now: datetime) -> Challenge:
    """The challenge, or the refusal to send it."""
    match outcome:
        case TooSoon(resend_at=at):
            words = "It was sent a moment ago. Wait until resendAt."
            raise ApiError(429, "resendTooSoon", words, {"Retry-After": str(seconds_until(at, now))})
        case Refused(reason=reason, retry_at=at):
            headers = {} if at is None else {"Retry-After": str(seconds_until(at, now))}
            raise ApiError(*LIMITS[reason], headers)
        case Challenge():
            return outcome


def _refused(verdict: Verdict, now: datetime) -> ApiError:
    status, code, message = ANSWERS[verdict.result]
    if verdict.locked_until is None:
        return ApiError(status, code, message)
    return ApiError(status, code, message, {"Retry-After": str(seconds_until(verdict.locked_until, now))})


def _attempt(request: falcon.Request, caller: Caller) -> Attempt:
    """What the log of sign-ins is told: the application, not the address of its server."""
    identifier = msgspec.convert(correlation(request.env)["request-id"], uuid.UUID).bytes
    return Attempt(caller.app_id, caller.actor.name, ClientApp.NATIVE, None, identifier)


def _address(text: str | None) -> str | None:
    """The address of the legacy client, as its server tells it."""
    try:
        found = None if text is None else ip_address(text)
    except ValueError as error:
        raise ApiError(400, "invalidIpAddress", "ipAddress is an IPv4 or IPv6 address.") from error
    return None if found is None else str(getattr(found, "ipv4_mapped", None) or found)

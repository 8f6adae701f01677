"""The token service on Falcon: discovery, keys, token, device code, and what `az login` asks beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import falcon

from ringfence.application.identity.callers import Callers
from ringfence.application.identity.clients import ClientFailure, authenticate_client, load_application
from ringfence.application.identity.devices import Waiting, poll_device, start_device
from ringfence.application.identity.issue import GrantFailure, TokenIssuer, Tokens
from ringfence.application.identity.keyring import Keyring
from ringfence.application.identity.parts import Identity
from ringfence.application.identity.scopes import DEFAULT, decide_scopes, parse_scopes
from ringfence.application.identity.tokens import Issuer
from ringfence.application.mfa.notice_outbox import PATH as NOT_ME
from ringfence.domain.errors import RingfenceError
from ringfence.domain.identity.applications import Application
from ringfence.domain.identity.callers import Caller
from ringfence.domain.identity.grants import DEVICE_INTERVAL, DEVICE_LIFE
from ringfence.http.around import correlation
from ringfence.http.bearer import caller_of
from ringfence.http.bodies import write_json
from ringfence.http.roots import Roots
from ringfence.oauth.client_info import client_info
from ringfence.oauth.discovery import ANY_ISSUER, configuration, instance, key_set
from ringfence.oauth.forms import client_proof, read_form
from ringfence.oauth.not_me import NotMe
from ringfence.oauth.refusals import Code, Refusal, busy, missing, refusal_of
from ringfence.oauth.sign_in import SignIn
from ringfence.oauth.tenants import check_tenant, directory_id, find_tenant, is_any, tenant_of_application, tenant_of_grant

_UNAUTHORIZED: Final = 401
_DEVICE_GRANTS: Final = ("device_code", "urn:ietf:params:oauth:grant-type:device_code")

Answering = Callable[[falcon.Request, falcon.Response, datetime], dict[str, Any]]


class OAuthSurface:
    """`/{tenant}/…`, and `/subscriptions`."""

    def __init__(self, identity: Identity, keyring: Keyring, callers: Callers, roots: Roots) -> None:
        """Serve this deployment."""
        self._identity = identity
        self._keyring = keyring
        self._callers = callers
        self._roots = roots
        self._tokens = TokenIssuer(identity, keyring)

    def mount(self, app: falcon.App[falcon.Request, falcon.Response]) -> None:
        """Add the paths."""
        app.add_route("/{tenant}/v2.0/.well-known/openid-configuration", self, suffix="discovery")
        app.add_route("/{tenant}/discovery/instance", self, suffix="instance")
        app.add_route("/{tenant}/discovery/v2.0/keys", self, suffix="keys")
        app.add_route("/{tenant}/oauth2/v2.0/token", self, suffix="token")
        app.add_route("/{tenant}/oauth2/v2.0/devicecode", self, suffix="device")
        SignIn(self._identity, self._tokens, self._roots).mount(app)
        app.add_route(NOT_ME, NotMe(self._identity, self._roots))
        app.add_route("/subscriptions", self, suffix="subscriptions")

    def on_get_discovery(self, request: falcon.Request, response: falcon.Response, tenant: str) -> None:
        """OpenID configuration."""

        def answer(_now: datetime) -> dict[str, Any]:
            root = self._roots.of(request.env)
            if is_any(self._identity, tenant):
                return configuration(root, tenant.casefold(), ANY_ISSUER)
            return configuration(root, directory_id(find_tenant(self._identity, tenant)))

        self._answer(request, response, answer)

    def on_get_instance(self, request: falcon.Request, response: falcon.Response, tenant: str) -> None:
        """The cloud that this host is."""

        def answer(_now: datetime) -> dict[str, Any]:
            check_tenant(self._identity, tenant)
            return instance(self._roots.of(request.env))

        self._answer(request, response, answer)

    def on_get_keys(self, request: falcon.Request, response: falcon.Response, tenant: str) -> None:
        """JWKS."""

        def answer(now: datetime) -> dict[str, Any]:
            check_tenant(self._identity, tenant)
            self._keyring.signing_key(now)
            return key_set(self._keyring.verifying_keys(now))

        self._answer(request, response, answer)

    def on_get_subscriptions(self, request: falcon.Request, response: falcon.Response) -> None:
        """What `az login` lists: there are no subscriptions."""

        def answer(now: datetime) -> dict[str, Any]:
            if not isinstance(caller_of(request.env, self._callers, now), Caller):
                words = "An access token is needed."
                raise Refusal(Code.INVALID_TOKEN, 50000, words, 401)
            return {"value": []}

        self._answer(request, response, answer)

    def on_post_device(self, request: falcon.Request, response: falcon.Response, tenant: str) -> None:
        """Begin the device flow."""

        def answer(now: datetime) -> dict[str, Any]:
            fields = read_form(request)
            found = tenant_of_application(self._identity, tenant, fields)
            application = load_application(self._identity, found.tenant_id, fields.get("client_id", ""))
            if application is None:
                raise refusal_of(ClientFailure.UNKNOWN)
            scopes = _allowed(application, parse_scopes(fields.get("scope", "")))
            started = start_device(self._identity.services, found.tenant_id, application, scopes, now)
            where = f"{self._roots.of(request.env)}/devicelogin"
            message = f"To sign in, open {where} in a browser and enter the code {started.user_code}."
            return {
                "user_code": started.user_code,
                "device_code": started.device_code,
                "verification_uri": where,
                "expires_in": int(DEVICE_LIFE.total_seconds()),
                "interval": int(DEVICE_INTERVAL.total_seconds()),
                "message": message,
            }

        self._answer(request, response, answer)

    def on_post_token(self, request: falcon.Request, response: falcon.Response, tenant: str) -> None:
        """Every grant."""

        def answer(now: datetime) -> dict[str, Any]:
            fields = read_form(request)
            check_tenant(self._identity, tenant)
            proof = client_proof(request, fields)
            found = tenant_of_grant(self._identity, tenant, {**fields, "client_id": proof.client_id})
            issuer = Issuer(f"{self._roots.of(request.env)}/{directory_id(found)}/v2.0", found.directory_id)
            audiences = frozenset({issuer.url, f"{self._roots.of(request.env)}{request.path}", *_token_urls(issuer)})
            application = authenticate_client(self._identity, found.tenant_id, proof, audiences, now)
            if isinstance(application, ClientFailure):
                raise refusal_of(application)
            tokens = self._grant((found.tenant_id, issuer), application, fields, now)
            if isinstance(tokens, GrantFailure | Waiting):
                raise refusal_of(tokens)
            return _token_answer(tokens, fields, issuer)

        self._answer(request, response, answer)

    def _grant(
        self, at: tuple[int, Issuer], application: Application, fields: Mapping[str, str], now: datetime
    ) -> Tokens | GrantFailure | Waiting:
        kind = _required(fields, "grant_type")
        scopes = parse_scopes(fields.get("scope", ""))
        if kind == "client_credentials":
            _check_application(application, scopes)
            return self._tokens.for_application(at[1], application, now)
        if kind == "authorization_code":
            code = _required(fields, "code"), _required(fields, "redirect_uri")
            return self._tokens.for_code(at, application, code, fields.get("code_verifier"), now)
        if kind == "refresh_token":
            secret = _required(fields, "refresh_token")
            return self._tokens.for_refresh_token(at, application, secret, scopes, now)
        if kind in _DEVICE_GRANTS:
            secret = fields.get("device_code") or _required(fields, "code")
            return poll_device(self._identity, self._tokens, at, application, secret, now)
        words = f"The grant type '{kind[:64]}' is not supported."
        raise Refusal(Code.UNSUPPORTED_GRANT_TYPE, 70003, words)

    def _answer(self, request: falcon.Request, response: falcon.Response, answer: Callable[[datetime], dict[str, Any]]) -> None:
        now = self._identity.services.clock.now()
        response.set_header("Cache-Control", "no-store")
        try:
            write_json(response, answer(now))
        except Refusal as refusal:
            write_json(response, refusal.document(now, correlation(request.env)), refusal.status)
            if refusal.status == _UNAUTHORIZED and (scheme := _challenge(request, refusal)):
                response.set_header("WWW-Authenticate", scheme)
        except RingfenceError:
            full = busy()
            write_json(response, full.document(now, correlation(request.env)), full.status)


def _challenge(request: falcon.Request, refusal: Refusal) -> str | None:
    """What to try instead: for a token always, for a client only where it came by header (RFC 6749, 5.2).

    openid-client reads a challenge in place of the error in the body.
    """
    if refusal.error is Code.INVALID_TOKEN:
        return "Bearer"
    return 'Basic realm="token"' if request.get_header("Authorization") else None


def _required(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name)
    if not value:
        raise missing(name)
    return value


def _token_urls(issuer: Issuer) -> tuple[str, str]:
    """What an assertion may name as its audience beside the address it was sent to."""
    base = issuer.url.removesuffix("/v2.0")
    return f"{base}/oauth2/v2.0/token", f"{base}/oauth2/token"


def _check_application(application: Application, scopes: tuple[str, ...]) -> None:
    if application.is_public:
        raise refusal_of(ClientFailure.NO_PROOF)
    if [scope for scope in scopes if scope not in {"openid", "profile", "offline_access", "email"}] != [DEFAULT]:
        words = "The scope of a client credentials request ends in '/.default'."
        raise Refusal(Code.INVALID_SCOPE, 1002012, words)


def _allowed(application: Application, asked: tuple[str, ...]) -> tuple[str, ...]:
    scopes = decide_scopes(application, asked)
    if isinstance(scopes, str):
        words = f"The application is not registered for the scope '{scopes[:128]}'."
        raise Refusal(Code.INVALID_SCOPE, 65001, words)
    return scopes


def _as_asked(text: str, given: tuple[str, ...]) -> list[str]:
    """What was asked and given, in the words it was asked in.

    MSAL looks a token up in its cache by those words: without `…/.default` in the answer it would refresh for every call.
    """
    honoured = {DEFAULT, *(scope.casefold() for scope in given)}
    return [asked for asked in text.split() if set(parse_scopes(asked.casefold())) <= honoured]


def _token_answer(tokens: Tokens, fields: Mapping[str, str], issuer: Issuer) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
        "ext_expires_in": tokens.expires_in,
        "access_token": tokens.access,
    }
    if tokens.user_id is None:
        return answer
    answer["scope"] = " ".join(dict.fromkeys((*tokens.scopes, *_as_asked(fields.get("scope", ""), tokens.scopes))))
    if tokens.refresh is not None:
        answer["refresh_token"] = tokens.refresh
    if tokens.id_token is not None:
        answer["id_token"] = tokens.id_token
    if fields.get("client_info") == "1":
        answer["client_info"] = client_info(tokens.user_id, issuer)
    return answer

"""The sign-in page of the authorize endpoint, and the page where a device's code is typed. One verifier stands behind both."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, urlencode

import falcon

from ringfence.application.accounts import show_active_user
from ringfence.application.identity.clients import ClientFailure, load_application
from ringfence.application.identity.devices import decide_device, find_device
from ringfence.application.identity.issue import TokenIssuer, code_expiry
from ringfence.application.identity.parts import Identity
from ringfence.application.identity.passwords import FirstStep, SignedIn, SignInFailure, change_password, check_password
from ringfence.application.identity.tokens import Issuer
from ringfence.application.mfa.demands import demand_of
from ringfence.application.mfa.requirements import Surroundings
from ringfence.domain.errors import ErrorCode, InvalidError, RingfenceError
from ringfence.domain.identity.applications import Application
from ringfence.domain.identity.grants import AuthorizationCode, DeviceCode, Grant
from ringfence.domain.identity.sign_ins import SignInResult
from ringfence.domain.signin.requirement import Client
from ringfence.domain.values import Tenant
from ringfence.http.around import correlation
from ringfence.http.roots import Roots
from ringfence.oauth.attempts import attempt_of, attempt_with_code
from ringfence.oauth.authorization import Reply, Wanted, address_of, decide_reply, decide_wanted
from ringfence.oauth.client_info import client_info
from ringfence.oauth.forms import once, read_form
from ringfence.oauth.journeys import Arrival, Journey
from ringfence.oauth.pages import check_canary, form_values, new_canary, show, stylesheet, waiting_script
from ringfence.oauth.refusals import Refusal, busy, refusal_of
from ringfence.oauth.second_step import SecondStep, flow_secret, locale_of, remembered_secret
from ringfence.oauth.tenants import check_tenant, tenant_of_user, tenant_to_show, tenants

_WRONG: Final = "Your user name or password is incorrect. If you do not remember the password, ask an administrator to reset it."
_LOCKED: Final = "Too many wrong passwords: the account is locked for a while. Try again later (AADSTS50053)."
_BLOCKED: Final = (
    "We're having trouble verifying your account. Ask an administrator: only they can let you sign in again (AADSTS50097)."
)
_DORMANT: Final = (
    "A second proof of who you are is needed, and there is none that we can ask you for just now. "
    "Ask an administrator for a temporary access pass (AADSTS53004)."
)
_MUST_CHANGE: Final = "Your password has to be changed before you go on."
_WEAK: Final = "The new password is too simple: 8 to 256 characters, of three kinds out of a-z, A-Z, digits and others."
_UNLIKE: Final = "The two new passwords are not the same."
_SAME: Final = "The new password is the one you have. Choose another."
_TOO_LATE: Final = "The sign-in took too long, or was for something else. Begin again."
_NO_CODE: Final = "That code is not known, or it has expired."

_ALONE: Final = frozenset({_BLOCKED, _DORMANT})
"""Said on a page of its own: signing in once more leads nowhere before an administrator has done something."""
_FAILURES: Final = {SignInFailure.BLOCKED: _BLOCKED, SignInFailure.DORMANT: _DORMANT, SignInFailure.LOCKED: _LOCKED}


class _Said(NamedTuple):
    """What the person typed as their name, and what is said to them."""

    login: str
    problem: str = ""

    def values(self) -> dict[str, object]:
        """For the page: fields for a new password are there once they are asked for."""
        must_change = self.problem in {_MUST_CHANGE, _SAME, _UNLIKE, _WEAK}
        return {"login": self.login, "problem": self.problem, "must_change": must_change}


class SignIn:
    """The pages, over one deployment."""

    def __init__(self, identity: Identity, tokens: TokenIssuer, roots: Roots) -> None:
        """Check passwords with `identity`, store codes with `tokens`; forms come from pages under `roots`."""
        self._identity = identity
        self._tokens = tokens
        self._roots = roots
        self._second = SecondStep(identity)

    def mount(self, app: falcon.App[falcon.Request, falcon.Response]) -> None:
        """Add the paths."""
        app.add_route("/{tenant}/oauth2/v2.0/authorize", self, suffix="authorize")
        app.add_route("/{tenant}/oauth2/v2.0/logout", self, suffix="logout")
        app.add_route("/devicelogin", self, suffix="device")
        app.add_route("/oauth/style.css", self, suffix="style")
        app.add_route("/oauth/wait.js", self, suffix="script")

    def on_get_style(self, _request: falcon.Request, response: falcon.Response) -> None:
        """The stylesheet."""
        response.content_type = "text/css; charset=utf-8"
        response.text = stylesheet()
        response.set_header("Cache-Control", "max-age=3600")

    def on_get_script(self, _request: falcon.Request, response: falcon.Response) -> None:
        """What the page of a call asks with."""
        response.content_type = "text/javascript; charset=utf-8"
        response.text = waiting_script()
        response.set_header("Cache-Control", "max-age=3600")

    def on_get_authorize(self, request: falcon.Request, response: falcon.Response, tenant: str) -> None:
        """Show the page, if the application may ask."""
        with self._or_busy(request, response):
            self._authorize(request, response, tenant, None)

    def on_post_authorize(self, request: falcon.Request, response: falcon.Response, tenant: str) -> None:
        """Check what was filled in; the request of the application is in the address and is looked at anew."""
        form = self._form(request, response)
        if form is not None:
            with self._or_busy(request, response):
                self._authorize(request, response, tenant, form)

    def _form(self, request: falcon.Request, response: falcon.Response) -> Mapping[str, str] | None:
        """The form, if it is one of ours; else that is told."""
        try:
            fields = read_form(request)
            check_canary(request, fields, self._roots)
        except Refusal as refusal:
            self._refuse(request, response, None, refusal)
            return None
        return fields

    def _tenant(self, name: str, fields: Mapping[str, str], form: Mapping[str, str] | None, sign_in: str | None) -> Tenant:
        if form is None or "step" in form:
            return tenant_to_show(self._identity, name, fields, sign_in)
        return tenant_of_user(self._identity, name, fields, form.get("login", ""))

    def _authorize(self, request: falcon.Request, response: falcon.Response, tenant: str, form: Mapping[str, str] | None) -> None:
        reply = None
        try:
            fields = _query(request)
            found = self._tenant(tenant, fields, form, flow_secret(request))
            application = load_application(self._identity, found.tenant_id, fields.get("client_id", ""))
            if application is None:
                raise refusal_of(ClientFailure.UNKNOWN)
            reply = decide_reply(application, fields)
            wanted = decide_wanted(application, reply, fields)
        except Refusal as refusal:
            self._refuse(request, response, reply, refusal)
            return
        self._travel(request, response, self._to_application(request, found, wanted), (form, wanted.login_hint))

    def _to_application(self, request: falcon.Request, tenant: Tenant, wanted: Wanted) -> Journey:
        def arrive(response: falcon.Response, who: Arrival) -> None:
            grant = Grant(wanted.application.app_id, who.user_id, wanted.scopes, who.at, who.methods)
            redirect_uri, challenge, nonce = wanted.reply.redirect_uri, wanted.challenge, wanted.nonce
            code = AuthorizationCode(b"", grant, redirect_uri, challenge, nonce, b"", code_expiry(self._now()))
            answer = {"code": self._tokens.new_code(tenant.tenant_id, code), "session_state": str(uuid.uuid4())}
            if wanted.with_client_info:
                answer["client_info"] = client_info(who.user_id, Issuer("", tenant.directory_id))
            _send(response, wanted.reply, answer)

        return Journey(
            tenant,
            wanted.application.name,
            attempt_of(request, wanted),
            f"authorize?{request.query_string}".encode(),
            request.relative_uri,
            wanted.reply.redirect_uri,
            {},
            arrive,
        )

    def _travel(
        self,
        request: falcon.Request,
        response: falcon.Response,
        journey: Journey,
        filled: tuple[Mapping[str, str] | None, str],
    ) -> None:
        """The next page of a sign-in; `filled` is the form, None where a page is only looked at, and the name to begin with."""
        now, (form, hint) = self._now(), filled
        flow = self._second.find(request, journey, now)
        if flow is not None and form is None:
            self._second.show(request, response, (journey, flow), now)
        elif flow is not None and form is not None and "step" in form:
            self._second.go_on(request, response, (journey, flow, form), now)
        elif form is None or "step" in form:
            self._ask(request, response, journey, _Said(hint, "" if form is None else _TOO_LATE))
        else:
            self._check(request, response, journey, form)

    def _check(self, request: falcon.Request, response: falcon.Response, journey: Journey, fields: Mapping[str, str]) -> None:
        now = self._now()
        found = self._sign_in(journey, fields, remembered_secret(request), now)
        if isinstance(found, str) and found in _ALONE:
            values = {"title": "You cannot sign in just now", "message": found}
            values["again"] = journey.action if found == _DORMANT else ""
            show(response, "message.html", values)
        elif isinstance(found, str):
            self._ask(request, response, journey, _Said(fields.get("login", ""), found))
        elif found.next is SignInResult.SUCCESS:
            journey.arrive(response, Arrival(found.user.user_id, ("pwd",), found.at))
        else:
            self._second.begin(response, journey, found, locale_of(request))

    def _sign_in(self, journey: Journey, fields: Mapping[str, str], remembered: str | None, now: datetime) -> SignedIn | str:
        """Who it is, or what to say to them; `remembered` is what the cookie of a remembered browser holds."""
        tenant, attempt = journey.tenant, journey.attempt
        login, password = fields.get("login", ""), fields.get("passwd", "")
        around = Surroundings(Client.MODERN, attempt.ip_address, browser_secret=remembered)
        first = FirstStep(attempt, partial(demand_of, self._identity, tenant.tenant_id, (now, around)))
        found = check_password(self._identity, tenant.tenant_id, login, password, now, first)
        if isinstance(found, SignedIn):
            return found
        if found is not SignInFailure.MUST_CHANGE:
            return _FAILURES.get(found, _WRONG)
        new = fields.get("new_password", "")
        if not new:
            return _MUST_CHANGE
        if new == password or new != fields.get("new_password_again"):
            return _SAME if new == password else _UNLIKE
        user = show_active_user(self._identity.services, tenant.tenant_id, login).user
        try:
            changed = change_password(self._identity, tenant.tenant_id, user, (password, new), now, first)
        except InvalidError as error:
            if error.code is not ErrorCode.PASSWORD_WEAK:
                raise
            return _WEAK
        return changed if isinstance(changed, SignedIn) else _WRONG

    def _ask(self, request: falcon.Request, response: falcon.Response, journey: Journey, said: _Said) -> None:
        values = {"title": "Sign in", **form_values(request, response, journey), **said.values()}
        show(response, "sign_in.html", values, leads_to=journey.leads_to)

    def _refuse(self, request: falcon.Request, response: falcon.Response, reply: Reply | None, refusal: Refusal) -> None:
        words = refusal.description(self._now(), correlation(request.env))
        if reply is None:
            show(response, "message.html", {"title": "Sorry, that did not work", "message": words}, status=refusal.status)
            return
        _send(response, reply, {"error": refusal.error.value, "error_description": words})

    def on_get_logout(self, request: falcon.Request, response: falcon.Response, tenant: str) -> None:
        """There is no session to end yet; the person is sent back where a registered address was given."""
        try:
            fields = _query(request)
            check_tenant(self._identity, tenant)
        except Refusal as refusal:
            self._refuse(request, response, None, refusal)
            return
        after = fields.get("post_logout_redirect_uri")
        application = self._application(tenant, fields)
        if after is not None and application is not None and after in application.redirect_uris:
            _send(response, Reply(after, "query", fields.get("state")), {})
            return
        show(response, "message.html", {"title": "Signed out", "message": "You can close this window."})

    def _application(self, tenant: str, fields: Mapping[str, str]) -> Application | None:
        try:
            found = tenant_to_show(self._identity, tenant, fields)
        except Refusal:
            return None
        return load_application(self._identity, found.tenant_id, fields.get("client_id", ""))

    def on_get_device(self, request: falcon.Request, response: falcon.Response) -> None:
        """Ask for the code; with the code in the address, go on with its sign-in."""
        try:
            user_code = _query(request).get("user_code", "")
        except Refusal as refusal:
            self._refuse(request, response, None, refusal)
            return
        with self._or_busy(request, response):
            if user_code:
                self._find(request, response, user_code, None)
                return
            show(response, "device.html", {"title": "Enter code", "canary": new_canary(request, response)})

    def on_post_device(self, request: falcon.Request, response: falcon.Response) -> None:
        """Say which application asks, then take the person's answer."""
        fields = self._form(request, response)
        if fields is not None:
            with self._or_busy(request, response):
                self._find(request, response, fields.get("user_code", ""), fields)

    def _find(self, request: falcon.Request, response: falcon.Response, user_code: str, fields: Mapping[str, str] | None) -> None:
        now = self._now()
        for tenant in tenants(self._identity):
            waiting = find_device(self._identity.services, tenant.tenant_id, user_code, now)
            if waiting is not None:
                self._decide(request, response, (tenant, waiting), fields)
                return
        self._unknown_code(request, response)

    def _unknown_code(self, request: falcon.Request, response: falcon.Response) -> None:
        values = {"title": "Enter code", "canary": new_canary(request, response), "problem": _NO_CODE}
        show(response, "device.html", values)

    def _decide(
        self,
        request: falcon.Request,
        response: falcon.Response,
        asked: tuple[Tenant, DeviceCode],
        fields: Mapping[str, str] | None,
    ) -> None:
        tenant, waiting = asked
        answer = None if fields is None else fields.get("answer")
        if answer == "no":
            decide_device(self._identity.services, tenant.tenant_id, waiting, None, self._now())
            show(response, "message.html", {"title": "Declined", "message": "The device was not signed in."})
            return
        is_filled = fields is not None and (answer == "yes" or "step" in fields)
        journey = self._to_device(request, tenant, waiting)
        self._travel(request, response, journey, (fields if is_filled else None, (fields or {}).get("login", "")))

    def _to_device(self, request: falcon.Request, tenant: Tenant, waiting: DeviceCode) -> Journey:
        application = load_application(self._identity, tenant.tenant_id, str(uuid.UUID(bytes=waiting.app_id)))

        def arrive(response: falcon.Response, who: Arrival) -> None:
            services = self._identity.services
            if decide_device(services, tenant.tenant_id, waiting, (who.user_id, who.methods), who.at):
                show(response, "message.html", {"title": "You are signed in", "message": "Go back to your device."})
            else:  # somebody answered while the password was checked
                self._unknown_code(request, response)

        return Journey(
            tenant,
            "an application" if application is None else application.name,
            attempt_with_code(request, waiting, application),
            f"device:{waiting.user_code}".encode(),
            f"/devicelogin?{urlencode({'user_code': waiting.user_code})}",
            "",
            {"user_code": waiting.user_code},
            arrive,
        )

    @contextlib.contextmanager
    def _or_busy(self, request: falcon.Request, response: falcon.Response) -> Iterator[None]:
        try:
            yield
        except RingfenceError:
            self._refuse(request, response, None, busy())

    def _now(self) -> datetime:
        return self._identity.services.clock.now()


def _query(request: falcon.Request) -> dict[str, str]:
    try:
        pairs = parse_qsl(request.query_string, keep_blank_values=True, max_num_fields=100, errors="strict")
    except ValueError:
        pairs = []
    return once(pairs)


def _send(response: falcon.Response, reply: Reply, answer: Mapping[str, str]) -> None:
    """Send the person's browser to the application with an answer."""
    told = answer if reply.state is None else {**answer, "state": reply.state}
    if reply.mode == "form_post":
        values = {"title": "One more step", "action": reply.redirect_uri, "fields": sorted(told.items())}
        show(response, "form_post.html", values, leads_to=reply.redirect_uri)
        return
    response.status = falcon.HTTP_303
    response.set_header("Location", address_of(reply, told))
    response.set_header("Cache-Control", "no-store")
    response.set_header("Referrer-Policy", "no-referrer")

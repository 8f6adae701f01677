"""The page after the password: a code is typed, or a call is waited for; another method can be chosen, and it can be sent again.

Every step is stored before its page is shown, and the page is fetched by a request of its own, so that going back, reloading and
waiting send nothing again. Source: domain-rules D.1, D.4, D.5; lessons 1 (a page refresh resends).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import falcon

from ringfence.application.identity.parts import Identity
from ringfence.application.identity.passwords import SignedIn
from ringfence.application.mfa.answers import answer_challenge
from ringfence.application.mfa.challenges import TooSoon, resend_challenge
from ringfence.application.mfa.flows import (
    Ended,
    ask_in_flow,
    begin_flow,
    challenge_of,
    find_flow,
    finish_flow,
    list_flow_methods,
    offered_days,
)
from ringfence.application.mfa.offers import Offer
from ringfence.domain.errors import ConflictError, NotFoundError
from ringfence.domain.identity.sign_ins import ClientApp, SignInResult
from ringfence.domain.signin.challenge import AnswerResult, Challenge, ChallengeMethod, state_at
from ringfence.domain.signin.flow import SignInFlow, Stage
from ringfence.domain.signin.send_guard import Refused, SendRefusal
from ringfence.domain.signin.transitions import State
from ringfence.oauth.journeys import Arrival, Journey
from ringfence.oauth.pages import form_values, show
from ringfence.oauth.registration import STEPS, Filled, RegistrationPages

FLOW_COOKIE: Final = "__Host-ringfence-flow"
_REMEMBERED_COOKIE: Final = "__Host-ringfence-remembered"
_WAITS: Final = "X-Ringfence-Waiting"
_ASKS: Final = "X-Ringfence-Asks"
"""Sent by the page of a call, which wants to know alone whether it still waits."""
_METHODS: Final = {method.wire_name: method for method in ChallengeMethod}
_SENTENCES: Final = {
    ChallengeMethod.OATH: "Enter the code that your authenticator app or token shows.",
    ChallengeMethod.TEMPORARY_ACCESS_PASS: "Enter the temporary access pass that an administrator gave you.",
    ChallengeMethod.SMS: "We texted a code to {contact}. Enter it here.",
    ChallengeMethod.VOICE_MOBILE: "We are calling {contact}. Answer the call, and press # to sign in.",
    ChallengeMethod.VOICE_ALTERNATE_MOBILE: "We are calling {contact}. Answer the call, and press # to sign in.",
    ChallengeMethod.VOICE_OFFICE: "We are calling your office at {contact}. Answer the call, and press # to sign in.",
}
_CHOICES: Final = {
    ChallengeMethod.OATH: "Use a code from my authenticator app or token",
    ChallengeMethod.SMS: "Text a code to {contact}",
    ChallengeMethod.TEMPORARY_ACCESS_PASS: "Use a temporary access pass",
    ChallengeMethod.VOICE_MOBILE: "Call {contact}",
    ChallengeMethod.VOICE_ALTERNATE_MOBILE: "Call my alternate phone {contact}",
    ChallengeMethod.VOICE_OFFICE: "Call my office {contact}",
}
_ANSWERS: Final = {
    AnswerResult.ALREADY_USED: "That code was used before. Wait for the next one.",
    AnswerResult.EXPIRED: "That took too long. Ask for another code.",
    AnswerResult.INCORRECT_CODE: "That code is not right. Try again.",
    AnswerResult.LOCKED: "Too many wrong codes: this method is locked for a while. Sign in another way, or try again later.",
    AnswerResult.OVER: "That did not work. Try again.",
}
_STATES: Final = {
    State.DENIED: "The sign-in was declined on the phone.",
    State.EXPIRED: "That took too long.",
    State.FAILED: "We cannot reach that phone. Try again, or sign in another way.",
    State.LOCKED: _ANSWERS[AnswerResult.LOCKED],
    State.REPLACED: "Another sign-in took the place of this one.",
}
_LIMIT: Final = "We've hit our limit on calls and texts. Try again later, or sign in another way (AADSTS50088)."
_TROUBLE: Final = "We're having trouble verifying your account. Sign in another way, or ask an administrator."
_TOO_SOON: Final = "It was sent a moment ago. Give it half a minute."
_NO_METHOD: Final = "That method cannot be used any more."
_EXPIRED: Final = "The sign-in took too long. Begin again."


_Filled = tuple[Journey, SignInFlow, Mapping[str, str]]


def flow_secret(request: falcon.Request) -> str | None:
    """The secret of the sign-in that this browser is in the middle of."""
    held = request.get_cookie_values(FLOW_COOKIE)
    return held[0] if held else None


class SecondStep:
    """The pages of the second step, over one deployment."""

    def __init__(self, identity: Identity) -> None:
        """Ask and verify with `identity`."""
        self._identity = identity
        self._registration = RegistrationPages(identity)

    def begin(self, response: falcon.Response, journey: Journey, found: SignedIn, locale: str) -> None:
        """After the right password: ask by the method that is offered first, or for one to be registered; lead to the page."""
        tenant_id, now = journey.tenant.tenant_id, found.at
        stage = Stage.REGISTRATION if found.next is SignInResult.MFA_ENROLMENT else Stage.FACTOR
        begun = begin_flow(self._identity, tenant_id, journey.errand, (found.user, ("pwd",)), stage, now)
        if stage is Stage.FACTOR:
            ask_in_flow(self._identity, tenant_id, (begun.flow, journey.attempt), (None, locale), now)
        response.set_cookie(FLOW_COOKIE, begun.secret, path="/", secure=True, http_only=True, same_site="Lax")
        _lead_to(response, journey)

    def find(self, request: falcon.Request, journey: Journey, now: datetime) -> SignInFlow | None:
        """The sign-in that this browser is in the middle of, for this very request."""
        held = flow_secret(request)
        if held is None:
            return None
        return find_flow(self._identity.services, journey.tenant.tenant_id, journey.errand, held, now)

    def go_on(
        self,
        request: falcon.Request,
        response: falcon.Response,
        asked: _Filled,
        now: datetime,
    ) -> None:
        """Take what was filled in: a code, a wish for another method, or for another code."""
        journey, flow, fields = asked
        step, locale = fields.get("step", ""), locale_of(request)
        if step == "another":
            self._choose(request, response, (journey, flow), "", now)
        elif step == "code":
            self._answer(request, response, (journey, flow, fields), now)
        elif step == "resend":
            self._resend(request, response, (journey, flow), now)
        elif flow.stage is Stage.REGISTRATION:
            filled = Filled(journey, flow, fields)
            problem = self._registration.take(filled, locale, now) if step in STEPS else ""
            if problem:
                self._registration.choose(request, response, (journey, fields), problem)
            else:
                _lead_to(response, journey)
        else:
            method = _METHODS.get(fields.get("method", ""))
            outcome = ask_in_flow(self._identity, journey.tenant.tenant_id, (flow, journey.attempt), (method, locale), now)
            problem = _problem(outcome)
            if problem:
                self._choose(request, response, (journey, flow), problem, now)
            else:
                _lead_to(response, journey)

    def _answer(
        self,
        request: falcon.Request,
        response: falcon.Response,
        asked: tuple[Journey, SignInFlow, Mapping[str, str]],
        now: datetime,
    ) -> None:
        journey, flow, fields = asked
        tenant_id, code = journey.tenant.tenant_id, fields.get("code", "")
        try:
            verdict = answer_challenge(self._identity, tenant_id, journey.attempt, (flow.challenge or "", code.strip()), now)
        except (ConflictError, NotFoundError):  # a call, or a challenge that was cleared away
            self.show(request, response, (journey, flow), now)
            return
        if verdict.result is AnswerResult.APPROVED:
            self._finish(response, journey, flow, now, remembers="remember" in fields)
        else:
            self.show(request, response, (journey, flow), now, _ANSWERS[verdict.result])

    def _resend(
        self, request: falcon.Request, response: falcon.Response, asked: tuple[Journey, SignInFlow], now: datetime
    ) -> None:
        journey, flow = asked
        try:
            outcome = resend_challenge(self._identity, journey.tenant.tenant_id, journey.attempt, flow.challenge or "", now)
        except (ConflictError, NotFoundError):
            self.show(request, response, asked, now)
            return
        problem = _problem(outcome)
        if problem:
            self.show(request, response, asked, now, problem)
        else:
            _lead_to(response, journey)

    def show(
        self,
        request: falcon.Request,
        response: falcon.Response,
        asked: tuple[Journey, SignInFlow],
        now: datetime,
        problem: str = "",
    ) -> None:
        """The page of what is asked now; its end, where the proof was given meanwhile."""
        journey, flow = asked
        challenge = challenge_of(self._identity.services, journey.tenant.tenant_id, flow)
        state = None if challenge is None else state_at(challenge, now)
        if request.get_header(_ASKS):
            response.status = falcon.HTTP_204
            response.set_header(_WAITS, "1" if state is not None and state.is_open else "0")
        elif state is State.APPROVED:
            self._finish(response, journey, flow, now)
        elif challenge is None or state is None or not state.is_open:
            self._choose(request, response, asked, problem or _why_over(flow, state), now)
        else:
            self._ask(request, response, (journey, flow, challenge), problem)

    def _ask(
        self, request: falcon.Request, response: falcon.Response, asked: tuple[Journey, SignInFlow, Challenge], problem: str
    ) -> None:
        journey, flow, challenge = asked
        if self._registration.ask(request, response, (journey, challenge), problem):
            return
        to, number = challenge.destination, self._registration.number_of(journey, challenge)
        waits = not challenge.method.takes_code
        values = {
            "title": "Approve the sign-in" if waits else "Enter code",
            "sentence": _SENTENCES[challenge.method].format(contact=number or ("" if to is None else to.masked)),
            "other_way": "Sign in another way" if number is None else "Change the number",
            "takes_code": not waits,
            "is_pass": challenge.method is ChallengeMethod.TEMPORARY_ACCESS_PASS,
            "is_sent": challenge.method.channel is not None and not waits,
            "problem": problem,
            "days": self._days(journey, flow),
            "script": "/oauth/wait.js" if waits else "",
            **form_values(request, response, journey),
        }
        show(response, "second_step.html", values, leads_to=journey.leads_to)

    def _choose(
        self, request: falcon.Request, response: falcon.Response, asked: tuple[Journey, SignInFlow], problem: str, now: datetime
    ) -> None:
        journey, flow = asked
        if flow.stage is Stage.REGISTRATION:
            challenge = challenge_of(self._identity.services, journey.tenant.tenant_id, flow)
            self._registration.choose(request, response, (journey, self._registration.typed(journey, challenge)), problem)
            return
        offers = list_flow_methods(self._identity, journey.tenant.tenant_id, flow, now)
        values = {
            "title": "Verify your identity",
            "choices": [(offer.method.wire_name, _choice(offer)) for offer in offers],
            "problem": problem,
            **form_values(request, response, journey),
        }
        show(response, "choose_method.html", values, leads_to=journey.leads_to)

    def _days(self, journey: Journey, flow: SignInFlow) -> int | None:
        """For how many days this browser may be remembered; None where that is not offered, as to applications of a device."""
        if journey.attempt.client is not ClientApp.BROWSER:
            return None
        return offered_days(self._identity.services, journey.tenant.tenant_id, flow)

    def _finish(
        self, response: falcon.Response, journey: Journey, flow: SignInFlow, now: datetime, *, remembers: bool = False
    ) -> None:
        wants = remembers and journey.attempt.client is ClientApp.BROWSER
        outcome = finish_flow(self._identity, journey.tenant.tenant_id, flow, now, remembers=wants)
        if isinstance(outcome, Stage):
            _lead_to(response, journey)
            return
        response.set_cookie(FLOW_COOKIE, "", max_age=0, path="/", secure=True, http_only=True, same_site="Lax")
        if isinstance(outcome, Ended):
            show(response, "message.html", {"title": "Sorry, that did not work", "message": _EXPIRED})
            return
        if outcome.remembered is not None:
            secret, until = outcome.remembered
            response.set_cookie(_REMEMBERED_COOKIE, secret, expires=until, path="/", secure=True, http_only=True, same_site="Lax")
        journey.arrive(response, Arrival(flow.user_id, outcome.methods, flow.authenticated_at))


def _why_over(flow: SignInFlow, state: State | None) -> str:
    if state is None:  # nothing was asked yet, which before a registration is as it should be
        return "" if flow.stage is Stage.REGISTRATION else _LIMIT
    return _STATES[state]


def _choice(offer: Offer) -> str:
    return _CHOICES[offer.method].format(contact="" if offer.destination is None else offer.destination.masked)


def _problem(outcome: Challenge | TooSoon | Refused | Ended) -> str:
    """What to say where nothing was sent; empty where something was."""
    match outcome:
        case TooSoon():
            return _TOO_SOON
        case Refused(reason=SendRefusal.BUDGET | SendRefusal.COUNTRY):
            return _TROUBLE
        case Refused():
            return _LIMIT
        case Ended():
            return _NO_METHOD
        case Challenge():
            return ""


def _lead_to(response: falcon.Response, journey: Journey) -> None:
    """The page is fetched anew, so that reloading it sends no form again."""
    response.status = falcon.HTTP_303
    response.set_header("Location", journey.action)
    response.set_header("Cache-Control", "no-store")


def remembered_secret(request: falcon.Request) -> str | None:
    """What the cookie of a remembered browser holds."""
    held = request.get_cookie_values(_REMEMBERED_COOKIE)
    return held[0] if held else None


def locale_of(request: falcon.Request) -> str:
    """The language that the browser asks for first."""
    return (request.get_header("Accept-Language") or "").partition(",")[0].partition(";")[0].strip()[:16]

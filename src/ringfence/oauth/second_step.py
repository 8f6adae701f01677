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
from ringfence.application.mfa.challenges import resend_challenge
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
from ringfence.domain.errors import ConflictError, NotFoundError
from ringfence.domain.identity.sign_ins import ClientApp, SignInResult
from ringfence.domain.signin.challenge import AnswerResult, Challenge, ChallengeMethod, state_at
from ringfence.domain.signin.flow import SignInFlow, Stage
from ringfence.domain.signin.transitions import State
from ringfence.oauth.journeys import Arrival, Journey
from ringfence.oauth.pages import form_values, show
from ringfence.oauth.registration import STEPS, Filled, RegistrationPages
from ringfence.oauth.second_words import (
    ANOTHER_WAY,
    NO_METHOD,
    NO_PROBLEM,
    Problem,
    answered,
    choice,
    not_sent_again,
    over,
    refused_words,
    sentence,
)

FLOW_COOKIE: Final = "__Host-ringfence-flow"
_REMEMBERED_COOKIE: Final = "__Host-ringfence-remembered"
_WAITS: Final = "X-Ringfence-Waiting"
_ASKS: Final = "X-Ringfence-Asks"
"""Sent by the page of a call, which wants to know alone whether it still waits."""
_METHODS: Final = {method.wire_name: method for method in ChallengeMethod}
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
            self._register(request, response, asked, now)
        else:
            method = _METHODS.get(fields.get("method", ""))
            outcome = ask_in_flow(self._identity, journey.tenant.tenant_id, (flow, journey.attempt), (method, locale), now)
            if isinstance(outcome, Challenge):
                _lead_to(response, journey)
            else:  # where a limit was reached, the list says so
                problem = NO_METHOD if isinstance(outcome, Ended) else ""
                self._choose(request, response, (journey, flow), problem, now)

    def _register(self, request: falcon.Request, response: falcon.Response, asked: _Filled, now: datetime) -> None:
        journey, flow, fields = asked
        problem = NO_PROBLEM
        if fields.get("step") in STEPS:
            problem = self._registration.take(Filled(journey, flow, fields), locale_of(request), now)
        if problem.words:
            self._registration.choose(request, response, (journey, fields), problem)
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
            problem = answered(verdict.result, registers=flow.stage is Stage.REGISTRATION)
            self.show(request, response, (journey, flow), now, problem)

    def _resend(
        self, request: falcon.Request, response: falcon.Response, asked: tuple[Journey, SignInFlow], now: datetime
    ) -> None:
        journey, flow = asked
        try:
            outcome = resend_challenge(self._identity, journey.tenant.tenant_id, journey.attempt, flow.challenge or "", now)
        except (ConflictError, NotFoundError):
            self.show(request, response, asked, now)
            return
        instead = "" if flow.stage is Stage.REGISTRATION else ANOTHER_WAY
        problem = not_sent_again(outcome, now, instead)
        if problem.words:
            self.show(request, response, asked, now, problem)
        else:
            _lead_to(response, journey)

    def show(
        self,
        request: falcon.Request,
        response: falcon.Response,
        asked: tuple[Journey, SignInFlow],
        now: datetime,
        problem: Problem = NO_PROBLEM,
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
            words = problem.words or over(state, registers=flow.stage is Stage.REGISTRATION)
            self._choose(request, response, asked, words, now)
        else:
            self._ask(request, response, (journey, flow, challenge), problem)

    def _ask(
        self, request: falcon.Request, response: falcon.Response, asked: tuple[Journey, SignInFlow, Challenge], problem: Problem
    ) -> None:
        journey, flow, challenge = asked
        if self._registration.ask(request, response, (journey, challenge), problem):
            return
        number = self._registration.number_of(journey, challenge)
        waits = not challenge.method.takes_code
        values = {
            "title": "Approve the sign-in" if waits else "Enter code",
            "sentence": sentence(challenge, number),
            "other_way": "Sign in another way" if number is None else "Change the number",
            "takes_code": not waits,
            "is_pass": challenge.method is ChallengeMethod.TEMPORARY_ACCESS_PASS,
            "is_sent": challenge.method.channel is not None and not waits and not problem.is_limit,
            "problem": problem.words,
            "problem_at": problem.field,
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
            typed = self._registration.typed(journey, challenge)
            self._registration.choose(request, response, (journey, typed), Problem(problem))
            return
        ways = list_flow_methods(self._identity, journey.tenant.tenant_id, flow, now)
        refused = refused_words(ways.refused, now, ANOTHER_WAY if ways.offers else "")
        values = {
            "title": "Verify your identity",
            "choices": [(offer.method.wire_name, choice(offer)) for offer in ways.offers],
            "is_limited": bool(refused),
            "problem": f"{problem} {refused}".strip(),
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

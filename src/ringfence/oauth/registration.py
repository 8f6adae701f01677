"""The interrupt of a sign-in that demands a second factor of somebody who has none: register an app, or a phone.

Source: domain-rules E.3 (interrupt mode: the most secure first), D.7 (the app's QR code).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

import falcon
import segno

from ringfence.application.identity.parts import Identity
from ringfence.application.mfa.enrolments import Enrolling, TypedPhone, enrol_app, enrol_phone, enrolment_choices
from ringfence.application.mfa.flows import Ended
from ringfence.application.mfa.offers import digits_of
from ringfence.application.mfa.registering import pending_number, pending_token
from ringfence.application.mfa.software_oath import otpauth_uri
from ringfence.domain.methods.oath import write_secret
from ringfence.domain.numbers.countries import label_of
from ringfence.domain.numbers.typed import TypedMistake
from ringfence.domain.signin.challenge import Challenge, ChallengeMethod
from ringfence.domain.signin.flow import SignInFlow
from ringfence.domain.signin.send_guard import Refused, SendRefusal
from ringfence.oauth.journeys import Journey
from ringfence.oauth.pages import form_values, show
from ringfence.oauth.second_words import NO_PROBLEM, Problem, limit_problem

STEPS: Final = frozenset({"enrol-app", "enrol-phone"})
_PHONES: Final = {"sms": ChallengeMethod.SMS, "voiceMobile": ChallengeMethod.VOICE_MOBILE}
_MISTAKES: Final = {
    TypedMistake.FORM: "That is no telephone number that we can use. Choose its country code, and type the rest of it.",
    TypedMistake.LENGTH: "That number is too short or too long for +{country}. Nothing was sent: look at it again.",
    TypedMistake.ZERO: "Leave out the 0 behind +{country}: it is dialled inside that country alone.",
}
_COUNTRY: Final = "Phones of that country cannot be used here. Choose another phone, or an app."
_AN_APP: Final = ", or use an app"
_EXPIRED: Final = "The sign-in took too long. Begin again."


class Filled(NamedTuple):
    """A sign-in under way, and what was filled in."""

    journey: Journey
    flow: SignInFlow
    fields: Mapping[str, str]


class RegistrationPages:
    """The pages, over one deployment."""

    def __init__(self, identity: Identity) -> None:
        """Register with `identity`."""
        self._identity = identity

    def take(self, filled: Filled, locale: str, now: datetime) -> Problem:
        """Take a step; what is wrong with it, or no problem when the next page is that of a code or a call."""
        journey, flow, fields = filled
        who = Enrolling(journey.tenant.tenant_id, flow, journey.attempt)
        if fields.get("step") == "enrol-app":
            return _problem(enrol_app(self._identity, who, locale, now), now)
        method = _PHONES.get(fields.get("method", ""), ChallengeMethod.SMS)
        phone = TypedPhone(method, fields.get("country", ""), fields.get("number", ""))
        outcome = enrol_phone(self._identity, who, phone, locale, now)
        if isinstance(outcome, TypedMistake):
            return Problem(_MISTAKES[outcome].format(country=phone.country), "number")
        return _problem(outcome, now)

    def choose(
        self, request: falcon.Request, response: falcon.Response, asked: tuple[Journey, Mapping[str, str]], problem: Problem
    ) -> None:
        """What can be registered; what was typed before is there to be put right. No phone where it would be refused again."""
        journey, fields = asked
        methods, prefixes = enrolment_choices(self._identity, journey.tenant.tenant_id)
        phones = [name for name, method in _PHONES.items() if method in methods and not problem.is_limit]
        values = {
            "country": fields.get("country", ""),
            "number": fields.get("number", ""),
            "title": "More information is needed",
            "phones": phones,
            "prefixes": sorted(((one, label_of(one)) for one in prefixes), key=lambda pair: pair[1]),
            "problem": problem.words,
            "problem_at": problem.field if phones and prefixes else "",
            **form_values(request, response, journey),
        }
        show(response, "register.html", values, leads_to=journey.leads_to)

    def number_of(self, journey: Journey, challenge: Challenge) -> str | None:
        """The number that is registered, whole: this browser typed it. None where it is no registration of one."""
        return pending_number(self._identity, journey.tenant.tenant_id, challenge)

    def typed(self, journey: Journey, challenge: Challenge | None) -> Mapping[str, str]:
        """What was typed for the number that is registered, to be changed."""
        number = None if challenge is None else self.number_of(journey, challenge)
        if number is None:
            return {}
        digits, (_, prefixes) = digits_of(number), enrolment_choices(self._identity, journey.tenant.tenant_id)
        country = max(filter(digits.startswith, prefixes), key=len, default="")
        return {"country": country, "number": digits.removeprefix(country)} if country else {}

    def ask(self, request: falcon.Request, response: falcon.Response, asked: tuple[Journey, Challenge], problem: Problem) -> bool:
        """The page with the QR code of an app, if it is one that is registered; whether it was."""
        journey, challenge = asked
        token = pending_token(self._identity, journey.tenant.tenant_id, challenge)
        if token is None:
            return False
        uri = otpauth_uri(token, challenge.login, journey.tenant.name)
        values = {
            "title": "Set up your app",
            "picture": segno.make(uri, error="m").svg_inline(scale=4, title="QR code", dark="#000", light="#fff"),
            "secret": " ".join(_in_fours(write_secret(token.seed))),
            "uri": uri,
            "issuer": journey.tenant.name,
            "account": challenge.login,
            "problem": problem.words,
            "problem_at": problem.field,
            **form_values(request, response, journey),
        }
        show(response, "register_app.html", values, leads_to=journey.leads_to)
        return True


def _in_fours(text: str) -> list[str]:
    return [text[at : at + 4] for at in range(0, len(text), 4)]


def _problem(outcome: Challenge | Refused | Ended, now: datetime) -> Problem:
    match outcome:
        case Refused(reason=SendRefusal.COUNTRY):
            return Problem(_COUNTRY, "number")
        case Refused():
            return limit_problem(outcome, now, _AN_APP)
        case Ended():
            return Problem(_EXPIRED)
        case Challenge():
            return NO_PROBLEM

"""What the pages of the second step say, and where: the sentences of each method, and the problems."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from ringfence.application.mfa.challenges import TooSoon
from ringfence.application.mfa.offers import Offer
from ringfence.domain.signin.challenge import AnswerResult, Challenge, ChallengeMethod
from ringfence.domain.signin.send_guard import Refused, SendRefusal
from ringfence.domain.signin.transitions import State

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
_AT_REGISTRATION: Final = {
    AnswerResult.LOCKED: "Too many wrong codes: this way is locked for a while. Choose another one, or try again later.",
    State.FAILED: "We cannot reach that phone. Look at its number, or choose an app.",
    State.LOCKED: "Too many wrong codes: this way is locked for a while. Choose another one, or try again later.",
    State.REPLACED: "Another sign-in took the place of this one. Begin again.",
}
_LIMIT: Final = "We've hit our limit on calls and texts (AADSTS50088). Try again {when}{instead}."
_TROUBLE: Final = "We're having trouble verifying your account. Ask an administrator{instead}."
ANOTHER_WAY: Final = ", or sign in another way"
_TOO_SOON: Final = "It was sent a moment ago. Give it half a minute."
NO_METHOD: Final = "That method cannot be used any more."
_FOR_ADMINISTRATORS: Final = frozenset({SendRefusal.BUDGET, SendRefusal.COUNTRY})
_OWN: Final = frozenset({SendRefusal.USER, SendRefusal.USER_DAY})
"""The person's own limits, of which a time tells nothing of others."""
_WHATEVER_THE_NUMBER: Final = frozenset({SendRefusal.BUDGET, SendRefusal.TENANT, *_OWN})


class Problem(NamedTuple):
    """What did not work. `field` is that of the form which it is about; `is_limit` where it would be refused again just now."""

    words: str
    field: str = ""
    is_limit: bool = False


NO_PROBLEM: Final = Problem("")


def sentence(challenge: Challenge, number: str | None) -> str:
    """What the person is to do; a number that is given is shown in place of the masked one."""
    to = challenge.destination
    return _SENTENCES[challenge.method].format(contact=number or ("" if to is None else to.masked))


def choice(offer: Offer) -> str:
    """A way to be asked."""
    return _CHOICES[offer.method].format(contact="" if offer.destination is None else offer.destination.masked)


def answered(result: AnswerResult, *, registers: bool) -> Problem:
    """What became of an answer that was not right."""
    words = _AT_REGISTRATION.get(result) if registers else None
    return Problem(words or _ANSWERS[result], "code")


def over(state: State | None, *, registers: bool) -> str:
    """Why a challenge is over; nothing where there was none."""
    if state is None:
        return ""
    return (_AT_REGISTRATION.get(state) if registers else None) or _STATES[state]


def refused_words(refused: Sequence[Refused], now: datetime, instead: str) -> str:
    """Why nothing is sent. When it may be tried again is said of the person's own limit alone: others tell who else is texted."""
    if not refused:
        return ""
    if {one.reason for one in refused} <= _FOR_ADMINISTRATORS:
        return _TROUBLE.format(instead=instead)
    own = [one.retry_at for one in refused if one.reason in _OWN and one.retry_at is not None]
    return _LIMIT.format(when=_in_words(max(own) - now) if len(own) == len(refused) else "later", instead=instead)


def _in_words(wait: timedelta) -> str:
    if wait > timedelta(hours=2):
        return f"in {-(-wait // timedelta(hours=1))} hours"
    minutes = max(1, -(-wait // timedelta(minutes=1)))
    return "in a minute" if minutes == 1 else f"in {minutes} minutes"


def not_sent_again(outcome: Challenge | TooSoon | Refused, now: datetime, instead: str) -> Problem:
    """What to say where another code was asked for and nothing was sent."""
    match outcome:
        case TooSoon():
            return Problem(_TOO_SOON)
        case Refused():
            return limit_problem(outcome, now, instead)
        case Challenge():
            return NO_PROBLEM


def limit_problem(outcome: Refused, now: datetime, instead: str) -> Problem:
    """A refusal of the send guard; of some another number makes no difference."""
    return Problem(refused_words([outcome], now, instead), is_limit=outcome.reason in _WHATEVER_THE_NUMBER)

"""The steps of a sign-in as beta's `signIn` shows them. Sources: surface a7, b7; domain-rules A.3 (labels), D.10 (words)."""

from __future__ import annotations

from typing import Any, Final

from ringfence.domain.identity.sign_ins import ClientApp, SignIn, SignInResult
from ringfence.domain.numbers.tables import Contact
from ringfence.domain.signin.challenge import ChallengeMethod
from ringfence.domain.signin.outcomes import SecondFactor
from ringfence.domain.signin.requirement import Requirement

Document = dict[str, Any]

_LABELS: Final = {
    ChallengeMethod.EMAIL: "Email verification code",
    ChallengeMethod.OATH: "OATH verification code",
    ChallengeMethod.SMS: "Text message",
    ChallengeMethod.TEMPORARY_ACCESS_PASS: "Temporary Access Pass",
    ChallengeMethod.VOICE_ALTERNATE_MOBILE: "Phone call approval (Alternate phone)",
    ChallengeMethod.VOICE_MOBILE: "Phone call approval (Authentication phone)",
    ChallengeMethod.VOICE_OFFICE: "Phone call approval (Office phone)",
}
_NUMBERS: Final = {Contact.AUTHENTICATION: "authentication number", Contact.PUBLIC: "public number"}
_NO_SECOND: Final = frozenset({Requirement.NOT_REQUIRED, Requirement.UNTIL_ENFORCED, Requirement.APP_PASSWORD_REQUIRED})
"""Where a second factor was not asked for."""
_FIRST: Final = frozenset({SignInResult.ENROLMENT_REFUSED, SignInResult.MFA_ENROLMENT})
"""Lines of the password, which may have a second step that could not be taken."""
_PRIMARY: Final = "Primary authentication"
_SECONDARY: Final = "Secondary authentication"


def steps_of(sign_in: SignIn) -> Document:
    """What beta adds: which factors were demanded, how each step went, by which method and to which number."""
    second = sign_in.second
    steps = [] if second is not None and sign_in.result not in _FIRST else [_password(sign_in)]
    if second is not None:
        steps.append(_second(sign_in, second))
    if second is None and sign_in.requirement is not None and sign_in.requirement not in _NO_SECOND:
        steps.append(_demanded(sign_in, sign_in.requirement))
    return {
        "authenticationRequirement": "multiFactorAuthentication" if sign_in.is_multi_factor else "singleFactorAuthentication",
        "authenticationDetails": steps,
        "authenticationMethodsUsed": [one["authenticationMethod"] for one in steps if one["authenticationMethodDetail"]],
        "authenticationProtocol": "deviceCode" if sign_in.attempt.is_device_code else "oAuth2",
        "mfaDetail": None if second is None else {"authMethod": _LABELS[second.method], "authDetail": second.masked},
    }


def _step(sign_in: SignIn, method: str | None, detail: str | None, told: tuple[str, str | None], *, succeeded: bool) -> Document:
    requirement, result = told
    return {
        "authenticationMethod": method,
        "authenticationMethodDetail": detail,
        "authenticationStepDateTime": sign_in.at.isoformat().replace("+00:00", "Z"),
        "authenticationStepRequirement": requirement,
        "authenticationStepResultDetail": result,
        "succeeded": succeeded,
    }


def _password(sign_in: SignIn) -> Document:
    """A locked account's password is not looked at, nobody's has nothing to be compared with."""
    result = sign_in.result
    tried = result not in {SignInResult.LOCKED, SignInResult.UNKNOWN_USER}
    right = result.password_was_right
    is_app_password = right and sign_in.requirement is Requirement.SKIPPED_APP_PASSWORD
    method = "App password" if is_app_password and sign_in.attempt.client is ClientApp.LEGACY else "Password"
    detail = "Password in the cloud" if tried else None
    return _step(sign_in, method, detail, (_PRIMARY, "Correct password" if right else result.reason), succeeded=right)


def _second(sign_in: SignIn, second: SecondFactor) -> Document:
    is_number = second.method.pair is not None and second.numbers is not None
    where = [one for one in (second.masked, _NUMBERS.get(second.numbers) if is_number and second.numbers else None) if one]
    label = _LABELS[second.method]
    told = (_SECONDARY, second.result.words)
    return _step(sign_in, label, ", ".join(where) or label, told, succeeded=second.result.is_satisfied)


def _demanded(sign_in: SignIn, requirement: Requirement) -> Document:
    """The second step where none was taken (yet): why."""
    return _step(sign_in, None, None, (_SECONDARY, requirement.words), succeeded=requirement.is_met)

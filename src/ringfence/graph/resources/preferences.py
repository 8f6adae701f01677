"""Beta: `requirements` (per-user MFA) and `signInPreferences` (the default method). Sources: surface a1 and trap 3, D.1, D.9."""

from __future__ import annotations

from typing import Final

from ringfence.application.accounts import show_active_user
from ringfence.application.methods_policy import show_policy
from ringfence.application.preferences import set_default_method, set_mfa_state
from ringfence.domain.directory.records import PerUserState
from ringfence.domain.numbers.pairs import MethodType
from ringfence.domain.policy.authority import Action
from ringfence.graph.call import Answer, Call
from ringfence.graph.errors import bad_request
from ringfence.graph.resources.fields import Fields
from ringfence.graph.routes import BETA, Route

PREFERRED: Final = {
    MethodType.PhoneAppNotification: "push",
    MethodType.PhoneAppOTP: "oath",
    MethodType.TwoWayVoiceMobile: "voiceMobile",
    MethodType.TwoWayVoiceAlternateMobile: "voiceAlternateMobile",
    MethodType.TwoWayVoiceOffice: "voiceOffice",
    MethodType.OneWaySMS: "sms",
}
_METHODS: Final = {name: method for method, name in PREFERRED.items()}
_STATES: Final = {state.name.lower(): state for state in PerUserState}
_IS_SYSTEM: Final = "isSystemPreferredAuthenticationMethodEnabled"
_PREFERENCE: Final = "userPreferredMethodForSecondaryAuthentication"


def _get_requirements(call: Call) -> Answer:
    state = show_active_user(call.services, call.tenant_id, call.user).user.mfa_state
    context = call.of_user("authentication/requirements")
    return Answer(200, {"@odata.context": context, "perUserMfaState": state.name.lower()})


def _set_requirements(call: Call) -> Answer:
    fields = Fields(call.document(), ("perUserMfaState",), "strongAuthenticationRequirements", call.family)
    state = _STATES.get(fields.required("perUserMfaState").casefold())
    if state is None:
        message = "perUserMfaState is one of disabled, enabled, enforced."
        raise bad_request(message, call.family)
    set_mfa_state(call.services, call.tenant_id, call.user, state, call.caller.actor, call.now)
    return Answer(204)


def _get_preferences(call: Call) -> Answer:
    default = show_active_user(call.services, call.tenant_id, call.user).user.default
    preferred = None if default is None else PREFERRED[default]
    return Answer(
        200,
        {
            "@odata.context": call.of_user("authentication/signInPreferences"),
            _IS_SYSTEM: _is_system_preferred(call),
            _PREFERENCE: preferred,
        },
    )


def _is_system_preferred(call: Call) -> bool:
    """The policy's setting: it is for all users alike."""
    return show_policy(call.services, call.tenant_id).policy.is_system_preferred


def _set_preferences(call: Call) -> Answer:
    fields = Fields(call.document(), (_IS_SYSTEM, _PREFERENCE), "signInPreferences", call.family)
    asked = fields.truth(_IS_SYSTEM)
    if asked is not None and asked is not _is_system_preferred(call):
        where = f"the authentication methods policy has it {'off' if asked else 'on'} for everybody"
        message = f"{_IS_SYSTEM} cannot be {str(asked).lower()}: {where}."
        raise bad_request(message, call.family)
    wanted = fields.text(_PREFERENCE)
    if wanted is None:
        if not fields.has(_IS_SYSTEM):
            message = f"{_PREFERENCE} is required."
            raise bad_request(message, call.family)
        return Answer(204)
    method = {name.casefold(): one for name, one in _METHODS.items()}.get(wanted.casefold())
    if method is None:
        message = f"{_PREFERENCE} is one of {', '.join(_METHODS)}."
        raise bad_request(message, call.family)
    set_default_method(call.services, call.tenant_id, call.user, method, call.caller.actor, call.now)
    return Answer(204)


_REQUIREMENTS: Final = "users/{user}/authentication/requirements"
_PREFERENCES: Final = "users/{user}/authentication/signInPreferences"

ROUTES: Final = (
    Route("GET", _REQUIREMENTS, _get_requirements, Action.READ_PER_USER_MFA, versions=BETA),
    Route("PATCH", _REQUIREMENTS, _set_requirements, Action.WRITE_PER_USER_MFA, versions=BETA),
    Route("GET", _PREFERENCES, _get_preferences, Action.READ_METHODS, versions=BETA),
    Route("PATCH", _PREFERENCES, _set_preferences, Action.WRITE_PREFERENCES, versions=BETA),
)

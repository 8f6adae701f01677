"""Every setting of the policy by its name: the table that stores, compares, shows and changes it.

A name is Microsoft's for the property, behind the id of its configuration where it is of one (`Sms.isUsableForSignIn`); a value
is a text. The database keeps exactly this: a setting that comes later has its default until somebody changes it.
Sources: surface b4; domain-rules D.8 and D.10 for the bounds.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, Final, NamedTuple

from ringfence.domain.policy.methods_policy import DEFAULT_POLICY, LegacyMfa, LegacyReset, MethodsPolicy, PolicyMethod

_FALSE_TRUE: Final = ("false", "true")
_STATES: Final = ("disabled", "enabled")
_NONE: Final = "none"
OPTIONAL: Final = int | None
"""The type of a number that may be missing."""
_NUMBER: Final = re.compile(r"-?\d{1,9}", re.ASCII)
_AA_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
MOST_MODELS: Final = 500


class Setting(NamedTuple):
    """One setting: where it stands in the policy, or as a member of which set; `method` is whose configuration has it."""

    name: str
    path: tuple[str, ...]
    method: PolicyMethod | None = None
    member: Enum | None = None
    words: tuple[str, str] = _FALSE_TRUE
    """How false and true are written."""


class Fault(NamedTuple):
    """A value that cannot be, and what can."""

    setting: str
    expected: str


def _state(method: PolicyMethod) -> tuple[Setting, Setting]:
    required = f"{method.value}.isRegistrationRequired"
    return (
        Setting(f"{method.value}.state", ("enabled",), method, method, _STATES),
        Setting(required, ("registration_required",), method, method),
    )


def _of(method: PolicyMethod, names: Mapping[str, tuple[str, ...]]) -> tuple[Setting, ...]:
    return tuple(Setting(f"{method.value}.{name}", path, method) for name, path in names.items())


_ALL: Final = (
    *(setting for method in PolicyMethod for setting in _state(method)),
    *_of(PolicyMethod.EMAIL, {"allowExternalIdToUseEmailOtp": ("external_email",)}),
    *_of(
        PolicyMethod.FIDO2,
        {
            "isSelfServiceRegistrationAllowed": ("passkeys", "is_self_service"),
            "isAttestationEnforced": ("passkeys", "is_attestation_enforced"),
            "keyRestrictions.isEnforced": ("passkeys", "are_models_enforced"),
            "keyRestrictions.enforcementType": ("passkeys", "restriction"),
            "keyRestrictions.aaGuids": ("passkeys", "models"),
        },
    ),
    *_of(
        PolicyMethod.MICROSOFT_AUTHENTICATOR,
        {
            "isSoftwareOathEnabled": ("authenticator", "is_code_allowed"),
            "authenticationMode": ("authenticator", "mode"),
            "displayAppInformationRequiredState": ("authenticator", "shows_application"),
            "displayLocationInformationRequiredState": ("authenticator", "shows_location"),
        },
    ),
    *_of(
        PolicyMethod.QR_CODE_PIN,
        {"pinLength": ("qr_code", "pin_length"), "standardQRCodeLifetimeInDays": ("qr_code", "lifetime_days")},
    ),
    *_of(PolicyMethod.SMS, {"isUsableForSignIn": ("is_sms_sign_in_allowed",)}),
    *_of(
        PolicyMethod.TEMPORARY_ACCESS_PASS,
        {
            "defaultLifetimeInMinutes": ("access_pass", "usual_minutes"),
            "minimumLifetimeInMinutes": ("access_pass", "least_minutes"),
            "maximumLifetimeInMinutes": ("access_pass", "most_minutes"),
            "defaultLength": ("access_pass", "length"),
            "isUsableOnce": ("access_pass", "is_usable_once"),
        },
    ),
    *_of(PolicyMethod.VOICE, {"isOfficePhoneAllowed": ("is_office_phone_allowed",)}),
    Setting("policyMigrationState", ("migration",)),
    Setting("reconfirmationInDays", ("reconfirmation_days",)),
    Setting("registrationCampaign.state", ("campaign", "state")),
    Setting("registrationCampaign.snoozeDurationInDays", ("campaign", "snooze_days")),
    Setting("registrationCampaign.enforceRegistrationAfterAllowedSnoozes", ("campaign", "is_enforced")),
    Setting("reportSuspiciousActivitySettings.state", ("suspicious_activity", "state")),
    Setting("reportSuspiciousActivitySettings.voiceReportingCode", ("suspicious_activity", "voice_code")),
    Setting("systemCredentialPreferences.state", ("system_preferred",)),
    *(Setting(f"legacyMfa.{one.value}", ("legacy", "mfa"), None, one) for one in LegacyMfa),
    *(Setting(f"legacyReset.{one.value}", ("legacy", "reset"), None, one) for one in LegacyReset),
)
SETTINGS: Final[Mapping[str, Setting]] = {setting.name: setting for setting in _ALL}
_FOLDED: Final = {setting.name.casefold(): setting for setting in _ALL}

_MINUTES: Final = (10, 43_200)
_BOUNDS: Final = {
    "QRCodePin.pinLength": (8, 20),
    "QRCodePin.standardQRCodeLifetimeInDays": (1, 395),
    "TemporaryAccessPass.defaultLength": (8, 48),
    "TemporaryAccessPass.defaultLifetimeInMinutes": _MINUTES,
    "TemporaryAccessPass.maximumLifetimeInMinutes": _MINUTES,
    "TemporaryAccessPass.minimumLifetimeInMinutes": _MINUTES,
    "reconfirmationInDays": (0, 730),
    "registrationCampaign.snoozeDurationInDays": (0, 14),
    "reportSuspiciousActivitySettings.voiceReportingCode": (0, 9_999),
}


def setting_named(name: str) -> Setting:
    """The setting with this name, in any case; raises `KeyError`."""
    return _FOLDED[name.strip().casefold()]


def value_of(policy: MethodsPolicy, setting: Setting) -> Any:  # noqa: ANN401 - the setting says which
    """A setting's value in a policy: true or false for a member of a set."""
    found: Any = policy
    for part in setting.path:
        found = getattr(found, part)
    return found if setting.member is None else setting.member in found


def with_value(policy: MethodsPolicy, setting: Setting, value: object) -> MethodsPolicy:
    """The policy with another value of a setting."""
    if setting.member is not None:
        held: frozenset[Enum] = value_of(policy, setting._replace(member=None))
        value = held | {setting.member} if value else held - {setting.member}
    changed: Any = value
    for depth in range(len(setting.path) - 1, 0, -1):
        changed = value_of(policy, Setting("", setting.path[:depth]))._replace(**{setting.path[depth]: changed})
    return policy._replace(**{setting.path[0]: changed})


def written_value(policy: MethodsPolicy, setting: Setting) -> str:
    """A setting's value as a text."""
    value = value_of(policy, setting)
    if isinstance(value, bool):
        return setting.words[value]
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value.value) if isinstance(value, Enum) else _NONE if value is None else str(value)


def with_written_value(policy: MethodsPolicy, setting: Setting, text: str) -> MethodsPolicy:
    """The policy with the value that a text says; raises `ValueError` for one that is none. Bounds are `find_fault`'s."""
    return with_value(policy, setting, _parsed(setting, text.strip()))


def written_policy(policy: MethodsPolicy) -> dict[str, str]:
    """Every setting by name."""
    return {setting.name: written_value(policy, setting) for setting in _ALL}


def policy_written_as(settings: Mapping[str, object]) -> MethodsPolicy:
    """The policy that `written_policy` wrote; one that is not there has its default.

    Raises `ValueError` for anything that was never written.
    """
    policy = DEFAULT_POLICY
    for name, text in settings.items():
        if name not in SETTINGS or not isinstance(text, str):
            raise ValueError(name)
        policy = with_written_value(policy, SETTINGS[name], text)
    if find_fault(policy) is not None:
        raise ValueError(settings)
    return policy


def changed_settings(before: MethodsPolicy, after: MethodsPolicy) -> dict[str, tuple[str, str]]:
    """What differs: name -> (old, new)."""
    old, new = written_policy(before), written_policy(after)
    return {name: (was, new[name]) for name, was in old.items() if was != new[name]}


def with_defaults(policy: MethodsPolicy, method: PolicyMethod) -> MethodsPolicy:
    """The policy with everything of one configuration as it is at first."""
    for setting in _ALL:
        if setting.method is method:
            policy = with_value(policy, setting, value_of(DEFAULT_POLICY, setting))
    return policy


def find_fault(policy: MethodsPolicy) -> Fault | None:
    """The first value out of its bounds; None for a policy that can be."""
    for name, (least, most) in _BOUNDS.items():
        value = value_of(policy, SETTINGS[name])
        if value is not None and not least <= value <= most:
            return Fault(name, f"a whole number from {least} to {most}")
    own = policy.access_pass
    if own.least_minutes > own.most_minutes:
        return Fault("TemporaryAccessPass.minimumLifetimeInMinutes", f"at most maximumLifetimeInMinutes ({own.most_minutes})")
    if not own.least_minutes <= own.usual_minutes <= own.most_minutes:
        expected = f"from minimumLifetimeInMinutes ({own.least_minutes}) to maximumLifetimeInMinutes ({own.most_minutes})"
        return Fault("TemporaryAccessPass.defaultLifetimeInMinutes", expected)
    models = policy.passkeys.models
    if len(models) > MOST_MODELS or not all(map(_AA_GUID.fullmatch, models)):
        return Fault("Fido2.keyRestrictions.aaGuids", f"at most {MOST_MODELS} AAGUIDs")
    return None


@cache
def kind_of(setting: Setting) -> object:
    """The type of a setting's values, as the policy declares it: `bool`, `int`, an enumeration, texts, or a number or None."""
    if setting.member is not None:
        return bool
    kind: Any = MethodsPolicy
    for part in setting.path:
        kind = typing.get_type_hints(kind)[part]
    return kind


def expected_values(setting: Setting) -> str:
    """What a setting may be, in words."""
    kind = kind_of(setting)
    if kind is bool:
        return " or ".join(setting.words)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " or ".join(one.value for one in kind)
    if kind in {int, OPTIONAL}:
        return "a whole number" if kind is int else f"a whole number or {_NONE}"
    return "AAGUIDs joined by commas"


def _parsed(setting: Setting, text: str) -> object:
    kind = kind_of(setting)
    if kind is bool:
        return bool(setting.words.index(text.casefold()))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {one.value.casefold(): one for one in kind}.get(text.casefold()) or kind(text)
    if kind == OPTIONAL and text == _NONE:
        return None
    if kind in {int, OPTIONAL}:
        if _NUMBER.fullmatch(text) is None:
            raise ValueError(text)
        return int(text)
    return tuple(part.strip().casefold() for part in text.split(",")) if text else ()

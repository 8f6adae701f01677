"""Reading what is to change in the policy of authentication methods: a body becomes settings with their new values.

A body may be a part of what is shown, or all of it as it was read. Every method is for all users or for nobody: targets other
than `all_users` are refused. Bounds are not checked here: they hold for the policy as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Final

from ringfence.domain.policy.methods_policy import PolicyMethod
from ringfence.domain.policy.policy_settings import OPTIONAL, SETTINGS, kind_of
from ringfence.graph.errors import Family, bad_request
from ringfence.graph.resources.fields import Fields
from ringfence.graph.resources.policy_shape import (
    ALL_USERS,
    CAMPAIGN_METHOD,
    CERTIFICATE,
    FEATURES,
    GROUP,
    NOBODY,
    POLICY_TYPE,
    configuration_type,
    methods_shown,
)

Given = dict[str, object]
"""Setting -> new value."""

_KIND: Final = "authenticationMethodsPolicy"
_TARGET: Final = ("id", "targetType")
_READ_ONLY: Final = ("displayName", "description", "policyVersion")
_V1: Final = ("policyMigrationState", "reconfirmationInDays", "registrationEnforcement", "authenticationMethodConfigurations")
_BETA: Final = ("systemCredentialPreferences", "reportSuspiciousActivitySettings", "microsoftAuthenticatorPlatformSettings")
_COMMON: Final = ("id", "state", "excludeTargets", "includeTargets")
_OF_TARGETS: Final = frozenset({"isRegistrationRequired", "isUsableForSignIn", "authenticationMode"})
_FIXED: Final[Mapping[PolicyMethod, Mapping[str, object]]] = {
    PolicyMethod.FIDO2: {"defaultPasskeyProfile": None, "passkeyProfiles": []},
    PolicyMethod.X509_CERTIFICATE: CERTIFICATE,
}
"""What is shown of a configuration and cannot be changed."""
_CAMPAIGN: Final = ("state", "snoozeDurationInDays")
_ENFORCED: Final = "enforceRegistrationAfterAllowedSnoozes"
_RESTRICTIONS: Final = ("isEnforced", "enforcementType", "aaGuids")
_SUSPICIOUS: Final = ("state", "voiceReportingCode")


def read_policy(document: Mapping[str, Any], family: Family, *, is_beta: bool) -> Given:
    """What a `PATCH` of the policy changes, its configurations included; raises `GraphError`."""
    if document.get("@odata.type", POLICY_TYPE) != POLICY_TYPE:
        message = f"The annotation '@odata.type' has to be {POLICY_TYPE}."
        raise bad_request(message, family)
    body = {name: value for name, value in document.items() if "@odata." not in name}
    known = ("id", "lastModifiedDateTime", *_READ_ONLY, *_V1, *(_BETA if is_beta else ()))
    fields = Fields(body, known, _KIND, family)
    fields.pass_over(*_READ_ONLY, instants=("lastModifiedDateTime",))
    fields.check_fixed("microsoftAuthenticatorPlatformSettings", None)
    given = {**_plain(fields, "policyMigrationState"), **_plain(fields, "reconfirmationInDays")}
    enforcement = _inner(fields, "registrationEnforcement", ["authenticationMethodsRegistrationCampaign"])
    if enforcement is not None:
        given |= _read_campaign(enforcement, is_beta=is_beta)
    given |= _read_preferences(fields) | _read_suspicious(fields)
    if fields.has("authenticationMethodConfigurations"):
        given |= _read_configurations(fields, family, is_beta=is_beta)
    return given


def read_configuration(document: Mapping[str, Any], method: PolicyMethod, family: Family) -> Given:
    """What a `PATCH` of a method's configuration changes; raises `GraphError`, also without the right `@odata.type`."""
    kind = configuration_type(method)
    if document.get("@odata.type") != kind:
        message = f"The annotation '@odata.type' is required, and has to be {kind}."
        raise bad_request(message, family)
    body = {name: value for name, value in document.items() if "@odata." not in name}
    own = [one for one in _own(method) if one not in _OF_TARGETS and one not in FEATURES and "." not in one]
    fixed, nested = _FIXED.get(method, {}), _NESTED.get(method)
    known = (*_COMMON, *own, *fixed, *([] if nested is None else [nested]))
    fields = Fields(body, known, kind.rpartition(".")[2], family)
    if fields.has("id") and fields.required("id").casefold() != method.value.casefold():
        fields.refuse("id", method.value)
    for name, shown in fixed.items():
        fields.check_fixed(name, shown)
    given = _read_targets(fields, method)
    for name in own:
        given |= _value(fields, name, f"{method.value}.{name}")
    return given | _read_nested(fields, method)


_NESTED: Final = {PolicyMethod.FIDO2: "keyRestrictions", PolicyMethod.MICROSOFT_AUTHENTICATOR: "featureSettings"}
"""The property of a configuration that is an object."""


def _own(method: PolicyMethod) -> list[str]:
    return [name.partition(".")[2] for name, setting in SETTINGS.items() if setting.method is method]


def _read_nested(fields: Fields, method: PolicyMethod) -> Given:
    given: Given = {}
    if method is PolicyMethod.FIDO2:
        inner = _inner(fields, "keyRestrictions", _RESTRICTIONS, "fido2KeyRestrictions")
        if inner is not None:
            for name in _RESTRICTIONS:
                given |= _value(inner, name, f"{method.value}.keyRestrictions.{name}")
    elif method is PolicyMethod.MICROSOFT_AUTHENTICATOR:
        inner = _inner(fields, "featureSettings", FEATURES, "microsoftAuthenticatorFeatureSettings")
        if inner is not None:
            for name in FEATURES:
                given |= _read_feature(inner, name, f"{method.value}.{name}")
    return given


def _read_feature(features: Fields, name: str, setting: str) -> Given:
    known = ("state", "includeTarget", "excludeTarget")
    feature = _inner(features, name, known, "authenticationMethodFeatureConfiguration")
    if feature is None:
        return {}
    for target, only in (("includeTarget", ALL_USERS), ("excludeTarget", NOBODY)):
        one = _inner(feature, target, _TARGET, "featureTarget")
        if one is not None:
            _check_target(one, only)
    return _value(feature, "state", setting)


def _read_targets(fields: Fields, method: PolicyMethod) -> Given:
    """What the one target there may be says."""
    _check_nobody_excluded(fields)
    names = [one for one in _own(method) if one in _OF_TARGETS]
    profiles = ["allowedPasskeyProfiles"] if method is PolicyMethod.FIDO2 else []
    target = _only_target(fields, [*names, *profiles])
    if target is None:
        return {}
    target.check_fixed("allowedPasskeyProfiles", [])
    given: Given = {}
    for name in names:
        given |= _value(target, name, f"{method.value}.{name}")
    return given


def _only_target(fields: Fields, further: Iterable[str]) -> Fields | None:
    targets = fields.each("includeTargets", [*_TARGET, *further], "authenticationMethodTarget")
    if targets is None:
        _refuse_null(fields, "includeTargets", "one target")
        return None
    if len(targets) != 1:
        fields.refuse("includeTargets", f"the one target {ALL_USERS}")
    _check_target(targets[0], ALL_USERS)
    return targets[0]


def _check_target(target: Fields, only: str) -> None:
    """Groups are not known here, so that a target is everybody, or nobody."""
    if target.required("id").casefold() != only:
        expected = f"{only} (targets that are groups or users are not supported: a method is for all users or for nobody)"
        target.refuse("id", expected)
    target.word("targetType", [GROUP])


def _check_nobody_excluded(fields: Fields) -> None:
    excluded = fields.each("excludeTargets", _TARGET, "excludeTarget")
    if excluded:
        fields.refuse("excludeTargets", "an empty list (excluding groups or users is not supported)")
    if excluded is None:
        _refuse_null(fields, "excludeTargets", "an empty list")


def _read_campaign(enforcement: Fields, *, is_beta: bool) -> Given:
    names = (*_CAMPAIGN, *([_ENFORCED] if is_beta else []))
    kind = "authenticationMethodsRegistrationCampaign"
    campaign = _inner(enforcement, kind, (*names, "includeTargets", "excludeTargets"), kind)
    if campaign is None:
        return {}
    _check_nobody_excluded(campaign)
    target = _only_target(campaign, ["targetedAuthenticationMethod"])
    if target is not None:
        target.word("targetedAuthenticationMethod", [CAMPAIGN_METHOD])
    given: Given = {}
    for name in names:
        given |= _value(campaign, name, f"registrationCampaign.{name}")
    return given


def _read_preferences(fields: Fields) -> Given:
    name = "systemCredentialPreferences"
    inner = _inner(fields, name, ("state", "includeTargets", "excludeTargets"), name)
    if inner is None:
        return {}
    _check_nobody_excluded(inner)
    _only_target(inner, [])
    return _value(inner, "state", f"{name}.state")


def _read_suspicious(fields: Fields) -> Given:
    name = "reportSuspiciousActivitySettings"
    inner = _inner(fields, name, (*_SUSPICIOUS, "includeTarget"), name)
    if inner is None:
        return {}
    target = _inner(inner, "includeTarget", _TARGET, "includeTarget")
    if target is not None:
        _check_target(target, ALL_USERS)
    given: Given = {}
    for one in _SUSPICIOUS:
        given |= _value(inner, one, f"{name}.{one}")
    return given


def _read_configurations(fields: Fields, family: Family, *, is_beta: bool) -> Given:
    name = "authenticationMethodConfigurations"
    shown = {method.value.casefold(): method for method in methods_shown(is_beta=is_beta)}
    given: Given = {}
    for one in fields.objects(name) or []:
        method = shown.get(str(one.get("id")).casefold())
        if method is None:
            fields.refuse(name, "configurations with the id of a method")
        given |= read_configuration(one, method, family)
    return given


def _plain(fields: Fields, name: str) -> Given:
    return _value(fields, name, name)


def _value(fields: Fields, name: str, setting: str) -> Given:
    """A setting's new value where the property was sent."""
    if not fields.has(name):
        return {}
    kind = kind_of(SETTINGS[setting])
    value: object
    if kind is bool and SETTINGS[setting].words[1] == "enabled":
        word = fields.word(name, SETTINGS[setting].words)
        value = None if word is None else word == "enabled"
    elif kind is bool:
        value = fields.truth(name)
    elif kind in {int, OPTIONAL}:
        value = fields.number(name)
    elif isinstance(kind, type) and issubclass(kind, Enum):
        word = fields.word(name, [one.value for one in kind])
        value = None if word is None else kind(word)
    else:
        texts = fields.texts(name, most=1000)
        value = None if texts is None else tuple(text.casefold() for text in texts)
    if value is None and kind != OPTIONAL:
        _refuse_null(fields, name, "a value")
    return {setting: value}


def _inner(fields: Fields, name: str, known: Iterable[str], kind: str = "registrationEnforcement") -> Fields | None:
    found = fields.inner(name, known, kind)
    if found is None:
        _refuse_null(fields, name, "an object")
    return found


def _refuse_null(fields: Fields, name: str, wanted: str) -> None:
    if fields.has(name):
        fields.refuse(name, wanted)

"""The settings of the policy by name: written, read, compared, bounded. Sources: surface b4; domain-rules D.8, D.10."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.policy.methods_policy import DEFAULT_POLICY, MethodsPolicy, PolicyMethod, Restriction
from ringfence.domain.policy.policy_settings import (
    OPTIONAL,
    SETTINGS,
    Setting,
    changed_settings,
    expected_values,
    find_fault,
    kind_of,
    policy_written_as,
    setting_named,
    value_of,
    with_defaults,
    with_value,
    with_written_value,
    written_policy,
    written_value,
)

STORED: Final = {
    "Email.state": "enabled",
    "Email.isRegistrationRequired": "false",
    "Fido2.state": "enabled",
    "Fido2.isRegistrationRequired": "false",
    "HardwareOath.state": "disabled",
    "HardwareOath.isRegistrationRequired": "false",
    "MicrosoftAuthenticator.state": "enabled",
    "MicrosoftAuthenticator.isRegistrationRequired": "false",
    "QRCodePin.state": "disabled",
    "QRCodePin.isRegistrationRequired": "false",
    "Sms.state": "enabled",
    "Sms.isRegistrationRequired": "false",
    "SoftwareOath.state": "enabled",
    "SoftwareOath.isRegistrationRequired": "false",
    "TemporaryAccessPass.state": "enabled",
    "TemporaryAccessPass.isRegistrationRequired": "false",
    "Voice.state": "enabled",
    "Voice.isRegistrationRequired": "false",
    "X509Certificate.state": "disabled",
    "X509Certificate.isRegistrationRequired": "false",
    "Email.allowExternalIdToUseEmailOtp": "default",
    "Fido2.isSelfServiceRegistrationAllowed": "true",
    "Fido2.isAttestationEnforced": "false",
    "Fido2.keyRestrictions.isEnforced": "false",
    "Fido2.keyRestrictions.enforcementType": "allow",
    "Fido2.keyRestrictions.aaGuids": "",
    "MicrosoftAuthenticator.isSoftwareOathEnabled": "true",
    "MicrosoftAuthenticator.authenticationMode": "any",
    "MicrosoftAuthenticator.displayAppInformationRequiredState": "default",
    "MicrosoftAuthenticator.displayLocationInformationRequiredState": "default",
    "QRCodePin.pinLength": "8",
    "QRCodePin.standardQRCodeLifetimeInDays": "365",
    "Sms.isUsableForSignIn": "false",
    "TemporaryAccessPass.defaultLifetimeInMinutes": "60",
    "TemporaryAccessPass.minimumLifetimeInMinutes": "60",
    "TemporaryAccessPass.maximumLifetimeInMinutes": "480",
    "TemporaryAccessPass.defaultLength": "8",
    "TemporaryAccessPass.isUsableOnce": "false",
    "Voice.isOfficePhoneAllowed": "true",
    "policyMigrationState": "migrationComplete",
    "reconfirmationInDays": "none",
    "registrationCampaign.state": "disabled",
    "registrationCampaign.snoozeDurationInDays": "1",
    "registrationCampaign.enforceRegistrationAfterAllowedSnoozes": "true",
    "reportSuspiciousActivitySettings.state": "disabled",
    "reportSuspiciousActivitySettings.voiceReportingCode": "0",
    "systemCredentialPreferences.state": "disabled",
    "legacyMfa.call": "true",
    "legacyMfa.code": "true",
    "legacyMfa.notification": "true",
    "legacyMfa.text": "true",
    "legacyReset.code": "true",
    "legacyReset.email": "true",
    "legacyReset.mobilePhone": "true",
    "legacyReset.notification": "true",
    "legacyReset.officePhone": "true",
}
GUID: Final = "2fc0579f-8113-47ea-b116-bb5a8db9202a"


def other_value(setting: Setting) -> Any:  # noqa: ANN401 - the setting says which
    """A value that the setting has not by default, within every bound."""
    kind, present = kind_of(setting), value_of(DEFAULT_POLICY, setting)
    if kind is bool:
        return not present
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(one for one in kind if one is not present)
    if kind in {int, OPTIONAL}:
        return {"minimumLifetimeInMinutes": 59}.get(setting.name.rpartition(".")[2], (present or 0) + 1)
    return (GUID,)


@st.composite
def policies(draw: st.DrawFn) -> MethodsPolicy:
    """A policy in which any settings are another than by default; the longest lifetime of a pass is then long enough."""
    policy = DEFAULT_POLICY
    for name in draw(st.sets(st.sampled_from(sorted(SETTINGS)))):
        policy = with_value(policy, SETTINGS[name], other_value(SETTINGS[name]))
    return policy


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_each_setting_changes_itself_alone(name: str) -> None:
    """Another value is read back, and is the one difference; its text means it again."""
    setting = SETTINGS[name]
    policy = with_value(DEFAULT_POLICY, setting, other_value(setting))
    assert other_value(setting) == value_of(policy, setting)
    assert {name: (written_value(DEFAULT_POLICY, setting), written_value(policy, setting))} == changed_settings(
        DEFAULT_POLICY, policy
    )
    assert policy == with_written_value(DEFAULT_POLICY, setting, written_value(policy, setting))


@given(policies())
def test_a_policy_is_what_was_written(policy: MethodsPolicy) -> None:
    """Written and read, it is the same."""
    assert policy == policy_written_as(written_policy(policy))


def test_what_was_never_written_has_its_default() -> None:
    """A setting that comes later is not in what was stored before."""
    assert DEFAULT_POLICY == policy_written_as({})
    assert "disabled" == written_policy(policy_written_as({"Sms.state": "disabled"}))["Sms.state"]


@pytest.mark.parametrize(
    "settings",
    [
        {"Fax.state": "enabled"},
        {"sms.state": "enabled"},
        {"Sms.state": True},
        {"Sms.state": "on"},
        {"TemporaryAccessPass.defaultLength": "7"},
        {"TemporaryAccessPass.defaultLength": "8.0"},
        {"TemporaryAccessPass.defaultLength": "none"},
        {"policyMigrationState": "unknownFutureValue"},
    ],
)
def test_reading_is_strict(settings: Mapping[str, object]) -> None:
    """Nothing is guessed of what nobody wrote."""
    with pytest.raises(ValueError):  # noqa: PT011 - its words are nobody's
        policy_written_as(settings)


def test_the_settings_as_they_are_stored() -> None:
    """A name or a word that changes makes stored policies unreadable: this is the form of the database."""
    assert STORED == written_policy(DEFAULT_POLICY)


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        *((f"TemporaryAccessPass.{one}", value, one) for one in ("minimumLifetimeInMinutes",) for value in (9, 43_201, 61, 481)),
        *((f"TemporaryAccessPass.{one}", value, one) for one in ("maximumLifetimeInMinutes",) for value in (9, 43_201)),
        *((f"TemporaryAccessPass.{one}", value, one) for one in ("defaultLifetimeInMinutes",) for value in (9, 59, 481)),
        *(("TemporaryAccessPass.defaultLength", value, "defaultLength") for value in (7, 49)),
        ("registrationCampaign.snoozeDurationInDays", 15, "snoozeDurationInDays"),
        ("reconfirmationInDays", 731, "reconfirmationInDays"),
        ("QRCodePin.pinLength", 7, "pinLength"),
        ("Fido2.keyRestrictions.aaGuids", ("x",), "aaGuids"),
    ],
)
def test_bounds(name: str, value: object, fault: str) -> None:
    """D.8: each within 10 to 43,200, the least at most the most, the default between; the other bounds of b4."""
    found = find_fault(with_value(DEFAULT_POLICY, SETTINGS[name], value))
    named = "defaultLifetimeInMinutes" if value == 61 else fault
    assert found is not None
    assert found.setting.endswith(named)


@pytest.mark.parametrize("method", PolicyMethod)
def test_a_method_goes_back_to_its_defaults(method: PolicyMethod) -> None:
    """Everything of its configuration, and nothing of another."""
    policy = DEFAULT_POLICY
    for setting in SETTINGS.values():
        policy = with_value(policy, setting, other_value(setting))
    changed = changed_settings(policy, with_defaults(policy, method))
    assert {name for name, setting in SETTINGS.items() if setting.method is method} == set(changed)


def test_names_and_words_in_any_case() -> None:
    """As somebody types them."""
    setting = setting_named(" fido2.keyrestrictions.ENFORCEMENTTYPE ")
    assert Restriction.BLOCK is value_of(with_written_value(DEFAULT_POLICY, setting, "Block"), setting)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Sms.state", "disabled or enabled"),
        ("Voice.isOfficePhoneAllowed", "false or true"),
        ("policyMigrationState", "migrationComplete or migrationInProgress or preMigration"),
        ("reconfirmationInDays", "a whole number or none"),
        ("TemporaryAccessPass.defaultLength", "a whole number"),
        ("Fido2.keyRestrictions.aaGuids", "AAGUIDs joined by commas"),
    ],
)
def test_what_is_expected_is_told(name: str, expected: str) -> None:
    """In words."""
    assert expected == expected_values(SETTINGS[name])

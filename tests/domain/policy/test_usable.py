"""Which methods a policy lets be used. Source: domain-rules D.3, G, T5."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

import pytest

from ringfence.domain.methods.registrations import MethodKind
from ringfence.domain.numbers.pairs import MethodType
from ringfence.domain.policy.methods_policy import (
    DEFAULT_POLICY,
    AuthenticatorMode,
    AuthenticatorPolicy,
    LegacyMfa,
    LegacyPolicy,
    LegacyReset,
    MethodsPolicy,
    MigrationState,
    PolicyMethod,
)
from ringfence.domain.policy.usable import (
    UsableMethod,
    allowed_entries,
    allowed_kinds,
    is_sign_in_by_text_allowed,
    usable_methods,
)

U: Final = UsableMethod
Some = AbstractSet[UsableMethod]
NONE: Final = frozenset[UsableMethod]()
CALLS: Final = {U.ALTERNATE_CALL, U.MOBILE_CALL, U.OFFICE_CALL}
CODES: Final = {U.APP_CODE, U.HARDWARE_OATH, U.SOFTWARE_OATH}


def policy(
    *enabled: PolicyMethod, legacy: LegacyPolicy | None = None, migration: MigrationState = MigrationState.COMPLETE
) -> MethodsPolicy:
    """A policy in which these methods are enabled, and nothing legacy is unless it is given."""
    none = LegacyPolicy(frozenset(), frozenset())
    return MethodsPolicy(frozenset(enabled), legacy=legacy or none, migration=migration)


@pytest.mark.parametrize(
    ("migration", "sign_in", "reset"),
    [
        (MigrationState.PRE_MIGRATION, {U.MOBILE_TEXT, *CALLS}, {U.APP_NOTIFICATION}),
        (MigrationState.IN_PROGRESS, {U.MOBILE_TEXT, *CALLS}, {U.MOBILE_TEXT, U.APP_NOTIFICATION}),
        (MigrationState.COMPLETE, {U.MOBILE_TEXT}, {U.MOBILE_TEXT}),
    ],
)
def test_which_policies_are_honoured(migration: MigrationState, sign_in: Some, reset: Some) -> None:
    """D.3's second table: text by this policy, calls by the legacy one of MFA, notifications by that of resets."""
    legacy = LegacyPolicy(frozenset({LegacyMfa.CALL}), frozenset({LegacyReset.NOTIFICATION}))
    one = policy(PolicyMethod.SMS, legacy=legacy, migration=migration)
    assert (sign_in, reset) == (usable_methods(one, for_reset=False), usable_methods(one, for_reset=True))


@pytest.mark.parametrize(
    ("method", "sign_in", "reset"),
    [
        (PolicyMethod.EMAIL, set(), {U.EMAIL}),
        (PolicyMethod.FIDO2, {U.PASSKEY}, set()),
        (PolicyMethod.HARDWARE_OATH, {U.HARDWARE_OATH}, {U.HARDWARE_OATH}),
        (PolicyMethod.MICROSOFT_AUTHENTICATOR, {U.APP_CODE, U.APP_NOTIFICATION}, {U.APP_CODE, U.APP_NOTIFICATION}),
        (PolicyMethod.QR_CODE_PIN, {U.QR_CODE}, set()),
        (PolicyMethod.SMS, {U.MOBILE_TEXT}, {U.MOBILE_TEXT}),
        (PolicyMethod.SOFTWARE_OATH, {U.SOFTWARE_OATH}, {U.SOFTWARE_OATH}),
        (PolicyMethod.TEMPORARY_ACCESS_PASS, {U.TEMPORARY_ACCESS_PASS}, set()),
        (PolicyMethod.VOICE, CALLS, {U.MOBILE_CALL, U.OFFICE_CALL}),
        (PolicyMethod.X509_CERTIFICATE, {U.CERTIFICATE}, set()),
    ],
)
def test_what_a_method_makes_usable(method: PolicyMethod, sign_in: Some, reset: Some) -> None:
    """D.3's first table, last column; e-mail is for resets alone, an alternate phone never is (T5)."""
    one = policy(method)
    assert (sign_in, reset) == (usable_methods(one, for_reset=False), usable_methods(one, for_reset=True))


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        (LegacyMfa.CALL, CALLS),
        (LegacyMfa.CODE, CODES),
        (LegacyMfa.NOTIFICATION, {U.APP_NOTIFICATION}),
        (LegacyMfa.TEXT, {U.MOBILE_TEXT}),
    ],
)
def test_what_a_legacy_option_of_mfa_makes_usable(option: LegacyMfa, expected: Some) -> None:
    """D.3's first table, first column; for signing in only."""
    one = policy(legacy=LegacyPolicy(frozenset({option}), frozenset()), migration=MigrationState.PRE_MIGRATION)
    assert (expected, NONE) == (usable_methods(one, for_reset=False), usable_methods(one, for_reset=True))


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        (LegacyReset.CODE, CODES),
        (LegacyReset.EMAIL, {U.EMAIL}),
        (LegacyReset.MOBILE_PHONE, {U.MOBILE_CALL, U.MOBILE_TEXT}),
        (LegacyReset.NOTIFICATION, {U.APP_NOTIFICATION}),
        (LegacyReset.OFFICE_PHONE, {U.OFFICE_CALL}),
    ],
)
def test_what_a_legacy_method_of_resets_makes_usable(option: LegacyReset, expected: Some) -> None:
    """D.3's first table, second column; for resets only."""
    one = policy(legacy=LegacyPolicy(frozenset(), frozenset({option})), migration=MigrationState.PRE_MIGRATION)
    assert (NONE, expected) == (usable_methods(one, for_reset=False), usable_methods(one, for_reset=True))


@pytest.mark.parametrize("migration", MigrationState)
def test_honouring_the_legacy_policies_takes_nothing_away(migration: MigrationState) -> None:
    """By default all of them are on: every method entry can be used, whatever the state."""
    one = DEFAULT_POLICY._replace(migration=migration)
    assert (frozenset(MethodType), frozenset(MethodKind)) == (allowed_entries(one), allowed_kinds(one))


def test_calls_to_offices() -> None:
    """They can be left out of voice calls."""
    one = policy(PolicyMethod.VOICE)._replace(is_office_phone_allowed=False)
    assert {MethodType.TwoWayVoiceMobile, MethodType.TwoWayVoiceAlternateMobile} == allowed_entries(one)


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (AuthenticatorPolicy(), {MethodType.PhoneAppNotification, MethodType.PhoneAppOTP}),
        (AuthenticatorPolicy(mode=AuthenticatorMode.PUSH), {MethodType.PhoneAppNotification, MethodType.PhoneAppOTP}),
        (AuthenticatorPolicy(mode=AuthenticatorMode.DEVICE_BASED_PUSH), {MethodType.PhoneAppOTP}),
        (AuthenticatorPolicy(is_code_allowed=False), {MethodType.PhoneAppNotification}),
        (AuthenticatorPolicy(is_code_allowed=False, mode=AuthenticatorMode.DEVICE_BASED_PUSH), set()),
    ],
)
def test_the_authenticator(own: AuthenticatorPolicy, expected: set[MethodType]) -> None:
    """Its codes can be left out, and what it may be used for chosen."""
    one = policy(PolicyMethod.MICROSOFT_AUTHENTICATOR)._replace(authenticator=own)
    assert expected == allowed_entries(one)
    assert bool(expected) is (MethodKind.MICROSOFT_AUTHENTICATOR in allowed_kinds(one))


def test_kinds_without_a_configuration_are_not_governed() -> None:
    """Windows Hello and platform credentials; everything else needs to be enabled."""
    assert {MethodKind.PLATFORM_CREDENTIAL, MethodKind.WINDOWS_HELLO} == allowed_kinds(policy())


@pytest.mark.parametrize(
    ("enabled", "allowed", "expected"),
    [((PolicyMethod.SMS,), True, True), ((PolicyMethod.SMS,), False, False), ((), True, False)],
)
def test_signing_in_by_text(enabled: tuple[PolicyMethod, ...], allowed: bool, expected: bool) -> None:  # noqa: FBT001 - of the table
    """C.3: texts are enabled, and usable for signing in."""
    assert expected is is_sign_in_by_text_allowed(policy(*enabled)._replace(is_sms_sign_in_allowed=allowed))

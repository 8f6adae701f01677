"""What the registration report derives. Source: domain-rules G."""

from __future__ import annotations

import pytest

from ringfence.domain.methods.registration_report import RegisteredMethod, RoleGroup, governed_by, report_registration
from ringfence.domain.methods.registrations import MethodKind
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.policy.methods_policy import DEFAULT_POLICY, Managed, PolicyMethod
from ringfence.domain.policy.roles import DirectoryRole
from tests.contract.accounts import plain_user

NOBODY = plain_user(1, methods=frozenset(), default=None)
NONE: frozenset[DirectoryRole] = frozenset()
READER = frozenset({DirectoryRole.REPORTS_READER})
TODAY = governed_by(DEFAULT_POLICY)


@pytest.mark.parametrize(
    ("numbers", "kinds", "email", "expected"),
    [
        pytest.param((), (), "", (False, False, False), id="nothing"),
        pytest.param((Pair.MOBILE,), (), "", (True, False, True), id="mobile"),
        pytest.param((Pair.OFFICE,), (), "", (True, False, True), id="office"),
        pytest.param((Pair.ALTERNATE,), (), "", (True, False, False), id="alternate"),
        pytest.param((), (MethodKind.MICROSOFT_AUTHENTICATOR,), "", (True, False, True), id="authenticator"),
        pytest.param((), (MethodKind.SOFTWARE_OATH,), "", (True, False, True), id="code of an app"),
        pytest.param((), (MethodKind.WINDOWS_HELLO,), "", (True, True, False), id="hello"),
        pytest.param((), (MethodKind.FIDO2,), "", (True, True, False), id="passkey"),
        pytest.param((), (), "kim@fabrikam.example", (False, False, True), id="email"),
        pytest.param((), (MethodKind.TEMPORARY_ACCESS_PASS,), "", (False, False, False), id="pass"),
    ],
)
def test_strong_passwordless_and_for_reset(
    numbers: tuple[Pair, ...], kinds: tuple[MethodKind, ...], email: str, expected: tuple[bool, bool, bool]
) -> None:
    """The table of G, column by column."""
    row = report_registration(NOBODY._replace(email=email), frozenset(numbers), frozenset(kinds), NONE, TODAY)
    assert expected == (row.is_mfa_registered, row.is_passwordless_capable, row.is_sspr_registered)
    assert row.is_mfa_registered == row.is_mfa_capable


def test_an_entry_without_a_number_is_no_phone() -> None:
    """A phone appears only if an authentication number exists; an app's entry needs none."""
    entries = frozenset({MethodType.OneWaySMS, MethodType.PhoneAppOTP})
    row = report_registration(
        NOBODY._replace(methods=entries, default=MethodType.OneWaySMS), frozenset(), frozenset(), NONE, TODAY
    )
    assert frozenset({RegisteredMethod.SOFTWARE_OATH}) == row.methods


@pytest.mark.parametrize(("roles", "expected"), [(NONE, True), (READER, False)], ids=["user", "administrator"])
def test_administrators_need_two_methods_for_a_reset(roles: frozenset[DirectoryRole], expected: bool) -> None:  # noqa: FBT001 - of the table
    """One is enough for others."""
    assert expected is report_registration(NOBODY, frozenset({Pair.MOBILE}), frozenset(), roles, TODAY).is_sspr_registered


def test_nobody_can_reset_while_the_service_has_none() -> None:
    """Registered alone is not capable."""
    row = report_registration(NOBODY, frozenset({Pair.MOBILE}), frozenset(), NONE, TODAY)
    assert (True, False, False) == (row.is_sspr_registered, row.is_sspr_enabled, row.is_sspr_capable)


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        (NONE, {RoleGroup.USER}),
        (READER, {RoleGroup.ADMIN}),
        (frozenset({DirectoryRole.GLOBAL_ADMINISTRATOR}), {RoleGroup.ADMIN, RoleGroup.PRIVILEGED_ADMIN}),
    ],
    ids=["user", "administrator", "privileged"],
)
def test_groups_by_role(roles: frozenset[DirectoryRole], expected: set[RoleGroup]) -> None:
    """Any role makes an administrator."""
    row = report_registration(NOBODY, frozenset(), frozenset(), roles, TODAY)
    assert (frozenset(expected), bool(roles)) == (row.groups, row.is_admin)


@pytest.mark.parametrize(
    ("numbers", "kinds", "expected"),
    [
        ((), (), None),
        ((Pair.MOBILE,), (), MethodType.OneWaySMS),
        ((Pair.OFFICE,), (), MethodType.TwoWayVoiceOffice),
        ((Pair.MOBILE,), (MethodKind.SOFTWARE_OATH,), MethodType.PhoneAppOTP),
        ((Pair.MOBILE,), (MethodKind.MICROSOFT_AUTHENTICATOR,), MethodType.PhoneAppNotification),
    ],
)
def test_the_preferred_method(numbers: tuple[Pair, ...], kinds: tuple[MethodKind, ...], expected: MethodType | None) -> None:
    """The first by D.2 of what is registered."""
    assert expected is report_registration(NOBODY, frozenset(numbers), frozenset(kinds), NONE, TODAY).preferred


@pytest.mark.parametrize(
    ("disabled", "capable", "preferred"),
    [
        ((PolicyMethod.SMS,), (True, True), MethodType.TwoWayVoiceMobile),
        ((PolicyMethod.SMS, PolicyMethod.VOICE), (True, True), None),
        ((PolicyMethod.SMS, PolicyMethod.VOICE, PolicyMethod.FIDO2), (False, False), None),
        ((PolicyMethod.FIDO2,), (True, False), MethodType.OneWaySMS),
    ],
)
def test_capable_is_registered_and_allowed(
    disabled: tuple[PolicyMethod, ...],
    capable: tuple[bool, bool],
    preferred: MethodType | None,
) -> None:
    """A mobile number and a passkey under a policy without some methods: still registered, and what can be used of it."""
    policy = DEFAULT_POLICY._replace(enabled=DEFAULT_POLICY.enabled - set(disabled))
    row = report_registration(NOBODY, frozenset({Pair.MOBILE}), frozenset({MethodKind.FIDO2}), NONE, governed_by(policy))
    assert (True, capable, preferred) == (
        row.is_mfa_registered,
        (row.is_mfa_capable, row.is_passwordless_capable),
        row.preferred,
    )


@pytest.mark.parametrize(("state", "expected"), [(Managed.DEFAULT, True), (Managed.ENABLED, True), (Managed.DISABLED, False)])
def test_whether_the_system_prefers(state: Managed, expected: bool) -> None:  # noqa: FBT001 - of the table
    """D.2: Microsoft's own choice is on."""
    governed = governed_by(DEFAULT_POLICY._replace(system_preferred=state))
    assert expected is report_registration(NOBODY, frozenset(), frozenset(), NONE, governed).is_system_preferred

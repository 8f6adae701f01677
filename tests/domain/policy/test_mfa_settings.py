"""Settings of MFA: which ranges may be trusted, what may be set, where an address is."""

from __future__ import annotations

import pytest

from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.policy.mfa_settings import FraudAlert, MfaSettings, check_settings, decide_place, trusted_range
from ringfence.domain.signin.requirement import Place

_NOT_PUBLIC = ("0.0.0.0/0", "8.0.0.0/6", "10.0.0.0/8", "100.64.1.0/24", "127.0.0.1", "172.16.0.1", "192.168.1.0/24", "224.0.0.1")


@pytest.mark.parametrize(("text", "expected"), [("203.0.113.0/24", "203.0.113.0/24"), (" 8.8.8.8 ", "8.8.8.8/32")])
def test_ranges_that_may_be_trusted(text: str, expected: str) -> None:
    """Public, IPv4; a single address is a range of one."""
    assert expected == trusted_range(text)


@pytest.mark.parametrize("text", ["", "x", "2001:db8::/32", "8.8.8.8/24", "8.8.8.8/33", "8.8.8", "8.8.8.8-9", *_NOT_PUBLIC])
def test_ranges_that_may_not(text: str) -> None:
    """Private, holding private ones, shared, IPv6, with bits behind the mask, or none at all."""
    with pytest.raises(InvalidError) as refused:
        trusted_range(text)
    assert ErrorCode.MFA_TRUSTED_RANGE is refused.value.code


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        pytest.param(MfaSettings(trusted_ranges=("8.8.8.8/32",) * 51), ErrorCode.MFA_TRUSTED_FULL, id="51 ranges"),
        pytest.param(MfaSettings(remember_days=0), ErrorCode.MFA_REMEMBER_DAYS, id="no days"),
        pytest.param(MfaSettings(remember_days=366), ErrorCode.MFA_REMEMBER_DAYS, id="more than a year"),
        pytest.param(MfaSettings(fraud=FraudAlert(code="")), ErrorCode.MFA_FRAUD_CODE, id="no code"),
        pytest.param(MfaSettings(fraud=FraudAlert(code="x")), ErrorCode.MFA_FRAUD_CODE, id="a letter"),
        pytest.param(MfaSettings(fraud=FraudAlert(recipients=("kim",))), ErrorCode.EMAIL_FORM, id="no address"),
    ],
)
def test_what_cannot_be_set(settings: MfaSettings, code: ErrorCode) -> None:
    """A clear refusal."""
    with pytest.raises(InvalidError) as refused:
        check_settings(settings)
    assert code is refused.value.code


@pytest.mark.parametrize(
    ("ranges", "trust", "address", "claims", "expected"),
    [
        pytest.param(("203.0.113.0/24",), False, "203.0.113.9", False, Place.INSIDE, id="in a range"),
        pytest.param(("203.0.113.0/24",), False, "::ffff:203.0.113.9", False, Place.INSIDE, id="in a range, mapped"),
        pytest.param(("203.0.113.0/24",), True, "198.51.100.1", True, Place.OUTSIDE, id="outside, even with the claim (D.9)"),
        pytest.param(("203.0.113.0/24",), False, "x", False, Place.OUTSIDE, id="no address"),
        pytest.param((), True, "198.51.100.1", True, Place.INSIDE, id="the claim alone"),
        pytest.param((), True, None, False, Place.OUTSIDE, id="no claim"),
        pytest.param((), False, None, True, Place.OUTSIDE, id="a claim that is not trusted"),
    ],
)
def test_places(ranges: tuple[str, ...], trust: bool, address: str | None, claims: bool, expected: Place) -> None:  # noqa: FBT001 - a table
    """Ranges first."""
    assert expected is decide_place(MfaSettings(trusted_ranges=ranges, trust_inside=trust), address, claims_inside=claims)

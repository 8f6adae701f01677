"""The send guard: where to, how often, for how much. Sources: domain-rules C.4, D.6; lessons 1 (SMS pumping)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from ringfence.domain.signin.challenge import Channel
from ringfence.domain.signin.send_guard import (
    LIMITS,
    Completion,
    Refused,
    Scope,
    SendRefusal,
    TelephonySettings,
    Traffic,
    decide_send,
)

_NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
_GERMANY: Final = TelephonySettings(allowed=frozenset({"49"}))


@pytest.mark.parametrize(
    ("allowed", "denied", "digits", "expected"),
    [
        pytest.param({"49"}, set(), "4915112345678", True, id="its country"),
        pytest.param({"49"}, set(), "447700900123", False, id="another one"),
        pytest.param(set(), set(), "4915112345678", False, id="nothing is allowed by default"),
        pytest.param({"1"}, {"1684"}, "16846331234", False, id="a longer prefix denies"),
        pytest.param({"1", "1684900"}, {"1684"}, "16849001234", True, id="a still longer one allows"),
        pytest.param({"4"}, set(), "4915112345678", True, id="a shorter prefix covers it"),
    ],
)
def test_the_longest_prefix_counts(allowed: set[str], denied: set[str], digits: str, expected: bool) -> None:  # noqa: FBT001 - a case
    """Of allowed and denied alike (C.4)."""
    settings = TelephonySettings(frozenset(allowed), frozenset(denied))
    assert expected is settings.is_allowed(digits)


def test_the_usual_limits() -> None:
    """D.6: five in five minutes for a user, ten an hour for a number, 500 an hour for a tenant."""
    hour = timedelta(hours=1)
    assert (5, timedelta(minutes=5)) == LIMITS[Scope.USER]
    assert [(10, hour), (500, hour)] == [tuple(LIMITS[scope]) for scope in (Scope.NUMBER, Scope.TENANT)]


def test_the_limit_that_lasts_longest_is_told() -> None:
    """Whoever comes back then is not refused again by the other one."""
    traffic = Traffic({Scope.USER: _NOW - timedelta(minutes=4), Scope.TENANT: _NOW - timedelta(minutes=30)})
    refused = decide_send(_GERMANY, "4915112345678", 0, traffic)
    assert Refused(SendRefusal.TENANT, _NOW + timedelta(minutes=30)) == refused


@pytest.mark.parametrize(("spent", "price", "expected"), [(900, 100, None), (901, 100, SendRefusal.BUDGET), (1000, 0, None)])
def test_the_budget_is_spent_to_the_last_and_no_further(spent: int, price: int, expected: SendRefusal | None) -> None:
    """What costs nothing still goes out."""
    refused = decide_send(_GERMANY._replace(budget=1000), "4915112345678", price, Traffic({}, spent))
    assert expected is (None if refused is None else refused.reason)


@pytest.mark.parametrize(("prefix", "expected"), [("49", 79), ("491", 60), ("44", 100), ("4", 100)])
def test_prices_by_the_longest_prefix(prefix: str, expected: int) -> None:
    """Else the channel's."""
    settings = TelephonySettings(prices={"sms": 100, "sms:49": 79, "sms:491": 60, "voice": 7})
    assert expected == settings.price(Channel.SMS, prefix)


@pytest.mark.parametrize(("sent", "answered", "expected"), [(19, 0, False), (20, 5, True), (20, 6, False), (1000, 299, True)])
def test_the_alarm(sent: int, answered: int, expected: bool) -> None:  # noqa: FBT001 - a case
    """Below 30 answers of 100, once there are twenty messages."""
    assert expected is Completion("49", sent, answered).is_alarming

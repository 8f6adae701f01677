"""Wrong codes lock a method, for longer each time; a right one forgives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.signin.lockout import (
    FAILURES,
    LONGEST_LOCK,
    Failures,
    after_right_code,
    after_wrong_code,
    guessing_probability,
    is_locked,
)

NOW: Final = datetime(2026, 11, 24, tzinfo=UTC)


def locked_times(times: int) -> Failures:
    """After so many locks, each waited for."""
    failures, now = Failures(), NOW
    for _ in range(times):
        for _ in range(FAILURES):
            failures = after_wrong_code(failures, now)
        now = failures.locked_until or now
    return failures


def test_the_fifth_wrong_code_locks() -> None:
    """Not the fourth; and the lock ends."""
    four = Failures(failures=FAILURES - 1)
    five = after_wrong_code(four, NOW)
    assert (False, True) == (is_locked(four, NOW), is_locked(five, NOW))
    assert (True, False) == tuple(is_locked(five, NOW + timedelta(minutes=minutes)) for minutes in (14, 15))


@pytest.mark.parametrize(("times", "span"), [(1, "0:15:00"), (2, "0:30:00"), (3, "1:00:00"), (8, "1 day, 0:00:00")])
def test_locks_grow(times: int, span: str) -> None:
    """Twice as long each time, a day at most."""
    before = locked_times(times - 1).locked_until or NOW
    assert span == str((locked_times(times).locked_until or NOW) - before)


@given(st.integers(0, 3000))
def test_no_lock_is_longer_than_a_day(times: int) -> None:
    """However often it was locked."""
    failures = after_wrong_code(Failures(FAILURES - 1, times), NOW)
    assert (failures.locked_until or NOW) - NOW <= LONGEST_LOCK


def test_a_right_code_forgives() -> None:
    """The next wrong one counts as the first."""
    assert Failures() == after_right_code(locked_times(3))


def test_guessing() -> None:
    """Five guesses, three codes of a million right at any time: 15 in a million."""
    assert pytest.approx(15e-6, rel=1e-4) == guessing_probability(FAILURES, 10**6, 3)

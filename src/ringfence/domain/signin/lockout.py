"""Wrong codes are counted per account and method, whatever the session: a pure decision.

Sources: lessons 1 (guessing in parallel sessions; a lockout that was off). Five wrong codes lock the method for a quarter of an
hour, then for twice as long each time (P).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum, unique
from typing import Final, NamedTuple

FAILURES: Final = 5
FIRST_LOCK: Final = timedelta(minutes=15)
LONGEST_LOCK: Final = timedelta(hours=24)
_MOST_DOUBLINGS: Final = 20
KEPT: Final = timedelta(days=30)
"""How long wrong codes and locks are held against a method after the last of them."""


@unique
class Counted(IntEnum):
    """What failures are counted of beside the methods of challenges; the value is what the database stores."""

    APP_PASSWORD = 100


class Failures(NamedTuple):
    """What is held against one method of an account.

    `failures` counts towards the next lock, `locks` how often it was locked since the last right code.
    """

    failures: int = 0
    locks: int = 0
    locked_until: datetime | None = None
    version: int = 0
    """Counts writes; 0 means that nothing is stored yet."""


def is_locked(failures: Failures, now: datetime) -> bool:
    """Whether codes are not even looked at."""
    return failures.locked_until is not None and now < failures.locked_until


def after_wrong_code(failures: Failures, now: datetime) -> Failures:
    """What is held against the method after one more wrong code."""
    count = failures.failures + 1
    if count < FAILURES:
        return failures._replace(failures=count)
    lock = min(FIRST_LOCK * 2 ** min(failures.locks, _MOST_DOUBLINGS), LONGEST_LOCK)
    return failures._replace(failures=0, locks=failures.locks + 1, locked_until=now + lock)


def after_right_code(failures: Failures) -> Failures:
    """Nothing is held against it any more."""
    return Failures(version=failures.version)


def guessing_probability(wrong_codes: int, codes: int, accepted: int) -> float:
    """The chance to hit one of `accepted` right codes out of `codes`, with so many guesses that were looked at."""
    return 1.0 - (1.0 - accepted / codes) ** wrong_codes

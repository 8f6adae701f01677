"""Clocks for tests: the time stands still, and work takes as long as the test says."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Final

STEP: Final = timedelta(milliseconds=140)
"""What SQLite's transactions aim at."""
IN_WINDOW: Final = datetime(2021, 2, 10, 9, 30, 0, 250, tzinfo=UTC)
"""Inside the window of the announcement: 1 February to 1 May 2021."""


class FakeClock:
    """`Clock` that stands still; between two readings of `elapsed` a step passes.

    With the step that chunked work aims at, chunks keep their first size, so that a run has the same chunks every time.
    """

    def __init__(self, now: datetime = IN_WINDOW, step: timedelta = STEP) -> None:
        """Stand at `now`."""
        self._now = now
        self._step = step
        self._elapsed = timedelta()

    def now(self) -> datetime:
        """The instant it stands at."""
        return self._now

    def elapsed(self) -> timedelta:
        """A step more than the last time."""
        self._elapsed += self._step
        return self._elapsed


class PacingClock(FakeClock):
    """Stands still like the other, but work takes as long as it takes, so that chunks are sized as in production."""

    def elapsed(self) -> timedelta:
        """The machine's own span."""
        return timedelta(seconds=time.monotonic())

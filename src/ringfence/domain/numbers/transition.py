"""The transition: the window in which public numbers are copied and mirrored, per tenant, without any opt-out.

Source: domain-rules B.1 (S1, S5, S9), A18. The window is `[start, end)` in UTC, on the cloud's commit time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.numbers.facts import Moment

PRESETS: Final = {"entra-2021": (datetime(2021, 2, 1, tzinfo=UTC), datetime(2021, 5, 1, tzinfo=UTC))}
"""Named windows: `entra-2021` has the dates of the announcement of 28 January 2021."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One window. All instants are aware UTC; `closed_at` is set once an administrator closed it early."""

    start_at: datetime
    end_at: datetime
    opened_at: datetime
    preset: str | None = None
    closed_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a window that is empty or runs backwards."""
        if self.start_at >= self.end_at:
            raise InvalidError(ErrorCode.TRANSITION_ORDER, start=self.start_at, end=self.end_at)

    def moment(self, at: datetime) -> Moment:
        """Say where `at` lies; a closed transition counts as ended from the moment it was closed."""
        if at >= self.end_at or (self.closed_at is not None and at >= self.closed_at):
            return Moment.AFTER
        return Moment.INSIDE if at >= self.start_at else Moment.BEFORE


def moment_of(transition: Transition | None, at: datetime) -> Moment:
    """Say where `at` lies; while a tenant has no transition it is *before* one (G, C2)."""
    return Moment.BEFORE if transition is None else transition.moment(at)

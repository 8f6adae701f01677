"""The system's clock, and how instants are written and read."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from ringfence.domain.errors import ErrorCode, InvalidError


class SystemClock:
    """`Clock` of the machine."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)

    def elapsed(self) -> timedelta:
        """A span that only grows."""
        return timedelta(seconds=time.monotonic())


def parse_instant(text: str) -> datetime:
    """Read `2021-02-01`, `2021-02-01T00:00Z` or any ISO 8601 instant, UTC by default; raises `InvalidError` (DATE_INVALID)."""
    try:
        instant = datetime.fromisoformat(text.strip())
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidError(ErrorCode.DATE_INVALID, value=text) from error


def show_second(instant: datetime | None) -> str | None:
    """Like `show_instant`, without what is smaller than a second: for people."""
    return None if instant is None else show_instant(instant.replace(microsecond=0))


def show_instant(instant: datetime | None) -> str | None:
    """ISO 8601 in UTC with `Z`, to the second (to the microsecond where there is one)."""
    return None if instant is None else instant.astimezone(UTC).isoformat().replace("+00:00", "Z")

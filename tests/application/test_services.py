"""How contended and long work is done: transactions run again (domain-rules A21), chunks sized by the time they take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.application.ports import UnitOfWork
from ringfence.application.services import ATTEMPTS, Pace, in_transaction
from ringfence.domain.errors import ConflictError, ErrorCode, RingfenceError
from tests.application.fakes import FakeClock
from tests.application.worlds import World, person

NOW = datetime(2021, 3, 15, tzinfo=UTC)


class StopWatch(FakeClock):
    """A clock whose `elapsed` moves by what the test says it took."""

    def __init__(self) -> None:
        """Begin at zero."""
        super().__init__(NOW)
        self.span = timedelta()

    def elapsed(self) -> timedelta:
        """As far as the test moved it."""
        return self.span


class Contention:
    """Work that loses against others so many times before it gets through."""

    def __init__(self, losses: int, code: ErrorCode = ErrorCode.ROW_CHANGED) -> None:
        """Say how often, and with which error."""
        self.tries = 0
        self._losses = losses
        self._code = code

    def __call__(self, _unit: UnitOfWork) -> int:
        """Try once more."""
        self.tries += 1
        if self.tries <= self._losses:
            raise ConflictError(self._code)
        return self.tries


@pytest.mark.parametrize("losses", [0, 1, ATTEMPTS - 1])
def test_a_transaction_that_lost_is_run_again(early: World, losses: int) -> None:
    """A21: until it gets through."""
    assert losses + 1 == in_transaction(early.services, Contention(losses))


def test_it_gives_up_in_the_end(early: World) -> None:
    """Whoever loses every time is told so, not kept for ever."""
    work = Contention(1000)
    with pytest.raises(ConflictError):
        in_transaction(early.services, work)
    assert ATTEMPTS == work.tries


@pytest.mark.parametrize("code", [ErrorCode.METHOD_IS_DEFAULT, ErrorCode.DATABASE_BUSY])
def test_another_conflict_is_not_tried_again(early: World, code: ErrorCode) -> None:
    """Only rows that changed under us are a reason to look again."""
    work = Contention(1, code)
    with pytest.raises(RingfenceError):
        in_transaction(early.services, work)
    assert 1 == work.tries


def test_what_lost_leaves_nothing_behind(early: World) -> None:
    """A transaction that is not committed has not happened."""
    early.sync(person("ada"))
    before = early.dump()

    def work(unit: UnitOfWork) -> None:
        account = early.account("ada")
        unit.directory.update(early.tenant_id, [(account, account._replace(user=account.user._replace(email="new")))])
        raise ConflictError(ErrorCode.PHONE_ABSENT)

    with pytest.raises(ConflictError):
        in_transaction(early.services, work)
    assert before == early.dump()


TARGET: Final = timedelta(milliseconds=80)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=20), st.integers(10, 5000))
def test_chunks_stay_within_bounds(durations: list[float], first: int) -> None:
    """However long transactions take, the next is at least 10, at most 5000, at most twice and at least a quarter of the last."""
    watch = StopWatch()
    pace = Pace(watch, TARGET, first=first)
    for times in durations:
        last = pace.size
        took = times * TARGET

        def work(took: timedelta = took) -> None:
            watch.span += took

        pace.timed(work)
        assert max(10, last // 4) <= pace.size <= min(5000, 2 * last)


@given(st.floats(0.01, 1), st.integers(10, 1000))
def test_chunks_come_near_the_target(seconds_per_thousand: float, first: int) -> None:
    """Where every item takes the same, the size soon is what fits into the target, as far as the bounds allow."""
    watch = StopWatch()
    pace = Pace(watch, TARGET, first=first)

    def work() -> None:
        watch.span += timedelta(seconds=seconds_per_thousand * pace.size / 1000)

    for _ in range(60):
        pace.timed(work)
    fitting = TARGET.total_seconds() * 1000 / seconds_per_thousand
    assert min(5000, fitting) * 0.8 <= pace.size <= max(10, min(5000, fitting) * 1.2)


@given(st.lists(st.integers(), max_size=40), st.integers(1, 40))
def test_portions_take_every_item_once(items: list[int], most: int) -> None:
    """Work that declines what is too much gets it in halves: every item once, in order."""

    def work(part: Sequence[int]) -> list[int] | None:
        return list(part) if len(part) <= most else None

    done = list(Pace(StopWatch(), TARGET).in_portions(items, work))
    assert items == [item for part in done for item in part]
    assert all(len(part) <= most for part in done)


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=10))
def test_one_change_is_never_too_many(changes: list[int]) -> None:
    """Portions always come to an end: a single row may always be written."""
    pace = Pace(StopWatch(), TARGET)
    for count in changes:
        pace.is_steady(count)
    assert pace.is_steady(1)

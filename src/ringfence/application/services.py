"""What every use case is given: the ports joined to one deployment, and the policy over numbers.

Also the two ways long and contended work is done everywhere: a transaction that is run again when rows changed under it
(domain-rules A21), and chunks sized so that no write transaction holds the database for long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from ringfence.application.ports import Clock, NewIdentifiers, Sealer, Store, UnitOfWork
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.numbers.policy import NumberPolicy

Item = TypeVar("Item")
Result = TypeVar("Result")

ATTEMPTS: Final = 8
"""How often a transaction is run again after a conflict before it gives up."""

FIRST_CHUNK: Final = 100
"""How many pieces go into the first transaction of long work, unless it says otherwise."""
_GROWTH: Final = 1.25
"""How much larger the next transaction may be: one that was lucky, on a busy machine, says little about the next."""
_ALWAYS_STEADY: Final = 100
"""Changes that are few enough in any transaction."""


@dataclass(frozen=True, slots=True)
class Services:
    """The ports of one deployment."""

    store: Store
    sealer: Sealer
    clock: Clock
    new_id: NewIdentifiers
    policy: NumberPolicy


def in_transaction(services: Services, work: Callable[[UnitOfWork], Result]) -> Result:
    """Run `work` in one transaction and commit; run it again, from fresh reads, when rows changed under it (A21)."""
    for attempt in range(ATTEMPTS):
        try:
            with services.store.begin() as unit:
                result = work(unit)
                unit.commit()
                return result
        except ConflictError as error:
            if error.code is not ErrorCode.ROW_CHANGED or attempt == ATTEMPTS - 1:
                raise
            services.store.give_way()
    raise AssertionError


class Pace:
    """Chooses how much goes into the next transaction from how long the last one took."""

    def __init__(self, clock: Clock, target: timedelta, first: int = FIRST_CHUNK, most: int = 5000) -> None:
        """Let a transaction last about as long as `target` (`Store.chunk_target`); begin with `first`, never take over `most`."""
        self._clock = clock
        self._target = target
        self._began = clock.elapsed()
        self._steady = most
        self._most = most
        self._size = first

    @property
    def size(self) -> int:
        """How many to take next."""
        return self._size

    @property
    def is_spent(self) -> bool:
        """Whether the transaction at hand has lasted as long as one should, for work whose pieces differ much in size."""
        return self._clock.elapsed() - self._began >= self._target

    def is_steady(self, changes: int) -> bool:
        """Say whether a transaction may write so many changes: at most twice as many as the one before, and some.

        Its size was learned from rows that changed less often, and a row that changes takes several times as long as one that
        does not; work that may not write returns None and is done again in portions.
        """
        if changes > self._steady:
            return False
        self._steady = 2 * changes + _ALWAYS_STEADY
        return True

    def in_portions(self, items: Sequence[Item], work: Callable[[Sequence[Item]], Result | None]) -> Iterator[Result]:
        """Run `work` over all items in one transaction, or over one half after the other where it returns None."""
        result = self.timed(lambda: work(items), len(items))
        if result is not None:
            yield result
            return
        middle = len(items) // 2
        for part in (items[:middle], items[middle:]):
            yield from self.in_portions(part, work)

    def timed(self, work: Callable[[], Result], amount: int | None = None) -> Result:
        """Run one transaction over so many (as many as there should be, unless told), and learn from it."""
        self._began = self._clock.elapsed()
        result = work()
        took = max(self._clock.elapsed() - self._began, timedelta(microseconds=1))
        factor = min(_GROWTH, max(0.25, self._target / took))
        self._size = max(10, min(self._most, int((self._size if amount is None else amount) * factor)))
        return result

"""Say beforehand what a copy will do, to whom and why; and report how things stand. Writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from ringfence.application.ports import Outcome, PairLine, UnitOfWork
from ringfence.application.services import Services
from ringfence.application.transitions import present_transition
from ringfence.domain.numbers.facts import Moment
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.tables import Status
from ringfence.domain.numbers.transition import Transition, moment_of


class NumbersPlan(NamedTuple):
    """The pairs of all users counted, for the instant `at`; `left_behind_at_end` looks ahead to the window's end."""

    at: datetime
    moment: Moment
    transition: Transition | None
    users: int
    outcomes: list[Outcome]
    left_behind_at_end: int

    def by_status(self) -> dict[Status, int]:
        """Pairs by status, every status present."""
        counted = Counter(dict.fromkeys(Status, 0))
        for outcome in self.outcomes:
            counted[outcome.row.status] += outcome.pairs
        return dict(counted)

    @property
    def following(self) -> int:
        """How many pairs will follow the directory from now on."""
        return sum(outcome.pairs for outcome in self.outcomes if outcome.follows)

    @property
    def extensions_dropped(self) -> int:
        """How many public mobile numbers count without the extension they are written with (A2)."""
        return sum(outcome.pairs for outcome in self.outcomes if outcome.extension_dropped)


class NumberLine(NamedTuple):
    """One user and pair; `authentication` is the canonical number, "" when there is none."""

    upn: str
    pair: Pair
    public: str
    authentication: str
    status: Status
    rule: str
    follows: bool


def plan_numbers(
    services: Services,
    tenant_id: int,
    at: datetime,
    on_line: Callable[[NumberLine], None] | None = None,
    assumed: Transition | None = None,
) -> NumbersPlan:
    """Count the pairs as they would stand at `at`, and hand every user and pair to `on_line`, all from one consistent picture.

    `assumed` is a transition to plan with, in place of the tenant's own.
    """
    with services.store.snapshot() as unit:
        transition = assumed or present_transition(unit, tenant_id)
        moment = moment_of(transition, at)
        outcomes = unit.numbers.outcomes(tenant_id, moment)
        pairs = sum(outcome.pairs for outcome in outcomes)
        ended = transition is None or moment is Moment.AFTER
        left_behind = 0 if ended else sum(outcome.left_behind for outcome in outcomes)
        if on_line is not None:
            for line in _lines(services, unit, tenant_id, moment):
                on_line(line)
    return NumbersPlan(at, moment, transition, pairs // 2, outcomes, left_behind)


def _lines(services: Services, unit: UnitOfWork, tenant_id: int, moment: Moment) -> Iterator[NumberLine]:
    for line in unit.numbers.lines(tenant_id, moment):
        yield NumberLine(
            line.upn,
            line.pair,
            line.public,
            _unsealed(services, tenant_id, line),
            line.row.status,
            line.row.rule,
            line.follows,
        )


def _unsealed(services: Services, tenant_id: int, line: PairLine) -> str:
    if line.authentication is None:
        return ""
    return services.sealer.unseal(line.authentication, line.key_id, tenant_id, line.user_id, line.pair)

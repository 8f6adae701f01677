"""What SQL decides about a pair is what the tables of rules say about it, whatever the pair looks like.

The oracle is `ringfence.domain.numbers.standing` (the same rows walked in Python) and `ringfence.domain.audit`. Each example is
a tenant of random users in one transaction that is taken back at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence.application.ports import AuditFilter, UnitOfWork
from ringfence.domain.audit import AuditRecord, Trail, record_private_change
from ringfence.domain.directory.user import Account, NumberOrigin, PairState, Written, upn_key
from ringfence.domain.numbers.canonical import PublicState
from ringfence.domain.numbers.facts import Moment
from ringfence.domain.numbers.pairs import PUBLIC_PAIRS, Pair
from ringfence.domain.numbers.policy import NumberPolicy, PublicSource
from ringfence.domain.numbers.standing import decide_copy, decide_status, follows_directory
from ringfence.domain.numbers.tables import CopyAction
from ringfence.domain.values import COPY_TASK, Run, RunKind
from ringfence.storage.engine import Database
from ringfence.storage.unit_of_work import SqlStore
from tests.contract.accounts import identifier
from tests.contract.clocks import IN_WINDOW
from tests.storage.populations import populations

TENANT: Final = 77
EVERYBODY: Final = (b"", None)
AT: Final = IN_WINDOW + timedelta(hours=1)
COPY_RUN: Final = Run(identifier(501), RunKind.COPY, IN_WINDOW)
POLICIES: Final = (
    NumberPolicy(),
    NumberPolicy(mirror_requires_configured=False),
    NumberPolicy(mirror_sources=frozenset(PublicSource)),
    NumberPolicy(mirror_sources=frozenset({PublicSource.ADMIN}), mirror_requires_configured=False),
    NumberPolicy(mirror_sources=frozenset()),
)
again = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
moments = st.sampled_from(Moment)
policies = st.sampled_from(POLICIES)


def pairs_in_use(population: Sequence[Account]) -> list[tuple[Account, PairState]]:
    """The pairs the tables speak of: mobile and office of everybody who is not deleted."""
    living = [one for one in population if one.user.deleted_at is None]
    return [(one, one.pairs[pair]) for one in living for pair in PUBLIC_PAIRS]


def stored(unit: UnitOfWork, population: Sequence[Account]) -> dict[bytes, Account]:
    """Everybody as they stand now."""
    return unit.directory.load(TENANT, [one.user.user_id for one in population])


@pytest.mark.slow
@again
@given(populations, moments, policies)
def test_outcomes_count_what_the_rules_say(
    database: Database, population: list[Account], moment: Moment, policy: NumberPolicy
) -> None:
    """The counts are those of the status table walked in Python, with following and dropped extensions."""
    expected = Counter(
        (
            decide_status(one.user, state, moment, policy).outcome,
            follows_directory(one.user, state, moment, policy),
            state.public.state is PublicState.EXTENSION_DROPPED,
        )
        for one, state in pairs_in_use(population)
    )
    with SqlStore(database, policy).begin() as unit:
        unit.directory.insert(TENANT, population)
        found = {outcome[:3]: outcome.pairs for outcome in unit.numbers.outcomes(TENANT, moment)}
    assert dict(expected) == found


@again
@given(populations, moments, policies)
def test_lines_say_what_the_rules_say(
    database: Database, population: list[Account], moment: Moment, policy: NumberPolicy
) -> None:
    """One line for each user and pair, by name, each with the row of the table and whether it follows the directory."""
    ordered = sorted(pairs_in_use(population), key=lambda pair: (upn_key(pair[0].user.upn), pair[1].pair))
    expected = [
        (
            *(one.user.user_id, one.user.key_id, one.user.upn, state.pair, state.public.text, state.authentication),
            decide_status(one.user, state, moment, policy).outcome,
            follows_directory(one.user, state, moment, policy),
        )
        for one, state in ordered
    ]
    with SqlStore(database, policy).begin() as unit:
        unit.directory.insert(TENANT, population)
        found = [tuple(line) for line in unit.numbers.lines(TENANT, moment)]
    assert expected == found


def copied(one: Account, moment: Moment, policy: NumberPolicy) -> Account:
    """The account after a copy: what C6 matches has the public number, marked with the run."""
    if one.user.deleted_at is not None:
        return one
    pairs = dict(one.pairs)
    for state in (one.pairs[pair] for pair in PUBLIC_PAIRS):
        if decide_copy(one.user, state, moment, policy).outcome is CopyAction.COPY:
            written = Written(NumberOrigin.COPY, AT, COPY_TASK.name, COPY_RUN.run_id)
            pairs[state.pair] = state._replace(authentication=state.public.sealed, written=written, version=state.version + 1)
    return one._replace(pairs=pairs)


def writes(before: Sequence[Account], after: dict[bytes, Account]) -> int:
    """How many numbers differ."""
    return sum(
        state.authentication != after[one.user.user_id].pairs[state.pair].authentication
        for one in before
        for state in one.pairs.values()
    )


@pytest.mark.slow
@again
@given(populations, moments, policies)
def test_the_copy_writes_where_the_rules_say_copy(
    database: Database, population: list[Account], moment: Moment, policy: NumberPolicy
) -> None:
    """Exactly the pairs of row C6 are written, nothing else of anybody changes, and the number of writes is told."""
    expected = {one.user.user_id: copied(one, moment, policy) for one in population}
    with SqlStore(database, policy).begin() as unit:
        unit.directory.insert(TENANT, population)
        told = unit.numbers.copy(TENANT, EVERYBODY, moment, (COPY_RUN.run_id, AT))
        found = stored(unit, population)
    assert expected == found
    assert writes(population, expected) == told


def seen_by_audit(record: AuditRecord) -> AuditRecord:
    """A record without what may differ: its place in the order, and entries, which neither copy nor undo changes."""
    bare: dict[str, object] = {"methods": frozenset(), "default": None}
    old = None if record.old is None else record.old._replace(**bare)  # type: ignore[arg-type]
    new = None if record.new is None else record.new._replace(**bare)  # type: ignore[arg-type]
    return record._replace(part=0, old=old, new=new)


def recorded(unit: UnitOfWork, run_id: bytes) -> list[AuditRecord]:
    """The records of a run, by user and in their order."""
    found = [line.record for line in unit.audit.records(TENANT, AuditFilter(run_id=run_id))]
    return [seen_by_audit(record) for record in sorted(found, key=lambda record: (record.user_id, record.part))]


@again
@given(populations, policies)
def test_the_copy_leaves_two_records_a_number(database: Database, population: list[Account], policy: NumberPolicy) -> None:
    """For each number copied the two records stand that the domain would write, with the same numbers before and after."""
    trail = Trail(COPY_RUN.run_id, AT, COPY_TASK, COPY_RUN.run_id)
    rules = dict.fromkeys(Pair, "C6")
    expected = [
        seen_by_audit(record)
        for one in sorted(population, key=lambda one: one.user.user_id)
        for record in record_private_change(one, copied(one, Moment.INSIDE, policy), trail, rules)
    ]
    with SqlStore(database, policy).begin() as unit:
        unit.directory.insert(TENANT, population)
        told = unit.numbers.copy(TENANT, EVERYBODY, Moment.INSIDE, (COPY_RUN.run_id, AT))
        found = recorded(unit, COPY_RUN.run_id)
    assert expected == found
    assert 2 * told == len(found)


@pytest.mark.slow
@again
@given(populations, policies)
def test_a_second_copy_writes_nothing(database: Database, population: list[Account], policy: NumberPolicy) -> None:
    """What was copied is not copied again, and the second run leaves no record (A22)."""
    with SqlStore(database, policy).begin() as unit:
        unit.directory.insert(TENANT, population)
        unit.numbers.copy(TENANT, EVERYBODY, Moment.INSIDE, (COPY_RUN.run_id, AT))
        first = stored(unit, population)
        told = unit.numbers.copy(TENANT, EVERYBODY, Moment.INSIDE, (identifier(503), AT))
        second, records = stored(unit, population), recorded(unit, identifier(503))
    assert (first, 0, []) == (second, told, records)


@pytest.mark.slow
@again
@given(populations, st.lists(st.integers(0, 8), max_size=3))
def test_spans_add_up_to_the_whole(database: Database, population: list[Account], cuts: list[int]) -> None:
    """Copied span by span, in whatever spans, everybody ends as when copied at once."""
    bounds: list[bytes | None] = [b"", *(identifier(cut) for cut in sorted(cuts)), None]
    with SqlStore(database, NumberPolicy()).begin() as unit:
        unit.directory.insert(TENANT, population)
        for after, upto in pairwise(bounds):
            unit.numbers.copy(TENANT, (after or b"", upto), Moment.INSIDE, (COPY_RUN.run_id, AT))
        found = stored(unit, population)
    assert {one.user.user_id: copied(one, Moment.INSIDE, NumberPolicy()) for one in population} == found

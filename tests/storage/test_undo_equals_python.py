"""What an undo takes back is what its promise says, whatever happened to the users between the copy and the undo.

The oracle restates the promise over one pair in Python, with the facts of `ringfence.domain.numbers.standing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ringfence.domain.audit import Trail, record_private_change
from ringfence.domain.directory.records import SyncState
from ringfence.domain.directory.user import Account, NumberOrigin, PairState
from ringfence.domain.numbers.facts import Moment, Public
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.domain.numbers.standing import public_fact
from ringfence.domain.values import UNDO_TASK, Run, RunKind
from ringfence.storage.engine import Database
from ringfence.storage.unit_of_work import SqlStore, SqlUnitOfWork
from tests.contract.accounts import identifier, to_copy
from tests.contract.clocks import IN_WINDOW
from tests.storage.populations import CHANGES, changed_populations, populations
from tests.storage.test_sql_equals_python import (
    AT,
    COPY_RUN,
    EVERYBODY,
    POLICIES,
    TENANT,
    again,
    copied,
    recorded,
    seen_by_audit,
    stored,
    writes,
)

UNDO_RUN: Final = Run(identifier(502), RunKind.UNDO, IN_WINDOW)
TRAIL: Final = Trail(UNDO_RUN.run_id, AT, UNDO_TASK, UNDO_RUN.run_id)
steps = changed_populations
policies = st.sampled_from(POLICIES)
Steps = tuple[list[Account], list[str]]


def is_unchanged(one: Account, state: PairState, policy: NumberPolicy) -> bool:
    """The promise: still the run's number, and equal to a public number that would be contacted instead."""
    written = state.written
    return (
        one.user.deleted_at is None
        and one.user.sync_state is SyncState.SYNCED
        and written is not None
        and (written.origin, written.run_id) == (NumberOrigin.COPY, COPY_RUN.run_id)
        and state.authentication == state.public.sealed
        and public_fact(state.public, policy) is Public.VALID
    )


def taken_back(one: Account, policy: NumberPolicy) -> Account:
    """The account after the undo of the copy."""
    pairs = dict(one.pairs)
    for state in one.pairs.values():
        if is_unchanged(one, state, policy):
            pairs[state.pair] = state._replace(authentication=None, written=None, version=state.version + 1)
    return one._replace(pairs=pairs)


def copy_and_change(unit: SqlUnitOfWork, population: Sequence[Account], changes: Sequence[str]) -> list[Account]:
    """Store everybody, copy, let the changes happen, and return everybody as they stand then."""
    unit.directory.insert(TENANT, population)
    unit.administration.add_run(TENANT, COPY_RUN)
    unit.administration.add_run(TENANT, UNDO_RUN)
    unit.numbers.copy(TENANT, EVERYBODY, Moment.INSIDE, (COPY_RUN.run_id, AT))
    present = stored(unit, population)
    names = zip(population, changes, strict=True)
    unit.directory.update(
        TENANT, [(present[one.user.user_id], CHANGES[change](present[one.user.user_id])) for one, change in names]
    )
    return sorted(stored(unit, population).values(), key=lambda one: one.user.user_id)


@again
@given(steps, policies)
def test_the_undo_takes_back_what_is_unchanged(database: Database, happened: Steps, policy: NumberPolicy) -> None:
    """Exactly what the run wrote and nobody changed since is taken back, and the number of writes is told; entries stay."""
    with SqlStore(database, policy).begin() as unit:
        before = copy_and_change(unit, *happened)
        told = unit.numbers.undo(TENANT, EVERYBODY, COPY_RUN.run_id, (UNDO_RUN.run_id, AT))
        found = stored(unit, before)
    expected = {one.user.user_id: taken_back(one, policy) for one in before}
    assert expected == found
    assert writes(before, expected) == told


@pytest.mark.slow
@again
@given(steps, policies)
def test_the_undo_leaves_two_records_a_number(database: Database, happened: Steps, policy: NumberPolicy) -> None:
    """For each number taken back the two records stand that the domain would write."""
    with SqlStore(database, policy).begin() as unit:
        before = copy_and_change(unit, *happened)
        unit.numbers.undo(TENANT, EVERYBODY, COPY_RUN.run_id, (UNDO_RUN.run_id, AT))
        found = recorded(unit, UNDO_RUN.run_id)
    rules = dict.fromkeys(Pair, "undo")
    assert [
        seen_by_audit(record) for one in before for record in record_private_change(one, taken_back(one, policy), TRAIL, rules)
    ] == found


@pytest.mark.slow
@again
@given(steps, policies)
def test_a_second_undo_takes_nothing_back(database: Database, happened: Steps, policy: NumberPolicy) -> None:
    """What was taken back once is not taken back again (A22)."""
    with SqlStore(database, policy).begin() as unit:
        before = copy_and_change(unit, *happened)
        unit.numbers.undo(TENANT, EVERYBODY, COPY_RUN.run_id, (UNDO_RUN.run_id, AT))
        first = stored(unit, before)
        told = unit.numbers.undo(TENANT, EVERYBODY, COPY_RUN.run_id, (identifier(503), AT))
        second = stored(unit, before)
    assert (first, 0) == (second, told)


def why_kept(one: Account, state: PairState) -> str:
    """Why the undo leaves a number of the run alone, in the order of `Kept`."""
    if one.user.deleted_at is not None:
        return "deleted"
    if one.user.sync_state is not SyncState.SYNCED:
        return "not_synced"
    own = state.written is not None and state.written.run_id == COPY_RUN.run_id
    return "public_changed" if own else "authentication_changed"


@again
@given(steps, policies)
def test_the_rest_is_listed_with_the_reason(database: Database, happened: Steps, policy: NumberPolicy) -> None:
    """Everything the run copied and the undo left alone is listed, by name, each with the reason."""
    with SqlStore(database, policy).begin() as unit:
        before = copy_and_change(unit, *happened)
        unit.numbers.undo(TENANT, EVERYBODY, COPY_RUN.run_id, (UNDO_RUN.run_id, AT))
        found = [(kept.user_id, kept.upn, kept.pair, kept.reason) for kept in unit.numbers.kept(TENANT, COPY_RUN)]
    expected = [
        (one.user.user_id, one.user.upn, pair, why_kept(one, one.pairs[pair]))
        for origin, one in zip(happened[0], before, strict=True)
        for pair in copied_pairs(origin, policy)
        if not is_unchanged(one, one.pairs[pair], policy)
    ]
    assert sorted(expected, key=lambda line: line[1:3]) == found


def copied_pairs(one: Account, policy: NumberPolicy) -> list[Pair]:
    """The pairs that the copy wrote."""
    after = copied(one, Moment.INSIDE, policy)
    return [pair for pair in one.pairs if one.pairs[pair] != after.pairs[pair]]


@pytest.mark.slow
@again
@given(populations, st.sampled_from(sorted(CHANGES)), policies)
@example([to_copy(1)], "public changed", NumberPolicy())
def test_what_was_taken_back_is_listed_no_more(
    database: Database, population: list[Account], change: str, policy: NumberPolicy
) -> None:
    """Whatever happens to a number after it was taken back, it is not told as one that the undo left alone."""
    with SqlStore(database, policy).begin() as unit:
        copy_and_change(unit, population, ["nothing"] * len(population))
        unit.numbers.undo(TENANT, EVERYBODY, COPY_RUN.run_id, (UNDO_RUN.run_id, AT))
        unit.directory.update(TENANT, [(one, CHANGES[change](one)) for one in stored(unit, population).values()])
        assert [] == list(unit.numbers.kept(TENANT, COPY_RUN))

"""The promise of the announcement: nobody is rung at another number than before (domain-rules S4, A22; B.2, side effects).

Random states, any moment, any `mirror_sources`, the default fallback policy.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.application.transitions import close_transition
from ringfence.domain.numbers.pairs import MethodType
from ringfence.domain.numbers.policy import NumberPolicy, PublicSource
from tests.application.conftest import WorldUnder
from tests.application.states import STATES, State, settle
from tests.application.worlds import ADMIN, END, INSIDE, START, World

TICK: Final = timedelta(microseconds=1)


class Circumstance(NamedTuple):
    """When it is, and whether the transition was closed just now."""

    at: datetime
    closed: bool = False


CIRCUMSTANCES: Final = st.sampled_from(
    [Circumstance(at) for at in (START - TICK, START, INSIDE, INSIDE, END - TICK, END)] + [Circumstance(INSIDE, closed=True)]
)
POLICIES: Final = st.builds(NumberPolicy, mirror_sources=st.frozensets(st.sampled_from(PublicSource), min_size=1))
SOME_STATES: Final = st.lists(STATES, min_size=1, max_size=6)
QUICK: Final = settings(max_examples=25)
LONG: Final = settings(max_examples=200)

Contacts = dict[tuple[str, MethodType], str | None]


def contacts(world: World, names: list[str]) -> Contacts:
    """For every user and method the number that would be contacted now."""
    return {(name, method): number for name in names for method, number in world.contacts(name).items()}


def entries_and_defaults(world: World, names: list[str]) -> list[tuple[frozenset[MethodType], MethodType | None]]:
    """What a user registered and prefers."""
    return [(user.methods, user.default) for user in (world.account(name).user for name in names)]


def begin(world: World, states: list[State], when: Circumstance) -> list[str]:
    """The users, at an instant, in a transition that may have been closed early."""
    names = settle(world, states)
    world.open_window()
    world.clock.time = when.at
    if when.closed:
        close_transition(world.services, world.tenant_id, when.at, ADMIN)
    return names


def check_contacts(world: World, names: list[str]) -> None:
    """Copy, then take the copy back: every contact stays, entries and defaults too."""
    before = contacts(world, names), entries_and_defaults(world, names)
    result = world.copy()
    assert before == (contacts(world, names), entries_and_defaults(world, names))
    if result.copied:
        assert result.copied == world.undo(result.run_id).taken_back
        assert before == (contacts(world, names), entries_and_defaults(world, names))


@QUICK
@given(POLICIES, SOME_STATES, CIRCUMSTANCES)
def test_contacts_stay(world_under: WorldUnder, policy: NumberPolicy, states: list[State], when: Circumstance) -> None:
    """The number contacted just before a copy is the one contacted just after it, and again after it was taken back."""
    world = world_under(policy)
    check_contacts(world, begin(world, states, when))


@pytest.mark.slow
@LONG
@given(POLICIES, SOME_STATES, CIRCUMSTANCES)
def test_contacts_stay_often(world_under: WorldUnder, policy: NumberPolicy, states: list[State], when: Circumstance) -> None:
    """The same, many more times."""
    world = world_under(policy)
    check_contacts(world, begin(world, states, when))


def check_second_copy(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """A copy, then another: the second leaves every table as it was. Returns the tables."""
    world.copy()
    after_one = world.dump()
    second = world.copy()
    assert (0, b"") == (second.copied, second.run_id)
    assert after_one == world.dump()
    return after_one


@QUICK
@given(SOME_STATES, CIRCUMSTANCES)
def test_a_second_copy_writes_nothing(world_under: WorldUnder, states: list[State], when: Circumstance) -> None:
    """A22: not a row of any table changes, the audit trail included."""
    world = world_under(NumberPolicy())
    begin(world, states, when)
    check_second_copy(world)


@QUICK
@given(SOME_STATES, CIRCUMSTANCES)
def test_a_copy_writes_two_records_a_number(world_under: WorldUnder, states: list[State], when: Circumstance) -> None:
    """F.3: as many pairs of audit records as numbers, and nothing else in the user's own tables but the numbers."""
    world = world_under(NumberPolicy())
    begin(world, states, when)
    users = world.dump("users", "user_principal_names", "source_anchors", "distinguished_names")
    copied = world.copy().copied
    assert 2 * copied == len(world.dump("audit_records")["audit_records"])
    assert users == world.dump(*users)


@QUICK
@given(SOME_STATES, CIRCUMSTANCES)
def test_a_copy_writes_what_the_plan_counts(world_under: WorldUnder, states: list[State], when: Circumstance) -> None:
    """What is `to_copy` before is what the copy writes, and none is left."""
    world = world_under(NumberPolicy())
    names = begin(world, states, when)

    def waiting() -> int:
        alive = [name for name in names if world.account(name).user.deleted_at is None]
        return sum(one.status == "to_copy" for name in alive for one in world.explain(name).pairs)

    before = waiting()
    assert (before, 0) == (world.copy().copied, waiting())

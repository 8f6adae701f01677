"""Opening, showing and closing the transition; no opt-out (domain-rules A18, B.1 S9)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ringfence.application.copy_numbers import list_runs
from ringfence.application.transitions import close_transition, open_transition, show_transitions
from ringfence.domain.directory.user import PairState, User
from ringfence.domain.errors import ConflictError, ErrorCode, NotFoundError
from ringfence.domain.numbers.facts import Moment
from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.domain.numbers.tables import Status
from ringfence.domain.numbers.transition import Transition
from ringfence.domain.values import RunKind
from tests.application.worlds import ADMIN, ANNOUNCED, END, INSIDE, SMS, START, World, entries, person

A = "+1 4255550100"
B = "+1 4255550101"
MONTH = timedelta(days=30)


def opening(world: World, shift: timedelta = timedelta()) -> tuple[Transition, bool]:
    """Open a window like the announcement's, shifted, now."""
    wanted = Transition(START + shift, END + shift, world.clock.time)
    return open_transition(world.services, world.tenant_id, wanted, ADMIN)


def closing(world: World) -> Transition:
    """Close it now."""
    return close_transition(world.services, world.tenant_id, world.clock.time, ADMIN)


def shown(world: World) -> list[Transition]:
    """All of them, the present one last."""
    return show_transitions(world.services, world.tenant_id)


def waiting_user(world: World) -> None:
    """A user whose public number is in use."""
    world.sync(person("ada", mobile=A))
    world.mfa(entries("ada", SMS))


def test_opening(early: World) -> None:
    """The transition is kept with its start, its end and when it was opened."""
    assert (Transition(START, END, ANNOUNCED), True) == opening(early)
    assert [Transition(START, END, ANNOUNCED)] == shown(early)


def test_opening_the_same_again_changes_nothing(early: World) -> None:
    """The same window, asked for again: the present one is returned, and not a row is written."""
    opening(early)
    before = early.dump()
    early.clock.time = INSIDE
    assert (Transition(START, END, ANNOUNCED), False) == opening(early)
    assert before == early.dump()


@pytest.mark.parametrize("at", [ANNOUNCED, INSIDE], ids=["before its start", "inside"])
def test_another_cannot_be_opened_meanwhile(early: World, at: datetime) -> None:
    """One transition at a time, so that there is one answer to "is it the window?"."""
    opening(early)
    early.clock.time = at
    with pytest.raises(ConflictError) as refused:
        opening(early, MONTH)
    assert ErrorCode.TRANSITION_OPEN is refused.value.code


def test_another_can_be_opened_after_the_end(early: World) -> None:
    """The new one governs from then on."""
    opening(early)
    early.clock.time = END
    assert opening(early, 4 * MONTH)[1]
    assert [START, START + 4 * MONTH] == [transition.start_at for transition in shown(early)]


def test_the_same_cannot_be_opened_after_it_ended(early: World) -> None:
    """What is over by its own dates is over: opening it again gives it back as it was."""
    opening(early)
    early.clock.time = END
    assert (Transition(START, END, ANNOUNCED), False) == opening(early)


def test_a_closed_one_can_be_opened_again(early: World) -> None:
    """Closed by mistake: the same window can be opened once more."""
    opening(early)
    early.clock.time = INSIDE
    closing(early)
    early.clock.time += timedelta(hours=1)
    assert opening(early)[1]
    assert Moment.INSIDE is shown(early)[-1].moment(early.clock.time)


def test_closing_ends_it_at_once(world: World) -> None:
    """G: a closed transition counts as ended: nothing is copied, nobody falls back, the pair is left behind."""
    waiting_user(world)
    before = world.contacts("ada")
    closing(world)
    assert 0 == world.copy().copied
    assert ({SMS: A}, {SMS: None}, Status.LEFT_BEHIND) == (before, world.contacts("ada"), world.pair("ada").status)


def test_closing_twice_is_refused(world: World) -> None:
    """It has ended already."""
    closing(world)
    with pytest.raises(ConflictError) as refused:
        closing(world)
    assert ErrorCode.TRANSITION_ENDED is refused.value.code


def test_closing_none_is_refused(early: World) -> None:
    """There is nothing to close."""
    with pytest.raises(NotFoundError) as refused:
        closing(early)
    assert ErrorCode.TRANSITION_ABSENT is refused.value.code


def test_closing_after_the_end_is_refused(world: World) -> None:
    """At the end there is nothing left to close."""
    world.clock.time = END
    with pytest.raises(ConflictError) as refused:
        closing(world)
    assert ErrorCode.TRANSITION_ENDED is refused.value.code


def test_without_a_transition_nothing_is_copied(early: World) -> None:
    """G, C2: none is open yet, so it is before one, and the public number is still in use."""
    waiting_user(early)
    assert 0 == early.copy().copied
    assert ({SMS: A}, Status.BEFORE_WINDOW) == (early.contacts("ada"), early.pair("ada").status)


def test_without_a_transition_nothing_is_mirrored(early: World) -> None:
    """M1."""
    early.sync(person("ada", mobile=A))
    early.mfa(entries("ada", SMS, mobile=A))
    early.sync(person("ada", mobile=B))
    assert A == early.authentication("ada")


def test_s9_nobody_can_opt_out() -> None:
    """S9: neither user, pair, transition nor policy has a field by which somebody could be left out."""
    fields = {*User._fields, *PairState._fields, *Transition.__dataclass_fields__, *NumberPolicy.__dataclass_fields__}
    assert set() == {name for name in fields for word in ("opt", "exclude", "exempt", "skip") if word in name}


def test_who_opened_and_closed_it_is_kept(early: World) -> None:
    """In the list of runs, with the instant; opening the same one again adds nothing."""
    opening(early)
    opening(early)
    early.clock.time += timedelta(days=1)
    closing(early)
    label = "2021-02-01 to 2021-05-01, admin@contoso.example"
    found = [(run.kind, run.label, run.finished_at) for run in list_runs(early.services, early.tenant_id, 9)]
    assert [
        (RunKind.TRANSITION_CLOSE, label, early.clock.time),
        (RunKind.TRANSITION_OPEN, label, early.clock.time - timedelta(days=1)),
    ] == found

"""Taking a copy back: exactly what the run wrote where nothing has changed since; the rest is listed with its reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from ringfence.application.copy_numbers import each_kept, list_runs
from ringfence.application.ports import Kept
from ringfence.application.transitions import close_transition
from ringfence.domain.errors import ConflictError, ErrorCode, NotFoundError
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.tables import Contact
from ringfence.domain.values import RunKind
from tests.application.worlds import ADMIN, END, OFFICE_VOICE, SMS, World, entries, person, removal, upn_of

A = "+1 4255550100"
B = "+1 4255550101"
C = "+1 4255550102"


@pytest.fixture
def copied(world: World) -> World:
    """Three users with copied numbers, one of them with two."""
    world.sync(person("ada", mobile=A, office=B), person("bob", mobile=B), person("eve", mobile=C))
    world.mfa(entries("ada", SMS, OFFICE_VOICE), entries("bob", SMS), entries("eve", SMS))
    assert 4 == world.copy().copied
    world.clock.time += timedelta(days=1)
    return world


def run_of(world: World) -> bytes:
    """The run that copied."""
    runs = list_runs(world.services, world.tenant_id, 10)
    return next(run.run_id for run in runs if run.kind is RunKind.COPY)


def kept(world: World) -> list[tuple[str, Pair, str]]:
    """What an undo of that run left: who, which pair, why."""
    lines: list[Kept] = []
    assert each_kept(world.services, world.tenant_id, run_of(world), lines.append) == len(lines)
    return [(line.upn.split("@")[0], line.pair, line.reason) for line in lines]


def numbers(world: World) -> list[str | None]:
    """Every authentication number there could be."""
    return [pair.authentication for name in ("ada", "bob", "eve") for pair in world.explain(name).pairs]


def test_everything_is_taken_back(copied: World) -> None:
    """Where nothing has changed since, all numbers go, and nothing is left to list."""
    assert 4 == copied.undo(run_of(copied)).taken_back
    assert ([None] * 6, []) == (numbers(copied), kept(copied))


def test_entries_and_defaults_stay(copied: World) -> None:
    """Method entries and defaults are never touched, so the public number is in use again."""
    before = copied.dump("users")
    copied.undo(run_of(copied))
    assert before == copied.dump("users")
    assert (A, Contact.PUBLIC) == (copied.explain("ada").methods[0].contacts, copied.explain("ada").methods[0].source)


def an_administrator_changes_it(world: World) -> None:
    """Another number is set."""
    world.set_phone("bob", C)


def an_administrator_sets_it_back(world: World) -> None:
    """The number is the same as the copied one, but it is the administrator's now."""
    world.set_phone("bob", C)
    world.set_phone("bob", B)


def the_directory_changes_it(world: World) -> None:
    """The change is mirrored, so the authentication number is another one."""
    world.sync(person("bob", mobile=C))


def the_directory_clears_it(world: World) -> None:
    """Nothing would stand in for the number."""
    world.sync(person("bob", mobile=""))


def the_directory_breaks_it(world: World) -> None:
    """What stands there now is not usable."""
    world.sync(person("bob", mobile="ask my wife"))


def the_user_writes_it_themself(world: World) -> None:
    """The same number, but written by somebody whose numbers are not contacted (A17)."""
    world.edit_own_profile("bob", B)


def the_user_is_unsynced(world: World) -> None:
    """Without fallback the user would have no number."""
    world.sync(person("bob", synced=False))


def the_user_is_deleted(world: World) -> None:
    """A deleted user is left as is."""
    world.sync(removal("bob"))


@pytest.mark.parametrize(
    ("since", "reason"),
    [
        (an_administrator_changes_it, "authentication_changed"),
        (an_administrator_sets_it_back, "authentication_changed"),
        (the_directory_changes_it, "authentication_changed"),
        (the_directory_clears_it, "public_changed"),
        (the_directory_breaks_it, "public_changed"),
        (the_user_writes_it_themself, "public_changed"),
        (the_user_is_unsynced, "not_synced"),
        (the_user_is_deleted, "deleted"),
    ],
)
def test_what_has_changed_since_is_kept(copied: World, since: Callable[[World], None], reason: str) -> None:
    """Bob's number is left as it is, and listed with the reason; the others are taken back."""
    since(copied)
    before = copied.authentication("bob")
    assert 3 == copied.undo(run_of(copied)).taken_back
    assert [("bob", Pair.MOBILE, reason)] == kept(copied)
    assert [None, None, before, None, None, None] == numbers(copied)


@pytest.mark.parametrize(
    ("since", "reason"),
    [
        ((the_user_is_unsynced, the_user_is_deleted), "deleted"),
        ((an_administrator_changes_it, the_user_is_deleted), "deleted"),
        ((an_administrator_changes_it, the_user_is_unsynced), "not_synced"),
        ((the_directory_clears_it, the_user_is_unsynced), "not_synced"),
        ((an_administrator_changes_it, the_directory_clears_it), "authentication_changed"),
    ],
)
def test_of_several_reasons_the_first_counts(copied: World, since: Sequence[Callable[[World], None]], reason: str) -> None:
    """A number is listed once: deleted, then not synced, then its own change, then that of the public number."""
    for happen in since:
        happen(copied)
    copied.undo(run_of(copied))
    assert [("bob", Pair.MOBILE, reason)] == kept(copied)


def test_each_number_has_its_own_reason(copied: World) -> None:
    """All four reasons in one list, two of them for the two numbers of one user; nothing at all is taken back."""
    copied.set_phone("ada", C)
    copied.sync(person("ada", mobile=A, office=""), person("bob", synced=False), removal("eve"))
    assert 0 == copied.undo(run_of(copied)).taken_back
    assert [
        ("ada", Pair.MOBILE, "authentication_changed"),
        ("ada", Pair.OFFICE, "public_changed"),
        ("bob", Pair.MOBILE, "not_synced"),
        ("eve", Pair.MOBILE, "deleted"),
    ] == kept(copied)


def the_user_is_synced_again(world: World) -> None:
    """The directory masters Bob as before."""
    the_user_is_unsynced(world)
    world.sync(person("bob"))


def the_user_comes_back(world: World) -> None:
    """Deleted and restored."""
    the_user_is_deleted(world)
    world.sync(person("bob"))


def the_public_number_comes_back(world: World) -> None:
    """Cleared, and written as it was."""
    the_directory_clears_it(world)
    world.sync(person("bob", mobile=B))


def the_user_is_renamed(world: World) -> None:
    """A name is no number."""
    world.sync(person("bob")._replace(upn=upn_of("robert")))
    world.sync(person("bob")._replace(upn=upn_of("bob")))


@pytest.mark.parametrize(
    "since", [the_user_is_synced_again, the_user_comes_back, the_public_number_comes_back, the_user_is_renamed]
)
def test_what_is_as_it_was_is_taken_back(copied: World, since: Callable[[World], None]) -> None:
    """What counts is what is stored now: a change that was reversed keeps nothing."""
    since(copied)
    assert (4, []) == (copied.undo(run_of(copied)).taken_back, kept(copied))


def test_what_was_kept_is_taken_back_later(copied: World) -> None:
    """A second undo, once the reason is gone, takes the number back and empties the list."""
    the_user_is_unsynced(copied)
    copied.undo(run_of(copied))
    copied.sync(person("bob"))
    assert (1, []) == (copied.undo(run_of(copied)).taken_back, kept(copied))


def test_only_what_the_run_wrote(copied: World) -> None:
    """A number that another run copied stays."""
    first = run_of(copied)
    copied.sync(person("zoe", mobile=C))
    copied.mfa(entries("zoe", SMS))
    copied.copy()
    assert 4 == copied.undo(first).taken_back
    assert C == copied.authentication("zoe")


def test_what_an_import_copied_can_be_taken_back(world: World) -> None:
    """An import copies too (M2); its run can be undone like a copy's."""
    world.sync(person("ada"))
    world.mfa(entries("ada", SMS))
    run = world.sync(person("ada", mobile=A)).run_id
    before = world.authentication("ada")
    assert (A, 1, None) == (before, world.undo(run).taken_back, world.authentication("ada"))


def test_what_an_import_mirrored_stays(world: World) -> None:
    """A mirrored number replaced another, which is not there any more: nothing to go back to."""
    world.sync(person("ada", mobile=A))
    world.mfa(entries("ada", SMS, mobile=A))
    run = world.sync(person("ada", mobile=B)).run_id
    assert (0, B) == (world.undo(run).taken_back, world.authentication("ada"))


def test_undoing_twice_takes_nothing_more(copied: World) -> None:
    """The second undo of the same run changes no user, no number and no record."""
    copied.undo(run_of(copied))
    before = copied.dump("users", "pairs", "audit_records")
    assert 0 == copied.undo(run_of(copied)).taken_back
    assert (before, []) == (copied.dump(*before), kept(copied))


def test_the_next_copy_repeats_it(copied: World) -> None:
    """Undo is no opt-out (S9)."""
    copied.undo(run_of(copied))
    assert 4 == copied.copy().copied
    assert [A, B, B, None, C, None] == numbers(copied)


def test_after_an_undo_the_pair_follows_again(copied: World) -> None:
    """The directory's next change copies at once: the number is in use and the authentication number empty (M2, C6)."""
    copied.undo(run_of(copied))
    copied.sync(person("bob", mobile=C))
    assert C == copied.authentication("bob")


def close_now(world: World) -> None:
    """The operator closes the transition."""
    close_transition(world.services, world.tenant_id, world.clock.time, ADMIN)


def reach_the_end(world: World) -> None:
    """The window ends."""
    world.clock.time = END


@pytest.mark.parametrize("over", [reach_the_end, close_now])
def test_refused_after_the_end(copied: World, over: Callable[[World], None]) -> None:
    """After the end no public number would stand in: nothing is taken back."""
    over(copied)
    before = copied.dump()
    with pytest.raises(ConflictError) as refused:
        copied.undo(run_of(copied))
    assert (ErrorCode.TRANSITION_ENDED, before) == (refused.value.code, copied.dump())


def test_an_unknown_run_is_refused(copied: World) -> None:
    """There is no such run."""
    with pytest.raises(NotFoundError) as refused:
        copied.undo(b"\0" * 16)
    assert ErrorCode.RUN_UNKNOWN is refused.value.code


def test_a_run_that_copied_nothing_by_its_kind_is_refused(copied: World) -> None:
    """An MFA import is no copy."""
    run = copied.mfa(entries("ada", SMS)).run_id
    with pytest.raises(NotFoundError) as refused:
        copied.undo(run)
    assert ErrorCode.RUN_UNKNOWN is refused.value.code


def test_kept_users_are_listed_by_name(copied: World) -> None:
    """By name, then pair."""
    copied.sync(person("eve", mobile=""), person("ada", mobile="", office=""))
    copied.undo(run_of(copied))
    expected = [("ada", Pair.MOBILE), ("ada", Pair.OFFICE), ("eve", Pair.MOBILE)]
    assert [(*one, "public_changed") for one in expected] == kept(copied)


def test_a_run_is_kept(copied: World) -> None:
    """An undo is a numbered run too, and the copy's keeps what it counted."""
    copied.undo(run_of(copied))
    kinds = {run.kind: run.counts for run in list_runs(copied.services, copied.tenant_id, 2)}
    assert {"taken_back": 4} == kinds[RunKind.UNDO]
    assert upn_of("ada") == copied.account("ada").user.upn

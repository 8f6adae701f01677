"""Two transactions of PostgreSQL interleaved step by step: what the second one waited for, it must look at again.

SQLite has one writer at a time, so there is nothing to interleave.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeVar

import pytest
from sqlalchemy import text

from ringfence.application.copy_numbers import copy_numbers, undo_copy
from ringfence.application.phones import RegisterPhone, register_phone
from ringfence.application.ports import UnitOfWork
from ringfence.application.rotate_key import rotate_key
from ringfence.application.services import in_transaction
from ringfence.application.transitions import close_transition, open_transition
from ringfence.domain.directory.records import SyncState
from ringfence.domain.directory.user import Account
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.numbers.canonical import PublicState
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.transition import PRESETS, Transition
from ringfence.domain.values import Actor, ActorKind
from tests.contract.accounts import identifier
from tests.contract.clocks import IN_WINDOW
from tests.contract.deployments import TENANT, Joined, deployed
from tests.storage.imports import configure, mobile_number, quietly, synced_row, take_over
from tests.storage.pictures import picture

ADMIN: Final = Actor(ActorKind.USER, "adele@contoso.example")
WAITING: Final = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
Result = TypeVar("Result")

pytestmark = pytest.mark.slow


@pytest.fixture
def joined(postgres_url: str, tmp_path: Path) -> Iterator[Joined]:
    """A deployment with two synced users whose public number serves for MFA and is not copied yet."""
    with deployed(postgres_url, tmp_path / "key") as made:
        take_over(made.services, [synced_row(number, mobile_number(number)) for number in (1, 2)])
        configure(made.services, (1, 2))
        yield made


def while_open(joined: Joined, work: Callable[[UnitOfWork], None], other: Callable[[], Result]) -> Result:
    """Let `other` run into a transaction that did `work` and is committed only once `other` waits for it."""
    with ThreadPoolExecutor(1) as thread:
        with joined.services.store.begin() as unit:
            work(unit)
            running = thread.submit(other)
            until_it_waits(joined, running)
            unit.commit()
        return running.result()


def until_it_waits(joined: Joined, running: Future[Result]) -> None:
    """Look again and again until somebody waits for a lock; a thread that needs none fails the test."""
    pause = threading.Event()
    with joined.database.engine.connect() as connection:
        while not connection.execute(WAITING).scalar_one():
            connection.rollback()
            assert not running.done()
            pause.wait(0.002)


def first(unit: UnitOfWork) -> Account:
    """The first user."""
    return unit.directory.load(TENANT, [identifier(1)])[identifier(1)]


def present(joined: Joined) -> Account:
    """The first user as stored."""
    with joined.services.store.snapshot() as unit:
        return first(unit)


def change(joined: Joined, line: int, **fields: object) -> Callable[[UnitOfWork], None]:
    """Give the first user another public number, and whatever else is named."""

    def work(unit: UnitOfWork) -> None:
        before = first(unit)
        state = before.pairs[Pair.MOBILE]
        number = mobile_number(1, line)
        sealed = joined.services.sealer.seal(number, before.user.key_id, TENANT, before.user.user_id, Pair.MOBILE)
        public = state.public._replace(text=number, state=PublicState.VALID, sealed=sealed)
        after = Account(
            before.user._replace(**fields),  # type: ignore[arg-type]
            {**before.pairs, Pair.MOBILE: state._replace(public=public, baseline=sealed)},
        )
        unit.directory.update(TENANT, [(before, after)])

    return work


@pytest.mark.parametrize(
    "fields",
    [
        {"sync_state": SyncState.FORMERLY_SYNCED},
        {"deleted_at": IN_WINDOW},
        {"methods": frozenset(), "default": None},
    ],
    ids=["unsynced", "deleted", "entries removed"],
)
def test_the_copy_looks_at_the_user_again(joined: Joined, fields: dict[str, object]) -> None:
    """Whoever is no longer to be copied once the copy gets at the number is not copied."""
    copied = while_open(joined, change(joined, 2, **fields), lambda: copy_numbers(joined.services, TENANT, quietly).copied)
    with joined.services.store.snapshot() as unit:
        second = unit.directory.load(TENANT, [identifier(2)])[identifier(2)].pairs[Pair.MOBILE].authentication
    assert (1, None, True) == (copied, present(joined).pairs[Pair.MOBILE].authentication, second is not None)


def test_the_copy_takes_the_number_that_stands_then(joined: Joined) -> None:
    """A public number that changes while the copy waits for it is copied as it is afterwards."""
    while_open(joined, change(joined, 2), lambda: copy_numbers(joined.services, TENANT, quietly))
    state = present(joined).pairs[Pair.MOBILE]
    assert (mobile_number(1, 2), state.public.sealed) == (state.public.text, state.authentication)


@pytest.mark.parametrize(
    "fields", [{"sync_state": SyncState.FORMERLY_SYNCED}, {"deleted_at": IN_WINDOW}], ids=["unsynced", "deleted"]
)
def test_the_undo_looks_at_the_user_again(joined: Joined, fields: dict[str, object]) -> None:
    """Whoever would be left without a number once the undo gets at it keeps the number."""
    run = copy_numbers(joined.services, TENANT, quietly).run_id
    work = change(joined, 0, **fields)  # the same number, written again
    undone = while_open(joined, touching(work), lambda: undo_copy(joined.services, TENANT, run, quietly).taken_back)
    assert (1, True) == (undone, present(joined).pairs[Pair.MOBILE].authentication is not None)


def touching(work: Callable[[UnitOfWork], None]) -> Callable[[UnitOfWork], None]:
    """The same work, and the first user's number is locked as a writer of the number would."""

    def both(unit: UnitOfWork) -> None:
        work(unit)
        before = first(unit)
        state = before.pairs[Pair.MOBILE]
        after = {**before.pairs, Pair.MOBILE: state._replace(public=state.public._replace(text=state.public.text + " "))}
        unit.directory.update(TENANT, [(before, Account(before.user, after))])

    return both


def register(joined: Joined, pair: Pair, line: int) -> bool:
    """An administrator sets a number of the first user."""
    command = RegisterPhone("user1@contoso.example", pair, mobile_number(1, line), ADMIN)
    return register_phone(joined.services, TENANT, command, IN_WINDOW)


def test_a_mirror_does_not_overwrite_what_was_set_in_between(joined: Joined) -> None:
    """An import that waits while an administrator sets the number finds the two different and leaves it alone (M6)."""
    copy_numbers(joined.services, TENANT, quietly)

    def work(unit: UnitOfWork) -> None:
        before = first(unit)
        sealed = joined.services.sealer.seal(mobile_number(1, 9), before.user.key_id, TENANT, identifier(1), Pair.MOBILE)
        own = before.pairs[Pair.MOBILE]._replace(authentication=sealed)
        unit.directory.update(TENANT, [(before, Account(before.user, {**before.pairs, Pair.MOBILE: own}))])

    while_open(joined, work, lambda: take_over(joined.services, [synced_row(1, mobile_number(1, 2))]))
    users = picture(joined.services).users
    assert mobile_number(1, 9) in repr(users["user1@contoso.example"])


def test_a_number_set_during_a_rotation_is_under_the_new_key(joined: Joined) -> None:
    """Who waits for a rotation writes under the key that the user is under afterwards, also a number that was not there."""
    register(joined, Pair.MOBILE, 5)
    new = joined.keys.add_key()

    def work(unit: UnitOfWork) -> None:
        for user in unit.sealed.users_under(1, (0, b""), 10):
            values = unit.sealed.sealed_values(user)
            own = (TENANT, user.user_id)
            numbers = [joined.services.sealer.unseal(value.sealed, 1, *own, value.pair) for value in values]
            again = [
                joined.services.sealer.seal(number, new, *own, value.pair) for number, value in zip(numbers, values, strict=True)
            ]
            unit.sealed.reseal(user, new, [value._replace(sealed=one) for value, one in zip(values, again, strict=True)])

    while_open(joined, work, lambda: register(joined, Pair.ALTERNATE, 6))
    assert mobile_number(1, 6) in repr(picture(joined.services).users["user1@contoso.example"])


def test_a_rotation_waits_for_a_number_being_set(joined: Joined) -> None:
    """A number that is being set when the rotation comes is put under the new key with the others."""

    def work(unit: UnitOfWork) -> None:
        change(joined, 4)(unit)

    while_open(joined, work, lambda: rotate_key(joined.services, joined.keys, quietly))
    assert mobile_number(1, 4) in repr(picture(joined.services).users["user1@contoso.example"])


def test_writers_that_lock_each_other_out_are_run_again(joined: Joined) -> None:
    """Two transactions that wait for each other are not an error to anybody: one is run again, and both are done."""
    met = threading.Barrier(2, timeout=30)

    def rename(order: tuple[int, int], letter: str) -> None:
        attempts = iter((met.wait, lambda: None))

        def work(unit: UnitOfWork) -> None:
            for number in order:
                found = unit.directory.load(TENANT, [identifier(number)])[identifier(number)]
                user = found.user._replace(display_name=found.user.display_name + letter)
                unit.directory.update(TENANT, [(found, found._replace(user=user))])
                if number == order[0]:
                    next(attempts, lambda: None)()

        in_transaction(joined.services, work)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(rename, ((1, 2), (2, 1)), "ab"))
    with joined.services.store.snapshot() as unit:
        names = [one.user.display_name for one in unit.directory.load(TENANT, [identifier(1), identifier(2)]).values()]
    assert [["a", "b"], ["a", "b"]] == [sorted(name) for name in names]


def test_who_opens_a_transition_waits_for_whoever_closes_one(joined: Joined) -> None:
    """Each looks at what the other did: no two transitions are open at once, and none is closed twice."""
    start, end = PRESETS["entra-2021"]
    later = IN_WINDOW + timedelta(hours=1)
    another = Transition(start, end + timedelta(days=9), later)

    def close(unit: UnitOfWork) -> None:
        unit.administration.lock_tenant(TENANT)
        unit.administration.close_transition(TENANT, IN_WINDOW, later)

    assert (another, True) == while_open(joined, close, lambda: open_transition(joined.services, TENANT, another, ADMIN))


def test_of_two_who_close_a_transition_one_is_refused(joined: Joined) -> None:
    """The second finds it closed."""
    later = IN_WINDOW + timedelta(hours=1)

    def close(unit: UnitOfWork) -> None:
        unit.administration.lock_tenant(TENANT)
        unit.administration.close_transition(TENANT, IN_WINDOW, later)

    with pytest.raises(ConflictError) as told:
        while_open(joined, close, lambda: close_transition(joined.services, TENANT, later, ADMIN))
    assert ErrorCode.TRANSITION_ENDED is told.value.code

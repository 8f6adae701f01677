"""Everything sealed moves to a new key, and nothing that can be read changes (house rules 6.6)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ringfence.application.rotate_key import Rotation, forget_keys, rotate_key
from ringfence.application.services import in_transaction
from ringfence.application.tenancy import check_keys
from ringfence.crypto.key_file import FileKeys
from ringfence.crypto.sealing import AesSivSealer
from ringfence.domain.errors import ConflictError, ErrorCode, UnavailableError
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.domain.values import KeyState
from ringfence.storage.engine import Database
from tests.application.fakes import ProgressNotes, QuickStore
from tests.application.worlds import OFFICE_VOICE, SMS, World, entries, person

A = "+1 4255550100"
B = "+1 4255550101"
CROWD = [f"user{number}" for number in range(70)]
"""More than the rotation takes at once at first (50)."""


class Interrupted(Exception):  # noqa: N818 - no error: somebody pulls the plug
    """The process dies here."""


@pytest.fixture
def peopled(world: World) -> World:
    """Users with all kinds of numbers, and a trail."""
    world.sync(*(person(name, mobile=A, office=B) for name in CROWD))
    world.mfa(*(entries(name, SMS, OFFICE_VOICE) for name in CROWD[:30]))
    world.copy()
    world.sync(person("user0", mobile=B))
    world.set_phone("user1", B, Pair.ALTERNATE)
    return world


def readable(world: World) -> tuple[object, ...]:
    """All that can be read of numbers: users, contacts, statuses, the trail."""
    shown = [(world.explain(name).pairs, world.explain(name).alternate, world.contacts(name)) for name in CROWD[:3]]
    return shown, world.audit()


def rotate(world: World, progress: ProgressNotes | None = None) -> Rotation:
    """Rotate the key."""
    return rotate_key(world.services, world.keys, progress or ProgressNotes())


def keys_in_use(world: World) -> set[int]:
    """The keys users are under."""
    return {row[2] for row in world.dump("users")["users"]}


def test_nothing_readable_changes(peopled: World) -> None:
    """Numbers, baselines, contacts and history read as before."""
    before = readable(peopled)
    rotate(peopled)
    assert before == readable(peopled)


def test_everything_sealed_changes(peopled: World) -> None:
    """No sealed value of before is left in any table."""

    def sealed() -> set[bytes]:
        rows = [row for rows in peopled.dump("pairs", "audit_records").values() for row in rows]
        return {value for row in rows for value in row[3:] if isinstance(value, bytes) and len(value) > 16}

    before = sealed()
    rotate(peopled)
    assert set() == before & sealed()


def test_the_old_key_stays_in_the_file(peopled: World) -> None:
    """The new key is primary, everybody is under it, and the old one stays in the file until it is forgotten."""
    assert Rotation(primary=2, retired=1, users=70, resumed=False) == rotate(peopled)
    assert ({2}, (1, 2)) == (keys_in_use(peopled), peopled.keys.key_ids())


def test_the_deployment_still_opens(peopled: World) -> None:
    """After a rotation the key check passes; with the file of before it does not."""
    old = peopled.keys.path.read_bytes()
    rotate(peopled)
    check_keys(peopled.services.store, peopled.services.sealer, "key")
    peopled.keys.path.write_bytes(old)
    fresh = type(peopled.services.sealer)(type(peopled.keys)(peopled.keys.path))  # type: ignore[call-arg]
    with pytest.raises(UnavailableError) as refused:
        check_keys(peopled.services.store, fresh, "key")
    assert ErrorCode.KEY_LOST is refused.value.code


def test_new_users_are_sealed_under_the_new_key(peopled: World) -> None:
    """And mirrored, copied and read like all others."""
    rotate(peopled)
    peopled.sync(person("new", mobile=A))
    peopled.mfa(entries("new", SMS))
    peopled.copy()
    assert (2, A) == (peopled.account("new").user.key_id, peopled.authentication("new"))


def test_the_rules_go_on_as_before(peopled: World) -> None:
    """Baselines moved too: a pair that followed the directory follows it still."""
    rotate(peopled)
    peopled.sync(person("user2", mobile=B))
    assert B == peopled.authentication("user2")


def test_copies_can_be_taken_back_afterwards(peopled: World) -> None:
    """What a run copied is still known as the run's."""
    peopled.sync(person("late", mobile=A))
    peopled.mfa(entries("late", SMS))
    run = peopled.copy().run_id
    rotate(peopled)
    assert 1 == peopled.undo(run).taken_back


def test_interrupted_it_goes_on(peopled: World) -> None:
    """Killed after the first batch, it is run again and ends as if it had not been; meanwhile all is readable."""
    before = readable(peopled)

    def die() -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        rotate(peopled, ProgressNotes(die))
    assert ({1, 2}, before) == (keys_in_use(peopled), readable(peopled))
    resumed = rotate(peopled)
    assert (True, 2, {2}, (1, 2)) == (resumed.resumed, resumed.primary, keys_in_use(peopled), peopled.keys.key_ids())
    assert before == readable(peopled)


def test_what_is_retired_can_be_forgotten(peopled: World) -> None:
    """Forgetting erases the retired key and nothing else; everything is readable, and a second time there is nothing."""
    before = readable(peopled)
    rotate(peopled)
    forgotten = forget_keys(peopled.services, peopled.keys)
    assert ([1], (2,), before) == (forgotten, peopled.keys.key_ids(), readable(peopled))
    assert [] == forget_keys(peopled.services, peopled.keys)


def test_one_rotation_at_a_time(peopled: World) -> None:
    """A second one is refused while the first runs."""
    with peopled.keys.rotating(), pytest.raises(ConflictError) as refused:
        rotate(peopled)
    assert ErrorCode.KEY_ROTATING is refused.value.code


def test_again_and_again(peopled: World) -> None:
    """A second rotation is like the first."""
    before = readable(peopled)
    rotate(peopled)
    assert Rotation(primary=3, retired=2, users=70, resumed=False) == rotate(peopled)
    assert ((1, 2, 3), before) == (peopled.keys.key_ids(), readable(peopled))


def test_a_number_set_in_between_is_moved_too(peopled: World) -> None:
    """Work goes on during a rotation: a number set between two batches is under the user's key, whichever that is."""
    progress = ProgressNotes(lambda: peopled.set_phone("user60", A))
    rotate(peopled, progress)
    assert (A, {2}) == (peopled.authentication("user60"), keys_in_use(peopled))


def test_alternate_numbers_are_moved(peopled: World) -> None:
    """The pair without a public side is not forgotten."""
    rotate(peopled)
    assert B == peopled.contacts("user1")[MethodType.TwoWayVoiceAlternateMobile]


@pytest.fixture
def twin(peopled: World) -> Iterator[World]:
    """A copy of the database with the same key file, as somebody makes who wants to try a rotation out."""
    assert isinstance(peopled.services.store, QuickStore)
    path = peopled.services.store.database.path
    assert path is not None
    peopled.services.store.database.dispose()
    shutil.copyfile(path, path.with_suffix(".copy"))
    database, keys = Database(f"sqlite:///{path.with_suffix('.copy')}"), FileKeys(peopled.keys.path)
    store = QuickStore(database, NumberPolicy())
    yield replace(peopled, services=replace(peopled.services, store=store, sealer=AesSivSealer(keys)), keys=keys)
    database.dispose()


def reopened(world: World) -> World:
    """The same deployment in a new process, which remembers no key."""
    keys = FileKeys(world.keys.path)
    return replace(world, services=replace(world.services, sealer=AesSivSealer(keys)), keys=keys)


def forget(world: World) -> list[int]:
    """Forget the retired keys."""
    return forget_keys(world.services, world.keys)


def test_a_copy_of_the_database_stays_readable(peopled: World, twin: World) -> None:
    """Rotating one leaves the other as it was."""
    before = readable(peopled)
    rotate(twin)
    assert (before, before) == (readable(reopened(peopled)), readable(reopened(twin)))


def test_both_are_readable_when_both_rotated_and_forgot(peopled: World, twin: World) -> None:
    """Only what nobody needs is gone from the file."""
    before = readable(peopled)
    rotate(twin)
    rotate(peopled)
    assert ([1], []) == (forget(twin), forget(peopled))
    assert (before, before) == (readable(reopened(peopled)), readable(reopened(twin)))


def test_what_one_retires_the_other_does_not_use(peopled: World, twin: World) -> None:
    """Each rotation makes a key of its own: the one goes on rotating and forgetting, and the other stays readable."""
    before = readable(peopled)
    rotate(twin)
    rotate(peopled)
    rotate(twin)
    assert [1, 2] == forget(twin)
    assert before == readable(reopened(peopled))


def test_nothing_is_forgotten_before_a_rotation(peopled: World) -> None:
    """No key is retired."""
    assert ([], (1,)) == (forget(peopled), peopled.keys.key_ids())


def test_nothing_is_forgotten_while_a_key_retires(peopled: World) -> None:
    """In an interrupted rotation users are under both keys."""
    with pytest.raises(ZeroDivisionError):
        rotate(peopled, ProgressNotes(lambda: 1 // 0))
    assert ([], (1, 2)) == (forget(peopled), peopled.keys.key_ids())


def test_another_key_of_the_same_number_is_not_forgotten(peopled: World) -> None:
    """The file was made anew, say, for another database: its key 1 is not the one retired here."""
    rotate(peopled)
    peopled.keys.path.unlink()
    peopled.keys.create()
    peopled.keys.add_key()
    assert ([], (1,)) == (forget(reopened(peopled)), peopled.keys.key_ids())


def refusal(world: World, progress: ProgressNotes | None = None) -> ErrorCode:
    """Rotate, which has to be refused."""
    with pytest.raises(ConflictError) as caught:
        rotate(world, progress)
    return caught.value.code


def test_a_second_rotation_is_refused_while_one_runs(peopled: World) -> None:
    """At once; the first goes on undisturbed, and no key is made."""
    codes: list[ErrorCode] = []
    rotate(peopled, ProgressNotes(lambda: codes.append(refusal(reopened(peopled)))))
    assert ({ErrorCode.KEY_ROTATING}, {2}, (1, 2)) == (set(codes), keys_in_use(peopled), peopled.keys.key_ids())


def test_a_rotation_from_another_machine_is_not_overtaken(peopled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has another key file, so the lock is no help: the database says that the primary key is another one by now."""
    make = peopled.keys.add_key

    def overtaken() -> int:
        monkeypatch.setattr(peopled.keys, "add_key", make)
        theirs = make()
        check = peopled.services.sealer.check_value(theirs)
        in_transaction(peopled.services, lambda unit: unit.administration.add_primary_key(theirs, check, peopled.clock.time))
        return make()

    monkeypatch.setattr(peopled.keys, "add_key", overtaken)
    assert ErrorCode.KEY_ROTATING is refusal(peopled)
    with peopled.services.store.snapshot() as unit:
        stored = unit.administration.keys()
    assert [KeyState.RETIRING, KeyState.PRIMARY] == [key.state for key in stored]


def test_a_key_that_somebody_else_retired_is_retired(peopled: World) -> None:
    """Another process that goes on with the same rotation came first: that is an end, not a conflict."""

    def theirs() -> None:
        if not keys_in_use(peopled) - {2}:
            in_transaction(peopled.services, lambda unit: unit.administration.retire_key(1))

    assert 1 == rotate(peopled, ProgressNotes(theirs)).retired

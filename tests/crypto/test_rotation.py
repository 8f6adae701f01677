"""A rotation under load: others set numbers and import meanwhile, and afterwards nothing is left under the old key, anywhere."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from sqlalchemy import Connection, inspect, text

from ringfence.application.copy_numbers import copy_numbers
from ringfence.application.phones import RegisterPhone, register_phone
from ringfence.application.ports import Outcome
from ringfence.application.rotate_key import Rotation, forget_keys, rotate_key
from ringfence.crypto.key_file import FileKeys
from ringfence.crypto.sealing import AesSivSealer
from ringfence.domain.errors import UnavailableError
from ringfence.domain.numbers.facts import Moment
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.values import Actor, ActorKind, KeyState
from tests.contract.clocks import IN_WINDOW, PacingClock
from tests.contract.deployments import TENANT, Joined, deployed
from tests.storage.imports import configure, mobile_number, quietly, synced_row, take_over
from tests.storage.pictures import Picture, picture

ADMIN: Final = Actor(ActorKind.USER, "adele@contoso.example")
CROWD: Final = range(1, 101)
NEWCOMERS: Final = range(101, 131)


@pytest.fixture
def joined(empty_url: str, tmp_path: Path) -> Iterator[Joined]:
    """A deployment with a crowd in every state: copied, to be copied, with an alternate number, with history."""
    with deployed(empty_url, tmp_path / "ringfence.key", PacingClock()) as made:
        take_over(made.services, [synced_row(number, mobile_number(number, 1)) for number in CROWD])
        configure(made.services, CROWD[:70])
        copy_numbers(made.services, TENANT, quietly)
        for number in CROWD[:10]:
            register(made, number, Pair.ALTERNATE, 7)
        configure(made.services, CROWD[70:90])
        yield made


def register(joined: Joined, number: int, pair: Pair, line: int) -> None:
    """An administrator sets a number."""
    command = RegisterPhone(f"user{number}@contoso.example", pair, mobile_number(number, line), ADMIN)
    register_phone(joined.services, TENANT, command, IN_WINDOW)


class Sealed(NamedTuple):
    """A sealed value and what it is bound to."""

    column: str
    tenant_id: int
    user_id: bytes
    pair: Pair
    value: bytes


def sealed_values(connection: Connection) -> Iterator[Sealed]:
    """Everything sealed, found by the names of the columns that the database itself knows."""
    own = {"mobile_sealed": Pair.MOBILE, "office_sealed": Pair.OFFICE, "alternate_sealed": Pair.ALTERNATE}
    for table in inspect(connection).get_table_names():
        columns = [column["name"] for column in inspect(connection).get_columns(table)]
        sealed = [name for name in columns if name.endswith("_sealed")]
        for row in connection.execute(text(f"SELECT * FROM {table}")).mappings() if sealed else ():  # noqa: S608 - its own names
            for name in sealed:
                if row[name] is not None:
                    pair = own.get(name) or Pair(row["pair"])
                    yield Sealed(name, row["tenant_id"], bytes(row["user_id"]), pair, bytes(row[name]))


def opens_under(sealer: AesSivSealer, key_id: int, one: Sealed) -> bool:
    """Whether a value can be opened with a key."""
    with contextlib.suppress(UnavailableError):
        sealer.unseal(one.value, key_id, one.tenant_id, one.user_id, one.pair)
        return True
    return False


def left_under(joined: Joined, sealer: AesSivSealer, key_id: int) -> list[str]:
    """The columns in which something opens with the key."""
    with joined.database.connect(write=False) as connection:
        found = {one.column for one in sealed_values(connection) if opens_under(sealer, key_id, one)}
    return sorted(found)


def at_once(joined: Joined, *others: Callable[[threading.Event], None]) -> Rotation:
    """Rotate while the others work until the event says that the rotation is through."""
    through = threading.Event()
    with ThreadPoolExecutor(len(others)) as threads:
        working = [threads.submit(other, through) for other in others]
        try:
            rotation = rotate_key(joined.services, joined.keys, quietly)
        finally:
            through.set()
        for work in working:
            work.result()
    return rotation


def set_numbers(joined: Joined) -> Callable[[threading.Event], None]:
    """Set numbers of one user after the other, some of which were not there, until it is through."""

    def work(through: threading.Event) -> None:
        while not through.is_set():
            for number in CROWD[::7]:
                register(joined, number, Pair.OFFICE, 8)
                register(joined, number, Pair.MOBILE, 9)
                register(joined, number, Pair.ALTERNATE, 7)

    return work


def import_all(joined: Joined) -> Callable[[threading.Event], None]:
    """Import one cycle after the other, with new numbers and new users, until it is through; at least one."""

    def work(through: threading.Event) -> None:
        for turn in range(1, 10):
            rows = [synced_row(number, mobile_number(number, 1 + turn % 2)) for number in [*CROWD, *NEWCOMERS]]
            take_over(joined.services, rows)
            if through.is_set():
                return

    return work


@pytest.mark.slow
def test_nothing_is_left_under_the_old_key(joined: Joined) -> None:
    """Whatever was written meanwhile, no sealed column anywhere holds a value of the old key, and the new one opens them all."""
    sealer = AesSivSealer(FileKeys(joined.keys.path))
    before = left_under(joined, sealer, 1)
    rotation = at_once(joined, set_numbers(joined), import_all(joined))
    columns = ["alternate_sealed", "authentication_sealed", "baseline_sealed", "mobile_sealed", "office_sealed", "old_sealed"]
    everywhere = sorted([*columns, "public_sealed"])
    after = left_under(joined, sealer, rotation.primary)
    assert (set(before) <= set(everywhere), [], everywhere) == (True, left_under(joined, sealer, 1), after)


@pytest.mark.slow
def test_the_new_key_alone_opens_everything(joined: Joined) -> None:
    """With the old key out of the file, every number of every user and record is readable by a new process."""
    at_once(joined, set_numbers(joined), import_all(joined))
    forgotten = forget_keys(joined.services, joined.keys)
    fresh = Joined(joined.database.engine.url.render_as_string(hide_password=False), joined.keys.path)
    seen = picture(fresh.services)
    fresh.database.dispose()
    assert ([1], len(CROWD) + len(NEWCOMERS)) == (forgotten, len(seen.users))


def plain_state(joined: Joined) -> tuple[Picture, list[Outcome], list[Any]]:
    """Everything in the clear, and what SQL makes of the sealed values by comparing them."""
    with joined.services.store.snapshot() as unit:
        outcomes = sorted(unit.numbers.outcomes(TENANT, Moment.INSIDE), key=repr)
        lines = [(line.upn, line.pair, line.row, line.follows) for line in unit.numbers.lines(TENANT, Moment.INSIDE)]
    return picture(joined.services), outcomes, lines


def test_a_rotation_changes_nothing_but_the_key(joined: Joined) -> None:
    """Numbers, history and what the rules say of every pair, equality in SQL included, are the same as before."""
    before = plain_state(joined)
    rotation = rotate_key(joined.services, joined.keys, quietly)
    with joined.services.store.snapshot() as unit:
        stored = unit.administration.keys()
    assert before == plain_state(joined)
    assert [(1, KeyState.RETIRED), (rotation.primary, KeyState.PRIMARY)] == [key[:2] for key in stored]


def test_a_copy_after_a_rotation_copies(joined: Joined) -> None:
    """What waited to be copied before the rotation is copied after it, readable under the new key."""
    rotate_key(joined.services, joined.keys, quietly)
    copied = copy_numbers(joined.services, TENANT, quietly).copied
    user = repr(picture(joined.services).users["user80@contoso.example"])
    assert (20, 4) == (copied, user.count(mobile_number(80, 1)))  # as written, public, baseline and authentication


@pytest.mark.slow
def test_a_second_rotation_goes_on_from_the_first(joined: Joined) -> None:
    """Rotated again, everything is under the third key."""
    rotate_key(joined.services, joined.keys, quietly)
    rotation = rotate_key(joined.services, joined.keys, quietly)
    sealer = AesSivSealer(FileKeys(joined.keys.path))
    assert (3, [], []) == (rotation.primary, left_under(joined, sealer, 1), left_under(joined, sealer, 2))

"""Writers that meet on one user: the end is always one that some order of theirs gives, one after the other (A21)."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from ringfence.application.copy_numbers import copy_numbers
from ringfence.application.phones import DeletePhone, RegisterPhone, delete_phone, register_phone
from ringfence.application.rotate_key import rotate_key
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.values import Actor, ActorKind
from tests.contract.accounts import identifier
from tests.contract.clocks import IN_WINDOW
from tests.contract.deployments import TENANT, Joined, deployed
from tests.storage.imports import configure, mobile_number, quietly, synced_row, take_over
from tests.storage.pictures import user_picture

ADMIN: Final = Actor(ActorKind.USER, "adele@contoso.example")
CROWD: Final = range(1, 201)
Step = Callable[[Joined, range], None]


class Act(NamedTuple):
    """What one writer does to every user: these steps in this order, for all at once or for one user after the other."""

    name: str
    steps: tuple[Step, ...]
    one_by_one: bool = False

    def play(self, joined: Joined, crowd: range) -> None:
        """Do it to the crowd; who goes one by one goes in no order."""
        numbers = list(crowd)
        random.Random(self.name).shuffle(numbers)  # noqa: S311 - any order will do
        for part in [range(number, number + 1) for number in numbers] if self.one_by_one else [crowd]:
            for step in self.steps:
                step(joined, part)


def imported(line: int, **fields: object) -> Step:
    """The directory brings another number."""
    return lambda joined, crowd: _take_over(joined, crowd, line, fields)


def _take_over(joined: Joined, crowd: range, line: int, fields: dict[str, object]) -> None:
    take_over(joined.services, [synced_row(number, mobile_number(number, line), **fields) for number in crowd])


def registered(pair: Pair, line: int) -> Step:
    """An administrator sets a number."""
    return lambda joined, crowd: _register(joined, crowd, pair, line)


def _register(joined: Joined, crowd: range, pair: Pair, line: int) -> None:
    for number in crowd:
        command = RegisterPhone(f"user{number}@contoso.example", pair, mobile_number(number, line), ADMIN)
        register_phone(joined.services, TENANT, command, IN_WINDOW)


def deleted(joined: Joined, crowd: range) -> None:
    """An administrator deletes the mobile number."""
    for number in crowd:
        delete_phone(joined.services, TENANT, DeletePhone(f"user{number}@contoso.example", Pair.MOBILE, ADMIN), IN_WINDOW)


def copied(joined: Joined, _crowd: range) -> None:
    """The copy over everybody."""
    copy_numbers(joined.services, TENANT, quietly)


def rotated(joined: Joined, _crowd: range) -> None:
    """The sealing key is rotated."""
    rotate_key(joined.services, joined.keys, quietly)


COPY: Final = Act("copy", (copied,))
IMPORT: Final = Act("import", (imported(2),))
UNSYNC: Final = Act("unsync", (imported(3, synced=False),))
SET: Final = Act("set", (registered(Pair.MOBILE, 9),), one_by_one=True)
DELETE: Final = Act("set and delete", (registered(Pair.MOBILE, 8), deleted), one_by_one=True)
ALTERNATE: Final = Act("set two", (registered(Pair.MOBILE, 8), registered(Pair.ALTERNATE, 7)), one_by_one=True)
ROTATE: Final = Act("rotate", (rotated,))


@pytest.fixture
def joined(empty_url: str, tmp_path: Path) -> Iterator[Joined]:
    """A deployment with a crowd of synced users whose public number serves for MFA and is not copied yet."""
    with deployed(empty_url, tmp_path / "key") as made:
        fill(made, CROWD)
        yield made


def fill(joined: Joined, crowd: range) -> None:
    """Import a crowd of synced users who are configured for their public mobile number."""
    _take_over(joined, crowd, 1, {})
    configure(joined.services, crowd)


def ends(joined: Joined, crowd: range) -> dict[int, str]:
    """How everybody stands, numbers in the clear, written so that everybody in the same state reads the same."""
    with joined.services.store.snapshot() as unit:
        accounts = unit.directory.load(TENANT, [identifier(number) for number in crowd])
    return {
        number: repr(user_picture(joined.services, accounts[identifier(number)]))
        .replace(f"{number:06d}", "NNNNNN")
        .replace(f"user{number}@", "user@")
        for number in crowd
    }


def orders(acts: tuple[tuple[Step, ...], ...]) -> Iterator[tuple[Step, ...]]:
    """Every order of all steps that keeps the order of each act."""
    if not any(acts):
        yield ()
    for place, act in enumerate(acts):
        if act:
            yield from ((act[0], *rest) for rest in orders((*acts[:place], act[1:], *acts[place + 1 :])))


def serial_ends(acts: tuple[Act, ...], folder: Path) -> set[str]:
    """How a user stands after the acts, in each order of their steps."""
    found = set()
    for turn, order in enumerate(orders(tuple(act.steps for act in acts))):
        place = folder / f"order{turn}"
        place.mkdir()
        with deployed(f"sqlite:///{place}/db", place / "key") as alone:
            fill(alone, range(1, 2))
            for step in order:
                step(alone, range(1, 2))
            found.add(ends(alone, range(1, 2))[1])
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "acts",
    [
        (SET, IMPORT, COPY),
        (SET, IMPORT, UNSYNC),
        (COPY, UNSYNC, SET),
        (DELETE, COPY, IMPORT),
        (ALTERNATE, ROTATE, COPY),
        (SET, ROTATE, IMPORT),
    ],
    ids=lambda acts: ", ".join(act.name for act in acts),
)
def test_together_is_one_after_the_other(joined: Joined, tmp_path: Path, acts: tuple[Act, ...]) -> None:
    """Done at once over a crowd, everybody ends as in some order of the steps, and no act fails."""
    barrier = threading.Barrier(len(acts))

    def begin(act: Act) -> None:
        barrier.wait()
        act.play(joined, CROWD)

    with ThreadPoolExecutor(len(acts)) as threads:
        list(threads.map(begin, acts))
    allowed = serial_ends(acts, tmp_path)
    assert {} == {number: end for number, end in ends(joined, CROWD).items() if end not in allowed}

"""Break long work everywhere: kill it at each place in turn, run it again, and compare the end with that of an undisturbed run.

A process of its own (`python -m tests.storage.breaking CASE KIND STRIDE FOLDER [POSTGRES_URL]`), because it forks. It prints
what it did as JSON.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import psycopg
from sqlalchemy import text

from ringfence.application.copy_numbers import copy_numbers, list_runs, undo_copy
from ringfence.application.rotate_key import forget_keys, rotate_key
from ringfence.domain.directory.records import DirectoryRecord
from ringfence.domain.values import KeyState, RunKind
from ringfence.storage.engine import Database
from tests.contract.clocks import FakeClock
from tests.contract.deployments import TENANT, Joined, deployed, opened
from tests.servers.postgres import driver_url
from tests.storage.crashes import Countdown, Place, counting, in_child
from tests.storage.imports import configure, mobile_number, quietly, synced_row, take_over
from tests.storage.pictures import Picture, is_between, picture

SHRINKING: Final = 3
"""Three times what chunked work aims at: each chunk is a third of the one before, so that there are many."""


class Case(NamedTuple):
    """One kind of long work: what is there before, the work, and how long its transactions seem to last, in chunk targets."""

    prepare: Callable[[Joined], None]
    act: Callable[[Joined], None]
    lasting: int = 1


def row(number: int, line: int, **fields: object) -> DirectoryRecord:
    """The row of a user who has a lasting name."""
    return synced_row(number, mobile_number(number, line), **{"anchor": f"anchor{number}", **fields})


def fill(count: int) -> Callable[[Joined], None]:
    """That many synced users who are configured for their public mobile number."""

    def prepare(joined: Joined) -> None:
        take_over(joined.services, [row(number, 1) for number in range(count)])
        configure(joined.services, range(count))

    return prepare


def fill_and_copy(count: int) -> Callable[[Joined], None]:
    """The same, and the numbers are copied."""

    def prepare(joined: Joined) -> None:
        fill(count)(joined)
        copy(joined)

    return prepare


def copy(joined: Joined) -> None:
    """Copy what waits to be copied."""
    copy_numbers(joined.services, TENANT, quietly)


def undo(joined: Joined) -> None:
    """Take back the first copy."""
    [run] = [run for run in list_runs(joined.services, TENANT, 1000) if run.kind is RunKind.COPY]
    undo_copy(joined.services, TENANT, run.run_id, quietly)


def rotate(joined: Joined) -> None:
    """Rotate the key, unless that was through already when it was broken off, and forget the old one."""
    with joined.services.store.snapshot() as unit:
        stored = unit.administration.keys()
    if KeyState.RETIRED not in [key.state for key in stored]:
        rotate_key(joined.services, joined.keys, quietly)
    forget_keys(joined.services, joined.keys)


SOME: Final = 600


def fill_and_delete_some(joined: Joined) -> None:
    """Copied users of whom some are deleted."""
    fill_and_copy(SOME)(joined)
    take_over(joined.services, [row(number, 1) for number in range(SOME) if number % 10 != 6], full=True)


def next_cycle() -> list[DirectoryRecord]:
    """A sync cycle in which everything happens to somebody; nobody in it ends in 5, so they are deleted."""
    kinds: dict[int, Callable[[int], DirectoryRecord]] = {
        0: lambda number: row(number, 2),
        1: lambda number: row(number, 1, office="not a number"),
        2: lambda number: row(number, 1)._replace(mobile=""),
        3: lambda number: row(number, 3, synced=False),
        4: lambda number: row(number, 1, upn=f"renamed{number}@contoso.example"),
        6: lambda number: row(number, 4),
        7: lambda number: row(number, 1),
        8: lambda number: row(number, 1, display_name="Adele Vance"),
        9: lambda number: row(number, 5, upn=f"user{number - 5}@contoso.example"),
    }
    known = [kinds[number % 10](number) for number in range(SOME) if number % 10 in kinds]
    return [*known, *(row(number, 1) for number in range(SOME, SOME + 60))]


CASES: Final = {
    "copy": Case(fill(1500), copy, SHRINKING),
    "undo": Case(fill_and_copy(1500), undo, SHRINKING),
    "import": Case(fill_and_delete_some, lambda joined: _ignore(take_over(joined.services, next_cycle(), full=True))),
    "import mfa": Case(
        lambda joined: _ignore(take_over(joined.services, [row(number, 1) for number in range(SOME)])),
        lambda joined: _ignore(configure(joined.services, range(SOME))),
    ),
    "rotate": Case(fill_and_copy(12), rotate),
}


def _ignore(_result: object) -> None:
    """Nobody looks at the result."""


class Stage:
    """Copies of one prepared deployment, as many as are wanted, on SQLite or on a PostgreSQL server."""

    def __init__(self, folder: Path, server: str | None) -> None:
        """Keep the files in the folder, and databases on the server if there is one."""
        self._folder = folder
        self._server = server

    def place(self, name: str) -> tuple[str, Path]:
        """URL and key file of the copy with this name."""
        url = f"sqlite:///{self._folder}/{name}.db" if self._server is None else f"{self._server}_{name}"
        return url, self._folder / f"{name}.key"

    def copy(self, name: str) -> None:
        """Make a copy of the deployment called `template`."""
        shutil.copyfile(self.place("template")[1], self.place(name)[1])
        if self._server is None:
            shutil.copyfile(self._folder / "template.db", self._folder / f"{name}.db")
            return
        with psycopg.connect(driver_url(self._server), autocommit=True) as connection:
            database = self._server.rpartition("/")[2]
            connection.execute(f"CREATE DATABASE {database}_{name} TEMPLATE {database}_template".encode())

    @contextmanager
    def prepared(self) -> Iterator[Joined]:
        """The deployment called `template`, new."""
        if self._server is not None:
            with psycopg.connect(driver_url(self._server), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {self._server.rpartition('/')[2]}_template".encode())
        with deployed(*self.place("template")) as joined:
            yield joined

    def drop(self, name: str) -> None:
        """Remove a copy."""
        if self._server is not None:
            with psycopg.connect(driver_url(self._server), autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {self._server.rpartition('/')[2]}_{name} WITH (FORCE)".encode())
        for path in self._folder.glob(f"{name}.*"):
            path.unlink()


def work(stage: Stage, name: str, case: Case, kind: Place, chosen: int) -> int | None:
    """Do the work on a copy, killed at the chosen place; return how many places there were, or None when it was killed."""

    def child() -> int:
        countdown = Countdown(chosen)
        url, key_file = stage.place(name)
        clock = FakeClock(step=case.lasting * Database(url).chunk_target)
        with opened(url, key_file, clock) as joined, counting(joined, kind, countdown):
            case.act(joined)
        return countdown.passed

    return in_child(child)


class Look(NamedTuple):
    """What a copy holds: everything in the clear, how its keys are, and whether anything lies beside its key file.

    Which number a key has is no matter: a rotation that is broken off early leaves one unused.
    """

    picture: Picture
    retired: int
    all_under_primary: bool
    retired_in_file: bool
    drafts: list[Path]


def look(stage: Stage, name: str) -> Look:
    """Look at a copy."""
    with opened(*stage.place(name)) as joined, joined.database.connect(write=False) as connection:
        in_use = set(connection.execute(text("SELECT DISTINCT key_id FROM users")).scalars())
        states = {row.key_id: KeyState(row.state) for row in connection.execute(text("SELECT key_id, state FROM sealing_keys"))}
        retired = {key_id for key_id, state in states.items() if state is KeyState.RETIRED}
        primary = {key_id for key_id, state in states.items() if state is KeyState.PRIMARY}
        held = set(joined.keys.key_ids())
        drafts = list(joined.keys.path.parent.glob(f".{joined.keys.path.name}.*"))
        return Look(picture(joined.services), len(retired), in_use == primary and primary <= held, bool(retired & held), drafts)


def break_everywhere(stage: Stage, case: Case, kind: Place, stride: int) -> dict[str, object]:
    """Break the work at every `stride`-th place of a kind; tell at which of them it did not end as it should."""
    with stage.prepared() as joined:
        case.prepare(joined)
    before = look(stage, "template")
    stage.copy("whole")
    places = work(stage, "whole", case, kind, 0) or 0
    after = look(stage, "whole")
    torn, wrong = [], []
    for chosen in range(1, places + 1, stride):
        stage.copy("broken")
        assert work(stage, "broken", case, kind, chosen) is None
        if not is_between(look(stage, "broken").picture, before.picture, after.picture):
            torn.append(chosen)
        work(stage, "broken", case, kind, 0)
        if look(stage, "broken") != after:
            wrong.append(chosen)
        stage.drop("broken")
    return {"places": places, "changed": before != after, "torn": torn, "wrong": wrong}


def main(words: list[str]) -> None:
    """Do what the words say."""
    case, kind, stride, folder, *server = words
    stage = Stage(Path(folder), server[0] if server else None)
    print(json.dumps(break_everywhere(stage, CASES[case], Place[kind], int(stride))))  # noqa: T201 - read by the test


if __name__ == "__main__":
    main(sys.argv[1:])

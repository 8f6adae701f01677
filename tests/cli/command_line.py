"""Types commands into the real program, inside this process, on a database of the test's own.

The clock stands still at `NOW`, inside the preset `entra-2021`, until a test sets it.
"""

from __future__ import annotations

import contextlib
import csv
import json
import shlex
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from ringfence.cli.main import main

NOW: Final = datetime(2021, 2, 15, 12, 0, tzinfo=UTC)
EXAMPLES: Final = Path(__file__).parents[2] / "examples" / "contoso"
DIRECTORY: Final = (str(EXAMPLES / "1-directory.ldif"), str(EXAMPLES / "2-cloud-users.jsonl"))
MFA: Final = str(EXAMPLES / "3-strong-authentication.csv")
CHANGES: Final = str(EXAMPLES / "4-changes.ldif")


class StandingClock:
    """`Clock` that a test sets."""

    def __init__(self) -> None:
        """Begin at `NOW`."""
        self.instant = NOW

    def now(self) -> datetime:
        """What it was set to."""
        return self.instant

    def elapsed(self) -> timedelta:
        """No time passes while we work."""
        return timedelta()


class Answer(NamedTuple):
    """What a command answered: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON is what it is
        """Stdout, which has to be one JSON document."""
        return json.loads(self.out)


@dataclass
class CommandLine:
    """Somebody at the keyboard, in a folder with a database and a key."""

    folder: Path
    clock: StandingClock
    captured: Callable[[], tuple[str, str]]

    def __call__(self, *words: str) -> Answer:
        """Run one command."""
        self.captured()
        with pytest.raises(SystemExit) as finished:
            main(words)
        code = finished.value.code
        assert isinstance(code, int)
        return Answer(code, *self.captured())

    def json(self, *words: str) -> Any:  # noqa: ANN401 - JSON is what it is
        """Run a command that has to succeed, and return what it answers to --json."""
        answer = self(*words, "--json")
        assert (0, "") == (answer.code, answer.err)
        return answer.json

    def type(self, line: str) -> Answer:
        """Run a command as a person types it."""
        return self(*shlex.split(line))

    def type_json(self, line: str) -> Any:  # noqa: ANN401 - JSON is what it is
        """Like `json`, as a person types it."""
        return self.json(*shlex.split(line))

    def done(self, *words: str) -> str:
        """Run a command that has to succeed, and return what it says."""
        answer = self(*words)
        assert 0 == answer.code, answer
        return answer.out

    def write(self, name: str, *lines: str) -> str:
        """Write a file of these lines and return its path."""
        path = self.folder / name
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return str(path)

    def table(self, name: str) -> list[dict[str, str]]:
        """The rows of a CSV file of the folder."""
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements behind the program's back; return the rows of the last."""
        with contextlib.closing(sqlite3.connect(self.folder / "ringfence.db")) as database, database:
            return [database.execute(statement).fetchall() for statement in statements][-1]

    def dump(self) -> list[str]:
        """Everything that is stored."""
        with contextlib.closing(sqlite3.connect(self.folder / "ringfence.db")) as database:
            return list(database.iterdump())

    def run_of(self, kind: str) -> str:
        """The id of the newest run of a kind."""
        found: str = next(run["run"] for run in self.json("numbers", "runs")["runs"] if run["kind"] == kind)
        return found

    def pair(self, user: str, pair: str = "mobile") -> dict[str, Any]:
        """A pair of a user of contoso.example, explained, in full."""
        found: dict[str, Any] = self.json("numbers", "explain", f"{user}@contoso.example", "--reveal")["pairs"][pair]
        return found


STAGES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "initialised": (("init",),),
    "imported": (("import", "directory", *DIRECTORY), ("import", "mfa", MFA)),
    "opened": (("transition", "open", "--preset", "entra-2021"),),
    "copied": (("numbers", "copy"),),
}
"""How far the example company is: each stage begins where the one before it ended."""


def build_stages(root: Path, type_in: Callable[[Path, tuple[str, ...]], None]) -> dict[str, Path]:
    """Play the stages once; a folder with database and key for each."""
    folders: dict[str, Path] = {}
    before: Path | None = None
    for stage, commands in STAGES.items():
        folder = root / stage
        if before is None:
            folder.mkdir()
        else:
            shutil.copytree(before, folder)
        for words in commands:
            type_in(folder, words)
        before = folders[stage] = folder
    return folders

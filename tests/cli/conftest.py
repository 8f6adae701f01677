"""`at`: a command line on the example company, at a stage of its story."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import ringfence.cli.main as program
from tests.cli.command_line import CommandLine, StandingClock, build_stages
from tests.cli.grammar import ROOT

At = Callable[[str], CommandLine]


def place(patch: pytest.MonkeyPatch, folder: Path, clock: StandingClock) -> None:
    """Have the program work in a folder, by a clock."""
    patch.setattr(program, "app", ROOT)  # typer would build the tree of commands anew for each: half of a test's time
    patch.setattr(program, "SystemClock", lambda: clock)
    patch.setenv("RINGFENCE_DATABASE", f"sqlite:///{folder}/ringfence.db")
    patch.setenv("RINGFENCE_KEY_FILE", f"{folder}/ringfence.key")
    patch.delenv("RINGFENCE_TENANT", raising=False)


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The stages of the story, each a folder with database and key."""

    def type_in(folder: Path, words: tuple[str, ...]) -> None:
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as said:
            place(patch, folder, StandingClock())
            with contextlib.redirect_stderr(said), pytest.raises(SystemExit) as finished:
                program.main(words)
        assert 0 == finished.value.code, said.getvalue()

    return build_stages(tmp_path_factory.mktemp("stages"), type_in)


@pytest.fixture
def at(stages: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> At:
    """A command line at a stage: nowhere (`""`), `initialised`, `imported`, `opened`, `copied`."""

    def begin(stage: str) -> CommandLine:
        clock = StandingClock()
        if stage:
            shutil.copytree(stages[stage], tmp_path, dirs_exist_ok=True)
        place(monkeypatch, tmp_path, clock)
        monkeypatch.chdir(tmp_path)
        return CommandLine(tmp_path, clock, capsys.readouterr)

    return begin

"""`chapters`: the example company's files, played once, with what the program said of them at each point."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command_line import EXAMPLES, CommandLine, StandingClock
from tests.cli.conftest import place
from tests.demo.chapters import Chapters, play


@contextlib.contextmanager
def _at_a_keyboard(folder: Path, database: str | None = None) -> Iterator[CommandLine]:
    out, err, clock = io.StringIO(), io.StringIO(), StandingClock()

    def captured() -> tuple[str, str]:
        said = out.getvalue(), err.getvalue()
        for stream in (out, err):
            stream.seek(0)
            stream.truncate()
        return said

    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        place(patch, folder, clock)
        if database is not None:
            patch.setenv("RINGFENCE_DATABASE", database)
        yield CommandLine(folder, clock, captured)


@pytest.fixture(scope="session")
def chapters(tmp_path_factory: pytest.TempPathFactory) -> Chapters:
    """The whole story, from before the transition to after its end."""
    with _at_a_keyboard(tmp_path_factory.mktemp("company")) as cli:
        return play(cli, EXAMPLES)


@pytest.fixture
def chapters_on_postgresql(tmp_path: Path, postgres_url: str) -> Chapters:
    """The same on the other engine."""
    with _at_a_keyboard(tmp_path, postgres_url) as cli:
        return play(cli, EXAMPLES)

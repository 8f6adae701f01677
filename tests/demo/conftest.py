"""`chapters`: the example company's files, played once, with what the program said of them at each point."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

import pytest

from tests.cli.command_line import EXAMPLES, CommandLine, StandingClock
from tests.cli.conftest import place
from tests.demo.chapters import Chapters, play


@contextlib.contextmanager
def _at_a_keyboard(folder_of: pytest.TempPathFactory) -> Iterator[CommandLine]:
    out, err, clock, folder = io.StringIO(), io.StringIO(), StandingClock(), folder_of.mktemp("company")

    def captured() -> tuple[str, str]:
        said = out.getvalue(), err.getvalue()
        for stream in (out, err):
            stream.seek(0)
            stream.truncate()
        return said

    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        place(patch, folder, clock)
        yield CommandLine(folder, clock, captured)


@pytest.fixture(scope="session")
def chapters(tmp_path_factory: pytest.TempPathFactory) -> Chapters:
    """The whole story, from before the transition to after its end."""
    with _at_a_keyboard(tmp_path_factory) as cli:
        return play(cli, EXAMPLES)

"""The program as the shell sees it: real processes, a few."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.cli.conftest import At

pytestmark = pytest.mark.slow

_PROGRAM: Final = (sys.executable, "-m", "ringfence")
_SOURCES: Final = Path(__file__).parents[2] / "src"


def _run(*words: str, stdout: int = subprocess.PIPE, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own, without a terminal."""
    environment = {**os.environ, "PYTHONPATH": str(_SOURCES), **variables}
    return subprocess.run(
        [*_PROGRAM, *words], stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, env=environment, check=False
    )


def test_it_runs_as_a_module(at: At) -> None:
    """`python -m ringfence`, under its own name."""
    at("copied")
    answer = _run("user", "show", "nobody@contoso.example")
    assert (2, b"", b"ringfence: There is no user nobody@contoso.example.\n") == (answer.returncode, answer.stdout, answer.stderr)


def test_it_answers_in_utf_8_under_the_plainest_locale(at: At) -> None:
    """LC_ALL=C, as in cron and containers."""
    at("copied")
    answer = _run("user", "show", "ines@contoso.example", "--json", LC_ALL="C", LANG="")
    assert "Inés Álvarez" == json.loads(answer.stdout)["displayName"]


def test_a_closed_pipe_ends_it_quietly(at: At) -> None:
    """`ringfence … | head -0`: exit 0, nothing on stderr, also none of the interpreter's complaints."""
    at("copied")
    reading, writing = os.pipe()
    os.close(reading)
    answer = _run("numbers", "rules", stdout=writing)
    os.close(writing)
    assert (0, b"") == (answer.returncode, answer.stderr)


def test_a_full_disk_ends_it_with_a_word(at: At) -> None:
    """`ringfence … > file` where there is no room: exit 4, never 0."""
    at("copied")
    with Path("/dev/full").open("wb") as full:
        answer = _run("user", "list", stdout=full.fileno())
    assert (4, b"ringfence: The system refuses: No space left on device.\n") == (answer.returncode, answer.stderr)


@pytest.mark.parametrize("where", ["within", "at the prompt"], ids=str)
def test_ctrl_c_ends_it_with_a_word(where: str, at: At) -> None:
    """A real SIGINT, while a command runs and while it is being read: exit 130."""
    at("copied")
    place = {"within": "ringfence.cli.numbers.copy_numbers", "at the prompt": "ringfence.cli.main.read_settings"}[where]
    module, _, name = place.rpartition(".")
    script = (
        f"import importlib, os, signal; setattr(importlib.import_module('{module}'), '{name}', "
        "lambda *_: os.kill(os.getpid(), signal.SIGINT)); "
        "importlib.import_module('ringfence.cli.main').main(['numbers', 'copy'])"
    )
    environment = {**os.environ, "PYTHONPATH": str(_SOURCES)}
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment, check=False)
    assert (130, b"", True) == (answer.returncode, answer.stdout, answer.stderr.startswith(b"Stopped."))
    assert 1 == answer.stderr.count(b"\n")

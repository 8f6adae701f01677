"""`./dev`, the one interface for contributors, is a POSIX script that explains itself."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Final

import pytest

from tests.architecture.modules import ROOT
from tests.conftest import need

_SCRIPT: Final = (ROOT / "dev").read_text("utf-8")
_COMMANDS: Final = ("run", "test", "check", "bench", "lock", "help")


def _dev(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ROOT / "dev", *arguments], cwd="/", capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", _COMMANDS)
def test_help_names_each_command(command: str) -> None:
    """What there is, `./dev help` says, from whatever folder it is called."""
    assert re.search(rf"^\./dev {command} ", _dev("help").stdout, re.MULTILINE)


@pytest.mark.parametrize("command", _COMMANDS)
def test_each_command_that_help_names_exists(command: str) -> None:
    """What `./dev help` promises, the script has."""
    assert re.search(rf"^    {command}\b.*\)", _SCRIPT, re.MULTILINE)


def test_an_unknown_command_is_wrong_usage() -> None:
    """A misspelt command does nothing and ends with 2."""
    assert 2 == _dev("tset").returncode


def test_the_plainest_shell_reads_it() -> None:
    """The script is POSIX sh: dash takes it."""
    dash = shutil.which("dash")
    need(dash, "dash")
    assert 0 == subprocess.run([str(dash), "-n", ROOT / "dev"], check=False).returncode


def test_the_build_server_runs_the_readmes_command() -> None:
    """`.ci/run` ends with `./dev test` and nothing after it, so that pytest's closing line is the last."""
    assert "exec ./dev test" == (ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-1]

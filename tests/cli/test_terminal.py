"""What ends a command early, and what a terminal changes: progress, and nothing else."""

from __future__ import annotations

import json
import os
import re
import select
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from ringfence.cli import numbers, output
from tests.cli.command_line import CHANGES, DIRECTORY, MFA
from tests.cli.conftest import At

_PRIVATE = "+1 4255550199"


def _raise(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Have a use case fail."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(numbers, "copy_numbers", fail)


def test_an_unexpected_error_tells_no_values(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 70; its kind and the places it went through, but neither its text nor a private number."""
    _raise(monkeypatch, ValueError(_PRIVATE))
    answer = at("copied")("numbers", "copy")
    assert (70, "") == (answer.code, answer.out)
    assert answer.err.startswith("Internal error: ValueError. Please report it with what you did.\n  /")
    assert (True, False) == ("numbers.py:" in answer.err, "4255550199" in answer.err)


def test_an_interrupt_says_how_to_go_on(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C: exit 130."""
    _raise(monkeypatch, KeyboardInterrupt())
    assert (130, "", "Stopped. What was committed stays; run the command again to go on.\n") == at("copied")("numbers", "copy")


def test_a_reader_that_leaves_is_no_error(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ringfence … | head -1`: exit 0, not a word."""
    _raise(monkeypatch, BrokenPipeError())
    assert (0, "", "") == at("copied")("numbers", "copy")


def test_a_full_disk_is_told(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 4, in the system's words."""
    _raise(monkeypatch, OSError(28, "No space left on device", "/somewhere"))
    assert (4, "", "ringfence: The system refuses: No space left on device (/somewhere).\n") == at("copied")("numbers", "copy")


class _Silence:
    """A stdin that nobody may read."""

    def isatty(self) -> bool:
        """No terminal."""
        return False

    def __getattr__(self, name: str) -> object:
        raise AssertionError(name)


@pytest.mark.parametrize(
    "line",
    [
        "init",
        f"import directory {' '.join(DIRECTORY)}",
        f"import mfa {MFA}",
        "transition close",
        "numbers copy",
        "phone delete kim@contoso.example office",
        "key rotate",
        "key forget",
        f"import directory --full {CHANGES}",
    ],
)
def test_nothing_prompts(line: str, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """What changes or takes away asks nobody when no terminal is there: it does it, or a guard stops it."""
    monkeypatch.setattr(sys, "stdin", _Silence())
    assert 0 == at("copied").type(line).code


class _Hours:
    """A monotonic clock on which an hour passes with every look."""

    def __init__(self) -> None:
        self._hours = 0.0

    def monotonic(self) -> float:
        """Seconds."""
        self._hours += 1
        return self._hours * 3600


_LONG = [
    ("initialised", f"import directory {' '.join(DIRECTORY)}", "import directory"),
    ("imported", f"import mfa {MFA}", "import mfa"),
    ("opened", "numbers copy", "copy"),
    ("copied", "key rotate", "rotate key"),
]


class Terminal:
    """A terminal that stderr can be made to be, and what it shows."""

    def __init__(self) -> None:
        """Open both ends."""
        self._inside, outside = os.openpty()
        self.stream = os.fdopen(outside, "w", encoding="utf-8")

    def shown(self) -> str:
        """What it has shown so far."""
        shown = b""
        while select.select([self._inside], [], [], 0)[0]:
            shown += os.read(self._inside, 65536)
        return shown.decode()

    def close(self) -> None:
        """Close both ends."""
        self.stream.close()
        os.close(self._inside)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """A terminal of 100 columns."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    opened = Terminal()
    yield opened
    opened.close()


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every piece of work take hours."""
    monkeypatch.setattr(output, "time", SimpleNamespace(monotonic=_Hours().monotonic))


@pytest.mark.usefixtures("hours")
@pytest.mark.parametrize(("stage", "line", "label"), _LONG, ids=lambda value: value.split(" /")[0])
def test_a_bar_appears_on_a_terminal(
    stage: str, line: str, label: str, at: At, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On work over a second."""
    monkeypatch.setattr(sys, "stderr", terminal.stream)
    assert 0 == at(stage).type(line).code
    shown = terminal.shown()
    assert (True, True) == (label in shown, "%" in shown)


@pytest.mark.usefixtures("hours")
def test_a_bar_takes_nothing_from_stdout(at: At, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ringfence … --dry-run --json > diff.json` at a terminal: the file has all of it."""
    monkeypatch.setattr(sys, "stderr", terminal.stream)
    answer = at("copied")("import", "directory", CHANGES, "--dry-run", "--json")
    assert (6, False) == (len(answer.json["changes"]), "sam@contoso.example" in terminal.shown())


def test_no_bar_appears_before_a_second_has_passed(at: At, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quick work does not flicker."""
    monkeypatch.setattr(sys, "stderr", terminal.stream)
    monkeypatch.setattr(output, "time", SimpleNamespace(monotonic=lambda: 0.0))
    at("opened").done("numbers", "copy")
    assert "" == terminal.shown()


@pytest.mark.usefixtures("hours")
@pytest.mark.parametrize(("stage", "line", "label"), _LONG, ids=lambda value: value.split(" /")[0])
def test_no_bar_appears_without_a_terminal(stage: str, line: str, label: str, at: At) -> None:
    """However long it takes."""
    answer = at(stage).type(line)
    assert (False, False, False) == ("%" in answer.err, "\x1b" in answer.out + answer.err, label in answer.err)


def test_a_table_fits_a_terminal(at: At, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folded to its width, and no line is cut."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "stdout", terminal.stream)
    at("copied")("numbers", "plan")
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in terminal.shown().splitlines()]
    assert (True, True) == (max(map(len, lines)) <= 80, "Plan for 2021-02-15T12:00:00Z: 13 users" in lines)


def test_what_does_not_fit_is_left_to_the_terminal(at: At, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where even folding the last column does not help, a row stays a row: an id in pieces is no id."""
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sys, "stdout", terminal.stream)
    at("copied")("numbers", "runs")
    assert 1 == len([line for line in terminal.shown().splitlines() if "  copy  " in line and line.endswith("copied 4")])


def test_without_a_terminal_a_table_is_as_wide_as_it_needs(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that grep and awk find a row in a line."""
    monkeypatch.setenv("COLUMNS", "40")
    lines = at("copied").done("numbers", "plan").splitlines()
    assert any(line.endswith("The numbers differ; the authentication number is the one in use.") for line in lines)


_TRICKY = "Eve\x1b[2J\x07\x9b2J\u2028[red]:smile:"


def test_a_name_cannot_drive_the_terminal(at: At) -> None:
    """What comes from a directory may hold control characters; they are shown as what they are not, and no markup is read."""
    cli = at("copied")
    row = json.dumps({"userPrincipalName": "eve@contoso.example", "displayName": _TRICKY, "onPremisesSyncEnabled": True})
    shown = cli.done("import", "directory", cli.write("eve.jsonl", row), "--dry-run")
    cli.done("import", "directory", str(cli.folder / "eve.jsonl"))
    shown += cli.done("user", "list") + cli.done("user", "show", "eve@contoso.example")
    assert set() == {"\x1b", "\x07", "\x9b"} & set(shown)
    assert 3 == shown.count("[red]:smile:")


@pytest.mark.parametrize(("columns", "expected"), [("200", 30), ("120", 30), ("119", 10), ("80", 10)])
def test_bars_are_short_on_a_narrow_terminal(
    columns: str, expected: int, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else nothing would be left for the words."""
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys, "stdout", terminal.stream)
    assert expected == len(output.bar(1, 1))


@pytest.mark.parametrize(("count", "most", "expected"), [(0, 10, 0), (0, 0, 0), (1, 1000, 1), (5, 10, 15), (10, 10, 30)])
def test_a_bar_is_as_long_as_its_count(count: int, most: int, expected: int) -> None:
    """And never empty for something that is there."""
    assert expected * "█" == output.bar(count, most)

"""`./dev run`: the story plays to its end, in one screen, and a newcomer can go on from there."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import pytest

from ringfence.demo import story
from tests.cli import grammar
from tests.servers.ringfence import free_port

_TODAY: Final = datetime(2026, 11, 24, 5, 6, tzinfo=UTC)
_STEPS: Final = story.steps(story.EXAMPLES, _TODAY)
_SCREEN: Final = 110
"""Lines: the story is scrolled through in two screens at most, and read in one go."""


@pytest.mark.parametrize("step", _STEPS, ids=lambda step: " ".join(step.command[:2]))
def test_every_step_is_a_command(step: story.Step) -> None:
    """With options and arguments that exist."""
    grammar.check(shlex.join(("ringfence", *step.command)))


def test_every_file_of_the_company_is_played(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """In the story, or by what it proposes to go on with."""
    story.go_on(tmp_path, story.EXAMPLES)
    proposed = capsys.readouterr().out
    played = {Path(word).name for step in _STEPS for word in step.command}
    assert [] == [path.name for path in story.EXAMPLES.iterdir() if path.name not in played and path.name not in proposed]


def test_the_window_is_open_today() -> None:
    """Whenever the story is played."""
    window = next(step.command for step in _STEPS if step.command[:2] == ("transition", "open"))
    assert ("--start", "2026-11-23", "--end", "2027-02-21") == window[2:]


def test_a_step_that_fails_ends_the_story(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With its exit code, and no further step."""
    ran: list[list[str]] = []

    def run(command: list[str], **_: object) -> SimpleNamespace:
        ran.append(command)
        return SimpleNamespace(returncode=3 if len(ran) == 2 else 0)

    monkeypatch.setattr(subprocess, "run", run)
    assert (3, 2) == (story.play(tmp_path / "demo", story.EXAMPLES, _TODAY), len(ran))


def test_the_one_before_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Once: somebody may have gone on from there."""
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=0))
    for name in ("first", "second", "third"):
        story.play(tmp_path / "demo", story.EXAMPLES, _TODAY)
        (tmp_path / "demo" / name).touch()
    kept = [path.name for folder in ("demo", "demo.previous") for path in (tmp_path / folder).iterdir()]
    assert ["third", "second"] == kept


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The story played for real, from the root of the clone as ./dev does, and what it said."""
    root = story.EXAMPLES.parents[1]
    folder = tmp_path_factory.mktemp("told") / "demo"
    command = [sys.executable, "-m", "ringfence.demo.story", "--folder", str(folder), "--no-serve"]
    environment = {**os.environ, "PYTHONPATH": str(root / "src"), "LC_ALL": "C.UTF-8"}
    told = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert (0, "") == (told.returncode, told.stderr.replace(_REMARKS, ""))
    return folder, told.stdout.splitlines()


_REMARKS: Final = (
    "2 numbers have no method entry, and without one MFA does not use a number; import the methods too.\n"
    "1 public mobile number has an extension, which is dropped.\n"
    "4 pairs would be left behind at the window's end without a copy.\n"
)


@pytest.mark.slow
def test_it_is_told_in_one_screen(told: tuple[Path, list[str]]) -> None:
    """And ends with how to go on."""
    assert (True, True) == (len(told[1]) <= _SCREEN, "That is the whole story. To go on from here, on the same data:" in told[1])


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        "$ ringfence import directory examples/contoso/1-directory.ldif examples/contoso/2-cloud-users.jsonl",
        "6 rows read. Users: 6 updated. Numbers: 1 mirrored, 1 copied, 1 cleared.",
        "  authentication  +X XXXXXXX02, mirror",
        "Left behind at the window's end",
    ],
    ids=["a command", "an import", "an explanation", "the report"],
)
def test_it_tells(line: str, told: tuple[Path, list[str]]) -> None:
    """The main job, from import to report."""
    assert any(shown.startswith(line) for shown in told[1])


@pytest.mark.slow
def test_what_it_proposes_can_be_typed(told: tuple[Path, list[str]]) -> None:
    """Every proposed line runs, in the order given, on the story's data."""
    folder, lines = told
    root = story.EXAMPLES.parents[1]
    proposed = [line.strip() for line in lines if line.startswith("  ") and ("ringfence " in line or " export " in line)]
    script = "\n".join(("set -e", *(line.replace("plan.csv", str(folder / "plan.csv")) for line in proposed)))
    typed = subprocess.run(["/bin/sh", "-c", script], cwd=root, capture_output=True, text=True, check=False)
    assert (0, True, 7) == (typed.returncode, (folder / "plan.csv").exists(), len(proposed)), typed.stderr


@contextlib.contextmanager
def _up(folder: Path, port: int) -> Iterator[Iterator[str]]:
    """The story's server, and the lines it prints."""
    code = f"from pathlib import Path; from ringfence.demo import story; story.serve(Path({str(folder)!r}), '127.0.0.1:{port}')"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True) as server:
        assert server.stdout is not None
        try:
            yield iter(server.stdout)
        finally:
            os.killpg(server.pid, signal.SIGTERM)


def _type(script: str) -> subprocess.CompletedProcess[str]:
    """What a person types, who waits until the server is up."""
    patient = script.replace("curl ", "curl -sf --retry 20 --retry-connrefused --retry-delay 1 ")
    return subprocess.run(["/bin/sh", "-ec", patient], capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_story_ends_with_the_api_up(tmp_path: Path) -> None:
    """The server answers on the company's data, and what is printed to try works as it stands; the code is read on the board."""
    story.play(folder := tmp_path / "demo", story.EXAMPLES, _TODAY)
    with _up(folder, port := free_port()) as printed:
        lines = [next(printed) for _ in range(22)]
        graph, phones, again = lines[3:8], lines[12:18], lines[-1]
        board = f"curl --cacert {folder}/tls/ca.pem https://localhost:{port}/demo/phones"
        code = f"CODE=; until [ $CODE ]; do CODE=$({board} | sed -n 's/.* is \\([0-9]\\{{6\\}}\\)[.].*/\\1/p'); done\n"
        body = phones[2].replace('"CODE"', "\"'$CODE'\"")
        done = _type("".join((*graph, *phones[:2], code, body, *phones[3:])))
    assert (0, True) == (done.returncode, "sam@contoso.example" in done.stdout), done.stderr + "".join(lines)
    assert ('"state":"approved"' in done.stdout, '"method":"voiceMobile"' in done.stdout) == (True, True)
    assert ("RINGFENCE_DEMO=true", ["serve", "--listen", f"127.0.0.1:{port}"]) == (again.split()[0], again.split()[-3:])


def test_others_do_not_reach_the_phones(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A server that listens to everybody has no board, and nothing is said of one."""
    given: list[dict[str, str]] = []
    monkeypatch.setattr(story, "export", given.append)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=0))
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: contextlib.nullcontext(SimpleNamespace(wait=lambda: 0)))
    assert (0, []) == (story.serve(Path("var/demo"), "0.0.0.0:8443"), given)
    told = capsys.readouterr().out
    assert [word for word in ("phones", "DEMO", "challenges") if word in told] == []
    assert told.endswith(" serve --listen 0.0.0.0:8443\n")

"""A test that needs what is missing is skipped by name on a developer's machine and fails in CI."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import need, skipping_is_refused

_ROOT: Final = Path(__file__).parents[2]
_REFUSALS: Final = {"CI": "true", "RINGFENCE_TEST_NO_SKIP": "1"}
_PLANTED: Final = {
    "test_need.py": "from tests.conftest import need\n\ndef test_it():\n    need(None, 'a server')",
    "test_skip.py": "import pytest\n\ndef test_it():\n    pytest.skip('why not')",
    "test_mark.py": "import pytest\n\n@pytest.mark.skip(reason='why not')\ndef test_it(): ...",
    "test_file.py": "import pytest\n\npytest.importorskip('no_such_module')",
    "test_xfail.py": "import pytest\n\n@pytest.mark.xfail\ndef test_it():\n    assert False",
}


def _run(folder: Path, refusal: dict[str, str]) -> str:
    """Run the planted tests under our conftest in a process of its own and return what pytest says, its summary with it."""
    for name, code in _PLANTED.items():
        (folder / name).write_text(code)
    (folder / "conftest.py").write_text("from tests.conftest import pytest_make_collect_report, pytest_runtest_makereport")
    (folder / "pytest.ini").touch()
    environment = {name: value for name, value in os.environ.items() if name not in _REFUSALS} | {"PYTHONPATH": str(_ROOT)}
    options = ["-p", "no:cacheprovider", "-p", "no:xdist", "-ra", "--continue-on-collection-errors", "--tb=short"]
    command = [sys.executable, "-m", "pytest", *options, "."]
    return subprocess.run(command, cwd=folder, env=environment | refusal, capture_output=True, text=True, check=False).stdout


@pytest.fixture(scope="module")
def own_machine(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Pytest's output where skipping is allowed."""
    return _run(tmp_path_factory.mktemp("own"), {})


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Pytest's output where skipping is refused."""
    return _run(tmp_path_factory.mktemp("refusing"), {"CI": "true"})


def test_what_is_there_is_no_reason_to_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its condition met a test goes on, in CI too."""
    monkeypatch.setenv("CI", "true")
    need(["something"], "something")


@pytest.mark.parametrize("refusals", [[], ["CI"], ["RINGFENCE_TEST_NO_SKIP"]], ids=repr)
def test_either_variable_refuses(monkeypatch: pytest.MonkeyPatch, refusals: list[str]) -> None:
    """CI=true refuses skips, RINGFENCE_TEST_NO_SKIP=1 too, and without them skipping is allowed."""
    for name, value in _REFUSALS.items():
        monkeypatch.setenv(name, value if name in refusals else "")
    assert bool(refusals) == skipping_is_refused()


def test_a_skip_names_what_is_missing(own_machine: str) -> None:
    """On a developer's machine the summary says what the test needs."""
    assert "needs a server" in own_machine


def test_a_skip_is_no_failure(own_machine: str) -> None:
    """On a developer's machine nothing fails for want of a server."""
    assert "4 skipped, 1 xfailed" in own_machine.splitlines()[-1]


@pytest.mark.parametrize("file", ["test_need.py", "test_skip.py", "test_mark.py", "test_file.py"])
def test_no_skip_passes_where_it_is_refused(refusing: str, file: str) -> None:
    """Each way to skip makes the run fail, a whole file's too."""
    assert re.search(rf"^(FAILED|ERROR) {file}\b", refusing, re.MULTILINE)


def test_an_expected_failure_is_no_skip(refusing: str) -> None:
    """A test marked as expected to fail stays what it is, and nothing is left skipped."""
    assert "2 failed, 1 xfailed, 2 errors" in refusing.splitlines()[-1]

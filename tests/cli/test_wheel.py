"""What `pipx install .` installs: the wheel, built from the lock alone, works away from its sources.

Nothing is fetched: the build backend and the dependencies are those of the environment the tests run in.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.slow

_ROOT: Final = Path(__file__).parents[2]


def _run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command that knows nothing of our sources."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "RINGFENCE_", "VIRTUAL_ENV"))
    }
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def _checked(*command: str | Path, cwd: Path) -> str:
    done = _run(*command, cwd=cwd)
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a fresh environment with the wheel in it."""
    work = tmp_path_factory.mktemp("wheel")
    _checked(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", work, cwd=_ROOT)
    [wheel] = work.glob("*.whl")
    fresh = work / "fresh"
    _checked(sys.executable, "-m", "venv", fresh, cwd=work)
    python = fresh / "bin" / "python"
    _checked(python, "-m", "pip", "install", "--no-index", "--no-deps", wheel, cwd=work)
    [packages] = (fresh / "lib").glob("python3*/site-packages")
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n", "utf-8")
    return fresh / "bin"


def test_the_command_is_there(installed: Path, tmp_path: Path) -> None:
    """`ringfence`, and `python -m ringfence`, of the wheel's version."""
    expected = f"ringfence {version('ringfence')}\n"
    assert expected == _checked(installed / "ringfence", "--version", cwd=tmp_path)
    assert expected == _checked(installed / "python", "-m", "ringfence", "--version", cwd=tmp_path)


def test_it_is_the_wheels_own_code(installed: Path, tmp_path: Path) -> None:
    """Not the clone's: else the tests below would say nothing of the wheel."""
    where = _checked(installed / "python", "-c", "import ringfence; print(ringfence.__file__)", cwd=tmp_path)
    assert installed.parent in Path(where).parents


def test_it_makes_a_database(installed: Path, tmp_path: Path) -> None:
    """The migrations are in the wheel."""
    _checked(installed / "ringfence", "init", cwd=tmp_path)
    assert "No users.\n" == _checked(installed / "ringfence", "user", "list", cwd=tmp_path)


def test_the_story_says_where_it_can_be_played(installed: Path, tmp_path: Path) -> None:
    """The example company is not in the wheel: exit 2, and a sentence."""
    done = _run(installed / "python", "-m", "ringfence.demo.story", cwd=tmp_path)
    assert (2, True) == (done.returncode, "run this from a clone, as ./dev run." in done.stderr)

"""What is shipped and what is locked: the wheel is whole, and the lock ties nobody to one index or machine."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.architecture.modules import PACKAGE, ROOT, SOURCES

LOCK = (ROOT / "requirements.lock").read_text("utf-8")
LOCKED = dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", LOCK, re.MULTILINE))


def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _asked_for() -> list[Requirement]:
    project = _project()
    return [Requirement(text) for text in [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]]


def test_the_wheel_ships_the_whole_package(tmp_path: Path) -> None:
    """Every file of `src/ringfence` that git would keep is in the wheel, so the migrations are too."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("ringfence/")}
    sources = {p.relative_to(SOURCES).as_posix() for p in PACKAGE.rglob("*") if p.is_file() and p.parent.name != "__pycache__"}
    assert set() == sources - shipped


@pytest.mark.parametrize("pattern", ["://", "file:", "/opt", "/tmp", "index-url", "find-links", "^-", "@"], ids=repr)  # noqa: S108
def test_the_lock_carries_no_address(pattern: str) -> None:
    """The lock names packages, versions and hashes: no index, no folder, no option."""
    assert None is re.search(pattern, LOCK, re.MULTILINE)


def test_every_locked_package_has_a_hash() -> None:
    """Both installers are told what to expect, for each package."""
    blocks = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert [] == [block.partition(" ")[0] for block in blocks if "--hash=sha256:" not in block]


@pytest.mark.parametrize("wanted", _asked_for(), ids=lambda wanted: wanted.name)
def test_the_lock_has_what_the_project_asks_for(wanted: Requirement) -> None:
    """Each requirement of pyproject.toml is locked at a version that satisfies it; if not, `./dev lock` was forgotten."""
    assert wanted.specifier.contains(LOCKED[wanted.name])

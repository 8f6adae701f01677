"""Long work that is killed at any moment and run again ends as if nothing had happened: nothing twice, nothing left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.storage import processes

COMMITS: Final = [("copy", 1), ("undo", 1), ("import", 1), ("import mfa", 1), ("rotate", 1)]
SOME_COMMITS: Final = [("copy", 3), ("undo", 3), ("import", 3), ("import mfa", 3), ("rotate", 3)]
"""Every third: before one, after the next."""
STATEMENTS: Final = [("copy", 5), ("undo", 5), ("import", 11), ("import mfa", 7), ("rotate", 7)]


def broken(case: str, kind: str, stride: int, *places: object) -> dict[str, Any]:
    """Break the case at the places of a kind, in a process of its own."""
    found: dict[str, Any] = json.loads(processes.finish(processes.start("breaking", case, kind, stride, *places)))
    assert found.pop("places") >= 8
    return found


WELL: Final = {"changed": True, "torn": [], "wrong": []}
"""The work changed something; at no place was anybody left half done, and at none did the second run end elsewhere."""


@pytest.mark.slow
@pytest.mark.parametrize(("case", "stride"), COMMITS, ids=[case for case, _ in COMMITS])
def test_killed_at_a_commit(case: str, stride: int, tmp_path: Path) -> None:
    """Killed just before or just after any commit on SQLite."""
    assert WELL == broken(case, "COMMIT", stride, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("case", "stride"), STATEMENTS, ids=[case for case, _ in STATEMENTS])
def test_killed_in_a_transaction(case: str, stride: int, tmp_path: Path) -> None:
    """Killed between two statements, with a transaction half done, on SQLite."""
    assert WELL == broken(case, "STATEMENT", stride, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("case", "stride"), SOME_COMMITS, ids=[case for case, _ in SOME_COMMITS])
def test_killed_at_a_commit_on_postgresql(case: str, stride: int, postgres_url: str, tmp_path: Path) -> None:
    """Killed just before or just after any commit on PostgreSQL."""
    assert WELL == broken(case, "COMMIT", stride, tmp_path, postgres_url)


@pytest.mark.slow
def test_killed_around_the_key_file(tmp_path: Path) -> None:
    """Killed before, during and after each write of the key file in a rotation."""
    assert WELL == broken("rotate", "KEY_FILE", 1, tmp_path)

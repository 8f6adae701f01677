"""The folder that the tests of readers write into."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.reading import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty folder."""
    return Folder(tmp_path)


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """One folder for all examples, each of which overwrites its file."""
    return Folder(tmp_path_factory.mktemp("examples"))

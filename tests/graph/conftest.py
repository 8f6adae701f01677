"""The API that the tests of this folder call."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.graph.served import Api, served


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """The API on SQLite, with one tenant and the transition open."""
    with served(f"sqlite:///{tmp_path}/ringfence.db", tmp_path / "ringfence.key") as one:
        yield one

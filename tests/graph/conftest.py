"""The API that the tests of this folder call."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.engines import empty_database
from tests.graph.served import Api, served

ENGINES = ("sqlite", "postgresql")


@pytest.fixture(params=ENGINES)
def api(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Api]:
    """The API, once per engine, with one tenant and the transition open."""
    with empty_database(request.param, request, tmp_path) as url, served(url, tmp_path / "ringfence.key") as one:
        yield one

"""Several who initialise one deployment at the same time end with one schema, one key and one tenant."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.domain.values import KeyState
from tests.contract.deployments import opened
from tests.storage import processes

MANY = 4


@pytest.mark.slow
def test_many_initialise_at_once(empty_url: str, tmp_path: Path) -> None:
    """One of them makes the tenant, the others find it; none fails, and the key file holds the one key that is used."""
    key_file = tmp_path / "ringfence.key"
    started = [processes.start("worker", "initialise", empty_url, key_file, empty_url) for _ in range(MANY)]
    told = sorted(processes.finish(process).strip() for process in started)
    with opened(empty_url, key_file) as joined, joined.services.store.snapshot() as unit:
        found = (unit.administration.keys(), len(unit.administration.tenants()), joined.keys.key_ids())
    keys, tenants, held = found
    assert ["False"] * (MANY - 1) + ["True"] == told
    assert ([(1, KeyState.PRIMARY)], 1, (1,)) == ([key[:2] for key in keys], tenants, held)

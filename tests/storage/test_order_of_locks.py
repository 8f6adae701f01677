"""Who reads a user behind a challenge waits for nobody: users are held before challenges, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.storage.unit_of_work import SqlStore
from tests.contract.accounts import account, identifier, plain_user
from tests.contract.engines import migrated, new_tenant


@pytest.fixture
def store(postgres_url: str) -> Iterator[SqlStore]:
    """On PostgreSQL, where a wait for a row ends with an error after a while."""
    with migrated(f"{postgres_url}?options=-c%20lock_timeout%3D2000") as database:
        yield SqlStore(database, NumberPolicy())


def test_a_user_that_somebody_holds_can_be_read_in_a_write(store: SqlStore) -> None:
    """As committed: two writes that hold a user and a challenge in opposite order would stop each other."""
    tenant, one = new_tenant(store), account(plain_user(1))
    with store.begin() as unit:
        unit.directory.insert(tenant, [one])
        unit.commit()
    with store.begin() as holding, store.begin() as reading:
        assert [identifier(1)] == list(holding.directory.load(tenant, [identifier(1)]))
        assert one.user == reading.directory.user(tenant, identifier(1))

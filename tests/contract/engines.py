"""Databases to test on: SQLite and PostgreSQL, empty or with the schema in place."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.domain.values import Tenant
from ringfence.storage.engine import Database
from ringfence.storage.unit_of_work import SqlStore
from tests.contract.accounts import identifier
from tests.contract.clocks import IN_WINDOW
from tests.contract.schemas import put_schema
from tests.servers import postgres

ENGINES: Final = ("sqlite", "postgresql")
_numbers: Final = itertools.count(1)


@contextlib.contextmanager
def empty_database(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """URL of a database of this engine with nothing in it."""
    if engine == "sqlite":
        yield f"sqlite:///{folder}/ringfence.db"
        return
    with postgres.fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@contextlib.contextmanager
def migrated(url: str) -> Iterator[Database]:
    """The database at this URL with the schema brought to date."""
    database = Database(url)
    put_schema(database)
    yield database
    database.dispose()


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database that no other test sees, once per engine."""
    with empty_database(request.param, request, tmp_path) as url:
        yield url


@pytest.fixture
def own_database(empty_url: str) -> Iterator[Database]:
    """A database with the schema that no other test sees, once per engine."""
    with migrated(empty_url) as database:
        yield database


@pytest.fixture(scope="module", params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with the schema, once per engine; tests of a file share it, each in a tenant of its own."""
    with empty_database(request.param, request, tmp_path_factory.mktemp("shared")) as url, migrated(url) as shared:
        with SqlStore(shared, NumberPolicy()).begin() as unit:
            unit.administration.add_primary_key(1, b"check", IN_WINDOW)
            unit.commit()
        yield shared


@pytest.fixture
def store(database: Database) -> SqlStore:
    """The store under the default policy."""
    return SqlStore(database, NumberPolicy())


@pytest.fixture
def tenant(store: SqlStore) -> int:
    """A tenant with nothing in it."""
    return new_tenant(store)


def new_tenant(store: SqlStore) -> int:
    """Make a tenant and return its number."""
    number = next(_numbers)
    with store.begin() as unit:
        made = unit.administration.add_tenant(Tenant(0, identifier(number), f"tenant{number}.example", IN_WINDOW))
        unit.commit()
    return made.tenant_id

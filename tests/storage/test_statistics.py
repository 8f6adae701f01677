"""PostgreSQL plans with what is there: a report right after the first import must not be planned for empty tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest
from sqlalchemy import text

from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.domain.values import Run, RunKind
from ringfence.storage.engine import Database
from ringfence.storage.unit_of_work import SqlStore
from tests.contract.accounts import identifier, to_copy
from tests.contract.clocks import IN_WINDOW
from tests.contract.engines import migrated

TENANT: Final = 1
KNOWN: Final = text("SELECT reltuples FROM pg_class WHERE relname IN ('users', 'pairs', 'user_principal_names') ORDER BY relname")


@pytest.fixture
def own_postgres(postgres_url: str) -> Iterator[Database]:
    """A PostgreSQL database with the schema that no other test sees."""
    with migrated(postgres_url) as database:
        yield database


def run_of(database: Database, number: int, count: int) -> None:
    """A run that reads so many users, of whom those not there yet are added."""
    run = Run(identifier(number), RunKind.IMPORT_DIRECTORY, IN_WINDOW)
    with SqlStore(database, NumberPolicy()).begin() as unit:
        present = unit.directory.count_users(TENANT)
        unit.directory.insert(TENANT, [to_copy(number) for number in range(present, count)])
        unit.administration.add_run(TENANT, run)
        unit.administration.finish_run(TENANT, run.run_id, IN_WINDOW, {"read": count})
        unit.commit()


def known(database: Database) -> list[float]:
    """How many rows of pairs, names and users the planner believes in; -1 is for never looked at."""
    with database.connect(write=False) as connection:
        return list(connection.execute(KNOWN).scalars())


def test_a_first_import_is_known_at_once(own_postgres: Database) -> None:
    """The planner knows what a run brought as soon as the run is finished."""
    before = known(own_postgres)
    run_of(own_postgres, 1, 300)
    assert ([-1, -1, -1], [600, 300, 300]) == (before, known(own_postgres))


def test_growth_is_known_at_once(own_postgres: Database) -> None:
    """A run over more users than the planner knows of makes it look again."""
    run_of(own_postgres, 1, 100)
    run_of(own_postgres, 2, 300)
    assert [600, 300, 300] == known(own_postgres)


def test_a_small_run_does_not_look_again(own_postgres: Database) -> None:
    """A run over fewer users than are known costs nothing here, however large the directory is."""
    run_of(own_postgres, 1, 300)
    with own_postgres.connect(write=True) as connection:
        connection.execute(text("DELETE FROM user_principal_names"))
        connection.commit()
    run_of(own_postgres, 2, 250)
    assert [600, 300, 300] == known(own_postgres)

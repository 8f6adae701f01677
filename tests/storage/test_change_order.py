"""Numbers in the log of changes follow commits: a reader never passes a change that is committed later.

SQLite has one writer at a time, so there is nothing to interleave.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import pytest
from sqlalchemy import text

from ringfence.application.ports.changes import LogPlace
from ringfence.domain.identity.profiles import Profile
from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.storage.unit_of_work import SqlStore, SqlUnitOfWork
from tests.contract.accounts import identifier
from tests.contract.engines import migrated, new_tenant

WAITING: Final = text("SELECT count(*) FROM pg_locks WHERE NOT granted")

pytestmark = pytest.mark.slow


@pytest.fixture
def store(postgres_url: str) -> Iterator[SqlStore]:
    """A database that no other test sees."""
    with migrated(postgres_url) as database:
        yield SqlStore(database, NumberPolicy())


def describe(unit: SqlUnitOfWork, tenant: int, number: int) -> None:
    """Change something of a user."""
    unit.identity.save_profiles(tenant, [(identifier(number), Profile(department="IT"))])


def commit(store: SqlStore, tenant: int, number: int) -> None:
    """The same, in a transaction of its own."""
    with store.begin() as unit:
        describe(unit, tenant, number)
        unit.commit()


def news(store: SqlStore, tenant: int, place: LogPlace) -> tuple[list[int], LogPlace]:
    """Who changed behind a place, and the place behind them."""
    with store.snapshot() as unit:
        page = unit.changes.read(tenant, place, 100, frozenset())
    return [int.from_bytes(user_id, "big") for user_id in page.user_ids], page.place


def beginning(store: SqlStore, tenant: int) -> LogPlace:
    """The place before everything."""
    with store.snapshot() as unit:
        return unit.changes.end(tenant)


def test_who_begins_first_and_commits_last_is_told_last(store: SqlStore) -> None:
    """The reader who comes in between is told of the second one, and of the first one when it comes back."""
    tenant = new_tenant(store)
    place = beginning(store, tenant)
    with store.begin() as unit:
        describe(unit, tenant, 1)
        commit(store, tenant, 2)
        between, place = news(store, tenant, place)
        unit.commit()
    afterwards, _ = news(store, tenant, place)
    assert ([2], [1]) == (between, afterwards)


def test_who_has_a_number_keeps_others_waiting_for_theirs(store: SqlStore) -> None:
    """From its number to its commit nobody else gets one, so nothing can be told before it that was committed behind it."""
    tenant = new_tenant(store)
    place = beginning(store, tenant)
    with ThreadPoolExecutor(1) as thread:
        with store.begin() as unit:
            describe(unit, tenant, 1)
            unit.changes.flush()
            running = thread.submit(commit, store, tenant, 2)
            until_it_waits(store, running)
            assert ([], place) == news(store, tenant, place)
            unit.commit()
        running.result()
    assert [1, 2] == news(store, tenant, place)[0]


def test_another_tenant_does_not_wait(store: SqlStore) -> None:
    """Each tenant has a counter of its own."""
    tenant, other = new_tenant(store), new_tenant(store)
    place = beginning(store, other)
    with store.begin() as unit:
        describe(unit, tenant, 1)
        unit.changes.flush()
        commit(store, other, 2)
    assert [2] == news(store, other, place)[0]


def until_it_waits(store: SqlStore, running: Future[None]) -> None:
    """Look again and again until somebody waits for a lock; a thread that needs none fails the test."""
    pause = threading.Event()
    with store.database.engine.connect() as connection:
        while not connection.execute(WAITING).scalar_one():
            connection.rollback()
            assert not running.done()
            pause.wait(0.002)

"""`ChangeLog`: order, pages, marks; what is rolled back is not in it, and a place in another log is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.changes import LogPlace
from ringfence.domain.identity.profiles import Profile
from ringfence.storage.unit_of_work import SqlStore
from tests.contract.accounts import account, identifier, plain_user
from tests.contract.clocks import IN_WINDOW
from tests.contract.engines import new_tenant

EVERYBODY: frozenset[bytes] = frozenset()
DAY = timedelta(days=1)


def describe(store: SqlStore, tenant: int, numbers: Sequence[int]) -> None:
    """Change something of these users in one transaction; nobody has to exist for it."""
    with store.begin() as unit:
        unit.identity.save_profiles(tenant, [(identifier(number), Profile(department="IT")) for number in numbers])
        unit.commit()


def end(store: SqlStore, tenant: int) -> LogPlace:
    """Where the log ends now."""
    with store.snapshot() as unit:
        return unit.changes.end(tenant)


def read(unit: UnitOfWork, tenant: int, place: LogPlace, limit: int, only: frozenset[bytes] = EVERYBODY) -> list[list[int]]:
    """All pages from a place on, as numbers of users."""
    pages = []
    while True:
        page = unit.changes.read(tenant, place, limit, only)
        pages.append([int.from_bytes(user_id, "big") for user_id in page.user_ids])
        place = page.place
        if not page.more:
            assert place == unit.changes.end(tenant)
            return pages


def told(store: SqlStore, tenant: int, place: LogPlace, limit: int, only: frozenset[bytes] = EVERYBODY) -> list[list[int]]:
    """The same in a transaction of its own."""
    with store.snapshot() as unit:
        return read(unit, tenant, place, limit, only)


def test_a_new_tenant_has_a_log_that_is_empty(store: SqlStore, tenant: int) -> None:
    """Its end is held, and nothing is behind it."""
    with store.snapshot() as unit:
        place = unit.changes.end(tenant)
        assert (True, [[]]) == (unit.changes.holds(tenant, place), read(unit, tenant, place, 10))


def test_users_come_in_the_order_of_the_commits(store: SqlStore, tenant: int) -> None:
    """Each once in a page, however often it changed."""
    start = end(store, tenant)
    for numbers in ([3], [1, 2], [3], [4]):
        describe(store, tenant, numbers)
    assert [[3, 1, 2, 4]] == told(store, tenant, start, 10)
    assert [[3, 1], [2, 3], [4]] == told(store, tenant, start, 2)


def test_what_is_taken_back_is_not_in_it(store: SqlStore, tenant: int) -> None:
    """A unit that is left without a commit."""
    start = end(store, tenant)
    with store.begin() as unit:
        unit.directory.insert(tenant, [account(plain_user(1))])
    assert start == end(store, tenant)


def test_a_unit_that_changes_nobody_writes_nothing(store: SqlStore, tenant: int) -> None:
    """A commit of other things."""
    start = end(store, tenant)
    with store.begin() as unit:
        unit.directory.update(tenant, [])
        unit.identity.advance_epoch(tenant)
        unit.commit()
    assert start == end(store, tenant)


def test_tenants_have_logs_of_their_own(store: SqlStore, tenant: int) -> None:
    """A place of one is none of the other."""
    other = new_tenant(store)
    start, place = end(store, other), end(store, tenant)
    describe(store, tenant, [1])
    with store.snapshot() as unit:
        assert (start, False) == (unit.changes.end(other), unit.changes.holds(other, place))


SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=4)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SIZES, st.integers(1, 50))
def test_pages_of_any_size_hold_everybody(store: SqlStore, tenant: int, sizes: list[int], limit: int) -> None:
    """Pages end and begin within entries and between them; each is full but the last."""
    start = end(store, tenant)
    for at, size in enumerate(sizes):
        describe(store, tenant, range(100 * at, 100 * at + size))
    pages = told(store, tenant, start, limit)
    expected = [number for at, size in enumerate(sizes) for number in range(100 * at, 100 * at + size)]
    assert expected == [number for page in pages for number in page]
    assert {limit} >= {len(page) for page in pages[:-1]}


def test_an_entry_holds_a_thousand(store: SqlStore, tenant: int) -> None:
    """A large transaction is a few rows, and a page of a filter ends though it found nobody."""
    start = end(store, tenant)
    with store.begin() as unit:
        unit.directory.insert(tenant, [account(plain_user(number)) for number in range(12_500)])
        unit.commit()
    assert 13 == end(store, tenant).sequence - start.sequence
    assert [[], [12_400]] == told(store, tenant, start, 10, frozenset({identifier(12_400)}))
    assert [[7], []] == told(store, tenant, start, 10, frozenset({identifier(7)}))


def test_many_small_entries_are_read_on(store: SqlStore, tenant: int) -> None:
    """More of them than are fetched at once."""
    start = end(store, tenant)
    for number in range(250):
        describe(store, tenant, [number])
    assert [list(range(200)), list(range(200, 250))] == told(store, tenant, start, 200)


def tidy(store: SqlStore, days: int) -> None:
    """Mark the log on a day, and forget what is ten days old by then."""
    with store.begin() as unit:
        unit.changes.mark(IN_WINDOW + days * DAY)
        unit.changes.forget(IN_WINDOW + (days - 10) * DAY)
        unit.commit()


def test_marks_cut_off_what_is_old(store: SqlStore, tenant: int) -> None:
    """A place of after the mark is held, one of before it is not; the log never loses its end."""
    places = [end(store, tenant)]
    held = []
    for days in (100, 105, 112, 130, 150):
        if days < 150:
            describe(store, tenant, [days])
            places.append(end(store, tenant))
        tidy(store, days)
        with store.snapshot() as unit:
            held.append([at for at, place in enumerate(places) if unit.changes.holds(tenant, place)])
    assert [[0, 1], [0, 1, 2], [1, 2, 3], [3, 4], [4]] == held
    assert [[]] == told(store, tenant, places[4], 10)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"sequence": 10**6}, id="beyond the end"),
        pytest.param({"tag": b"12345678"}, id="another entry"),
        pytest.param({"given": 2}, id="beyond the entry"),
    ],
)
def test_places_that_never_were_are_not_held(store: SqlStore, tenant: int, wrong: dict[str, object]) -> None:
    """Whatever a token says."""
    describe(store, tenant, [1])
    place = end(store, tenant)
    with store.snapshot() as unit:
        assert (True, False) == (
            unit.changes.holds(tenant, place),
            unit.changes.holds(tenant, place._replace(**wrong)),  # type: ignore[arg-type]
        )

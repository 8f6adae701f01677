"""`Administration`: tenants, transitions, runs and keys come back as they were stored."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence.domain.errors import ConflictError, ErrorCode, UnavailableError
from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.domain.numbers.transition import Transition
from ringfence.domain.values import KeyState, Run, RunKind, StoredKey, Tenant
from ringfence.storage.engine import Database
from ringfence.storage.unit_of_work import SqlStore
from tests.contract import values
from tests.contract.accounts import account, identifier, plain_user
from tests.contract.clocks import IN_WINDOW
from tests.contract.engines import new_tenant

START, END = datetime(2021, 2, 1, tzinfo=UTC), datetime(2021, 5, 1, tzinfo=UTC)
again = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def own_store(own_database: Database) -> SqlStore:
    """A store without any key or tenant."""
    return SqlStore(own_database, NumberPolicy())


def test_tenants_come_back_by_name(own_store: SqlStore) -> None:
    """Every field of a tenant is kept; its number is the next free one."""
    with own_store.begin() as unit:
        for number, name in enumerate(("contoso.example", "adatum.example")):
            unit.administration.add_tenant(Tenant(0, identifier(number), name, IN_WINDOW))
        unit.commit()
    with own_store.snapshot() as unit:
        assert [
            Tenant(2, identifier(1), "adatum.example", IN_WINDOW),
            Tenant(1, identifier(0), "contoso.example", IN_WINDOW),
        ] == unit.administration.tenants()


@pytest.mark.parametrize("field", ["directory_id", "name"])
def test_a_tenant_is_there_once(store: SqlStore, field: str) -> None:
    """A second tenant of the same name or directory id is a conflict."""
    number = new_tenant(store)
    with store.snapshot() as unit:
        known = next(one for one in unit.administration.tenants() if one.tenant_id == number)
    other = Tenant(0, identifier(0), "another.example", IN_WINDOW)._replace(**{field: getattr(known, field)})
    with pytest.raises(ConflictError) as caught, store.begin() as unit:
        unit.administration.add_tenant(other)
    assert ErrorCode.ROW_CHANGED is caught.value.code


@again
@given(values.instants, st.timedeltas(timedelta(microseconds=1), timedelta(days=400)), values.instants, st.none() | values.texts)
def test_a_transition_comes_back(
    store: SqlStore, tenant: int, start: datetime, span: timedelta, opened: datetime, preset: str | None
) -> None:
    """Every field of a transition is kept."""
    wanted = Transition(start, start + span, opened, preset)
    with store.begin() as unit:
        unit.administration.add_transition(tenant, wanted)
        found = unit.administration.transitions(tenant)
    assert [wanted] == found


def test_the_present_transition_is_the_last(store: SqlStore, tenant: int) -> None:
    """Transitions come in the order in which they were opened, and closing one leaves the other alone."""
    first = Transition(START, END, IN_WINDOW)
    second = Transition(START, END, IN_WINDOW + timedelta(days=1), "entra-2021")
    closed_at = IN_WINDOW + timedelta(days=2)
    with store.begin() as unit:
        unit.administration.add_transition(tenant, second)
        unit.administration.add_transition(tenant, first)
        unit.administration.close_transition(tenant, first.opened_at, closed_at)
        unit.commit()
    with store.snapshot() as unit:
        found = unit.administration.transitions(tenant)
    assert [Transition(START, END, first.opened_at, None, closed_at), second] == found


@again
@given(values.identifiers, st.sampled_from(RunKind), values.instants, values.texts)
def test_a_run_that_begins_comes_back(
    store: SqlStore, tenant: int, run_id: bytes, kind: RunKind, started: datetime, label: str
) -> None:
    """Every field of a run is kept, and it is not finished."""
    run = Run(run_id, kind, started, label)
    with store.begin() as unit:
        unit.administration.add_run(tenant, run)
        found = unit.administration.run(tenant, run_id)
    assert run == found


@again
@given(values.instants, st.dictionaries(values.texts, st.integers(0, 2**53), max_size=4))
def test_a_finished_run_has_its_counts(store: SqlStore, tenant: int, finished: datetime, counts: dict[str, int]) -> None:
    """How a run ended is kept."""
    run = Run(identifier(1), RunKind.COPY, IN_WINDOW, "label")
    with store.begin() as unit:
        unit.administration.add_run(tenant, run)
        unit.administration.finish_run(tenant, run.run_id, finished, counts)
        found = unit.administration.run(tenant, run.run_id)
    assert run._replace(finished_at=finished, counts=counts) == found


def test_the_newest_runs_come_first(store: SqlStore, tenant: int) -> None:
    """The newest runs of this tenant, as many as were asked for."""
    runs = [Run(identifier(number), RunKind.COPY, IN_WINDOW + timedelta(days=number)) for number in range(4)]
    with store.begin() as unit:
        for run in runs:
            unit.administration.add_run(tenant, run)
        unit.administration.add_run(tenant + 10_000, runs[0])
        found = unit.administration.runs(tenant, 3)
    assert [runs[3], runs[2], runs[1]] == found


def test_an_unknown_run_is_none(store: SqlStore, tenant: int) -> None:
    """Nothing is made up for a run that does not exist."""
    with store.snapshot() as unit:
        assert unit.administration.run(tenant, identifier(1)) is None


def test_a_new_primary_key_retires_the_old(own_store: SqlStore) -> None:
    """There is one primary key; the one before it begins to retire."""
    with own_store.begin() as unit:
        administration = unit.administration
        administration.add_primary_key(1, b"one", IN_WINDOW)
        administration.add_primary_key(2, b"two", IN_WINDOW)
        found = (administration.keys(), administration.primary_key())
    assert ([StoredKey(1, KeyState.RETIRING, b"one"), StoredKey(2, KeyState.PRIMARY, b"two")], 2) == found


def test_without_a_key_there_is_no_primary(own_store: SqlStore) -> None:
    """A database that nobody initialised has no primary key."""
    with pytest.raises(UnavailableError) as caught, own_store.begin() as unit:
        unit.administration.primary_key()
    assert ErrorCode.DATABASE_EMPTY is caught.value.code


@pytest.mark.parametrize(("key_id", "used"), [(1, False), (2, True), (3, False)], ids=["unused", "in use", "primary"])
def test_a_key_is_in_use_while_a_user_is_under_it(own_store: SqlStore, key_id: int, used: bool) -> None:  # noqa: FBT001 - a table
    """A key is in use exactly while a user is under it."""
    with own_store.begin() as unit:
        tenant = unit.administration.add_tenant(Tenant(0, identifier(1), "contoso.example", IN_WINDOW)).tenant_id
        unit.directory.insert(tenant, [account(plain_user(1, key_id=2))])
        assert used == unit.administration.key_in_use(key_id)


@pytest.mark.parametrize(("key_id", "retired"), [(1, True), (3, False)], ids=["retiring", "primary"])
def test_only_a_retiring_key_retires(own_store: SqlStore, key_id: int, retired: bool) -> None:  # noqa: FBT001 - a table
    """A retiring key can be retired, the primary key never."""
    with own_store.begin() as unit:
        for one in (1, 2, 3):
            unit.administration.add_primary_key(one, b"check", IN_WINDOW)
        answer, keys = unit.administration.retire_key(key_id), unit.administration.keys()
        state = next(key.state for key in keys if key.key_id == key_id)
    assert (retired, retired) == (answer, state is KeyState.RETIRED)


def test_the_primary_key_is_found_during_a_rotation(own_store: SqlStore) -> None:
    """Who asks for the primary key while another transaction replaces it gets the new one, once that is committed."""
    found: list[int] = []

    def ask() -> None:
        with own_store.begin() as unit:
            found.append(unit.administration.primary_key())

    with own_store.begin() as unit:
        unit.administration.add_primary_key(1, b"one", IN_WINDOW)
        unit.commit()
    with own_store.begin() as unit:
        unit.administration.add_primary_key(2, b"two", IN_WINDOW)
        asking = threading.Thread(target=ask)
        asking.start()
        asking.join(0.2)  # long enough to stand before the row; a shorter wait would only find less
        unit.commit()
    asking.join()
    assert [2] == found


def test_the_primary_key_stays_until_the_commit(own_store: SqlStore) -> None:
    """Nobody replaces the primary key while a writer that asked for it is still at work."""
    replaced = threading.Event()

    def replace() -> None:
        with own_store.begin() as unit:
            unit.administration.add_primary_key(2, b"two", IN_WINDOW)
            unit.commit()
        replaced.set()

    with own_store.begin() as unit:
        unit.administration.add_primary_key(1, b"one", IN_WINDOW)
        unit.commit()
    with own_store.begin() as unit:
        unit.administration.primary_key()
        replacing = threading.Thread(target=replace)
        replacing.start()
        early = replaced.wait(0.2)
        unit.commit()
    replacing.join()
    assert (False, True) == (early, replaced.is_set())

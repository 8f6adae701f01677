"""`AuditStore`: records come back as they were appended, filtered and in the order of time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence.application.ports import AuditFilter, AuditLine
from ringfence.domain.audit import Activity, AuditRecord, Snapshot
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.values import COPY_TASK
from ringfence.storage.unit_of_work import SqlStore
from tests.contract import values
from tests.contract.accounts import account, identifier, plain_user, to_copy
from tests.contract.clocks import IN_WINDOW

again = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def plain_record(number: int, user: int = 1, run: int | None = None) -> AuditRecord:
    """The `number`-th record, an hour after the one before."""
    return AuditRecord(
        identifier(user),
        identifier(number),
        0,
        IN_WINDOW + timedelta(hours=number),
        Activity.UPDATE_USER,
        COPY_TASK,
        run_id=None if run is None else identifier(run),
        old=Snapshot(),
        new=Snapshot(),
    )


@again
@given(st.data())
def test_a_record_comes_back(store: SqlStore, tenant: int, data: st.DataObject) -> None:
    """Every field of a record is read as it was appended."""
    appended = [data.draw(values.audit_records(identifier(1), part)) for part in (0, 1)]
    with store.begin() as unit:
        unit.directory.insert(tenant, [to_copy(1)])
        unit.audit.append(tenant, appended)
        found = [line.record for line in unit.audit.records(tenant, AuditFilter())]
    assert sorted(appended, key=lambda record: record.part) == sorted(found, key=lambda record: record.part)


def test_a_record_shows_the_present_user(store: SqlStore, tenant: int) -> None:
    """Name, type and key are the ones the user has now."""
    user = plain_user(1, user_type="Guest", key_id=4)
    with store.begin() as unit:
        unit.directory.insert(tenant, [account(user)])
        unit.audit.append(tenant, [plain_record(0)])
        found = list(unit.audit.records(tenant, AuditFilter()))
    assert [AuditLine(plain_record(0), user.upn, "Guest", 4)] == found


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (AuditFilter(), [3, 2, 1, 0]),
        (AuditFilter(oldest_first=True), [0, 1, 2, 3]),
        (AuditFilter(limit=2), [3, 2]),
        (AuditFilter(limit=2, oldest_first=True), [0, 1]),
        (AuditFilter(user_id=identifier(2)), [3, 1]),
        (AuditFilter(run_id=identifier(8)), [2]),
        (AuditFilter(since=IN_WINDOW + timedelta(hours=2)), [3, 2]),
        (AuditFilter(until=IN_WINDOW + timedelta(hours=2)), [1, 0]),
        (AuditFilter(user_id=identifier(1), run_id=identifier(9)), [0]),
        (AuditFilter(user_id=identifier(1), since=IN_WINDOW + timedelta(microseconds=1)), [2]),
    ],
)
def test_records_are_filtered(store: SqlStore, tenant: int, wanted: AuditFilter, expected: list[int]) -> None:
    """Every field of the filter does what it says; `since` is included, `until` is not."""
    records = [plain_record(0, 1, 9), plain_record(1, 2, 9), plain_record(2, 1, 8), plain_record(3, 2)]
    with store.begin() as unit:
        unit.directory.insert(tenant, [to_copy(1), to_copy(2)])
        unit.audit.append(tenant, records)
        found = [records.index(line.record) for line in unit.audit.records(tenant, wanted)]
    assert expected == found


def test_records_of_another_tenant_stay_there(store: SqlStore, tenant: int) -> None:
    """A tenant's records are its own."""
    with store.begin() as unit:
        unit.directory.insert(tenant, [to_copy(1)])
        unit.audit.append(tenant, [plain_record(0)])
        assert [] == list(unit.audit.records(tenant + 10_000, AuditFilter()))


def test_a_record_is_there_once(store: SqlStore, tenant: int) -> None:
    """The same record appended twice is a conflict."""
    with store.begin() as unit:
        unit.audit.append(tenant, [plain_record(0)])
        unit.commit()
    with pytest.raises(ConflictError) as caught, store.begin() as unit:
        unit.audit.append(tenant, [plain_record(0)])
    assert ErrorCode.ROW_CHANGED is caught.value.code


def test_many_records_come_in_steady_pieces(store: SqlStore, tenant: int) -> None:
    """More records than one piece holds come whole and in order."""
    records = [plain_record(number) for number in range(1700)]
    with store.begin() as unit:
        unit.directory.insert(tenant, [to_copy(1)])
        unit.audit.append(tenant, records)
        found = [line.record for line in unit.audit.records(tenant, AuditFilter(oldest_first=True))]
    assert records == found

"""`AuditQueries`: a page of records by filter, newest first, behind a key; one record by its key."""

from __future__ import annotations

import uuid

import pytest

from ringfence.application.ports.audit_queries import AuditQuestion
from ringfence.application.ports.people import UnknownField
from ringfence.domain.audit import Activity, AuditRecord
from ringfence.domain.directory.query import And, AnyOf, Comparison, Filter, Operator, Or
from ringfence.domain.values import Actor, ActorKind
from ringfence.storage.unit_of_work import SqlStore
from tests.contract.accounts import identifier, to_copy
from tests.contract.clocks import IN_WINDOW
from tests.contract.test_audit_store import plain_record

PERSON = Actor(ActorKind.USER, "Ödön@contoso.example", identifier(77))
RECORDS = (
    plain_record(0)._replace(activity=Activity.ADMIN_REGISTERED),
    plain_record(1, 2),
    plain_record(1, 2)._replace(part=1, actor=PERSON),
    plain_record(3, 1)._replace(actor=PERSON),
)
PLACES = {(one.user_id, one.correlation_id, one.part): place for place, one in enumerate(RECORDS)}


@pytest.fixture
def kept(store: SqlStore, tenant: int) -> SqlStore:
    """The store with the records of two users."""
    with store.begin() as unit:
        unit.directory.insert(tenant, [to_copy(1), to_copy(2)])
        unit.audit.append(tenant, RECORDS)
        unit.commit()
    return store


def is_equal(field: str, value: object) -> Comparison:
    """The field is the value."""
    return Comparison(field, Operator.EQ, value)  # type: ignore[arg-type]


def place(record: AuditRecord) -> int:
    """Which of the records it is."""
    return PLACES[record.user_id, record.correlation_id, record.part]


TARGET = AnyOf("targetResources", is_equal("id", str(uuid.UUID(bytes=identifier(2)))))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (None, [3, 2, 1, 0]),
        (is_equal("activityDisplayName", "update user"), [3, 2, 1]),
        (Comparison("activityDisplayName", Operator.STARTS_WITH, "Admin"), [0]),
        (is_equal("loggedByService", "core directory"), [3, 2, 1]),
        (is_equal("correlationId", str(uuid.UUID(bytes=identifier(1)))), [2, 1]),
        (TARGET, [2, 1]),
        (is_equal("initiatedBy/user/userPrincipalName", "ödön@contoso.example"), [3, 2]),
        (Comparison("initiatedBy/user/userPrincipalName", Operator.STARTS_WITH, "öD"), [3, 2]),
        (is_equal("initiatedBy/user/id", str(uuid.UUID(bytes=identifier(77)))), [3, 2]),
        (is_equal("initiatedBy/app/appId", str(uuid.UUID(bytes=identifier(77)))), []),
        (is_equal("initiatedBy/app/displayName", "ringfence copy task"), [1, 0]),
        (is_equal("initiatedBy/app/displayName", "a\0b"), []),
        (is_equal("activityDateTime", IN_WINDOW), [0]),
        (Comparison("activityDateTime", Operator.LE, IN_WINDOW), [0]),
        (And((TARGET, is_equal("initiatedBy/app/displayName", "Ringfence copy task"))), [1]),
    ],
)
def test_filters(kept: SqlStore, tenant: int, asked: Filter | None, expected: list[int]) -> None:
    """Each field finds what it says, without case."""
    with kept.snapshot() as unit:
        page = unit.audit_queries.page(tenant, AuditQuestion(asked))
    assert (expected, None) == ([place(entry.line.record) for entry in page.entries], page.after)


@pytest.mark.parametrize(
    "asked",
    [
        is_equal("result", "success"),
        is_equal("activityDateTime", "today"),
        Or((is_equal("loggedByService", "a"), is_equal("loggedByService", "b"))),
        AnyOf("additionalDetails", is_equal("key", "rule")),
    ],
)
def test_what_cannot_be_asked_is_said(kept: SqlStore, tenant: int, asked: Filter) -> None:
    """Other fields, values and junctions."""
    with pytest.raises(UnknownField), kept.snapshot() as unit:
        unit.audit_queries.page(tenant, AuditQuestion(asked))


def test_pages_hold_every_record_once(kept: SqlStore, tenant: int) -> None:
    """Records of one moment are told apart by the rest of the key."""
    walked, after = [], None
    with kept.snapshot() as unit:
        while True:
            page = unit.audit_queries.page(tenant, AuditQuestion(after=after, limit=1))
            walked += [place(entry.line.record) for entry in page.entries]
            after = page.after
            if after is None:
                break
    assert [3, 2, 1, 0] == walked


def test_one_record_by_its_key(kept: SqlStore, tenant: int) -> None:
    """In its own tenant alone."""
    key = (identifier(2), identifier(1), 1)
    with kept.snapshot() as unit:
        found = [unit.audit_queries.find(one, *key) for one in (tenant, tenant + 10_000)]
    assert [RECORDS[2], None] == [entry and entry.line.record for entry in found]

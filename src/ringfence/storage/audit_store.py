"""The audit records: append, and read by time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, literal_column, select

from ringfence.application.ports import AuditFilter, AuditLine
from ringfence.domain.audit import Activity, AuditRecord, Snapshot
from ringfence.domain.numbers.pairs import MethodType, Pair, method_bits, methods_of_bits
from ringfence.domain.values import Actor, ActorKind
from ringfence.storage.engine import STREAMED, Database
from ringfence.storage.rows import from_micros, to_micros
from ringfence.storage.tables import audit_records, users

_COLUMNS: Final = tuple(column.name for column in audit_records.columns)


class SqlAuditStore:
    """`AuditStore` over SQL."""

    def __init__(self, database: Database, connection: Connection) -> None:
        """Work on this connection's transaction."""
        self._database = database
        self._connection = connection

    def append(self, tenant_id: int, records: Sequence[AuditRecord]) -> None:
        """Store records."""
        self._database.insert(self._connection, "audit_records", _COLUMNS, [_to_row(tenant_id, record) for record in records])

    def records(self, tenant_id: int, wanted: AuditFilter) -> Iterator[AuditLine]:
        """The records wanted, in steady memory."""
        audit = audit_records.c
        conditions = [audit.tenant_id == tenant_id]
        for column, value in ((audit.user_id, wanted.user_id), (audit.run_id, wanted.run_id)):
            if value is not None:
                conditions.append(column == value)
        if wanted.since is not None:
            conditions.append(audit.recorded_at >= to_micros(wanted.since))
        if wanted.until is not None:
            conditions.append(audit.recorded_at < to_micros(wanted.until))
        # The few records of one user are sorted: in the order of time the engine would look for them among everybody's.
        at: ColumnElement[int] = (
            audit.recorded_at if wanted.user_id is None else literal_column("+audit_records.recorded_at", BigInteger)
        )
        order = (at, audit.user_id, audit.correlation_id, audit.part)
        query = (
            select(audit_records, users.c.upn, users.c.user_type, users.c.key_id)
            .outerjoin(users, (users.c.tenant_id == audit.tenant_id) & (users.c.user_id == audit.user_id))
            .where(*conditions)
            .order_by(*(order if wanted.oldest_first else (order[0].desc(), *order[1:])))
            .limit(wanted.limit)
        )
        for row in self._connection.execute(query, execution_options=STREAMED):
            yield AuditLine(record_of(row), row[-3] or "", row[-2] or "", row[-1] or 0)


def _to_row(tenant_id: int, record: AuditRecord) -> tuple[Any, ...]:
    old, new = record.old or Snapshot(), record.new or Snapshot()
    entries_changed = (old.methods, old.default) != (new.methods, new.default)
    return (
        tenant_id,
        record.user_id,
        record.correlation_id,
        record.part,
        to_micros(record.at),
        int(record.activity),
        int(record.actor.kind),
        record.actor.name,
        record.reason,
        None if record.pair is None else int(record.pair),
        record.rule,
        record.run_id,
        None if record.pair is None else old.number(record.pair),
        new.mobile,
        new.office,
        new.alternate,
        old.email if old.email != new.email else None,
        new.email,
        method_bits(old.methods) if entries_changed else None,
        method_bits(new.methods) if entries_changed else None,
        None if old.default is None or not entries_changed else int(old.default),
        None if new.default is None or not entries_changed else int(new.default),
        json.dumps(record.details, ensure_ascii=False) if record.details else None,
        record.actor.identifier,
    )


def _method(value: int | None) -> MethodType | None:
    return None if value is None else MethodType(value)


def record_of(row: Row[Any]) -> AuditRecord:
    """The record in a row that has the columns of `audit_records` by name."""
    pair = None if row.pair is None else Pair(row.pair)
    email = row.email or ""
    new = Snapshot(
        row.mobile_sealed,
        row.office_sealed,
        row.alternate_sealed,
        email,
        methods_of_bits(row.methods or 0),
        _method(row.default_method),
    )
    old = new._replace(
        email=email if row.old_email is None else row.old_email,
        methods=methods_of_bits(row.old_methods or 0),
        default=_method(row.old_default),
    )
    if pair is not None:
        old = old.with_number(pair, row.old_sealed)
    return AuditRecord(
        user_id=bytes(row.user_id),
        correlation_id=bytes(row.correlation_id),
        part=row.part,
        at=from_micros(row.recorded_at),
        activity=Activity(row.activity),
        actor=Actor(ActorKind(row.actor_kind), row.actor, None if row.actor_id is None else bytes(row.actor_id)),
        reason=row.reason,
        pair=pair,
        rule=row.rule,
        run_id=row.run_id,
        old=old,
        new=new,
        details=None if row.details is None else {name: (was, now) for name, (was, now) in json.loads(row.details).items()},
    )

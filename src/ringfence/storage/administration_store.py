"""Tenants, transitions, runs and keys: the few rows that belong to no user."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, exists, func, insert, or_, select, update

from ringfence.domain.errors import ErrorCode, UnavailableError
from ringfence.domain.numbers.transition import Transition
from ringfence.domain.values import KeyState, Run, RunKind, StoredKey, Tenant
from ringfence.storage.change_log import begin_log
from ringfence.storage.engine import Database
from ringfence.storage.mfa_tables import seeds
from ringfence.storage.rows import from_micros, to_micros
from ringfence.storage.statements import Statements
from ringfence.storage.tables import LARGE_TABLES, runs, sealing_keys, tenants, transitions, users

_TENANTS: Final = "SELECT tenant_id, directory_id, name, created_at FROM tenants ORDER BY name"


class SqlAdministration:
    """`Administration` over SQL."""

    def __init__(self, database: Database, connection: Connection) -> None:
        """Work on this connection's transaction."""
        self._database = database
        self._connection = connection

    def tenants(self) -> list[Tenant]:
        """All tenants by name."""
        rows = self._database.fetch(self._connection, _TENANTS, ())
        return [Tenant(row[0], bytes(row[1]), row[2], from_micros(row[3])) for row in rows]

    def add_tenant(self, tenant: Tenant) -> Tenant:
        """Store a tenant, with a log of changes that begins empty; its `tenant_id` is the next free number."""
        highest = self._connection.execute(select(func.coalesce(func.max(tenants.c.tenant_id), 0))).scalar_one()
        stored = tenant._replace(tenant_id=highest + 1)
        self._connection.execute(insert(tenants).values({**stored._asdict(), "created_at": to_micros(stored.created_at)}))
        begin_log(Statements(self._database, self._connection), stored.tenant_id)
        return stored

    def lock_tenant(self, tenant_id: int) -> None:
        """Let nobody else open or close a transition of the tenant until the commit (on SQLite a writer has the file)."""
        clause = self._database.lock_clause(to_write=True)
        question = self._database.statement(f"SELECT 1 FROM tenants WHERE tenant_id = ?{clause}")  # noqa: S608 - clause of ours
        self._connection.exec_driver_sql(question, (tenant_id,)).first()

    def transitions(self, tenant_id: int) -> list[Transition]:
        """All transitions of a tenant, the present one last."""
        rows = self._connection.execute(
            select(transitions).where(transitions.c.tenant_id == tenant_id).order_by(transitions.c.opened_at)
        )
        return [_transition(row) for row in rows]

    def add_transition(self, tenant_id: int, transition: Transition) -> None:
        """Store a new transition."""
        self._connection.execute(
            insert(transitions).values(
                tenant_id=tenant_id,
                opened_at=to_micros(transition.opened_at),
                start_at=to_micros(transition.start_at),
                end_at=to_micros(transition.end_at),
                preset=transition.preset,
            )
        )

    def close_transition(self, tenant_id: int, opened_at: datetime, closed_at: datetime) -> None:
        """Mark a transition closed."""
        self._connection.execute(
            update(transitions)
            .where(transitions.c.tenant_id == tenant_id, transitions.c.opened_at == to_micros(opened_at))
            .values(closed_at=to_micros(closed_at))
        )

    def add_run(self, tenant_id: int, run: Run) -> None:
        """Store a run that begins."""
        self._connection.execute(
            insert(runs).values(
                tenant_id=tenant_id, run_id=run.run_id, kind=int(run.kind), label=run.label, started_at=to_micros(run.started_at)
            )
        )

    def finish_run(self, tenant_id: int, run_id: bytes, finished_at: datetime, counts: Mapping[str, int]) -> None:
        """Store how a run ended."""
        self._connection.execute(
            update(runs)
            .where(runs.c.tenant_id == tenant_id, runs.c.run_id == run_id)
            .values(finished_at=to_micros(finished_at), counts=json.dumps(dict(counts)))
        )
        self._database.refresh_statistics(self._connection, LARGE_TABLES, max(counts.values(), default=0))

    def run(self, tenant_id: int, run_id: bytes) -> Run | None:
        """One run."""
        row = self._connection.execute(select(runs).where(runs.c.tenant_id == tenant_id, runs.c.run_id == run_id)).first()
        return None if row is None else _run(row)

    def runs(self, tenant_id: int, limit: int) -> list[Run]:
        """The newest runs, newest first."""
        rows = self._connection.execute(
            select(runs).where(runs.c.tenant_id == tenant_id).order_by(runs.c.started_at.desc()).limit(limit)
        )
        return [_run(row) for row in rows]

    def keys(self) -> list[StoredKey]:
        """All keys the database knows, oldest first."""
        rows = self._connection.execute(select(sealing_keys).order_by(sealing_keys.c.key_id))
        return [StoredKey(row.key_id, KeyState(row.state), bytes(row.check_value)) for row in rows]

    def primary_key(self) -> int:
        """The key new users are sealed under; it stays the primary one until the commit."""
        question = f"SELECT key_id FROM sealing_keys WHERE state = 1{self._database.lock_clause()}"  # noqa: S608 - clause of ours
        row = self._connection.exec_driver_sql(question).first()
        if row is None:
            # It waited for a rotation to begin: the row it waited for is primary no more, and the new one is for another look.
            row = self._connection.exec_driver_sql(question).first()
        if row is None:
            raise UnavailableError(ErrorCode.DATABASE_EMPTY)
        return int(row[0])

    def add_primary_key(self, key_id: int, check_value: bytes, at: datetime) -> None:
        """Make a key the primary one; the one before begins to retire."""
        self._connection.execute(
            update(sealing_keys).where(sealing_keys.c.state == int(KeyState.PRIMARY)).values(state=int(KeyState.RETIRING))
        )
        self._connection.execute(
            insert(sealing_keys).values(
                key_id=key_id, state=int(KeyState.PRIMARY), check_value=check_value, created_at=to_micros(at)
            )
        )

    def key_in_use(self, key_id: int) -> bool:
        """Tell whether any user, or any seed, is under this key."""
        used = or_(exists().where(users.c.key_id == key_id), exists().where(seeds.c.key_id == key_id))
        return bool(self._connection.execute(select(used)).scalar_one())

    def retire_key(self, key_id: int) -> bool:
        """Mark a retiring key retired; return whether it is. The caller has seen that no user is under it any more."""
        retired = self._connection.execute(
            update(sealing_keys)
            .where(sealing_keys.c.key_id == key_id, sealing_keys.c.state == int(KeyState.RETIRING))
            .values(state=int(KeyState.RETIRED))
        )
        return retired.rowcount == 1


def _transition(row: Row[Any]) -> Transition:
    closed = None if row.closed_at is None else from_micros(row.closed_at)
    return Transition(from_micros(row.start_at), from_micros(row.end_at), from_micros(row.opened_at), row.preset, closed)


def _run(row: Row[Any]) -> Run:
    finished = None if row.finished_at is None else from_micros(row.finished_at)
    counts = None if row.counts is None else json.loads(row.counts)
    return Run(bytes(row.run_id), RunKind(row.kind), from_micros(row.started_at), row.label, finished, counts)

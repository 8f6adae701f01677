"""Questions over audit records: a filter of the API becomes one condition of SQL, pages go on behind the last key.

Owns: which fields of `directoryAudit` can be asked for and what each is in the table.
The order is that of the index over time, backwards, so that a page costs no sorting where the index holds the whole key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Row

from ringfence.application.ports import AuditLine
from ringfence.application.ports.audit_queries import AuditEntry, AuditKey, AuditPage, AuditQuestion
from ringfence.application.ports.people import UnknownField
from ringfence.domain.audit import POLICY_NAME, Activity
from ringfence.domain.directory.query import AnyOf, Comparison, Filter, Operator
from ringfence.domain.values import ActorKind
from ringfence.storage.audit_store import record_of
from ringfence.storage.conditions import (
    EQUALITY,
    NEVER,
    TEXT_OPERATORS,
    Condition,
    joined_by_and,
    wanted_identifier,
    wanted_instant,
    wanted_text,
    wanted_value,
)
from ringfence.storage.rows import to_micros
from ringfence.storage.statements import Statements
from ringfence.storage.tables import audit_records

_COLUMNS: Final = ", ".join(
    [*(f"a.{column.name}" for column in audit_records.columns), "u.upn", "u.user_type", "u.key_id", "u.display_name"]
)
_SELECT: Final = (
    f"SELECT {_COLUMNS} FROM audit_records AS a "  # noqa: S608 - columns of ours
    "LEFT JOIN users AS u ON u.tenant_id = a.tenant_id AND u.user_id = a.user_id WHERE a.tenant_id = ?"
)
_ORDER: Final = "a.recorded_at DESC, a.user_id DESC, a.correlation_id DESC, a.part DESC"
_TARGET_NAME: Final = f"coalesce(u.display_name, '{POLICY_NAME}')"
"""A record that is about no user is about the policy."""
_OF_ONE_USER: Final = "a.user_id = ?"
_BEHIND: Final = "a.recorded_at <= ? AND (a.recorded_at, a.user_id, a.correlation_id, a.part) < (?, ?, ?, ?)"


class SqlAuditQuery:
    """`AuditQueries` over SQL."""

    def __init__(self, statements: Statements) -> None:
        """Work on this transaction."""
        self._sql = statements
        self._folded = statements.database.folded

    def page(self, tenant_id: int, question: AuditQuestion) -> AuditPage:
        """At most `question.limit` records, newest first; raises `UnknownField` for what cannot be asked."""
        text, values, order = _SELECT, list[object]([tenant_id]), _ORDER
        for condition, more in self._conditions(question):
            text, values = f"{text} AND {condition}", [*values, *more]
            # The few records of one user are sorted: in the order of time the engine would look for them among everybody's.
            order = f"+{_ORDER}" if condition == _OF_ONE_USER else order
        found = self._entries(f"{text} ORDER BY {order} LIMIT ?", *values, question.limit + 1)
        entries = found[: question.limit]
        return AuditPage(entries, entries[-1].key if len(found) > question.limit else None)

    def find(self, tenant_id: int, user_id: bytes, correlation_id: bytes, part: int) -> AuditEntry | None:
        """One record."""
        text = f"{_SELECT} AND a.user_id = ? AND a.correlation_id = ? AND a.part = ?"
        return next(iter(self._entries(text, tenant_id, user_id, correlation_id, part)), None)

    def _entries(self, text: str, *values: object) -> list[AuditEntry]:
        rows = self._sql.connection.exec_driver_sql(self._sql.database.statement(text), values)
        return [_entry(row) for row in rows]

    def _conditions(self, question: AuditQuestion) -> list[Condition]:
        found = [] if question.filter is None else [self._condition(part) for part in joined_by_and(question.filter)]
        return found if question.after is None else [*found, _behind(question.after)]

    def _condition(self, part: Filter) -> Condition:
        if isinstance(part, AnyOf):
            return self._target(part)
        if not isinstance(part, Comparison):
            raise UnknownField(getattr(part, "field", type(part).__name__.lower()))
        kinds: dict[str, Callable[[Comparison], Condition]] = {
            "activityDateTime": lambda one: wanted_instant("a.recorded_at", one),
            "activityDisplayName": _activity,
            "correlationId": lambda one: wanted_identifier("a.correlation_id", one),
            "initiatedBy/app/appId": lambda one: _initiator(ActorKind.APP, one),
            "initiatedBy/app/displayName": self._application,
            "initiatedBy/user/id": lambda one: _initiator(ActorKind.USER, one),
            "initiatedBy/user/userPrincipalName": self._person,
            "loggedByService": _service,
        }
        if part.field not in kinds:
            raise UnknownField(part.field)
        return kinds[part.field](part)

    def _target(self, part: AnyOf) -> Condition:
        if part.field != "targetResources":
            raise UnknownField(part.field)
        if part.condition.field == "id":
            return wanted_identifier("a.user_id", part.condition)
        if part.condition.field == "displayName":
            return wanted_text(self._folded, _TARGET_NAME, part.condition, TEXT_OPERATORS)
        raise UnknownField(part.condition.field)

    def _application(self, part: Comparison) -> Condition:
        return self._actor(ActorKind.APP, part, EQUALITY)

    def _person(self, part: Comparison) -> Condition:
        return self._actor(ActorKind.USER, part, TEXT_OPERATORS)

    def _actor(self, kind: ActorKind, part: Comparison, operators: frozenset[Operator]) -> Condition:
        text, values = wanted_text(self._folded, "a.actor", part, operators)
        return f"a.actor_kind = ? AND {text}", [int(kind), *values]


def _initiator(kind: ActorKind, part: Comparison) -> Condition:
    text, values = wanted_identifier("a.actor_id", part)
    return f"a.actor_kind = ? AND {text}", [int(kind), *values]


def _behind(key: AuditKey) -> Condition:
    at = to_micros(key.at)
    return _BEHIND, [at, at, key.user_id, key.correlation_id, key.part]


def _activity(part: Comparison) -> Condition:
    wanted = wanted_value(part, TEXT_OPERATORS)
    if part.operator is Operator.EQ:
        return _one_of([activity for activity in Activity if activity.title.casefold() == wanted])
    return _one_of([activity for activity in Activity if activity.title.casefold().startswith(wanted)])


def _service(part: Comparison) -> Condition:
    wanted = wanted_value(part, EQUALITY)
    return _one_of([activity for activity in Activity if activity.service.casefold() == wanted])


def _one_of(activities: list[Activity]) -> Condition:
    if not activities:
        return NEVER
    return f"a.activity IN ({', '.join('?' * len(activities))})", [int(activity) for activity in activities]


def _entry(row: Row[Any]) -> AuditEntry:
    line = AuditLine(record_of(row), row.upn or "", row.user_type or "", row.key_id or 0)
    return AuditEntry(line, row.display_name or "")

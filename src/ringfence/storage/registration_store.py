"""Registered methods other than numbers, e-mail and password."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.methods.registrations import MethodKind, Registration
from ringfence.storage.rows import from_micros, maybe_instant, maybe_micros, to_micros
from ringfence.storage.statements import Row, Statements

_NAMES: Final = (
    "method_id",
    "kind",
    "created_at",
    "display_name",
    "details",
    "secret_hash",
    "starts_at",
    "expires_at",
    "used_at",
    "version",
)
_COLUMNS: Final = ", ".join(_NAMES)
_UPDATE: Final = (
    "UPDATE registrations SET created_at = ?, display_name = ?, details = ?, version = version + 1 "
    "WHERE tenant_id = ? AND user_id = ? AND method_id = ? AND version = ?"
)


class SqlRegistrationStore:
    """`RegistrationStore` over SQL."""

    def __init__(self, statements: Statements) -> None:
        """Work on this transaction."""
        self._sql = statements

    def of_user(self, tenant_id: int, user_id: bytes) -> list[Registration]:
        """All of a user, oldest first."""
        text = f"SELECT {_COLUMNS} FROM registrations WHERE tenant_id = ? AND user_id = ? ORDER BY created_at, method_id"  # noqa: S608 - ours
        return [_registration(row) for row in self._sql.all(text, tenant_id, user_id)]

    def of_users(self, tenant_id: int, user_ids: Sequence[bytes]) -> dict[bytes, list[Registration]]:
        """All of these users; those who have none are not in it."""
        text = f"SELECT {_COLUMNS}, user_id FROM registrations WHERE tenant_id = ? AND user_id"  # noqa: S608 - ours
        found: dict[bytes, list[Registration]] = {}
        for row in self._sql.database.select_among(self._sql.connection, text, tenant_id, user_ids):
            found.setdefault(bytes(row[-1]), []).append(_registration(row))
        return found

    def add(self, tenant_id: int, user_id: bytes, registration: Registration) -> None:
        """Store a new one."""
        self.add_all(tenant_id, [(user_id, registration)])

    def add_all(self, tenant_id: int, registrations: Sequence[tuple[bytes, Registration]]) -> None:
        """Store new ones, each beside its user."""
        rows = [(tenant_id, user_id, *_row(one)) for user_id, one in registrations]
        self._sql.database.insert(self._sql.connection, "registrations", ("tenant_id", "user_id", *_NAMES), rows)

    def update_all(self, tenant_id: int, registrations: Sequence[tuple[bytes, Registration]]) -> None:
        """Store how these look now, each beside its user and conditional on the version it was read with."""
        rows = [
            (to_micros(one.created_at), one.display_name, _document(one), tenant_id, user_id, one.method_id, one.version)
            for user_id, one in registrations
        ]
        if self._sql.database.execute_many(self._sql.connection, _UPDATE, rows) != len(rows):
            raise ConflictError(ErrorCode.ROW_CHANGED)

    def take_pass(self, tenant_id: int, user_id: bytes, taken: Registration, now: datetime) -> bool:
        """Note the first use of a pass; return whether it still is the one that was read, and unused if it is good once only."""
        text = (
            "UPDATE registrations SET used_at = COALESCE(used_at, ?) WHERE tenant_id = ? AND user_id = ? AND method_id = ? "
            "AND secret_hash = ?"
        )
        once = " AND used_at IS NULL" if taken.details.get("isUsableOnce") else ""
        return self._sql.run(text + once, to_micros(now), tenant_id, user_id, taken.method_id, taken.secret_hash) == 1

    def remove(self, tenant_id: int, user_id: bytes, method_id: str) -> bool:
        """Remove one; return whether it was there."""
        own = "WHERE tenant_id = ? AND user_id = ? AND method_id = ?"
        self._sql.run(f"DELETE FROM seeds {own}", tenant_id, user_id, method_id)  # noqa: S608 - ours
        text = f"DELETE FROM registrations {own}"  # noqa: S608 - ours
        return self._sql.run(text, tenant_id, user_id, method_id) > 0

    def add_operation(self, tenant_id: int, user_id: bytes, operation_id: bytes, at: datetime) -> None:
        """Note a long-running operation that has succeeded."""
        text = "INSERT INTO operations (tenant_id, user_id, operation_id, created_at) VALUES (?, ?, ?, ?)"
        self._sql.run(text, tenant_id, user_id, operation_id, to_micros(at))

    def operation(self, tenant_id: int, user_id: bytes, operation_id: bytes) -> datetime | None:
        """When it succeeded, or None when there was none."""
        text = "SELECT created_at FROM operations WHERE tenant_id = ? AND user_id = ? AND operation_id = ?"
        row = self._sql.one(text, tenant_id, user_id, operation_id)
        return None if row is None else from_micros(row[0])


def _document(registration: Registration) -> str:
    return json.dumps(dict(registration.details), ensure_ascii=False)


def _row(registration: Registration) -> Row:
    return (
        registration.method_id,
        int(registration.kind),
        to_micros(registration.created_at),
        registration.display_name,
        _document(registration),
        registration.secret_hash,
        maybe_micros(registration.starts_at),
        maybe_micros(registration.expires_at),
        maybe_micros(registration.used_at),
        registration.version,
    )


def _registration(row: Row) -> Registration:
    return Registration(
        row[0],
        MethodKind(row[1]),
        from_micros(row[2]),
        row[3],
        json.loads(row[4]),
        row[5],
        maybe_instant(row[6]),
        maybe_instant(row[7]),
        maybe_instant(row[8]),
        row[9],
    )

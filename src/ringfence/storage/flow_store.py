"""Sign-ins under way."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ringfence.domain.signin.flow import SignInFlow, Stage
from ringfence.storage.rows import from_micros, to_micros
from ringfence.storage.statements import Statements

_COLUMNS: Final = "secret_hash, user_id, app_id, stage, request_hash, authenticated_at, methods, expires_at, challenge"
_OWN: Final = "WHERE tenant_id = ? AND secret_hash = ?"


class SqlFlowStore:
    """`FlowStore` over SQL."""

    def __init__(self, statements: Statements, *, writes: bool) -> None:
        """Work on this transaction; where it writes, a flow that is read is its own until the commit."""
        self._sql = statements
        self._lock = statements.database.lock_clause(to_write=True) if writes else ""

    def add(self, tenant_id: int, flow: SignInFlow) -> None:
        """Store a new one."""
        self._sql.run(
            f"INSERT INTO sign_in_flows (tenant_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - columns of ours
            tenant_id,
            flow.secret_hash,
            flow.user_id,
            flow.app_id,
            int(flow.stage),
            flow.request_hash,
            to_micros(flow.authenticated_at),
            " ".join(flow.methods),
            to_micros(flow.expires_at),
            flow.challenge,
        )

    def find(self, tenant_id: int, secret_hash: bytes) -> SignInFlow | None:
        """The one with this secret; in a write nobody else changes it until the commit."""
        row = self._sql.one(f"SELECT {_COLUMNS} FROM sign_in_flows {_OWN}{self._lock}", tenant_id, secret_hash)  # noqa: S608 - ours
        if row is None:
            return None
        return SignInFlow(
            bytes(row[0]),
            bytes(row[1]),
            bytes(row[2]),
            Stage(row[3]),
            bytes(row[4]),
            from_micros(row[5]),
            tuple(row[6].split()),
            from_micros(row[7]),
            row[8],
        )

    def update(self, tenant_id: int, before: SignInFlow, after: SignInFlow) -> bool:
        """Store its stage, steps and challenge; return whether it still stood as before."""
        text = f"UPDATE sign_in_flows SET stage = ?, methods = ?, challenge = ? {_OWN} AND stage = ? AND methods = ?"  # noqa: S608 - ours
        stored = (int(after.stage), " ".join(after.methods), after.challenge)
        return self._sql.run(text, *stored, tenant_id, before.secret_hash, int(before.stage), " ".join(before.methods)) == 1

    def remove(self, tenant_id: int, secret_hash: bytes) -> bool:
        """End it; return whether it was there, which it is once."""
        return self._sql.run(f"DELETE FROM sign_in_flows {_OWN}", tenant_id, secret_hash) == 1  # noqa: S608 - ours

    def forget_before(self, before: datetime) -> int:
        """Remove those that expired before an instant; return how many."""
        return self._sql.run("DELETE FROM sign_in_flows WHERE expires_at < ?", to_micros(before))

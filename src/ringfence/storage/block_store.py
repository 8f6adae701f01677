"""Users who are blocked for MFA, and who were."""

from __future__ import annotations

from typing import Final

from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.signin.blocks import Block, Lifting
from ringfence.storage.rows import from_micros, to_micros
from ringfence.storage.statements import Row, Statements

_COLUMNS: Final = "user_id, blocked_at, blocked_until, blocked_by, reason, lifted_at, lifted_by, lifted_reason"


class SqlBlockStore:
    """`BlockStore` over SQL."""

    def __init__(self, statements: Statements) -> None:
        """Work on this transaction."""
        self._sql = statements

    def of_user(self, tenant_id: int, user_id: bytes) -> list[Block]:
        """All of a user, newest first."""
        text = f"SELECT {_COLUMNS} FROM blocked_users WHERE tenant_id = ? AND user_id = ? ORDER BY blocked_at DESC"  # noqa: S608 - ours
        return [_block(row) for row in self._sql.all(text, tenant_id, user_id)]

    def of_tenant(self, tenant_id: int, limit: int) -> list[Block]:
        """The newest of all users, newest first."""
        text = f"SELECT {_COLUMNS} FROM blocked_users WHERE tenant_id = ? ORDER BY blocked_at DESC LIMIT ?"  # noqa: S608 - ours
        return [_block(row) for row in self._sql.all(text, tenant_id, limit)]

    def add(self, tenant_id: int, block: Block) -> None:
        """Store a new one; raises `ConflictError` (ROW_CHANGED) where the user has one of this moment."""
        text = (
            "INSERT INTO blocked_users (tenant_id, user_id, blocked_at, blocked_until, blocked_by, reason) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (tenant_id, user_id, blocked_at) DO NOTHING"
        )
        instants = to_micros(block.at), to_micros(block.until)
        if self._sql.run(text, tenant_id, block.user_id, *instants, block.by, block.reason) != 1:
            raise ConflictError(ErrorCode.ROW_CHANGED)

    def lift(self, tenant_id: int, block: Block) -> bool:
        """Store that it was lifted; return whether it was not before."""
        if block.lifted is None:
            return False
        text = (
            "UPDATE blocked_users SET lifted_at = ?, lifted_by = ?, lifted_reason = ? "
            "WHERE tenant_id = ? AND user_id = ? AND blocked_at = ? AND lifted_at IS NULL"
        )
        lifted = to_micros(block.lifted.at), block.lifted.by, block.lifted.reason
        return self._sql.run(text, *lifted, tenant_id, block.user_id, to_micros(block.at)) == 1


def _block(row: Row) -> Block:
    lifted = None if row[5] is None else Lifting(from_micros(row[5]), row[6], row[7])
    return Block(bytes(row[0]), from_micros(row[1]), from_micros(row[2]), row[3], row[4], lifted)

"""Seeds of one-time codes, sealed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ringfence.application.ports.mfa import SealedSeed, SeedPlace
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.methods.oath import HashFunction
from ringfence.storage.statements import Statements

_COLUMNS: Final = "method_id, key_id, sealed, hash_function, period, last_step"
_OWN: Final = "WHERE tenant_id = ? AND user_id = ? AND method_id = ?"


class SqlSeedStore:
    """`SeedStore` over SQL."""

    def __init__(self, statements: Statements) -> None:
        """Work on this transaction."""
        self._sql = statements

    def of_user(self, tenant_id: int, user_id: bytes) -> list[SealedSeed]:
        """All of a user."""
        text = f"SELECT {_COLUMNS} FROM seeds WHERE tenant_id = ? AND user_id = ? ORDER BY method_id"  # noqa: S608 - columns of ours
        rows = self._sql.all(text, tenant_id, user_id)
        return [SealedSeed(row[0], row[1], bytes(row[2]), HashFunction(row[3]), row[4], row[5]) for row in rows]

    def add(self, tenant_id: int, user_id: bytes, seed: SealedSeed) -> None:
        """Store a new one."""
        text = f"INSERT INTO seeds (tenant_id, user_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - columns of ours
        self._sql.run(text, tenant_id, user_id, *seed._replace(hash_function=int(seed.hash_function)))  # type: ignore[arg-type]

    def take_step(self, place: SeedPlace, step: int) -> bool:
        """Note that a code of this step was accepted; return whether it is behind the last one, which it has to be."""
        text = f"UPDATE seeds SET last_step = ? {_OWN} AND (last_step IS NULL OR last_step < ?)"  # noqa: S608 - ours
        return self._sql.run(text, step, *place, step) == 1

    def next_under(self, key_id: int, limit: int) -> Sequence[tuple[SeedPlace, bytes]]:
        """Some seeds still under a key."""
        text = "SELECT tenant_id, user_id, method_id, sealed FROM seeds WHERE key_id = ? LIMIT ?"
        return [(SeedPlace(row[0], bytes(row[1]), row[2]), bytes(row[3])) for row in self._sql.all(text, key_id, limit)]

    def reseal(self, place: SeedPlace, before: tuple[int, bytes], after: tuple[int, bytes]) -> None:
        """Replace (key id, sealed) where it is still the one given; raises `ConflictError` (ROW_CHANGED) where it is not."""
        text = f"UPDATE seeds SET key_id = ?, sealed = ? {_OWN} AND key_id = ? AND sealed = ?"  # noqa: S608 - ours
        if self._sql.run(text, *after, *place, *before) != 1:
            raise ConflictError(ErrorCode.ROW_CHANGED)

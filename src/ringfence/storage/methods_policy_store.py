"""The policies of authentication methods: a row for each tenant that changed its own, all settings in one text."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache

from ringfence.application.ports.policies import StoredPolicy
from ringfence.domain.errors import ConflictError, ErrorCode, UnavailableError
from ringfence.domain.policy.methods_policy import MethodsPolicy
from ringfence.domain.policy.policy_settings import policy_written_as, written_policy
from ringfence.storage.rows import from_micros, to_micros
from ringfence.storage.statements import Statements


class SqlMethodsPolicyStore:
    """`MethodsPolicyStore` over SQL."""

    def __init__(self, statements: Statements) -> None:
        """Work on this transaction."""
        self._sql = statements

    def find(self, tenant_id: int) -> StoredPolicy:
        """The policy, the default one where none was stored; raises `UnavailableError` (POLICY_UNREADABLE)."""
        row = self._sql.one("SELECT settings, version, changed_at FROM methods_policies WHERE tenant_id = ?", tenant_id)
        return StoredPolicy() if row is None else StoredPolicy(_read(row[0]), row[1], from_micros(row[2]))

    def save(self, tenant_id: int, before: StoredPolicy, policy: MethodsPolicy, now: datetime) -> StoredPolicy:
        """Store the next version; raises `ConflictError` (ROW_CHANGED) where `before` is not the present one any more."""
        after = StoredPolicy(policy, before.version + 1, now)
        text, at = json.dumps(written_policy(policy)), to_micros(now)
        if before.version:
            statement = (
                "UPDATE methods_policies SET settings = ?, version = ?, changed_at = ? WHERE tenant_id = ? AND version = ?"
            )
            count = self._sql.run(statement, text, after.version, at, tenant_id, before.version)
        else:
            statement = (
                "INSERT INTO methods_policies (tenant_id, settings, version, changed_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (tenant_id) DO NOTHING"
            )
            count = self._sql.run(statement, tenant_id, text, after.version, at)
        if count != 1:
            raise ConflictError(ErrorCode.ROW_CHANGED)
        return after


@lru_cache(maxsize=64)
def _read(text: str) -> MethodsPolicy:
    """The policy that a text is; the same texts are read again and again."""
    try:
        settings = json.loads(text)
        if isinstance(settings, dict):
            return policy_written_as(settings)
    except ValueError as error:
        raise UnavailableError(ErrorCode.POLICY_UNREADABLE) from error
    raise UnavailableError(ErrorCode.POLICY_UNREADABLE)

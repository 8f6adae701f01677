"""What is asked of the store about the policy of authentication methods."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol

from ringfence.domain.policy.methods_policy import DEFAULT_POLICY, MethodsPolicy


class StoredPolicy(NamedTuple):
    """A tenant's policy, which version of it that is, and since when; version 0 is the default that nobody changed."""

    policy: MethodsPolicy = DEFAULT_POLICY
    version: int = 0
    changed_at: datetime | None = None


class MethodsPolicyStore(Protocol):
    """The policy of each tenant."""

    def find(self, tenant_id: int) -> StoredPolicy:
        """The policy, the default one where none was stored; raises `UnavailableError` (POLICY_UNREADABLE)."""

    def save(self, tenant_id: int, before: StoredPolicy, policy: MethodsPolicy, now: datetime) -> StoredPolicy:
        """Store the next version; raises `ConflictError` (ROW_CHANGED) where `before` is not the present one any more."""

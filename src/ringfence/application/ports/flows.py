"""What the sign-in pages ask of the store."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from ringfence.domain.signin.flow import SignInFlow


class FlowStore(Protocol):
    """Sign-ins under way."""

    def add(self, tenant_id: int, flow: SignInFlow) -> None:
        """Store a new one."""

    def find(self, tenant_id: int, secret_hash: bytes) -> SignInFlow | None:
        """The one with this secret; in a write nobody else changes it until the commit."""

    def update(self, tenant_id: int, before: SignInFlow, after: SignInFlow) -> bool:
        """Store its stage, steps and challenge; return whether it still stood as before."""

    def remove(self, tenant_id: int, secret_hash: bytes) -> bool:
        """End it; return whether it was there, which it is once."""

    def forget_before(self, before: datetime) -> int:
        """Remove those that expired before an instant; return how many."""

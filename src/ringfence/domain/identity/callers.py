"""Who asks: what a checked access token says, and what the directory says of its bearer now."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ringfence.domain.policy.roles import DirectoryRole
from ringfence.domain.values import Actor


class Caller(NamedTuple):
    """A caller of the API.

    `user_id` is None for an application that acts by itself; then `permissions` are application permissions, else the scopes
    of the token. `roles` are the directory roles of the person, or of the application's service principal. `expires_at` is the
    token's end.
    """

    tenant_id: int
    app_id: bytes
    actor: Actor
    permissions: frozenset[str]
    expires_at: datetime
    user_id: bytes | None = None
    roles: frozenset[DirectoryRole] = frozenset()

    @property
    def is_delegated(self) -> bool:
        """Whether a person is behind it."""
        return self.user_id is not None

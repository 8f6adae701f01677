"""What is kept of a tenant's and a user's MFA beside methods: settings, app passwords, remembered browsers, blocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from ringfence.domain.methods.app_password import StoredAppPassword
from ringfence.domain.policy.mfa_settings import MfaSettings
from ringfence.domain.signin.blocks import Block


class Browser(NamedTuple):
    """A browser that is remembered: the hash of its secret (32 bytes), and for how long."""

    secret_hash: bytes
    created_at: datetime
    expires_at: datetime


class MfaStanding(NamedTuple):
    """What is noted of a user: browsers remembered at or before `remembered_since` count no more; who has to register anew."""

    remembered_since: datetime | None = None
    must_register: bool = False


class MfaAccountStore(Protocol):
    """Settings of a tenant, and what belongs to one user each."""

    def settings(self, tenant_id: int) -> MfaSettings:
        """The tenant's settings; those of a new one where nothing is stored."""

    def save_settings(self, tenant_id: int, settings: MfaSettings) -> None:
        """Store them, conditional on the version they were read with; raises `ConflictError` (ROW_CHANGED)."""

    def app_passwords(self, tenant_id: int, user_id: bytes) -> list[StoredAppPassword]:
        """All of a user, oldest first."""

    def add_app_password(self, tenant_id: int, user_id: bytes, app_password: StoredAppPassword) -> None:
        """Store a new one."""

    def note_use(self, tenant_id: int, user_id: bytes, app_password_id: bytes, at: datetime) -> None:
        """Note that it was used."""

    def remove_app_passwords(self, tenant_id: int, user_id: bytes, app_password_ids: Sequence[bytes]) -> int:
        """Remove these of a user; return how many were there."""

    def add_browser(self, tenant_id: int, user_id: bytes, browser: Browser) -> None:
        """Remember one."""

    def browser(self, tenant_id: int, user_id: bytes, secret_hash: bytes) -> Browser | None:
        """One that is remembered, whether or not its time is over."""

    def forget_browsers(self, tenant_id: int, user_id: bytes) -> int:
        """Forget all of a user; return how many."""

    def forget_browsers_before(self, tenant_id: int, before: datetime, limit: int) -> int:
        """Forget those that expired before an instant, about `limit` of them; return how many."""

    def standing(self, tenant_id: int, user_id: bytes) -> MfaStanding:
        """What is noted of a user."""

    def save_standing(self, tenant_id: int, user_id: bytes, standing: MfaStanding) -> None:
        """Store it."""


class BlockStore(Protocol):
    """Users who are blocked for MFA, and who were."""

    def of_user(self, tenant_id: int, user_id: bytes) -> list[Block]:
        """All of a user, newest first."""

    def of_tenant(self, tenant_id: int, limit: int) -> list[Block]:
        """The newest of all users, newest first."""

    def add(self, tenant_id: int, block: Block) -> None:
        """Store a new one; raises `ConflictError` (ROW_CHANGED) where the user has one of this moment."""

    def lift(self, tenant_id: int, block: Block) -> bool:
        """Store that it was lifted; return whether it was not before."""

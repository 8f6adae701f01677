"""What the use cases of the token service ask of the store: applications, roles, credentials, grants, registered methods."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import Enum, unique
from typing import Final, Protocol

from ringfence.domain.identity.applications import Application
from ringfence.domain.identity.credentials import Credential
from ringfence.domain.identity.grants import AuthorizationCode, DeviceCode, RefreshToken
from ringfence.domain.identity.keys import SealedSigningKey
from ringfence.domain.identity.profiles import Profile
from ringfence.domain.methods.registrations import Registration
from ringfence.domain.policy.roles import DirectoryRole

DEPLOYMENT: Final = 0
"""Whose epoch is that of all tenants together: it advances when keys are forgotten."""
EPOCH_LEASE: Final = timedelta(milliseconds=5)
"""How long an epoch that was read may be believed, by whichever process read it.

A transaction that advances it is done only when this span has passed behind its commit."""


class IdentityStore(Protocol):
    """Applications, signing keys, roles, credentials and profiles of a tenant."""

    def epoch(self, tenant_id: int) -> int:
        """A number that changes whenever something is taken away that a token, or a remembered application, stands on."""

    def advance_epoch(self, tenant_id: int) -> None:
        """Have every cached token of the tenant checked again, by the time the unit of work is left."""

    def applications(self, tenant_id: int) -> list[Application]:
        """All applications by name."""

    def application(self, tenant_id: int, app_id: bytes) -> Application | None:
        """One application."""

    def save_application(self, tenant_id: int, application: Application) -> None:
        """Store it, new or changed."""

    def delete_application(self, tenant_id: int, app_id: bytes) -> bool:
        """Remove it; return whether it was there."""

    def signing_keys(self) -> list[SealedSigningKey]:
        """All keys, oldest first."""

    def add_signing_key(self, key: SealedSigningKey) -> None:
        """Store a new one."""

    def remove_signing_key(self, kid: str) -> None:
        """Forget one whose tokens have all expired."""

    def roles_of(self, tenant_id: int, principals: Sequence[bytes]) -> dict[bytes, frozenset[DirectoryRole]]:
        """The directory roles of users or service principals; those without any are not in it."""

    def assignments(self, tenant_id: int) -> list[tuple[bytes, DirectoryRole]]:
        """Every assignment, by role."""

    def assign_role(self, tenant_id: int, principal: bytes, role: DirectoryRole, now: datetime) -> bool:
        """Give a role; return whether it is new."""

    def revoke_role(self, tenant_id: int, principal: bytes, role: DirectoryRole) -> bool:
        """Take a role; return whether it was there."""

    def credential(self, tenant_id: int, user_id: bytes) -> Credential:
        """The credential of a user, empty (version 0) when nothing is stored."""

    def save_credential(self, tenant_id: int, after: Credential) -> None:
        """Store it where its version is still the one read; raises `ConflictError` (ROW_CHANGED) otherwise."""

    def note_sign_in(self, tenant_id: int, user_id: bytes, now: datetime, after: timedelta) -> None:
        """Note that the user signed in, unless that was noted less than a span ago."""

    def profiles(self, tenant_id: int, user_ids: Sequence[bytes]) -> dict[bytes, Profile]:
        """The further attributes of users; those who have none are not in it."""

    def save_profiles(self, tenant_id: int, profiles: Iterable[tuple[bytes, Profile]]) -> None:
        """Store them."""


@unique
class Refused(Enum):
    """Why a refresh token is not taken."""

    REUSED = "used before: the whole chain is revoked now"
    UNKNOWN = "never given, expired or revoked"


class GrantStore(Protocol):
    """Codes and refresh tokens; each is redeemed by one conditional UPDATE."""

    def add_code(self, tenant_id: int, code: AuthorizationCode) -> None:
        """Store a code."""

    def redeem_code(self, tenant_id: int, user_id: bytes, secret_hash: bytes, now: datetime) -> AuthorizationCode | Refused:
        """Take a code, once. A second use says REUSED and revokes what came of the first."""

    def add_refresh_token(self, tenant_id: int, token: RefreshToken) -> None:
        """Store a refresh token."""

    def redeem_refresh_token(self, tenant_id: int, user_id: bytes, secret_hash: bytes, now: datetime) -> RefreshToken | Refused:
        """Take a refresh token, once. A second use says REUSED and revokes its family."""

    def revoke_all(self, tenant_id: int, user_id: bytes, now: datetime) -> None:
        """Void every code and refresh token of a user."""

    def add_device_code(self, tenant_id: int, code: DeviceCode) -> None:
        """Store a device code; raises `ConflictError` (ROW_CHANGED) when its user code is taken."""

    def device_code(self, tenant_id: int, secret_hash: bytes) -> DeviceCode | None:
        """The device code a device polls with."""

    def device_code_of(self, tenant_id: int, user_code: str) -> DeviceCode | None:
        """The device code a person types."""

    def move_device_code(self, tenant_id: int, before: DeviceCode, after: DeviceCode) -> bool:
        """Store `after` where the state is still that of `before`; return whether it was."""

    def forget_expired(self, now: datetime) -> int:
        """Remove what has expired long ago, of all tenants; return how many rows."""


class RegistrationStore(Protocol):
    """Registered methods other than numbers, e-mail and password."""

    def of_user(self, tenant_id: int, user_id: bytes) -> list[Registration]:
        """All of a user, oldest first."""

    def of_users(self, tenant_id: int, user_ids: Sequence[bytes]) -> dict[bytes, list[Registration]]:
        """All of these users; those who have none are not in it."""

    def add(self, tenant_id: int, user_id: bytes, registration: Registration) -> None:
        """Store a new one."""

    def add_all(self, tenant_id: int, registrations: Sequence[tuple[bytes, Registration]]) -> None:
        """Store new ones, each beside its user; raises `ConflictError` (ROW_CHANGED) where the user has one with this id."""

    def update_all(self, tenant_id: int, registrations: Sequence[tuple[bytes, Registration]]) -> None:
        """Store creation, name and details of these, each beside its user, with the version it was read with.

        Raises `ConflictError` (ROW_CHANGED) when one is gone or was written meanwhile.
        """

    def take_pass(self, tenant_id: int, user_id: bytes, taken: Registration, now: datetime) -> bool:
        """Note the first use of a pass; return whether it still is the one that was read, and unused if it is good once only."""

    def remove(self, tenant_id: int, user_id: bytes, method_id: str) -> bool:
        """Remove one; return whether it was there."""

    def add_operation(self, tenant_id: int, user_id: bytes, operation_id: bytes, at: datetime) -> None:
        """Note a long-running operation that has succeeded."""

    def operation(self, tenant_id: int, user_id: bytes, operation_id: bytes) -> datetime | None:
        """When it succeeded, or None when there was none."""

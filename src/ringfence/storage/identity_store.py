"""Applications, signing keys, roles, credentials and profiles."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.identity.applications import Application
from ringfence.domain.identity.credentials import Credential
from ringfence.domain.identity.keys import SealedSigningKey
from ringfence.domain.identity.profiles import Profile
from ringfence.domain.policy.roles import DirectoryRole
from ringfence.storage.change_log import ChangedUsers
from ringfence.storage.rows import from_micros, maybe_instant, maybe_micros, to_micros
from ringfence.storage.statements import Row, Statements

_FINGERPRINT: Final = 16
_APPLICATION: Final = (
    "app_id, object_id, name, created_at, secret_hash, is_public, redirect_uris, permissions, delegated, certificate"
)
_CREDENTIAL: Final = (
    "password_hash, changed_at, must_change, failures, locks, locked_until, recent, sessions_valid_from, signed_in_at, version"
)
_PROFILE: Final = ", ".join(Profile._fields)


class SqlIdentityStore:
    """`IdentityStore` over SQL."""

    def __init__(self, statements: Statements, changed: ChangedUsers) -> None:
        """Work on this transaction; `changed` is told whose profile is written."""
        self._sql = statements
        self._changed = changed
        self.took_away = False

    def epoch(self, tenant_id: int) -> int:
        """A number that changes whenever something is taken away from somebody who may hold a token."""
        row = self._sql.one("SELECT epoch FROM security_epochs WHERE tenant_id = ?", tenant_id)
        return 0 if row is None else int(row[0])

    def advance_epoch(self, tenant_id: int) -> None:
        """Have every cached token of the tenant checked again, by the time the unit of work is left."""
        self.took_away = True
        self._sql.run(
            "INSERT INTO security_epochs (tenant_id, epoch) VALUES (?, 1) "
            "ON CONFLICT (tenant_id) DO UPDATE SET epoch = security_epochs.epoch + 1",
            tenant_id,
        )

    def applications(self, tenant_id: int) -> list[Application]:
        """All applications by name."""
        text = f"SELECT {_APPLICATION} FROM applications WHERE tenant_id = ? ORDER BY name, app_id"  # noqa: S608 - columns of ours
        return [_application(row) for row in self._sql.all(text, tenant_id)]

    def application(self, tenant_id: int, app_id: bytes) -> Application | None:
        """One application."""
        text = f"SELECT {_APPLICATION} FROM applications WHERE tenant_id = ? AND app_id = ?"  # noqa: S608 - columns of ours
        row = self._sql.one(text, tenant_id, app_id)
        return None if row is None else _application(row)

    def save_application(self, tenant_id: int, application: Application) -> None:
        """Store it, new or changed."""
        self._sql.run("DELETE FROM applications WHERE tenant_id = ? AND app_id = ?", tenant_id, application.app_id)
        self._sql.run(
            f"INSERT INTO applications (tenant_id, {_APPLICATION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - ours
            tenant_id,
            application.app_id,
            application.object_id,
            application.name,
            to_micros(application.created_at),
            application.secret_hash,
            int(application.is_public),
            json.dumps(application.redirect_uris),
            json.dumps(application.permissions),
            json.dumps(application.delegated),
            application.certificate,
        )

    def delete_application(self, tenant_id: int, app_id: bytes) -> bool:
        """Remove it; return whether it was there."""
        return self._sql.run("DELETE FROM applications WHERE tenant_id = ? AND app_id = ?", tenant_id, app_id) > 0

    def signing_keys(self) -> list[SealedSigningKey]:
        """All keys, oldest first."""
        text = "SELECT kid, sealing_key_id, private_key, public_jwk, created_at FROM signing_keys ORDER BY created_at, kid"
        return [SealedSigningKey(row[0], row[1], bytes(row[2]), row[3], from_micros(row[4])) for row in self._sql.all(text)]

    def add_signing_key(self, key: SealedSigningKey) -> None:
        """Store a new one."""
        self._sql.run(
            "INSERT INTO signing_keys (kid, sealing_key_id, private_key, public_jwk, created_at) VALUES (?, ?, ?, ?, ?)",
            key.kid,
            key.sealing_key_id,
            key.private_sealed,
            key.public_jwk,
            to_micros(key.created_at),
        )

    def remove_signing_key(self, kid: str) -> None:
        """Forget one whose tokens have all expired."""
        self._sql.run("DELETE FROM signing_keys WHERE kid = ?", kid)

    def roles_of(self, tenant_id: int, principals: Sequence[bytes]) -> dict[bytes, frozenset[DirectoryRole]]:
        """The directory roles of users or service principals; those without any are not in it."""
        text = "SELECT principal_id, role FROM role_assignments WHERE tenant_id = ? AND principal_id"
        found: dict[bytes, set[DirectoryRole]] = {}
        for row in self._sql.database.select_among(self._sql.connection, text, tenant_id, principals):
            found.setdefault(bytes(row[0]), set()).add(DirectoryRole(row[1]))
        return {principal: frozenset(roles) for principal, roles in found.items()}

    def assignments(self, tenant_id: int) -> list[tuple[bytes, DirectoryRole]]:
        """Every assignment, by role."""
        text = "SELECT principal_id, role FROM role_assignments WHERE tenant_id = ? ORDER BY role, principal_id"
        return [(bytes(row[0]), DirectoryRole(row[1])) for row in self._sql.all(text, tenant_id)]

    def assign_role(self, tenant_id: int, principal: bytes, role: DirectoryRole, now: datetime) -> bool:
        """Give a role; return whether it is new."""
        text = (
            "INSERT INTO role_assignments (tenant_id, principal_id, role, assigned_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        )
        return self._sql.run(text, tenant_id, principal, int(role), to_micros(now)) > 0

    def revoke_role(self, tenant_id: int, principal: bytes, role: DirectoryRole) -> bool:
        """Take a role; return whether it was there."""
        text = "DELETE FROM role_assignments WHERE tenant_id = ? AND principal_id = ? AND role = ?"
        return self._sql.run(text, tenant_id, principal, int(role)) > 0

    def credential(self, tenant_id: int, user_id: bytes) -> Credential:
        """The credential of a user, empty (version 0) when nothing is stored."""
        text = f"SELECT {_CREDENTIAL} FROM credentials WHERE tenant_id = ? AND user_id = ?"  # noqa: S608 - columns of ours
        row = self._sql.one(text, tenant_id, user_id)
        return Credential(user_id) if row is None else _credential(user_id, row)

    def save_credential(self, tenant_id: int, after: Credential) -> None:
        """Store it where its version is still the one read."""
        values = (
            after.password_hash,
            maybe_micros(after.changed_at),
            int(after.must_change),
            after.failures,
            after.locks,
            maybe_micros(after.locked_until),
            b"".join(after.recent),
            maybe_micros(after.sessions_valid_from),
            maybe_micros(after.signed_in_at),
            after.version + 1,
        )
        if after.version:
            sets = " = ?, ".join(_CREDENTIAL.split(", "))
            text = f"UPDATE credentials SET {sets} = ? WHERE tenant_id = ? AND user_id = ? AND version = ?"  # noqa: S608 - ours
            written = self._sql.run(text, *values, tenant_id, after.user_id, after.version)
        else:
            text = (
                f"INSERT INTO credentials ({_CREDENTIAL}, tenant_id, user_id) "  # noqa: S608 - columns of ours
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
            )
            written = self._sql.run(text, *values, tenant_id, after.user_id)
        if not written:
            raise ConflictError(ErrorCode.ROW_CHANGED)

    def note_sign_in(self, tenant_id: int, user_id: bytes, now: datetime, after: timedelta) -> None:
        """Note that the user signed in, unless that was noted less than a span ago; no version is counted for it."""
        text = (
            "UPDATE credentials SET signed_in_at = ? WHERE tenant_id = ? AND user_id = ? "
            "AND (signed_in_at IS NULL OR signed_in_at <= ?)"
        )
        self._sql.run(text, to_micros(now), tenant_id, user_id, to_micros(now - after))

    def profiles(self, tenant_id: int, user_ids: Sequence[bytes]) -> dict[bytes, Profile]:
        """The further attributes of users; those who have none are not in it."""
        text = f"SELECT user_id, {_PROFILE} FROM profiles WHERE tenant_id = ? AND user_id"  # noqa: S608 - columns of ours
        rows = self._sql.database.select_among(self._sql.connection, text, tenant_id, user_ids)
        return {bytes(row[0]): Profile(*row[1:]) for row in rows}

    def save_profiles(self, tenant_id: int, profiles: Iterable[tuple[bytes, Profile]]) -> None:
        """Store them."""
        places = ", ".join("?" * (2 + len(Profile._fields)))
        sets = ", ".join(f"{name} = excluded.{name}" for name in Profile._fields)
        text = (
            f"INSERT INTO profiles (tenant_id, user_id, {_PROFILE}) VALUES ({places}) "  # noqa: S608 - columns of ours
            f"ON CONFLICT (tenant_id, user_id) DO UPDATE SET {sets}"
        )
        for user_id, profile in profiles:
            self._sql.run(text, tenant_id, user_id, *profile)
            self._changed.note(tenant_id, [user_id])


def _application(row: Row) -> Application:
    return Application(
        app_id=bytes(row[0]),
        object_id=bytes(row[1]),
        name=row[2],
        created_at=from_micros(row[3]),
        secret_hash=None if row[4] is None else bytes(row[4]),
        is_public=bool(row[5]),
        redirect_uris=tuple(json.loads(row[6])),
        permissions=tuple(json.loads(row[7])),
        delegated=tuple(json.loads(row[8])),
        certificate=row[9],
    )


def _credential(user_id: bytes, row: Row) -> Credential:
    recent = bytes(row[6])
    return Credential(
        user_id,
        row[0],
        maybe_instant(row[1]),
        bool(row[2]),
        row[3],
        row[4],
        maybe_instant(row[5]),
        tuple(recent[at : at + _FINGERPRINT] for at in range(0, len(recent), _FINGERPRINT)),
        maybe_instant(row[7]),
        maybe_instant(row[8]),
        row[9],
    )

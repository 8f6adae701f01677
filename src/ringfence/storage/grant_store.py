"""Authorization codes, refresh tokens and device codes: each redeemed by one conditional UPDATE whose row count decides."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from ringfence.application.ports.identity import Refused
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.identity.grants import AuthorizationCode, DeviceCode, DeviceState, Grant, RefreshToken
from ringfence.storage.rows import from_micros, maybe_instant, maybe_micros, to_micros
from ringfence.storage.statements import Row, Statements

_KEPT_AFTER_EXPIRY: Final = timedelta(days=1)
"""How long a dead grant is kept, so that its reuse is still told from one that never was."""
_OF_ONE: Final = "WHERE tenant_id = ? AND user_id = ? AND secret_hash = ?"
_DEVICE: Final = "secret_hash, user_code, app_id, scopes, expires_at, state, user_id, authenticated_at, polled_at, methods"


class SqlGrantStore:
    """`GrantStore` over SQL."""

    def __init__(self, statements: Statements) -> None:
        """Work on this transaction."""
        self._sql = statements

    def add_code(self, tenant_id: int, code: AuthorizationCode) -> None:
        """Store a code."""
        self._sql.run(
            "INSERT INTO authorization_codes (tenant_id, user_id, secret_hash, app_id, scopes, authenticated_at, methods, "
            "redirect_uri, challenge, nonce, family, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            tenant_id,
            code.grant.user_id,
            code.secret_hash,
            *_granted(code.grant),
            code.redirect_uri,
            code.challenge,
            code.nonce,
            code.family,
            to_micros(code.expires_at),
        )

    def redeem_code(self, tenant_id: int, user_id: bytes, secret_hash: bytes, now: datetime) -> AuthorizationCode | Refused:
        """Take a code, once. A second use says REUSED and revokes what came of the first."""
        at, key = to_micros(now), (tenant_id, user_id, secret_hash)
        text = f"UPDATE authorization_codes SET used_at = ? {_OF_ONE} AND used_at IS NULL AND expires_at > ?"  # noqa: S608 - ours
        taken = self._sql.run(text, at, *key, at)
        row = self._sql.one(
            "SELECT app_id, scopes, authenticated_at, methods, redirect_uri, challenge, nonce, family, expires_at, used_at "  # noqa: S608 - ours
            f"FROM authorization_codes {_OF_ONE}",
            *key,
        )
        if row is None or (not taken and row[9] is None):
            return Refused.UNKNOWN
        if not taken:
            self._revoke_family(tenant_id, user_id, bytes(row[7]), now)
            return Refused.REUSED
        grant = _grant(user_id, row)
        return AuthorizationCode(secret_hash, grant, row[4], row[5], row[6], bytes(row[7]), from_micros(row[8]))

    def add_refresh_token(self, tenant_id: int, token: RefreshToken) -> None:
        """Store a refresh token."""
        self._sql.run(
            "INSERT INTO refresh_tokens (tenant_id, user_id, secret_hash, app_id, scopes, authenticated_at, methods, "
            "family, issued_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            tenant_id,
            token.grant.user_id,
            token.secret_hash,
            *_granted(token.grant),
            token.family,
            to_micros(token.issued_at),
            to_micros(token.expires_at),
        )

    def redeem_refresh_token(self, tenant_id: int, user_id: bytes, secret_hash: bytes, now: datetime) -> RefreshToken | Refused:
        """Take a refresh token, once. A second use says REUSED and revokes its family."""
        at, key = to_micros(now), (tenant_id, user_id, secret_hash)
        taken = self._sql.run(
            f"UPDATE refresh_tokens SET used_at = ? {_OF_ONE} "  # noqa: S608 - text of ours
            "AND used_at IS NULL AND revoked_at IS NULL AND expires_at > ?",
            at,
            *key,
            at,
        )
        row = self._sql.one(
            "SELECT app_id, scopes, authenticated_at, methods, family, issued_at, expires_at, used_at "  # noqa: S608 - ours
            f"FROM refresh_tokens {_OF_ONE}",
            *key,
        )
        if row is None or (not taken and row[7] is None):
            return Refused.UNKNOWN
        if not taken:
            self._revoke_family(tenant_id, user_id, bytes(row[4]), now)
            return Refused.REUSED
        return RefreshToken(secret_hash, bytes(row[4]), _grant(user_id, row), from_micros(row[5]), from_micros(row[6]))

    def _revoke_family(self, tenant_id: int, user_id: bytes, family: bytes, now: datetime) -> None:
        self._sql.run(
            "UPDATE refresh_tokens SET revoked_at = ? WHERE tenant_id = ? AND user_id = ? AND family = ? AND revoked_at IS NULL",
            to_micros(now),
            tenant_id,
            user_id,
            family,
        )

    def revoke_all(self, tenant_id: int, user_id: bytes, now: datetime) -> None:
        """Void every code and refresh token of a user."""
        for table, column in (("refresh_tokens", "revoked_at"), ("authorization_codes", "used_at")):
            self._sql.run(
                f"UPDATE {table} SET {column} = ? WHERE tenant_id = ? AND user_id = ? AND {column} IS NULL",  # noqa: S608 - ours
                to_micros(now),
                tenant_id,
                user_id,
            )

    def add_device_code(self, tenant_id: int, code: DeviceCode) -> None:
        """Store a device code; raises `ConflictError` (ROW_CHANGED) when its user code is taken."""
        added = self._sql.run(
            f"INSERT INTO device_codes (tenant_id, {_DEVICE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",  # noqa: S608 - ours
            tenant_id,
            code.secret_hash,
            code.user_code,
            code.app_id,
            " ".join(code.scopes),
            to_micros(code.expires_at),
            int(code.state),
            code.user_id,
            maybe_micros(code.authenticated_at),
            maybe_micros(code.polled_at),
            " ".join(code.methods),
        )
        if not added:
            raise ConflictError(ErrorCode.ROW_CHANGED)

    def device_code(self, tenant_id: int, secret_hash: bytes) -> DeviceCode | None:
        """The device code a device polls with."""
        return self._device("secret_hash", tenant_id, secret_hash)

    def device_code_of(self, tenant_id: int, user_code: str) -> DeviceCode | None:
        """The device code a person types."""
        return self._device("user_code", tenant_id, user_code)

    def _device(self, column: str, tenant_id: int, value: bytes | str) -> DeviceCode | None:
        row = self._sql.one(f"SELECT {_DEVICE} FROM device_codes WHERE tenant_id = ? AND {column} = ?", tenant_id, value)  # noqa: S608 - ours
        if row is None:
            return None
        return DeviceCode(
            bytes(row[0]),
            row[1],
            bytes(row[2]),
            tuple(row[3].split()),
            from_micros(row[4]),
            DeviceState(row[5]),
            None if row[6] is None else bytes(row[6]),
            maybe_instant(row[7]),
            maybe_instant(row[8]),
            tuple(row[9].split()),
        )

    def move_device_code(self, tenant_id: int, before: DeviceCode, after: DeviceCode) -> bool:
        """Store `after` where the state is still that of `before`; return whether it was."""
        return (
            self._sql.run(
                "UPDATE device_codes SET state = ?, user_id = ?, authenticated_at = ?, polled_at = ?, methods = ? "
                "WHERE tenant_id = ? AND secret_hash = ? AND state = ?",
                int(after.state),
                after.user_id,
                maybe_micros(after.authenticated_at),
                maybe_micros(after.polled_at),
                " ".join(after.methods),
                tenant_id,
                before.secret_hash,
                int(before.state),
            )
            > 0
        )

    def forget_expired(self, now: datetime) -> int:
        """Remove what has expired long ago, of all tenants; return how many rows."""
        before = to_micros(now - _KEPT_AFTER_EXPIRY)
        tables = ("authorization_codes", "refresh_tokens", "device_codes")
        return sum(self._sql.run(f"DELETE FROM {table} WHERE expires_at < ?", before) for table in tables)  # noqa: S608 - ours


def _granted(grant: Grant) -> tuple[object, ...]:
    return grant.app_id, " ".join(grant.scopes), to_micros(grant.authenticated_at), " ".join(grant.methods)


def _grant(user_id: bytes, row: Row) -> Grant:
    return Grant(bytes(row[0]), user_id, tuple(row[1].split()), from_micros(row[2]), tuple(row[3].split()))

"""Settings of MFA, app passwords, remembered browsers, and what is noted of a user."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from ringfence.application.ports.mfa_accounts import Browser, MfaStanding
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.methods.app_password import StoredAppPassword
from ringfence.domain.policy.mfa_settings import FraudAlert, MfaSettings
from ringfence.storage.rows import from_micros, maybe_instant, maybe_micros, to_micros
from ringfence.storage.statements import Statements

_APP_PASSWORD: Final = "app_password_id, name, fingerprint, created_at, last_used_at"  # noqa: S105 - columns
_USER: Final = "WHERE tenant_id = ? AND user_id = ?"


class SqlMfaAccountStore:
    """`MfaAccountStore` over SQL."""

    def __init__(self, statements: Statements) -> None:
        """Work on this transaction."""
        self._sql = statements

    def settings(self, tenant_id: int) -> MfaSettings:
        """The tenant's settings; those of a new one where nothing is stored."""
        row = self._sql.one("SELECT version, document FROM mfa_settings WHERE tenant_id = ?", tenant_id)
        return MfaSettings() if row is None else _settings(json.loads(row[1]), row[0])

    def save_settings(self, tenant_id: int, settings: MfaSettings) -> None:
        """Store them, conditional on the version they were read with; raises `ConflictError` (ROW_CHANGED)."""
        stored = {**settings._asdict(), "fraud": settings.fraud._asdict()}
        del stored["version"]
        document = json.dumps(stored, ensure_ascii=False)
        if settings.version:
            text = "UPDATE mfa_settings SET version = version + 1, document = ? WHERE tenant_id = ? AND version = ?"
            written = self._sql.run(text, document, tenant_id, settings.version)
        else:
            text = "INSERT INTO mfa_settings (tenant_id, version, document) VALUES (?, 1, ?) ON CONFLICT (tenant_id) DO NOTHING"
            written = self._sql.run(text, tenant_id, document)
        if written != 1:
            raise ConflictError(ErrorCode.ROW_CHANGED)

    def app_passwords(self, tenant_id: int, user_id: bytes) -> list[StoredAppPassword]:
        """All of a user, oldest first."""
        text = f"SELECT {_APP_PASSWORD} FROM app_passwords {_USER} ORDER BY created_at, app_password_id"  # noqa: S608 - ours
        rows = self._sql.all(text, tenant_id, user_id)
        return [
            StoredAppPassword(bytes(row[0]), row[1], bytes(row[2]), from_micros(row[3]), maybe_instant(row[4])) for row in rows
        ]

    def add_app_password(self, tenant_id: int, user_id: bytes, app_password: StoredAppPassword) -> None:
        """Store a new one."""
        text = f"INSERT INTO app_passwords (tenant_id, user_id, {_APP_PASSWORD}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - ours
        created, used = to_micros(app_password.created_at), maybe_micros(app_password.last_used_at)
        self._sql.run(text, tenant_id, user_id, *app_password[:3], created, used)

    def note_use(self, tenant_id: int, user_id: bytes, app_password_id: bytes, at: datetime) -> None:
        """Note that it was used."""
        text = f"UPDATE app_passwords SET last_used_at = ? {_USER} AND app_password_id = ?"  # noqa: S608 - ours
        self._sql.run(text, to_micros(at), tenant_id, user_id, app_password_id)

    def remove_app_passwords(self, tenant_id: int, user_id: bytes, app_password_ids: Sequence[bytes]) -> int:
        """Remove these of a user; return how many were there."""
        text = f"DELETE FROM app_passwords {_USER} AND app_password_id = ?"  # noqa: S608 - ours
        return sum(self._sql.run(text, tenant_id, user_id, one) for one in app_password_ids)

    def add_browser(self, tenant_id: int, user_id: bytes, browser: Browser) -> None:
        """Remember one."""
        text = "INSERT INTO remembered_browsers (tenant_id, user_id, secret_hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?)"
        instants = to_micros(browser.created_at), to_micros(browser.expires_at)
        self._sql.run(text, tenant_id, user_id, browser.secret_hash, *instants)

    def browser(self, tenant_id: int, user_id: bytes, secret_hash: bytes) -> Browser | None:
        """One that is remembered, whether or not its time is over."""
        text = f"SELECT created_at, expires_at FROM remembered_browsers {_USER} AND secret_hash = ?"  # noqa: S608 - ours
        row = self._sql.one(text, tenant_id, user_id, secret_hash)
        return None if row is None else Browser(secret_hash, from_micros(row[0]), from_micros(row[1]))

    def forget_browsers(self, tenant_id: int, user_id: bytes) -> int:
        """Forget all of a user; return how many."""
        return self._sql.run(f"DELETE FROM remembered_browsers {_USER}", tenant_id, user_id)  # noqa: S608 - ours

    def forget_browsers_before(self, tenant_id: int, before: datetime, limit: int) -> int:
        """Forget those that expired before an instant, about `limit` of them; return how many."""
        text = "SELECT expires_at FROM remembered_browsers WHERE tenant_id = ? AND expires_at < ? ORDER BY expires_at LIMIT ?"
        rows = self._sql.all(text, tenant_id, to_micros(before), limit)
        if not rows:
            return 0
        return self._sql.run("DELETE FROM remembered_browsers WHERE tenant_id = ? AND expires_at <= ?", tenant_id, rows[-1][0])

    def standing(self, tenant_id: int, user_id: bytes) -> MfaStanding:
        """What is noted of a user."""
        row = self._sql.one(f"SELECT remembered_since, must_register FROM mfa_standings {_USER}", tenant_id, user_id)  # noqa: S608 - ours
        return MfaStanding() if row is None else MfaStanding(maybe_instant(row[0]), bool(row[1]))

    def save_standing(self, tenant_id: int, user_id: bytes, standing: MfaStanding) -> None:
        """Store it."""
        self._sql.run(
            "INSERT INTO mfa_standings (tenant_id, user_id, remembered_since, must_register) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (tenant_id, user_id) DO UPDATE SET remembered_since = excluded.remembered_since, "
            "must_register = excluded.must_register",
            tenant_id,
            user_id,
            maybe_micros(standing.remembered_since),
            int(standing.must_register),
        )


def _settings(stored: dict[str, Any], version: int) -> MfaSettings:
    fraud = stored.pop("fraud")
    alert = FraudAlert(**{**fraud, "recipients": tuple(fraud["recipients"])})
    return MfaSettings(**{**stored, "trusted_ranges": tuple(stored["trusted_ranges"]), "fraud": alert, "version": version})

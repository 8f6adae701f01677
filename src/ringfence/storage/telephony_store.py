"""The settings of the send guard, one JSON document a tenant, and what was spent in each month."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from ringfence.domain.signin.send_guard import Scope, SendRefusal, TelephonySettings
from ringfence.storage.statements import Statements

_NONE_YET: Final = 0


class SqlTelephonyStore:
    """`TelephonyStore` over SQL."""

    def __init__(self, statements: Statements) -> None:
        """Work on this transaction."""
        self._sql = statements

    def settings(self, tenant_id: int) -> TelephonySettings | None:
        """A tenant's, None when it has none yet."""
        row = self._sql.one("SELECT version, settings FROM telephony WHERE tenant_id = ?", tenant_id)
        return None if row is None or row[0] == _NONE_YET else _read(row[0], row[1])

    def hold(self, tenant_id: int) -> None:
        """Let nobody else count or change anything of this tenant's telephony until the commit."""
        text = "INSERT INTO telephony (tenant_id, version, settings) VALUES (?, ?, '{}') ON CONFLICT (tenant_id) DO NOTHING"
        self._sql.run(text, tenant_id, _NONE_YET)
        lock = self._sql.database.lock_clause(to_write=True)
        self._sql.one(f"SELECT version FROM telephony WHERE tenant_id = ?{lock}", tenant_id)  # noqa: S608 - ours

    def save_settings(self, tenant_id: int, settings: TelephonySettings) -> None:
        """Store them; the caller holds the tenant's telephony."""
        text = "UPDATE telephony SET version = ?, settings = ? WHERE tenant_id = ?"
        self._sql.run(text, settings.version + 1, _write(settings), tenant_id)

    def spent(self, tenant_id: int, month: str) -> int:
        """Mills."""
        row = self._sql.one("SELECT spent FROM telephony_months WHERE tenant_id = ? AND month = ?", tenant_id, month)
        return 0 if row is None else int(row[0])

    def spend(self, tenant_id: int, month: str, price: int) -> None:
        """Count more; the caller holds it."""
        self._sql.run(
            "INSERT INTO telephony_months (tenant_id, month, spent) VALUES (?, ?, ?) "
            "ON CONFLICT (tenant_id, month) DO UPDATE SET spent = telephony_months.spent + excluded.spent",
            tenant_id,
            month,
            price,
        )

    def count_refusal(self, tenant_id: int, day: str, refusal: SendRefusal) -> None:
        """Count one more: one statement, so that nobody has to hold anything."""
        self._sql.run(
            "INSERT INTO telephony_refusals (tenant_id, day, reason, refused) VALUES (?, ?, ?, 1) "
            "ON CONFLICT (tenant_id, day, reason) DO UPDATE SET refused = telephony_refusals.refused + 1",
            tenant_id,
            day,
            refusal.name,
        )

    def refusals(self, tenant_id: int, day: str) -> Mapping[SendRefusal, int]:
        """How many were refused on a day, by reason."""
        rows = self._sql.all("SELECT reason, refused FROM telephony_refusals WHERE tenant_id = ? AND day = ?", tenant_id, day)
        return {SendRefusal[row[0]]: int(row[1]) for row in rows}

    def forget_refusals_before(self, tenant_id: int, day: str) -> int:
        """Remove the counts of earlier days; return how many."""
        return self._sql.run("DELETE FROM telephony_refusals WHERE tenant_id = ? AND day < ?", tenant_id, day)


def _write(settings: TelephonySettings) -> str:
    document = {
        "allowed": sorted(settings.allowed),
        "denied": sorted(settings.denied),
        "most": {scope.value: most for scope, most in sorted(settings.most.items())},
        "budget": settings.budget,
        "prices": dict(sorted(settings.prices.items())),
        "currency": settings.currency,
    }
    return json.dumps(document)


def _read(version: int, text: str) -> TelephonySettings:
    document = json.loads(text)
    return TelephonySettings(
        frozenset(document["allowed"]),
        frozenset(document["denied"]),
        {Scope(name): most for name, most in document["most"].items()},
        document["budget"],
        document["prices"],
        document["currency"],
        version,
    )

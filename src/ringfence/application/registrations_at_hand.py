"""The registered methods of the users a chunk of an import speaks of, as they stand after the rows before.

Loads them in one question, keeps the changes in memory, and writes them all at once; asks nothing where no row speaks of any.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services
from ringfence.domain.audit import Activity, AuditRecord, Trail, record_method_change
from ringfence.domain.directory.records import MfaRecord
from ringfence.domain.directory.user import Account
from ringfence.domain.methods.registration_import import RegistrationImport, RegistrationRefusal, decide_registration_import
from ringfence.domain.methods.registrations import Registration

_NOTHING: Final = RegistrationImport()


def speaks_of_registrations(row: MfaRecord) -> bool:
    """Whether what is stored must be known to take over this row."""
    return bool(row.registrations or row.listed)


class RegistrationsAtHand:
    """Registered methods by user and id over one transaction."""

    def __init__(self, unit: UnitOfWork, tenant_id: int, user_ids: Iterable[bytes]) -> None:
        """Load those of these users."""
        self._unit = unit
        self._tenant_id = tenant_id
        ids = sorted(set(user_ids))
        found = unit.registrations.of_users(tenant_id, ids) if ids else {}
        self._held = {user_id: {one.method_id: one for one in held} for user_id, held in found.items()}
        self._is_new: dict[tuple[bytes, str], bool] = {}

    def decide(self, account: Account, row: MfaRecord, now: datetime) -> RegistrationImport | RegistrationRefusal:
        """What the row makes of the user's methods."""
        if not speaks_of_registrations(row):
            return _NOTHING
        return decide_registration_import(self._held.get(account.user.user_id, {}).values(), row, now)

    def put(self, user_id: bytes, decided: RegistrationImport) -> None:
        """Keep what was decided."""
        held = self._held.setdefault(user_id, {})
        for is_new, registrations in ((True, decided.added), (False, decided.changed)):
            for one in registrations:
                held[one.method_id] = one
                self._is_new.setdefault((user_id, one.method_id), is_new)

    def write(self) -> None:
        """Write what changed; raises `ConflictError` (ROW_CHANGED)."""
        for is_new, store in ((True, self._unit.registrations.add_all), (False, self._unit.registrations.update_all)):
            found = [(user_id, self._held[user_id][key]) for (user_id, key), new in self._is_new.items() if new is is_new]
            if found:
                store(self._tenant_id, found)


def record_registrations(account: Account, decided: RegistrationImport, services: Services, trail: Trail) -> list[AuditRecord]:
    """Two records for each method that came or changed, each couple under a correlation of its own."""
    told = ((Activity.ADMIN_REGISTERED, decided.added), (Activity.ADMIN_UPDATED, decided.changed))
    return [
        record
        for activity, registrations in told
        for one in registrations
        for record in _records(account, one, trail._replace(correlation_id=services.new_id()), activity)
    ]


def _records(account: Account, one: Registration, trail: Trail, activity: Activity) -> list[AuditRecord]:
    return record_method_change(account, account, one.kind.noun, trail, activity)

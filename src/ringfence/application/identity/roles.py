"""Give and take directory roles."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ringfence.application.accounts import find_active_account
from ringfence.application.identity.applications import find_application
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.domain.errors import NotFoundError
from ringfence.domain.policy.roles import DirectoryRole


class Assignment(NamedTuple):
    """A role with the name of whoever holds it, user or application."""

    principal_id: bytes
    name: str
    role: DirectoryRole


def assign_role(services: Services, tenant_id: int, holder: str, role: DirectoryRole, now: datetime) -> bool:
    """Give the role to a user (by name or id) or an application; return whether it is new."""

    def work(unit: UnitOfWork) -> bool:
        changed = unit.identity.assign_role(tenant_id, _principal(unit, tenant_id, holder), role, now)
        if changed:
            unit.identity.advance_epoch(tenant_id)
        return changed

    return in_transaction(services, work)


def revoke_role(services: Services, tenant_id: int, holder: str, role: DirectoryRole) -> bool:
    """Take the role; return whether it was there. It counts from the next request on."""

    def work(unit: UnitOfWork) -> bool:
        changed = unit.identity.revoke_role(tenant_id, _principal(unit, tenant_id, holder), role)
        if changed:
            unit.identity.advance_epoch(tenant_id)
        return changed

    return in_transaction(services, work)


def list_assignments(services: Services, tenant_id: int) -> list[Assignment]:
    """Every assignment, by role and name."""
    with services.store.snapshot() as unit:
        held = unit.identity.assignments(tenant_id)
        names = {one.object_id: one.name for one in unit.identity.applications(tenant_id)}
        accounts = unit.directory.load(tenant_id, sorted({principal for principal, _ in held} - names.keys()))
        names.update({user_id: account.user.upn for user_id, account in accounts.items()})
    return sorted(
        (Assignment(principal, names.get(principal, ""), role) for principal, role in held),
        key=lambda one: (one.role.title, one.name),
    )


def _principal(unit: UnitOfWork, tenant_id: int, holder: str) -> bytes:
    try:
        return find_active_account(unit, tenant_id, holder).user.user_id
    except NotFoundError:
        try:
            return find_application(unit, tenant_id, holder).object_id
        except NotFoundError:
            pass
        raise

"""What has to be cleared away from time to time: expired grants, challenges and browsers, and the ends of logs.

Nothing depends on it for its truth.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.domain.identity.sign_ins import KEPT
from ringfence.domain.signin.challenge import KEPT as CHALLENGES_KEPT
from ringfence.domain.signin.lockout import KEPT as FAILURES_KEPT
from ringfence.domain.signin.notices import KEPT as NOTICES_KEPT
from ringfence.domain.signin.send_guard import day_of

_AT_ONCE: Final = 1000
"""Lines of the log of sign-ins that go in one transaction: few enough for others to wait for."""
MESSAGES_KEPT: Final = timedelta(days=2)
"""How long the outbox keeps what was sent: longer than any window of the send guard, and than networks send receipts."""
CHANGES_KEPT: Final = timedelta(days=30)
"""How long a change of a user is kept at least. A reader of changes who stays away longer begins again."""


def forget_expired_grants(services: Services, now: datetime) -> int:
    """Remove codes and refresh tokens that expired more than a day ago; return how many."""
    return in_transaction(services, lambda unit: unit.grants.forget_expired(now))


def forget_old_changes(services: Services, now: datetime) -> int:
    """Note how far the log of changes is now, and remove what was in it `CHANGES_KEPT` ago; return how many entries."""

    def work(unit: UnitOfWork) -> int:
        unit.changes.mark(now)
        return unit.changes.forget(now - CHANGES_KEPT)

    return in_transaction(services, work)


def forget_old_sign_ins(services: Services, now: datetime) -> int:
    """Remove sign-ins of more than 30 days ago, of all tenants; return how many."""
    return _of_all_tenants(services, lambda unit, tenant_id: unit.sign_ins.forget_before(tenant_id, now - KEPT, _AT_ONCE))


def forget_old_challenges(services: Services, now: datetime) -> int:
    """Remove challenges that expired more than a day ago, and what is held against methods for 30; return how many of both."""
    over, old = now - CHALLENGES_KEPT, now - FAILURES_KEPT
    forgotten = _of_all_tenants(services, lambda unit, tenant_id: unit.challenges.forget_before(tenant_id, over, _AT_ONCE))
    return forgotten + _of_all_tenants(
        services, lambda unit, tenant_id: unit.challenges.forget_failures_before(tenant_id, old, _AT_ONCE)
    )


def forget_old_messages(services: Services, now: datetime) -> int:
    """Remove messages of more than two days ago; return how many."""
    before = now - MESSAGES_KEPT
    day = day_of(before)
    forgotten = _of_all_tenants(services, lambda unit, tenant_id: unit.messages.forget_before(tenant_id, before, _AT_ONCE))
    return forgotten + _of_all_tenants(services, lambda unit, tenant_id: unit.telephony.forget_refusals_before(tenant_id, day))


def forget_old_notices(services: Services, now: datetime) -> int:
    """Remove notices of more than 30 days ago, of all tenants; return how many."""
    return _of_all_tenants(services, lambda unit, tenant_id: unit.notices.forget_before(tenant_id, now - NOTICES_KEPT, _AT_ONCE))


def forget_old_browsers(services: Services, now: datetime) -> int:
    """Forget browsers that were remembered until more than a day ago, of all tenants; return how many."""
    over = now - timedelta(days=1)
    return _of_all_tenants(services, lambda unit, tenant_id: unit.mfa.forget_browsers_before(tenant_id, over, _AT_ONCE))


def _of_all_tenants(services: Services, forget: Callable[[UnitOfWork, int], int]) -> int:
    with services.store.snapshot() as unit:
        tenants = [tenant.tenant_id for tenant in unit.administration.tenants()]
    return sum(_forget(services, tenant_id, forget) for tenant_id in tenants)


def _forget(services: Services, tenant_id: int, forget: Callable[[UnitOfWork, int], int]) -> int:
    forgotten = 0
    while count := in_transaction(services, lambda unit: forget(unit, tenant_id)):
        forgotten += count
        if count < _AT_ONCE:
            break
        services.store.give_way()
    return forgotten

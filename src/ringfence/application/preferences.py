"""Per-user MFA state and the default method, as an administrator sets them (domain-rules D.1, D.9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ringfence.application.accounts import find_active_account
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.domain.audit import Trail, record_private_change, record_state_change
from ringfence.domain.directory.records import PerUserState
from ringfence.domain.directory.user import Account, User
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.numbers.pairs import MethodType
from ringfence.domain.values import Actor


def set_mfa_state(
    services: Services, tenant_id: int, user: str, wanted: PerUserState, actor: Actor, now: datetime
) -> PerUserState:
    """Set the state and return it: *enabled* becomes *enforced* for a user with a registered method (D.9)."""

    def change(found: User) -> User:
        registered = wanted is PerUserState.Enabled and found.methods
        return found._replace(mfa_state=PerUserState.Enforced if registered else wanted)

    return _change(services, tenant_id, user, change, Trail(services.new_id(), now, actor)).user.mfa_state


def set_default_method(services: Services, tenant_id: int, user: str, wanted: MethodType, actor: Actor, now: datetime) -> None:
    """Make a registered method the default; raises `ConflictError` (METHOD_NOT_REGISTERED) when the user has no such entry."""

    def change(found: User) -> User:
        if wanted not in found.methods:
            raise ConflictError(ErrorCode.METHOD_NOT_REGISTERED, method=wanted.name)
        return found._replace(default=wanted)

    _change(services, tenant_id, user, change, Trail(services.new_id(), now, actor))


def _change(services: Services, tenant_id: int, user: str, change: Callable[[User], User], trail: Trail) -> Account:
    def work(unit: UnitOfWork) -> Account:
        before = find_active_account(unit, tenant_id, user)
        after = before._replace(user=change(before.user))
        if after == before:
            return before
        unit.directory.update(tenant_id, [(before, after)])
        records = [*record_private_change(before, after, trail), *record_state_change(before, after, trail)]
        unit.audit.append(tenant_id, [record._replace(part=part) for part, record in enumerate(records)])
        return after

    return in_transaction(services, work)

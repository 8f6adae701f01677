"""The policy of authentication methods: shown, changed, put back. Sources: domain-rules D.3, D.8, F.3.

It counts from the next question on: whoever asks `policy_of` in a transaction sees what was committed before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.policies import StoredPolicy
from ringfence.application.services import Services, in_transaction
from ringfence.domain.audit import Activity, Trail, record_policy_change
from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.policy.methods_policy import MethodsPolicy, PolicyMethod
from ringfence.domain.policy.policy_settings import changed_settings, find_fault, with_defaults
from ringfence.domain.values import Actor


class ChangedPolicy(NamedTuple):
    """The policy before and after; the same where nothing changed."""

    before: StoredPolicy
    after: StoredPolicy


Change = Callable[[MethodsPolicy], MethodsPolicy]


def policy_of(unit: UnitOfWork, tenant_id: int) -> MethodsPolicy:
    """The tenant's policy, at the cost of reading one row by its key."""
    return unit.methods_policy.find(tenant_id).policy


def show_policy(services: Services, tenant_id: int) -> StoredPolicy:
    """The tenant's policy, and since when it is so."""
    with services.store.look() as unit:
        return unit.methods_policy.find(tenant_id)


def change_policy(services: Services, tenant_id: int, change: Change, actor: Actor, now: datetime) -> ChangedPolicy:
    """Store what `change` makes of the present policy; raises `InvalidError` (POLICY_VALUE) for one that cannot be.

    Nothing is written, and nothing recorded, where it changes nothing. `change` is pure: it is called again on a conflict.
    """
    return _change(services, tenant_id, change, Trail(services.new_id(), now, actor), Activity.POLICY_UPDATED)


def reset_configuration(services: Services, tenant_id: int, method: PolicyMethod, actor: Actor, now: datetime) -> ChangedPolicy:
    """Put everything of one method's configuration back to what it is at first."""
    trail = Trail(services.new_id(), now, actor)
    return _change(services, tenant_id, lambda policy: with_defaults(policy, method), trail, Activity.POLICY_RESET)


def _change(services: Services, tenant_id: int, change: Change, trail: Trail, activity: Activity) -> ChangedPolicy:
    def work(unit: UnitOfWork) -> ChangedPolicy:
        before = unit.methods_policy.find(tenant_id)
        policy = change(before.policy)
        changed = changed_settings(before.policy, policy)
        if not changed:
            return ChangedPolicy(before, before)
        fault = find_fault(policy)
        if fault is not None:
            raise InvalidError(ErrorCode.POLICY_VALUE, setting=fault.setting, expected=fault.expected)
        after = unit.methods_policy.save(tenant_id, before, policy, trail.at)
        unit.audit.append(tenant_id, [record_policy_change(changed, trail, activity)])
        return ChangedPolicy(before, after)

    return in_transaction(services, work)

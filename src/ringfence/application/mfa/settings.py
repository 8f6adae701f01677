"""Show and change a tenant's settings of MFA. Who changed what stands in the list of runs. Source: domain-rules D.6, D.9."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.domain.policy.mfa_settings import MfaSettings, check_settings
from ringfence.domain.values import Actor, Run, RunKind


def show_settings(services: Services, tenant_id: int) -> MfaSettings:
    """The settings as they stand."""
    with services.store.look() as unit:
        return unit.mfa.settings(tenant_id)


def change_settings(
    services: Services, tenant_id: int, change: Callable[[MfaSettings], MfaSettings], actor: Actor, now: datetime
) -> bool:
    """Store what `change` makes of them; return whether that is anything else. Raises what `check_settings` raises."""

    def work(unit: UnitOfWork) -> bool:
        before = unit.mfa.settings(tenant_id)
        after = change(before)
        check_settings(after)
        if after == before:
            return False
        unit.mfa.save_settings(tenant_id, after)
        changed = [name for name in MfaSettings._fields if getattr(after, name) != getattr(before, name)]
        run = Run(services.new_id(), RunKind.MFA_SETTINGS, now, f"{', '.join(changed)}, {actor.name}")
        unit.administration.add_run(tenant_id, run)
        unit.administration.finish_run(tenant_id, run.run_id, now, {})
        return True

    return in_transaction(services, work)

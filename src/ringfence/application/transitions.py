"""Open, show and close the transition of a tenant."""

from __future__ import annotations

from datetime import datetime

from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services
from ringfence.domain.errors import ConflictError, ErrorCode, NotFoundError
from ringfence.domain.numbers.facts import Moment
from ringfence.domain.numbers.transition import Transition
from ringfence.domain.values import Actor, Run, RunKind


def present_transition(unit: UnitOfWork, tenant_id: int) -> Transition | None:
    """The transition that governs now: the one opened last, or None."""
    known = unit.administration.transitions(tenant_id)
    return known[-1] if known else None


def open_transition(services: Services, tenant_id: int, wanted: Transition, actor: Actor) -> tuple[Transition, bool]:
    """Open a transition; return it and whether it is new. Opening the same one again changes nothing.

    The list of runs keeps who opened it, and who closed it.

    Raises `ConflictError` (TRANSITION_OPEN) while another one has neither ended nor been closed.
    """
    with services.store.begin() as unit:
        unit.administration.lock_tenant(tenant_id)
        present = present_transition(unit, tenant_id)
        if present is not None and present.moment(wanted.opened_at) is not Moment.AFTER:
            if (present.start_at, present.end_at) == (wanted.start_at, wanted.end_at):
                return present, False
            raise ConflictError(ErrorCode.TRANSITION_OPEN, start=present.start_at, end=present.end_at)
        if (
            present is not None
            and present.closed_at is None
            and (present.start_at, present.end_at) == (wanted.start_at, wanted.end_at)
        ):
            return present, False
        unit.administration.add_transition(tenant_id, wanted)
        _record(services, unit, tenant_id, (RunKind.TRANSITION_OPEN, wanted, wanted.opened_at, actor))
        unit.commit()
    return wanted, True


def close_transition(services: Services, tenant_id: int, now: datetime, actor: Actor) -> Transition:
    """Close the open transition: from now on it counts as ended. Raises when there is none, or it has ended already."""
    with services.store.begin() as unit:
        unit.administration.lock_tenant(tenant_id)
        present = present_transition(unit, tenant_id)
        if present is None:
            raise NotFoundError(ErrorCode.TRANSITION_ABSENT)
        if present.moment(now) is Moment.AFTER:
            raise ConflictError(ErrorCode.TRANSITION_ENDED, end=present.closed_at or present.end_at)
        unit.administration.close_transition(tenant_id, present.opened_at, now)
        _record(services, unit, tenant_id, (RunKind.TRANSITION_CLOSE, present, now, actor))
        closed = present_transition(unit, tenant_id)
        unit.commit()
    return closed or present


def show_transitions(services: Services, tenant_id: int) -> list[Transition]:
    """All transitions of the tenant, the present one last."""
    with services.store.snapshot() as unit:
        return unit.administration.transitions(tenant_id)


def _record(services: Services, unit: UnitOfWork, tenant_id: int, done: tuple[RunKind, Transition, datetime, Actor]) -> None:
    kind, transition, at, actor = done
    label = f"{transition.start_at:%Y-%m-%d} to {transition.end_at:%Y-%m-%d}, {actor.name}"
    run = Run(services.new_id(), kind, at, label)
    unit.administration.add_run(tenant_id, run)
    unit.administration.finish_run(tenant_id, run.run_id, at, {})

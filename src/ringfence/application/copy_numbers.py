"""Do the copy, and take one back: chunk by chunk over all users, each chunk one transaction with its audit records.

Both are idempotent and can be killed at any moment and run again: what is written is decided by the tables of rules on what is
stored, never by where a run stopped. Sources: domain-rules B.2, B.5 (`copy`), A21, A22.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from ringfence.application.ports import Kept, Progress, UnitOfWork
from ringfence.application.services import Pace, Services, in_transaction
from ringfence.application.transitions import present_transition
from ringfence.domain.errors import ConflictError, ErrorCode, NotFoundError
from ringfence.domain.numbers.facts import Moment
from ringfence.domain.numbers.transition import moment_of
from ringfence.domain.values import Run, RunKind

Span = tuple[bytes, bytes | None]


class CopyResult(NamedTuple):
    """The run (empty when there was nothing to copy), how many numbers it wrote, and where the time lay in the transition."""

    run_id: bytes
    copied: int
    moment: Moment


class UndoResult(NamedTuple):
    """The run, and how many numbers it took back."""

    run_id: bytes
    taken_back: int


def copy_numbers(services: Services, tenant_id: int, progress: Progress) -> CopyResult:
    """Copy the public number into the authentication number wherever row C6 matches."""
    with services.store.snapshot() as unit:
        moment = moment_of(present_transition(unit, tenant_id), services.clock.now())
        waiting = unit.numbers.count_to_copy(tenant_id, moment)
    if not waiting:
        return CopyResult(b"", 0, moment)
    run = _begin(services, tenant_id, RunKind.COPY, "")
    copied = 0

    def copy_span(unit: UnitOfWork, span: Span) -> int:
        now = services.clock.now()
        return unit.numbers.copy(tenant_id, span, moment_of(present_transition(unit, tenant_id), now), (run.run_id, now))

    for written in _over_all_users(services, tenant_id, copy_span):
        copied += written
        progress(min(copied, waiting), waiting)
    _finish(services, tenant_id, run, {"copied": copied})
    return CopyResult(run.run_id, copied, moment)


def undo_copy(services: Services, tenant_id: int, undone_id: bytes, progress: Progress) -> UndoResult:
    """Take back what a run copied where nothing has changed since; method entries stay.

    Raises `NotFoundError` (RUN_UNKNOWN), and `ConflictError` (TRANSITION_ENDED) after the transition's end, when no public
    number would stand in any more. The next copy would repeat it.
    """
    with services.store.snapshot() as unit:
        undone = unit.administration.run(tenant_id, undone_id)
        _require_open(unit, tenant_id, services.clock.now())
        users = unit.directory.count_users(tenant_id)
    if undone is None or undone.kind not in {RunKind.COPY, RunKind.IMPORT_DIRECTORY}:
        raise NotFoundError(ErrorCode.RUN_UNKNOWN, run=str(uuid.UUID(bytes=undone_id)))
    run = _begin(services, tenant_id, RunKind.UNDO, str(uuid.UUID(bytes=undone_id)))
    taken_back = 0

    def undo_span(unit: UnitOfWork, span: Span) -> int:
        now = services.clock.now()
        _require_open(unit, tenant_id, now)
        return unit.numbers.undo(tenant_id, span, undone_id, (run.run_id, now))

    for seen, written in enumerate(_over_all_users(services, tenant_id, undo_span)):
        taken_back += written
        progress(min(seen * 1000, users), users)
    _finish(services, tenant_id, run, {"taken_back": taken_back})
    return UndoResult(run.run_id, taken_back)


def each_kept(services: Services, tenant_id: int, undone_id: bytes, on_kept: Callable[[Kept], None]) -> int:
    """Hand over every number that a run copied and no undo took back, with the reason; return how many there are."""
    kept = 0
    with services.store.snapshot() as unit:
        undone = unit.administration.run(tenant_id, undone_id)
        if undone is not None:
            for kept, line in enumerate(unit.numbers.kept(tenant_id, undone), 1):  # noqa: B007 - the count is the result
                on_kept(line)
    return kept


def list_runs(services: Services, tenant_id: int, limit: int) -> list[Run]:
    """The newest runs, newest first."""
    with services.store.snapshot() as unit:
        return unit.administration.runs(tenant_id, limit)


def _over_all_users(services: Services, tenant_id: int, work: Callable[[UnitOfWork, Span], int]) -> Iterator[int]:
    """Run `work` over spans of users in id order, each in its own transaction; yield what each returned."""
    pace = Pace(services.clock, services.store.chunk_target, first=1000)
    after: bytes | None = b""
    while after is not None:
        start = after

        def one(unit: UnitOfWork, start: bytes = start) -> tuple[int, bytes | None]:
            upto = unit.directory.bounds_after(tenant_id, start, pace.size)
            return work(unit, (start, upto)), upto

        written, after = pace.timed(lambda: in_transaction(services, one))
        yield written
        services.store.give_way()


def _require_open(unit: UnitOfWork, tenant_id: int, now: datetime) -> None:
    transition = present_transition(unit, tenant_id)
    if transition is None:
        raise NotFoundError(ErrorCode.TRANSITION_ABSENT)
    if transition.moment(now) is Moment.AFTER:
        raise ConflictError(ErrorCode.TRANSITION_ENDED, end=transition.closed_at or transition.end_at)


def _begin(services: Services, tenant_id: int, kind: RunKind, label: str) -> Run:
    run = Run(services.new_id(), kind, services.clock.now(), label)
    in_transaction(services, lambda unit: unit.administration.add_run(tenant_id, run))
    return run


def _finish(services: Services, tenant_id: int, run: Run, counts: dict[str, int]) -> None:
    now = services.clock.now()
    in_transaction(services, lambda unit: unit.administration.finish_run(tenant_id, run.run_id, now, counts))

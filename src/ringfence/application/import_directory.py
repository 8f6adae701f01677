"""Import a directory: a sync cycle from files. Creates, updates, restores, soft-deletes; mirrors in the same transaction.

Two passes. The first (`import_survey`) reads everything and writes nothing: a file that is not whole, or a guard, stops the
import before anything is touched. The second applies the rows in chunks, each one transaction with its audit records. A row that
asks for the name of somebody else waits (`exchanged_names`) and is tried again at the end, when that user may have another one.
Killed at any moment, the import is run again: rows already applied are unchanged then.

A dry run decides each chunk on what is stored; of the chunks before it, it knows the names they would have given up (at most
`exchanged_names.LIMIT` of them), not the users they would have added, renamed or restored.
Sources: domain-rules H.1-H.3, H.5, B.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ringfence.application.import_survey import find_missing, survey_files
from ringfence.application.ports import DirectoryReader
from ringfence.application.services import Services, in_transaction
from ringfence.application.sync_cycle import Reporting, SyncCycle
from ringfence.domain.directory.deletion_guard import THRESHOLD, check_full, check_losses
from ringfence.domain.values import Run, RunKind


class ImportOptions(NamedTuple):
    """`full`: soft-delete synced users that no file holds. `allowed`: how many deletes, and how many clears, pass the guard."""

    full: bool = False
    allowed: int = THRESHOLD
    dry_run: bool = False


class ImportResult(NamedTuple):
    """How it went: the run (empty for a dry run), results by name, and whether an unreadable row disabled deletes."""

    run_id: bytes
    counts: dict[str, int]
    deletes_disabled: bool


def import_directory(
    services: Services, tenant_id: int, readers: Sequence[DirectoryReader], options: ImportOptions, reporting: Reporting
) -> ImportResult:
    """Take over the files as one sync cycle.

    Raises `InvalidError` (SOURCE_…) and `DeniedError` (GUARD_…) before anything was written; GUARD_MIDWAY alone leaves what was
    applied before.
    """
    survey = survey_files(services, tenant_id, readers, reporting.progress, full=options.full)
    if options.full:
        check_full(survey.read)
    find_missing(services, tenant_id, survey, options.allowed)
    check_losses(survey.losses, options.allowed)
    run_id = b"" if options.dry_run else _begin_run(services, tenant_id, readers)
    cycle = SyncCycle(services, tenant_id, run_id, reporting, survey, options.allowed)
    total = sum(reader.size for reader in readers)
    done = total
    for reader in readers:
        cycle.apply(reader, (done, 2 * total))
        done += reader.size
    cycle.exchange()
    cycle.remove(survey.missing)
    counts = {"read": survey.read, **cycle.counts()}
    if not options.dry_run:
        now = services.clock.now()
        in_transaction(services, lambda unit: unit.administration.finish_run(tenant_id, run_id, now, counts))
    return ImportResult(run_id, counts, survey.unreadable and (options.full or cycle.kept_somebody))


def _begin_run(services: Services, tenant_id: int, readers: Sequence[DirectoryReader]) -> bytes:
    label = ", ".join(reader.path.name for reader in readers)
    run = Run(services.new_id(), RunKind.IMPORT_DIRECTORY, services.clock.now(), label)
    in_transaction(services, lambda unit: unit.administration.add_run(tenant_id, run))
    return run.run_id

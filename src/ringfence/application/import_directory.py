"""Import a directory: a sync cycle from files. Creates, updates, restores, soft-deletes; mirrors in the same transaction.

Two passes. The first (`import_survey`) reads everything and writes nothing: a file that is not whole, or a guard, stops the
import before anything is touched. The second applies the rows in chunks, each one transaction with its audit records.
Killed at any moment, the import is run again: rows already applied are unchanged then.
Sources: domain-rules H.1-H.3, H.5, B.5.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final, NamedTuple

from ringfence.application.import_survey import Survey, find_missing, identities, survey_files, was_rejected
from ringfence.application.ports import DirectoryReader, Progress, RejectedRows, UnitOfWork
from ringfence.application.services import Pace, Services, in_transaction
from ringfence.application.transitions import present_transition
from ringfence.application.workspace import Workspace
from ringfence.domain.audit import Activity, AuditRecord, Trail, record_private_change, record_profile_change
from ringfence.domain.directory.deletion_guard import THRESHOLD, check_full, check_losses
from ringfence.domain.directory.matching import COLUMN_OF_REFUSAL, MatchRefusal, match_record
from ringfence.domain.directory.records import UNSENT, DirectoryRecord, RecordAction, RejectedRow, SyncState
from ringfence.domain.directory.sync_plan import (
    Change,
    Circumstances,
    Effect,
    ReadNumber,
    decide_new,
    decide_removal,
    decide_update,
)
from ringfence.domain.directory.user import Account, PublicValue, User
from ringfence.domain.numbers.canonical import parse_public_number
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.policy import PublicSource
from ringfence.domain.numbers.transition import moment_of
from ringfence.domain.values import DIRECTORY_IMPORT, Run, RunKind

OnChange = Callable[[Change], None]


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


class Reporting(NamedTuple):
    """Where the import reports to."""

    progress: Progress
    rejected: dict[str, RejectedRows]
    """Per file (its path) where its rejected rows go."""
    on_change: OnChange | None = None


def import_directory(
    services: Services, tenant_id: int, readers: Sequence[DirectoryReader], options: ImportOptions, reporting: Reporting
) -> ImportResult:
    """Take over the files as one sync cycle.

    Raises `InvalidError` (SOURCE_…) and `DeniedError` (GUARD_…) before anything was written.
    """
    survey = survey_files(services, tenant_id, readers, reporting.progress, full=options.full)
    if options.full:
        check_full(survey.read)
    find_missing(services, tenant_id, survey, options.allowed)
    check_losses(survey.losses, options.allowed)
    run_id = b"" if options.dry_run else _begin_run(services, tenant_id, readers)
    cycle = _Cycle(services, tenant_id, run_id, reporting, survey)
    total = sum(reader.size for reader in readers)
    done = total
    for reader in readers:
        cycle.apply(reader, (done, 2 * total))
        done += reader.size
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


class _Outcome(NamedTuple):
    """What one chunk did; kept only once it is committed."""

    counts: Counter[str]
    rejected: list[tuple[DirectoryRecord, MatchRefusal]]
    changes: list[Change]


_EFFECTS: Final = ("", *(effect.name.lower() for effect in sorted(Effect)))
"""The name of each effect's count, by the effect's value."""
# What an import reaches a million times.
_UNCHANGED: Final = Effect.UNCHANGED
_UPSERT: Final = RecordAction.UPSERT
_WRITING_RULES: Final = {"M3": "mirrored", "C6": "copied"}


class _Cycle:
    """The second pass: chunk by chunk, one transaction each."""

    def __init__(self, services: Services, tenant_id: int, run_id: bytes, reporting: Reporting, survey: Survey) -> None:
        self._services = services
        self._tenant_id = tenant_id
        self._run_id = run_id
        self._reporting = reporting
        self._survey = survey
        self._counts: Counter[str] = Counter(dict.fromkeys([*_EFFECTS[1:], *_WRITING_RULES.values(), "rejected"], 0))
        self._pace = Pace(services.clock, target=services.store.chunk_target)
        self.kept_somebody = False
        """Whether a row that deletes was refused because another row could not be read."""

    def counts(self) -> dict[str, int]:
        """Results by name."""
        return dict(self._counts)

    def apply(self, reader: DirectoryReader, place: tuple[int, int]) -> None:
        """Apply all rows of a file; `place` is how far the work is, and of how much."""
        repeated = self._survey.repeated[str(reader.path)]
        rejected = self._reporting.rejected[str(reader.path)]
        rows = reader.records()
        while chunk := list(islice(rows, self._pace.size)):
            good: list[DirectoryRecord] = []
            for row in chunk:
                if isinstance(row, RejectedRow):
                    self._reject(rejected, row)
                elif row.action is _UPSERT and (column := repeated.take(identities(row))):
                    self._reject(rejected, refused_row(row, column, f"this {column} stands in an earlier row of the file"))
                else:
                    good.append(row)
            for outcome in self._pace.in_portions(good, self._apply_chunk):
                self._settle(outcome)
                for row, refusal in outcome.rejected:
                    self._reject(rejected, refused_row(row, COLUMN_OF_REFUSAL.get(refusal, ""), refusal.value))
            self._reporting.progress(place[0] + reader.position, place[1])

    def remove(self, user_ids: Sequence[bytes]) -> None:
        """Soft-delete users the files do not hold any more."""
        left = iter(user_ids)
        while chunk := list(islice(left, self._pace.size)):
            for outcome in self._pace.in_portions(chunk, self._remove_chunk):
                self._settle(outcome)

    def _settle(self, outcome: _Outcome) -> None:
        """Report what a committed transaction did, and let others have their turn."""
        self._counts.update(outcome.counts)
        if self._reporting.on_change is not None:
            for change in outcome.changes:
                self._reporting.on_change(change)
        self._services.store.give_way()

    def _reject(self, rejected: RejectedRows, row: RejectedRow) -> None:
        self._counts["rejected"] += 1
        rejected.add(row)

    def _apply_chunk(self, rows: Sequence[DirectoryRecord]) -> _Outcome | None:
        if self._run_id:
            return in_transaction(self._services, lambda unit: self._decide_and_write(unit, rows))
        with self._services.store.snapshot() as unit:
            return self._decide(Workspace(unit, self._tenant_id), unit, rows)[0]

    def _decide_and_write(self, unit: UnitOfWork, rows: Sequence[DirectoryRecord]) -> _Outcome | None:
        workspace = Workspace(unit, self._tenant_id)
        outcome, records = self._decide(workspace, unit, rows)
        if not self._pace.is_steady(len(rows) - outcome.counts["unchanged"]):
            return None
        workspace.write()
        unit.audit.append(self._tenant_id, records)
        return outcome

    def _decide(
        self, workspace: Workspace, unit: UnitOfWork, rows: Sequence[DirectoryRecord]
    ) -> tuple[_Outcome, list[AuditRecord]]:
        workspace.load(rows)
        circumstances = self._circumstances(unit)
        key_id = unit.administration.primary_key() if self._run_id else 0
        outcome = _Outcome(Counter(), [], [])
        records: list[AuditRecord] = []
        for row in rows:
            change = self._change(workspace, row, key_id, circumstances)
            if isinstance(change, MatchRefusal):
                outcome.rejected.append((row, change))
                continue
            if change is None:
                continue
            self._note(outcome, change)
            if change.effect is not _UNCHANGED:
                workspace.put(change.after)
                records += self._records(change, circumstances)
        return outcome, records

    def _circumstances(self, unit: UnitOfWork) -> Circumstances:
        now = self._services.clock.now()
        moment = moment_of(present_transition(unit, self._tenant_id), now)
        return Circumstances(now, moment, self._services.policy, self._run_id or None)

    def _change(
        self, workspace: Workspace, row: DirectoryRecord, key_id: int, circumstances: Circumstances
    ) -> Change | MatchRefusal | None:
        match = match_record(row, workspace.candidates(row))
        if isinstance(match, MatchRefusal):
            return match
        if match.frees_upn is not None:
            workspace.free_upn(match.frees_upn)
        account = None if match.user is None else workspace.account(match.user.user_id)
        if account is None:
            if row.action is not _UPSERT:
                return None
            user = User(row.user_id or self._services.new_id(), key_id, row.upn or "", circumstances.at)
            return decide_new(user, row, self._reading(user))
        if row.action is RecordAction.DELETE:
            return self._deletion(account, circumstances)
        if account.user.deleted_at is not None and not row.upn and workspace.has_lost_upn(account.user):
            return MatchRefusal.DUPLICATE_UPN
        return decide_update(account, row, self._reading(account.user), circumstances)

    def _deletion(self, account: Account, circumstances: Circumstances) -> Change | MatchRefusal:
        """A row that deletes, unless rows of the import that could not be used may have spoken of the same user."""
        if account.user.deleted_at is None and self._survey.unreadable:
            self.kept_somebody = True
            return MatchRefusal.KEPT_UNREADABLE
        if account.user.deleted_at is None and was_rejected(self._survey, account.user):
            return MatchRefusal.KEPT_REJECTED
        return decide_removal(account, circumstances.at)

    def _reading(self, user: User) -> ReadNumber:
        """How a public number of this user is parsed and sealed (not sealed for a new user in a dry run, who has no key yet)."""
        seal, tenant_id, accept = self._services.sealer.seal, self._tenant_id, self._services.policy.accept_unspaced

        def read(text: str, pair: Pair, source: PublicSource) -> PublicValue:
            state, canonical = parse_public_number(text, pair, accept_unspaced=accept)
            if canonical is None:
                return PublicValue(text, state, None, source)
            sealed = seal(canonical, user.key_id, tenant_id, user.user_id, pair) if user.key_id else b""
            return PublicValue(text, state, sealed, source)

        return read

    def _remove_chunk(self, user_ids: Sequence[bytes]) -> _Outcome:
        if self._run_id:
            return in_transaction(self._services, lambda unit: self._remove(unit, user_ids))
        with self._services.store.snapshot() as unit:
            return self._remove(unit, user_ids)

    def _remove(self, unit: UnitOfWork, user_ids: Sequence[bytes]) -> _Outcome:
        workspace = Workspace(unit, self._tenant_id)
        workspace.load_named((), user_ids)
        circumstances = self._circumstances(unit)
        outcome = _Outcome(Counter(), [], [])
        records: list[AuditRecord] = []
        for user_id in user_ids:
            account = workspace.account(user_id)
            if account is not None and account.user.sync_state is SyncState.SYNCED:
                change = decide_removal(account, circumstances.at)
                self._note(outcome, change)
                workspace.put(change.after)
                records += self._records(change, circumstances)
        if self._run_id:
            workspace.write()
            unit.audit.append(self._tenant_id, records)
        return outcome

    def _note(self, outcome: _Outcome, change: Change) -> None:
        outcome.counts[_EFFECTS[change.effect]] += 1
        for number in change.numbers:
            if number.wrote:
                outcome.counts[_WRITING_RULES[number.rule]] += 1
        if self._reporting.on_change is not None and change.effect is not _UNCHANGED:
            outcome.changes.append(change)

    def _records(self, change: Change, circumstances: Circumstances) -> list[AuditRecord]:
        """The audit records of a change to a known user; a new user is told by the run alone."""
        if change.before is None or change.effect is _UNCHANGED:
            return []
        trail = Trail(self._services.new_id(), circumstances.at, DIRECTORY_IMPORT, circumstances.run_id)
        rules = {number.pair: number.rule for number in change.numbers if number.wrote}
        records = record_private_change(change.before, change.after, trail, rules)
        activity = {Effect.DELETED: Activity.DELETE_USER, Effect.RESTORED: Activity.RESTORE_USER}.get(
            change.effect, Activity.UPDATE_USER
        )
        profile = record_profile_change(change.before, change.after, trail, activity)
        return records if profile is None else [*records, profile._replace(part=len(records))]


def refused_row(row: DirectoryRecord, column: str, reason: str) -> RejectedRow:
    """A record that was read but cannot be used, as a rejected row."""
    names = {
        "id": None if row.user_id is None else str(uuid.UUID(bytes=row.user_id)),
        "userPrincipalName": row.upn,
        "onPremisesImmutableId": row.anchor,
        "distinguishedName": row.dn,
    }
    keys = {name: value for name, value in names.items() if value}
    sent = {
        "displayName": row.display_name,
        "userType": row.user_type,
        "accountEnabled": row.enabled,
        "onPremisesSyncEnabled": row.synced,
        "otherMails": row.other_mails,
        "mobilePhone": row.mobile,
        "businessPhones": row.office,
    }
    fields = {**keys, **{name: _cell(value) for name, value in sent.items() if value is not UNSENT}}
    return RejectedRow(row.line, column, reason, fields, keys=tuple(keys.values()))


def _cell(value: object) -> str:
    """A value as our own CSV reader reads it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ";".join(value) if isinstance(value, tuple) else str(value or "")

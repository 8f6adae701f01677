"""The second pass over the files of a directory import: apply the rows chunk by chunk, each one transaction.

Owns: which transaction does what, its audit records, which rows are rejected, and that no more is taken away than is allowed.
Does not own: reading beforehand (`import_survey`), which rows wait for names (`exchanged_names`), what a row changes (`domain`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple, TypeVar

from ringfence.application.exchanged_names import LIMIT, Claim, ExchangedNames, Refused
from ringfence.application.import_survey import Survey, follow_names, identities, note_refused, protect, was_rejected
from ringfence.application.ports import DirectoryReader, Progress, RejectedRows, UnitOfWork
from ringfence.application.public_numbers import reading_numbers
from ringfence.application.services import Pace, Services, in_transaction
from ringfence.application.transitions import present_transition
from ringfence.application.workspace import Workspace
from ringfence.domain.audit import AuditRecord, Trail
from ringfence.domain.directory.change_records import record_directory_change
from ringfence.domain.directory.deletion_guard import PendingLosses, check_progress
from ringfence.domain.directory.matching import CLASHES, COLUMN_OF_REFUSAL, MatchRefusal, match_record, match_whatever_name
from ringfence.domain.directory.records import DirectoryRecord, RecordAction, RejectedRow, SyncState
from ringfence.domain.directory.sync_plan import (
    Change,
    Circumstances,
    Effect,
    decide_new,
    decide_removal,
    decide_update,
)
from ringfence.domain.directory.user import Account, User, upn_key
from ringfence.domain.numbers.transition import moment_of
from ringfence.domain.values import DIRECTORY_IMPORT

Item = TypeVar("Item")
Result = TypeVar("Result")
OnChange = Callable[[Change], None]


class Reporting(NamedTuple):
    """Where the import reports to."""

    progress: Progress
    rejected: dict[str, RejectedRows]
    """Per file (its path) where its rejected rows go."""
    on_change: OnChange | None = None


class _Outcome(NamedTuple):
    """What one chunk did; kept only once it is committed."""

    counts: Counter[str]
    claims: list[Claim]
    """The rows that were refused, and those that were applied to a user for whom an earlier row waits."""
    changes: list[Change]

    def refused(self) -> list[DirectoryRecord]:
        """The rows that were refused."""
        return [claim.row for claim in self.claims if claim.refusal is not None]


_EFFECTS: Final = ("", *(effect.name.lower() for effect in sorted(Effect)))
"""The name of each effect's count, by the effect's value."""
# What an import reaches a million times.
_UNCHANGED: Final = Effect.UNCHANGED
_UPSERT: Final = RecordAction.UPSERT
_WRITING_RULES: Final = {"M3": "mirrored", "C6": "copied"}


class SyncCycle:
    """The second pass: chunk by chunk, one transaction each."""

    def __init__(
        self, services: Services, tenant_id: int, run_id: bytes, reporting: Reporting, survey: Survey, allowed: int
    ) -> None:
        """Of this run (empty: a dry run), which may take away so many users, and numbers."""
        self._services = services
        self._tenant_id = tenant_id
        self._run_id = run_id
        self._reporting = reporting
        self._survey = survey
        self._allowed = allowed
        self._counts: Counter[str] = Counter(dict.fromkeys([*_EFFECTS[1:], *_WRITING_RULES.values(), "cleared", "rejected"], 0))
        self._pace = Pace(services.clock, services.store.chunk_target)
        self._keeps_changes = not run_id or reporting.on_change is not None
        self._waiting = ExchangedNames()
        self._vacated: set[str] = set()
        """In a dry run the names that chunks before would have given up."""
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
                    note_refused(self._survey, row)
                    self._reject(rejected, _refused(row, column, f"this {column} stands in an earlier row of the file"))
                else:
                    good.append(row)
            for outcome in self._pace.in_portions(good, self._apply_chunk):
                self._settle(outcome)
                for claim in outcome.claims:
                    self._refuse(self._waiting.note(str(reader.path), claim))
            self._reporting.progress(place[0] + reader.position, place[1])

    def exchange(self) -> None:
        """Try the rows again that wait for names; one that is refused still is rejected."""
        wanted = self._waiting.wanted()
        if not wanted:
            return
        with self._services.store.snapshot() as unit:
            plan = self._waiting.plan(unit.directory.ids_by_upn(self._tenant_id, wanted))
        broken = [row for outcome in self._outcomes(plan.rotations, self._rotate) for row in outcome.refused()]
        for outcome in self._outcomes([*broken, *plan.rest], self._apply_chunk):
            for row in outcome.refused():
                self._refuse(plan.refused[row])

    def remove(self, user_ids: Sequence[bytes]) -> None:
        """Soft-delete users the files do not hold any more."""
        for _ in self._outcomes(user_ids, self._remove_chunk):
            pass

    def _outcomes(self, items: Iterable[Item], work: Callable[[Sequence[Item]], _Outcome | None]) -> Iterator[_Outcome]:
        """Do the work chunk by chunk; what each did, settled."""
        left = iter(items)
        while chunk := list(islice(left, self._pace.size)):
            for outcome in self._pace.in_portions(chunk, work):
                self._settle(outcome)
                yield outcome

    def _settle(self, outcome: _Outcome) -> None:
        """Report what a committed transaction did, and let others have their turn."""
        self._counts.update(outcome.counts)
        if self._reporting.on_change is not None:
            for change in outcome.changes:
                self._reporting.on_change(change)
        if not self._run_id:
            self._note_vacated(outcome.changes)
        self._services.store.give_way()

    def _note_vacated(self, changes: Sequence[Change]) -> None:
        users = [(None if change.before is None else change.before.user, change.after.user) for change in changes]
        if len(self._vacated) < LIMIT:
            self._vacated.update(upn_key(old.upn) for old, _ in users if old is not None and old.deleted_at is None)
        self._vacated.difference_update(upn_key(new.upn) for _, new in users if new.deleted_at is None)

    def _refuse(self, rows: Iterable[Refused]) -> None:
        for path, row, refusal in rows:
            rejected = _refused(row, COLUMN_OF_REFUSAL.get(refusal, ""), refusal.value)
            self._reject(self._reporting.rejected[path], rejected)

    def _reject(self, rejected: RejectedRows, row: RejectedRow) -> None:
        self._counts["rejected"] += 1
        rejected.add(row)

    def _apply_chunk(self, rows: Sequence[DirectoryRecord]) -> _Outcome | None:
        return self._in_unit(lambda unit: self._decide_and_write(unit, rows))

    def _in_unit(self, work: Callable[[UnitOfWork], Result]) -> Result:
        """Run the work in one transaction, or in a dry run on what is stored."""
        if self._run_id:
            return in_transaction(self._services, work)
        with self._services.store.snapshot() as unit:
            return work(unit)

    def _decide_and_write(self, unit: UnitOfWork, rows: Sequence[DirectoryRecord]) -> _Outcome | None:
        workspace = self._loaded(unit, rows)
        outcome, records = self._decide(workspace, unit, rows)
        if self._run_id and not self._pace.is_steady(len(rows) - outcome.counts["unchanged"]):
            return None
        self._write(workspace, unit, outcome, records)
        return outcome

    def _rotate(self, rotations: Sequence[Sequence[DirectoryRecord]]) -> _Outcome | None:
        """Apply rotations in one transaction: all rows, or none where one is refused."""
        rows = [row for rotation in rotations for row in rotation]

        def work(unit: UnitOfWork) -> _Outcome | None:
            workspace = self._loaded(unit, rows)
            workspace.release_upns(rows)
            outcome, records = self._decide(workspace, unit, rows)
            if len(rotations) > 1 and (outcome.claims or not self._pace.is_steady(len(rows))):
                return None
            if outcome.claims:
                return _Outcome(Counter(), [Claim(row, MatchRefusal.DUPLICATE_UPN, None) for row in rows], [])
            self._write(workspace, unit, outcome, records)
            return outcome

        return self._in_unit(work)

    def _loaded(self, unit: UnitOfWork, rows: Sequence[DirectoryRecord]) -> Workspace:
        workspace = Workspace(unit, self._tenant_id)
        workspace.load(rows)
        if self._vacated:
            workspace.forget_upns(self._vacated)
        return workspace

    def _write(self, workspace: Workspace, unit: UnitOfWork, outcome: _Outcome, records: Sequence[AuditRecord]) -> None:
        lost = [self._counts[name] + outcome.counts[name] for name in ("deleted", "cleared")]
        check_progress(PendingLosses(*lost), self._allowed, writes=bool(self._run_id))
        if self._run_id:
            workspace.write()
            unit.audit.append(self._tenant_id, records)

    def _decide(
        self, workspace: Workspace, unit: UnitOfWork, rows: Sequence[DirectoryRecord]
    ) -> tuple[_Outcome, list[AuditRecord]]:
        circumstances = self._circumstances(unit)
        key_id = unit.administration.primary_key() if self._run_id else 0
        outcome = _Outcome(Counter(), [], [])
        records: list[AuditRecord] = []
        watched = self._waiting.subjects()
        for row in rows:
            change = self._change(workspace, row, key_id, circumstances)
            if isinstance(change, MatchRefusal):
                outcome.claims.append(self._claim(workspace, row, change))
                watched.update(outcome.claims[-1].subjects)
                continue
            if watched:
                user = None if change is None else change.after.user
                if not watched.isdisjoint((row.anchor, row.user_id if user is None else user.user_id)):
                    outcome.claims.append(Claim(row, None, user))
            if change is None:
                continue
            self._note(outcome, change)
            if change.effect is not _UNCHANGED:
                workspace.put(change.after)
                records += self._records(change, circumstances)
                if self._survey.rejected and change.before is not None:
                    follow_names(self._survey, change.before.user, change.after.user)
        return outcome, records

    def _claim(self, workspace: Workspace, row: DirectoryRecord, refusal: MatchRefusal) -> Claim:
        claim = Claim(row, refusal, match_whatever_name(row, workspace.candidates(row)))
        if refusal not in CLASHES:
            note_refused(self._survey, row)
        elif claim.user is not None:
            protect(self._survey, claim.user)
        return claim

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
            return decide_new(user, row, reading_numbers(self._services, self._tenant_id, user))
        if row.action is RecordAction.DELETE:
            return self._deletion(account, circumstances)
        if account.user.deleted_at is not None and not row.upn and workspace.has_lost_upn(account.user):
            return MatchRefusal.DUPLICATE_UPN
        return decide_update(account, row, reading_numbers(self._services, self._tenant_id, account.user), circumstances)

    def _deletion(self, account: Account, circumstances: Circumstances) -> Change | MatchRefusal:
        """A row that deletes, unless rows of the import that could not be used may have spoken of the same user."""
        if account.user.deleted_at is None and self._survey.unreadable:
            self.kept_somebody = True
            return MatchRefusal.KEPT_UNREADABLE
        if account.user.deleted_at is None and was_rejected(self._survey, account.user):
            return MatchRefusal.KEPT_REJECTED
        return decide_removal(account, circumstances.at)

    def _remove_chunk(self, user_ids: Sequence[bytes]) -> _Outcome:
        return self._in_unit(lambda unit: self._remove(unit, user_ids))

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
        self._write(workspace, unit, outcome, records)
        return outcome

    def _note(self, outcome: _Outcome, change: Change) -> None:
        outcome.counts[_EFFECTS[change.effect]] += 1
        for number in change.numbers:
            if number.wrote:
                outcome.counts[_WRITING_RULES[number.rule]] += 1
            if number.cleared:
                outcome.counts["cleared"] += 1
        if self._keeps_changes and change.effect is not _UNCHANGED:
            outcome.changes.append(change)

    def _records(self, change: Change, circumstances: Circumstances) -> list[AuditRecord]:
        if change.before is None:
            return []
        return record_directory_change(
            change, Trail(self._services.new_id(), circumstances.at, DIRECTORY_IMPORT, circumstances.run_id)
        )


def _refused(row: DirectoryRecord, column: str, reason: str) -> RejectedRow:
    user_id = None if row.user_id is None else row.user_id.hex()
    keys = tuple(name for name in (user_id, row.upn, row.anchor, row.dn) if name)
    return RejectedRow(row.line, column, reason, {}, keys=keys, record=row)

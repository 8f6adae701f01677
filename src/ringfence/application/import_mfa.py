"""Import the strong-authentication state: entries, defaults, private numbers, per-user states, registered methods.

One pass over the whole file proves that it is whole, a second applies it in chunks; running it again changes nothing. What is
stored and empty or missing in the file is kept and counted. Sources: domain-rules A.3; `ringfence.domain.methods.legacy_state`,
`registration_import`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from ringfence.application.ports import MfaReader, Progress, RejectedRows, UnitOfWork
from ringfence.application.registrations_at_hand import RegistrationsAtHand, record_registrations, speaks_of_registrations
from ringfence.application.repeated_names import Name, RepeatedNames
from ringfence.application.services import Pace, Services, in_transaction
from ringfence.application.workspace import Workspace
from ringfence.domain.audit import Activity, AuditRecord, Trail, record_private_change, record_profile_change
from ringfence.domain.directory.records import UNSENT, MfaRecord, RejectedRow
from ringfence.domain.directory.user import Account, NumberOrigin, Written, upn_key
from ringfence.domain.methods.legacy_state import MfaRefusal, SealNumber, decide_mfa_import
from ringfence.domain.methods.registration_import import RegistrationImport, RegistrationRefusal
from ringfence.domain.numbers.facts import Configured
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.standing import configured_fact
from ringfence.domain.values import MFA_IMPORT, Run, RunKind, is_made_here

_UNKNOWN = "no stored user has this name; import the directory first"
_REPEATED = "this userPrincipalName stands in an earlier row of the file"
_AMBIGUOUS = "the id and the userPrincipalName belong to two different users"
_OTHER_ID = "the user with this userPrincipalName has another id"


class MfaResult(NamedTuple):
    """The run and the results by name: read, changed, unchanged, rejected, kept, unused_numbers (no method entry uses them)."""

    run_id: bytes
    counts: dict[str, int]


def import_mfa(services: Services, tenant_id: int, reader: MfaReader, progress: Progress, rejected: RejectedRows) -> MfaResult:
    """Take over the file; raises `InvalidError` (SOURCE_…) before anything was written when it is not whole."""
    read, repeated = _survey(reader, progress)
    run = Run(services.new_id(), RunKind.IMPORT_MFA, services.clock.now(), reader.path.name)
    in_transaction(services, lambda unit: unit.administration.add_run(tenant_id, run))
    application = _Application(services, tenant_id, run.run_id, rejected)
    application.apply(reader, repeated, progress)
    counts = {"read": read, **application.counts}
    now = services.clock.now()
    in_transaction(services, lambda unit: unit.administration.finish_run(tenant_id, run.run_id, now, counts))
    return MfaResult(run.run_id, counts)


def _survey(reader: MfaReader, progress: Progress) -> tuple[int, RepeatedNames]:
    repeated = RepeatedNames()
    read = 0
    for row in reader.records():
        if read % 1000 == 0:
            progress(reader.position, 2 * reader.size)
        read += 1
        if isinstance(row, MfaRecord):
            repeated.note(_identity(row))
    repeated.close()
    return read, repeated


class _Outcome(NamedTuple):
    counts: Counter[str]
    rejected: list[tuple[MfaRecord, str, str]]


class _Application:
    """The second pass."""

    def __init__(self, services: Services, tenant_id: int, run_id: bytes, rejected: RejectedRows) -> None:
        self._services = services
        self._tenant_id = tenant_id
        self._run_id = run_id
        self._rejected = rejected
        self._pace = Pace(services.clock, services.store.chunk_target)
        self.counts: Counter[str] = Counter(dict.fromkeys(("changed", "unchanged", "rejected", "kept", "unused_numbers"), 0))

    def apply(self, reader: MfaReader, repeated: RepeatedNames, progress: Progress) -> None:
        """Apply all rows."""
        rows = reader.records()
        while chunk := list(islice(rows, self._pace.size)):
            good: list[MfaRecord] = []
            for row in chunk:
                if isinstance(row, RejectedRow):
                    self._reject(row)
                elif repeated.take(_identity(row)):
                    self._reject(_refused(row, "userPrincipalName", _REPEATED))
                else:
                    good.append(row)
            for outcome in self._pace.in_portions(good, self._apply_chunk):
                self.counts.update(outcome.counts)
                for record, column, reason in outcome.rejected:
                    self._reject(_refused(record, column, reason))
                self._services.store.give_way()
            progress(reader.size + reader.position, 2 * reader.size)

    def _reject(self, row: RejectedRow) -> None:
        self.counts["rejected"] += 1
        self._rejected.add(row)

    def _apply_chunk(self, rows: Sequence[MfaRecord]) -> _Outcome | None:
        return in_transaction(self._services, lambda unit: self._chunk(unit, rows))

    def _chunk(self, unit: UnitOfWork, rows: Sequence[MfaRecord]) -> _Outcome | None:
        workspace = Workspace(unit, self._tenant_id)
        workspace.load_named((upn_key(row.upn) for row in rows if row.upn), (row.user_id for row in rows if row.user_id))
        written = Written(NumberOrigin.IMPORT, self._services.clock.now(), MFA_IMPORT.name, self._run_id)
        at_hand = RegistrationsAtHand(unit, self._tenant_id, _who_registers(workspace, rows))
        outcome = _Outcome(Counter(), [])
        records: list[AuditRecord] = []
        for row in rows:
            account = _account(workspace, row)
            decided = account if isinstance(account, _Refusal) else self._decide(account, row, at_hand, written)
            if isinstance(account, _Refusal) or isinstance(decided, _Refusal):
                outcome.rejected.append((row, *decided))
                continue
            outcome.counts["kept"] += decided.kept
            outcome.counts["unused_numbers"] += _unused(account, decided.account)
            if not (decided.is_account_changed or decided.registrations.is_change):
                outcome.counts["unchanged"] += 1
                continue
            outcome.counts["changed"] += 1
            workspace.put(decided.account)
            at_hand.put(account.user.user_id, decided.registrations)
            records += self._records(account, decided, written)
        if not self._pace.is_steady(outcome.counts["changed"]):
            return None
        workspace.write()
        at_hand.write()
        unit.audit.append(self._tenant_id, records)
        return outcome

    def _decide(self, account: Account, row: MfaRecord, at_hand: RegistrationsAtHand, written: Written) -> _Decided | _Refusal:
        """What the row makes of the account and of its registered methods."""
        decided = decide_mfa_import(account, row, self._sealing(account), written)
        if isinstance(decided, MfaRefusal):
            return _Refusal("defaultMethod", decided.value)
        registrations = at_hand.decide(account, row, written.at)
        if isinstance(registrations, RegistrationRefusal):
            return _Refusal("id", registrations.value)
        kept = decided.kept + registrations.kept
        return _Decided(decided.account, decided.account != account, registrations, kept)

    def _records(self, account: Account, decided: _Decided, written: Written) -> list[AuditRecord]:
        trail = Trail(self._services.new_id(), written.at, MFA_IMPORT, self._run_id)
        changes = record_private_change(account, decided.account, trail)
        state = record_profile_change(account, decided.account, trail, Activity.UPDATE_USER)
        records = changes if state is None else [*changes, state._replace(part=len(changes))]
        return records + record_registrations(decided.account, decided.registrations, self._services, trail)

    def _sealing(self, account: Account) -> SealNumber:
        user, tenant_id, seal = account.user, self._tenant_id, self._services.sealer.seal
        return lambda number, pair: seal(number, user.key_id, tenant_id, user.user_id, pair)


class _Refusal(NamedTuple):
    """A column and what is wrong with it."""

    column: str
    reason: str


class _Decided(NamedTuple):
    """What a row makes of a user, and how many stored values were kept although the row lacks them."""

    account: Account
    is_account_changed: bool
    registrations: RegistrationImport
    kept: int


def _who_registers(workspace: Workspace, rows: Sequence[MfaRecord]) -> Iterator[bytes]:
    """The users whose registered methods these rows speak of."""
    for row in rows:
        if speaks_of_registrations(row):
            account = _account(workspace, row)
            if isinstance(account, Account):
                yield account.user.user_id


def _account(workspace: Workspace, row: MfaRecord) -> Account | _Refusal:
    """The account that the row's names lead to; a name and an id that lead to two users are refused."""
    by_id = None if row.user_id is None else workspace.account(row.user_id)
    by_name = workspace.account_named(row.upn) if row.upn else None
    found = by_id or by_name
    if found is None or found.user.deleted_at is not None:
        return _Refusal("userPrincipalName", _UNKNOWN)
    if by_id is not None and by_name is not None and by_id.user.user_id != by_name.user.user_id:
        return _Refusal("id", _AMBIGUOUS)
    if row.user_id is not None and by_id is None and not is_made_here(found.user.user_id):
        return _Refusal("id", _OTHER_ID)
    return found


def _unused(before: Account, after: Account) -> int:
    """How many numbers this row wrote that no method entry uses."""
    return sum(
        1
        for pair in Pair
        if (state := after.pairs.get(pair)) is not None
        and state != before.pairs.get(pair)
        and configured_fact(after.user.methods, pair) is Configured.NO
    )


def _identity(row: MfaRecord) -> Iterator[Name]:
    """The name of a row that states methods: it may stand once in a file. Graph's answers speak of a user several times."""
    if row.upn and row.methods is not UNSENT:
        yield "userPrincipalName", upn_key(row.upn)


def _refused(row: MfaRecord, column: str, reason: str) -> RejectedRow:
    return RejectedRow(row.line, column, reason, {}, keys=tuple(name for name in (row.upn,) if name), record=row)

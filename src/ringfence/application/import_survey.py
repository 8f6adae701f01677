"""The first pass over the files of a directory import: read everything, write nothing.

It proves that every file is whole and what it claims, counts what the import would take away (for the guard), and notes which
names occur twice. Only when it is through may the second pass (`ringfence.application.sync_cycle`) write.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from ringfence.application.ports import DirectoryReader, Progress
from ringfence.application.repeated_names import Name, RepeatedNames
from ringfence.application.services import Services
from ringfence.application.workspace import Workspace
from ringfence.domain.directory.deletion_guard import PendingLosses
from ringfence.domain.directory.distinguished_names import dn_key
from ringfence.domain.directory.matching import CLASHES, MatchRefusal, match_record, match_whatever_name
from ringfence.domain.directory.records import UNSENT, DirectoryRecord, RecordAction, RejectedRow, Unsent
from ringfence.domain.directory.seen import SeenNames, digest
from ringfence.domain.directory.sync_plan import cleared_pairs
from ringfence.domain.directory.user import User, upn_key

CHUNK: Final = 500
# What an import reaches a million times.
_UPSERT: Final = RecordAction.UPSERT
_DELETE: Final = RecordAction.DELETE


@dataclass(slots=True)
class Survey:
    """What the first pass found out."""

    read: int = 0
    unreadable: bool = False
    repeated: dict[str, RepeatedNames] = field(default_factory=dict)
    """Per file (its path) the names that occur more than once."""
    rejected: set[int] = field(default_factory=set)
    """Digests of the names in rejected rows: nobody of these is deleted."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Distinguished names that change records give, and the stored name each leads back to."""
    names: SeenNames | None = None
    """All names in the files, when the import is a full one."""
    deletes: int = 0
    clears: int = 0
    missing: list[bytes] = field(default_factory=list)
    """Users a full import deletes, at most one more than allowed."""
    missing_count: int = 0

    @property
    def losses(self) -> PendingLosses:
        """What the guard looks at."""
        return PendingLosses(self.deletes + self.missing_count, self.clears)


def survey_files(
    services: Services, tenant_id: int, readers: Sequence[DirectoryReader], progress: Progress, *, full: bool
) -> Survey:
    """Read all files once; raises `InvalidError` (SOURCE_…) when one is not whole or not what it claims."""
    survey = Survey(names=SeenNames() if full else None)
    with services.store.snapshot() as unit:
        empty = unit.directory.bounds_after(tenant_id, b"", 1) is None
    for reader in readers:
        repeated = survey.repeated[str(reader.path)] = RepeatedNames()
        losing: list[DirectoryRecord] = []
        for row in _reported(reader, readers, progress):
            survey.read += 1
            if isinstance(row, RejectedRow):
                _note_rejected(survey, row)
                continue
            if row.action is _UPSERT:
                repeated.note(identities(row))
            if survey.names is not None:
                _note(survey.names, row)
            if not empty and _may_lose(row):
                losing.append(_as_stored(survey, row))
                if len(losing) == CHUNK:
                    _count_losses(services, tenant_id, survey, losing)
                    losing = []
        _count_losses(services, tenant_id, survey, losing)
        repeated.close()
    return survey


def identities(row: DirectoryRecord) -> Iterator[Name]:
    """The names under which a row's user is found; in one file each stands for one user only."""
    if row.upn:
        yield "userPrincipalName", upn_key(row.upn)
    if row.anchor:
        yield "onPremisesImmutableId", row.anchor
    if row.user_id:
        yield "id", row.user_id.hex()


def was_rejected(survey: Survey, user: User) -> bool:
    """Whether a row that was rejected spoke of this user."""
    return bool(survey.rejected) and any(digest(name) in survey.rejected for name in _names_of(user))


def follow_names(survey: Survey, before: User, after: User) -> None:
    """Let whoever a rejected row spoke of stay protected under another name."""
    if was_rejected(survey, before):
        protect(survey, after)


def protect(survey: Survey, user: User) -> None:
    """Let nobody delete this user, whose row may yet be rejected."""
    survey.rejected.update(map(digest, _names_of(user)))


def note_refused(survey: Survey, row: DirectoryRecord) -> None:
    """Note whose row was refused in the second pass, and is rejected."""
    user_id = None if row.user_id is None else row.user_id.hex()
    names = (row.anchor, row.upn and upn_key(row.upn), row.dn and dn_key(row.dn), user_id)
    survey.rejected.update(map(digest, filter(None, names)))


def find_missing(services: Services, tenant_id: int, survey: Survey, keep: int) -> None:
    """Find the synced users that no file holds; an unreadable row disables deletes, for nobody knows whose it was."""
    if survey.names is None or survey.unreadable:
        return
    survey.names.close()
    with services.store.snapshot() as unit:
        for user in unit.directory.synced_users(tenant_id):
            if not any(name in survey.names for name in _names_of(user)):
                survey.missing_count += 1
                if len(survey.missing) <= keep:
                    survey.missing.append(user.user_id)


def _reported(
    reader: DirectoryReader, readers: Sequence[DirectoryReader], progress: Progress
) -> Iterator[DirectoryRecord | RejectedRow]:
    """The rows of a reader, reporting after every thousand how far all of them are."""
    total = 2 * sum(one.size for one in readers)
    for number, row in enumerate(reader.records()):
        if number % 1000 == 0:
            progress(sum(one.position for one in readers), total)
        yield row


def _as_stored(survey: Survey, row: DirectoryRecord) -> DirectoryRecord:
    """The row under the distinguished name its user is stored with, whatever earlier rows of the files renamed it to."""
    if not row.dn:
        return row
    origin = survey.renamed.get(dn_key(row.dn), row.dn)
    if row.new_dn:
        survey.renamed[dn_key(row.new_dn)] = origin
    return row._replace(dn=origin)


def _may_lose(row: DirectoryRecord) -> bool:
    return row.action is _DELETE or bool(row.new_dn or row.edits) or _clears(row.mobile) or _clears(row.office)


def _clears(text: str | Unsent) -> bool:
    """Whether this is sent and no number at all: nothing, or blanks."""
    return text is not UNSENT and not text.strip()


def _count_losses(services: Services, tenant_id: int, survey: Survey, rows: Sequence[DirectoryRecord]) -> None:
    if not rows:
        return
    with services.store.snapshot() as unit:
        workspace = Workspace(unit, tenant_id)
        workspace.load(rows)
        for row in rows:
            found = workspace.candidates(row)
            match = match_record(row, found)
            if isinstance(match, MatchRefusal):
                user = match_whatever_name(row, found) if match in CLASHES else None
            else:
                user = match.user
            if user is None:
                continue
            if row.action is _DELETE:
                survey.deletes += user.deleted_at is None and not survey.unreadable
                continue
            account = workspace.account(user.user_id)
            if account is not None:
                survey.clears += len(cleared_pairs(account, row, services.policy))


def _note(names: SeenNames, row: DirectoryRecord) -> None:
    if row.upn:
        names.add(upn_key(row.upn))
    if row.anchor:
        names.add(row.anchor)
    if row.dn:
        names.add(dn_key(row.dn))
    if row.user_id:
        names.add(row.user_id.hex())


def _note_rejected(survey: Survey, row: RejectedRow) -> None:
    survey.unreadable = survey.unreadable or row.unreadable
    for key in row.keys:
        for name in _forms(key):
            survey.rejected.add(digest(name))
            if survey.names is not None:
                survey.names.add(name)


def _forms(key: str) -> Iterator[str]:
    """The forms under which a name given in a rejected row may be stored."""
    yield key
    yield upn_key(key)
    yield dn_key(key)
    try:
        yield uuid.UUID(key).hex
    except ValueError:
        return


def _names_of(user: User) -> Iterator[str]:
    yield user.user_id.hex()
    yield upn_key(user.upn)
    if user.anchor:
        yield user.anchor
    if user.dn:
        yield dn_key(user.dn)

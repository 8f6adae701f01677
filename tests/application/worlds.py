"""A deployment of one tenant on a throw-away SQLite file, moved by the real use cases under a clock the test sets.

Owns: joining the parts, and short words for what an administrator does. Doubles are in `fakes`.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from ringfence.application.accounts import show_user
from ringfence.application.audit_trail import Document, each_audit_record
from ringfence.application.copy_numbers import CopyResult, UndoResult, copy_numbers, undo_copy
from ringfence.application.explain_user import ExplainedPair, Explanation, explain_user
from ringfence.application.import_directory import ImportOptions, ImportResult, import_directory
from ringfence.application.import_mfa import MfaResult, import_mfa
from ringfence.application.phones import DeletePhone, RegisterPhone, delete_phone, register_phone
from ringfence.application.ports import AuditFilter, UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.application.sync_cycle import Reporting
from ringfence.application.tenancy import initialise_tenant
from ringfence.application.transitions import open_transition, present_transition
from ringfence.crypto.key_file import FileKeys
from ringfence.crypto.sealing import AesSivSealer
from ringfence.domain.directory.records import DirectoryRecord, MfaRecord, RecordAction, RejectedRow
from ringfence.domain.directory.user import Account, PublicValue
from ringfence.domain.numbers.canonical import parse_public_number
from ringfence.domain.numbers.facts import Event
from ringfence.domain.numbers.mirror import Commit, write_public_number
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.numbers.policy import NumberPolicy, PublicSource
from ringfence.domain.numbers.transition import PRESETS, Transition, moment_of
from ringfence.domain.values import Actor, ActorKind
from ringfence.sources.refused_rows import fields_of
from ringfence.storage.engine import Database
from ringfence.storage.mfa_tables import TABLES
from ringfence.storage.schema import migrate
from tests.application.fakes import FakeClock, MemoryReader, NumberedIds, ProgressNotes, QuickStore, RejectedList

ANNOUNCED: Final = datetime(2021, 1, 28, tzinfo=UTC)
"""The day of the announcement [SEED]."""
START: Final = datetime(2021, 2, 1, tzinfo=UTC)
END: Final = datetime(2021, 5, 1, tzinfo=UTC)
"""A18: the window is `[START, END)`."""
INSIDE: Final = datetime(2021, 3, 15, 12, tzinfo=UTC)

ADMIN: Final = Actor(ActorKind.USER, "admin@contoso.example")
SMS: Final = MethodType.OneWaySMS
VOICE: Final = MethodType.TwoWayVoiceMobile
OFFICE_VOICE: Final = MethodType.TwoWayVoiceOffice
PUSH: Final = MethodType.PhoneAppNotification
OTP: Final = MethodType.PhoneAppOTP

PLAIN: Final = ImportOptions()

PER_USER: Final = ("users", "pairs", "audit_records", "user_principal_names", "source_anchors", "distinguished_names")


def fields(row: RejectedRow) -> dict[str, str]:
    """The cells of a row as they go into the rejected file."""
    return row.fields if row.record is None else fields_of(row.record)


def upn_of(name: str) -> str:
    """The user principal name of an invented person."""
    return f"{name}@contoso.example"


def person(name: str, **fields: Any) -> DirectoryRecord:  # noqa: ANN401 - the fields of a DirectoryRecord
    """A row of a directory export: a synced user with an anchor of their own, unless the fields say otherwise."""
    given = {"line": 2, "upn": upn_of(name), "synced": True, "anchor": f"{name}-anchor=="}
    return DirectoryRecord(**{**given, **fields})


def removal(name: str) -> DirectoryRecord:
    """A row that says that the person left."""
    return DirectoryRecord(2, RecordAction.DELETE, anchor=f"{name}-anchor==")


def entries(name: str, *methods: MethodType, **fields: Any) -> MfaRecord:  # noqa: ANN401 - the fields of an MfaRecord
    """A row of an MFA export: the entries, the first of them the default."""
    return MfaRecord(**{"line": 2, "upn": upn_of(name), "methods": methods, "default": methods[0] if methods else None, **fields})


@dataclass
class World:
    """One tenant of a deployment."""

    services: Services
    keys: FileKeys
    clock: FakeClock
    tenant_id: int
    rejected: list[RejectedRow] = field(default_factory=list)
    """The rows the last import refused."""

    def open_window(self) -> None:
        """Open the transition with the announcement's dates."""
        start, end = PRESETS["entra-2021"]
        open_transition(self.services, self.tenant_id, Transition(start, end, self.clock.time, "entra-2021"), ADMIN)

    def sync(self, *rows: DirectoryRecord | RejectedRow, options: ImportOptions = PLAIN) -> ImportResult:
        """Import a directory export of these rows."""
        return self.sync_files([MemoryReader(rows)], options)

    def sync_files(
        self,
        readers: Sequence[MemoryReader[DirectoryRecord]],
        options: ImportOptions = PLAIN,
        progress: ProgressNotes | None = None,
    ) -> ImportResult:
        """Import several files as one cycle."""
        sink = RejectedList()
        reporting = Reporting(progress or ProgressNotes(), {str(reader.path): sink for reader in readers})
        self.rejected = sink.rows
        return import_directory(self.services, self.tenant_id, readers, options, reporting)

    def mfa(self, *rows: MfaRecord | RejectedRow) -> MfaResult:
        """Import an MFA export of these rows."""
        sink = RejectedList()
        self.rejected = sink.rows
        return import_mfa(self.services, self.tenant_id, MemoryReader(rows, "mfa.csv"), ProgressNotes(), sink)

    def copy(self) -> CopyResult:
        """Run the copy."""
        return copy_numbers(self.services, self.tenant_id, ProgressNotes())

    def undo(self, run_id: bytes) -> UndoResult:
        """Take a copy back."""
        return undo_copy(self.services, self.tenant_id, run_id, ProgressNotes())

    def set_phone(self, name: str, number: str, pair: Pair = Pair.MOBILE) -> bool:
        """Set an authentication number as an administrator."""
        return register_phone(self.services, self.tenant_id, RegisterPhone(upn_of(name), pair, number, ADMIN), self.clock.time)

    def delete_phone(self, name: str, pair: Pair = Pair.MOBILE) -> None:
        """Delete an authentication number as an administrator."""
        delete_phone(self.services, self.tenant_id, DeletePhone(upn_of(name), pair, ADMIN), self.clock.time)

    def edit_own_profile(self, name: str, text: str) -> None:
        """The user writes their own `mobilePhone`. The use case comes later; this is what it will call: rule and store."""
        account = self.account(name)
        user, state = account.user, account.pairs[Pair.MOBILE]
        read, canonical = parse_public_number(text, Pair.MOBILE)
        sealed = canonical and self.services.sealer.seal(canonical, user.key_id, self.tenant_id, user.user_id, Pair.MOBILE)
        new = PublicValue(text, read, sealed or None, PublicSource.SELF_SERVICE)

        def write(unit: UnitOfWork) -> None:
            moment = moment_of(present_transition(unit, self.tenant_id), self.clock.time)
            commit = Commit(self.clock.time, moment, Event.CHANGE)
            written = write_public_number(user, state, new, commit, self.services.policy).state
            unit.directory.update(self.tenant_id, [(account, Account(user, {**account.pairs, Pair.MOBILE: written}))])

        in_transaction(self.services, write)

    def account(self, name: str) -> Account:
        """The stored account, numbers sealed."""
        return show_user(self.services, self.tenant_id, upn_of(name))

    def explain(self, name: str) -> Explanation:
        """What `numbers explain` says now."""
        return explain_user(self.services, self.tenant_id, upn_of(name), self.clock.time)

    def pair(self, name: str, pair: Pair = Pair.MOBILE) -> ExplainedPair:
        """One pair of what `numbers explain` says now."""
        return next(one for one in self.explain(name).pairs if one.pair is pair)

    def authentication(self, name: str, pair: Pair = Pair.MOBILE) -> str | None:
        """The authentication number, canonical."""
        return self.pair(name, pair).authentication

    def contacts(self, name: str) -> dict[MethodType, str | None]:
        """Per method entry the number the service would contact now."""
        return {method.method: method.contacts for method in self.explain(name).methods}

    def audit(self, *, reveal: bool = True, **wanted: Any) -> list[Document]:  # noqa: ANN401 - the fields of an AuditFilter
        """The audit records, oldest first."""
        documents: list[Document] = []
        chosen = AuditFilter(**{"oldest_first": True, **wanted})
        each_audit_record(self.services, self.tenant_id, chosen, documents.append, reveal=reveal)
        return documents

    def dump(self, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
        """Every row this tenant has in these tables; without a choice, in all tables."""
        return {name: dump_table(self.services, name, self.tenant_id) for name in tables or sorted(TABLES.tables)}


def dump_table(services: Services, name: str, tenant_id: int) -> list[tuple[Any, ...]]:
    """The rows of one table in a fixed order: the tenant's, or all where the table knows no tenant."""
    store = services.store
    assert isinstance(store, QuickStore)
    mine = f" WHERE tenant_id = {tenant_id}" if "tenant_id" in TABLES.tables[name].columns else ""
    with store.database.connect(write=False) as connection:
        return sorted((tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}{mine}"))), key=repr)  # noqa: S608


class Ground:
    """Makes deployments: a migrated database and a key file to copy from, so that a test does not migrate."""

    def __init__(self, folder: Path) -> None:
        """Prepare both in this folder."""
        self._folder = folder
        self._made = 0
        database = Database(f"sqlite:///{folder / 'template.db'}")
        migrate(database)
        database.dispose()
        keys = FileKeys(folder / "template.key")
        keys.create()
        keys.add_key()

    def deployment(self, policy: NumberPolicy, store: type[QuickStore] = QuickStore) -> tuple[Services, FileKeys]:
        """The services over a fresh copy; whoever asks closes the store's database."""
        self._made += 1
        for ending in ("db", "key"):
            shutil.copyfile(self._folder / f"template.{ending}", self._folder / f"{self._made}.{ending}")
        keys = FileKeys(self._folder / f"{self._made}.key")
        database = Database(f"sqlite:///{self._folder / f'{self._made}.db'}")
        clock = FakeClock(ANNOUNCED)
        return Services(store(database, policy), AesSivSealer(keys), clock, NumberedIds(), policy), keys


def found_world(services: Services, keys: FileKeys, name: str = "contoso.example") -> World:
    """A new tenant in the deployment, at the day of the announcement."""
    clock = services.clock
    assert isinstance(clock, FakeClock)
    clock.time = ANNOUNCED
    tenant, _ = initialise_tenant(services, keys, name, clock.time)
    return World(services, keys, clock, tenant.tenant_id)

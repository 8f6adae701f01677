"""Doubles of the ports that a test has to hold in its own hand: time, identifiers, files, progress, a quick store, a rival.

Everything else is the real thing: SQLite, sealing, the rules.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Generic, TypeVar

from sqlalchemy import event

from ringfence.application.ports import UnitOfWork
from ringfence.domain.directory.records import RejectedRow
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.storage.engine import Database
from ringfence.storage.unit_of_work import SqlStore

Record = TypeVar("Record")


class FakeClock:
    """`Clock` that stands still until a test moves it; an hour of work takes no time."""

    def __init__(self, now: datetime) -> None:
        """Begin at `now`, aware UTC."""
        self.time = now
        self._elapsed = timedelta()

    def now(self) -> datetime:
        """The instant the test set."""
        return self.time

    def elapsed(self) -> timedelta:
        """A span that only grows, by the duration of an ideal transaction."""
        self._elapsed += timedelta(milliseconds=80)
        return self._elapsed


class NumberedIds:
    """`NewIdentifiers` that are the same in every run, yet in no order, as random ones are."""

    def __init__(self) -> None:
        """Begin with the first."""
        self._given = 0

    def __call__(self) -> bytes:
        """The next 16 bytes."""
        self._given += 1
        return hashlib.blake2b(b"%d" % self._given, digest_size=16).digest()


class MemoryReader(Generic[Record]):
    """`DirectoryReader` or `MfaReader` over a list of rows; `breaks` raises after the last one, like a file cut in two."""

    def __init__(self, rows: Sequence[Record | RejectedRow], name: str = "people.csv", breaks: Exception | None = None) -> None:
        """Hold the rows under a file's name."""
        self.path = Path(name)
        self.size = max(len(rows), 1)
        self.position = 0
        self.ignored_columns: tuple[str, ...] = ()
        self.readings = 0
        self._rows = rows
        self._breaks = breaks

    def records(self) -> Iterator[Record | RejectedRow]:
        """The rows, from the start."""
        self.readings += 1
        for number, row in enumerate(self._rows, 1):
            self.position = number
            yield row
        if self._breaks is not None:
            raise self._breaks


class RejectedList:
    """`RejectedRows` in a list."""

    def __init__(self) -> None:
        """Begin empty."""
        self.rows: list[RejectedRow] = []

    def add(self, row: RejectedRow) -> None:
        """Keep one."""
        self.rows.append(row)


class ProgressNotes:
    """`Progress` that remembers what it was told, and calls `on_report` each time."""

    def __init__(self, on_report: Callable[[], object] = lambda: None) -> None:
        """Begin with nothing told."""
        self.notes: list[tuple[int, int]] = []
        self._on_report = on_report

    def __call__(self, done: int, total: int) -> None:
        """Remember."""
        self.notes.append((done, total))
        self._on_report()


class QuickStore(SqlStore):
    """The real store, without waiting for the disk or for other writers: a test has neither."""

    def __init__(self, database: Database, policy: NumberPolicy) -> None:
        """Begin units of work on this database."""
        super().__init__(database, policy)
        event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))

    def give_way(self) -> None:
        """Nobody else is there."""


class RivalStore(QuickStore):
    """A store in which, once, somebody else writes between our reads and our commit (A21).

    SQLite admits one writer at a time; PostgreSQL answers such a race with a conflict, which is what the use case sees here.
    """

    _rival: Callable[[], object] | None = None
    _passing = 0

    def disturb(self, rival: Callable[[], object], *, passing: int) -> None:
        """Let `passing` writing units pass; `rival` gets in between the one after them and its commit."""
        self._rival, self._passing = rival, passing

    def begin(self) -> AbstractContextManager[UnitOfWork]:  # type: ignore[override]
        """A unit that may write."""
        self._passing -= 1
        return super().begin() if self._rival is None or self._passing >= 0 else self._losing(self._rival)

    @contextmanager
    def _losing(self, rival: Callable[[], object]) -> Iterator[UnitOfWork]:
        self._rival = None
        with super().begin() as unit:
            yield _Uncommitted(unit)
        rival()
        raise ConflictError(ErrorCode.ROW_CHANGED)


class _Uncommitted:
    """A unit whose commit does not come through."""

    def __init__(self, unit: UnitOfWork) -> None:
        self.administration = unit.administration
        self.directory = unit.directory
        self.numbers = unit.numbers
        self.audit = unit.audit
        self.sealed = unit.sealed
        self.identity = unit.identity
        self.grants = unit.grants
        self.registrations = unit.registrations
        self.people = unit.people
        self.audit_queries = unit.audit_queries
        self.changes = unit.changes
        self.sign_ins = unit.sign_ins
        self.challenges = unit.challenges
        self.methods_policy = unit.methods_policy
        self.seeds = unit.seeds
        self.messages = unit.messages
        self.telephony = unit.telephony
        self.board = unit.board
        self.flows = unit.flows
        self.mfa = unit.mfa
        self.blocks = unit.blocks
        self.notices = unit.notices

    def commit(self) -> None:
        """Never made durable: leaving the block takes everything back."""

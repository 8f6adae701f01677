"""Opening and beginning on SQLite: nobody is told that the file is busy because others come and go, and errors are told apart."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.domain.errors import ConflictError, ErrorCode, RingfenceError, UnavailableError
from ringfence.storage import engine
from ringfence.storage.engine import Database
from tests.contract.deployments import deployed
from tests.storage import processes
from tests.storage.imports import mobile_number, synced_row, take_over

VISITORS, ROUNDS = (1, 2, 3), 60


@pytest.mark.slow
def test_commands_come_and_go(tmp_path: Path) -> None:
    """Processes that open the file, write, read and close it again, the last one out tidying up, never disturb each other."""
    url, key_file = f"sqlite:///{tmp_path}/ringfence.db", tmp_path / "ringfence.key"
    with deployed(url, key_file) as joined:
        take_over(joined.services, [synced_row(number, mobile_number(number)) for number in VISITORS])
    started = [processes.start("worker", "come_and_go", url, key_file, url, number, ROUNDS) for number in VISITORS]
    assert [""] * len(VISITORS) == [processes.finish(process) for process in started]


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """The file, while another connection writes."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE t (c)")
        other.execute("BEGIN IMMEDIATE")
        yield


def told_on_writing(database: Database) -> RingfenceError:
    """The error of an attempt to write."""
    with pytest.raises(RingfenceError) as caught, database.connect(write=True):
        pass
    database.dispose()
    return caught.value


def test_a_writer_gives_up_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever finds the file locked all the time is told that it is busy."""
    monkeypatch.setattr(engine, "_TRIES", 3)
    database = Database(f"sqlite:///{tmp_path}/r.db")
    with locked(tmp_path / "r.db"):
        told = told_on_writing(database)
    assert (ConflictError, ErrorCode.DATABASE_BUSY) == (type(told), told.code)


def test_a_reader_is_not_in_the_way_of_a_writer(tmp_path: Path) -> None:
    """While somebody writes, others read what was there before."""
    database = Database(f"sqlite:///{tmp_path}/r.db")
    with locked(tmp_path / "r.db"), database.connect(write=False) as connection:
        assert [] == list(connection.exec_driver_sql("SELECT * FROM t"))
    database.dispose()


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to look like one" * 20, b"\x00" * 4096], ids=["text", "zeros"]
)
def test_what_is_no_database_is_told(tmp_path: Path, content: bytes) -> None:
    """A file that is something else is not reported as busy."""
    (tmp_path / "r.db").write_bytes(content)
    told = told_on_writing(Database(f"sqlite:///{tmp_path}/r.db"))
    assert (UnavailableError, ErrorCode.DATABASE_UNREACHABLE) == (type(told), told.code)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A path that leads nowhere is not reported as busy."""
    told = told_on_writing(Database(f"sqlite:///{tmp_path}/none/r.db"))
    assert (UnavailableError, ErrorCode.DATABASE_UNREACHABLE) == (type(told), told.code)


def test_a_server_that_does_not_answer_is_told() -> None:
    """Nobody listens on port 1; the message names no password."""
    told = told_on_writing(Database("postgresql://app:secret@127.0.0.1:1/none"))
    assert (UnavailableError, ErrorCode.DATABASE_UNREACHABLE, False) == (type(told), told.code, "secret" in repr(told.facts))

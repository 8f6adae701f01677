"""The databases the bench works on: made, copied and dropped on either engine, and the driver's own connection to each.

SQLite: files in the bench's folder. PostgreSQL: a throw-away server, the one the tests use; a copy is `CREATE DATABASE …
TEMPLATE`. Whoever works by hand gets the plain driver with the same durability the product has.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

import psycopg

from tests.servers import postgres

_PRAGMAS: Final = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -65536")

Row = tuple[object, ...]


class Hand(Protocol):
    """A connection to work on by hand; transactions are begun and committed by statements."""

    def run(self, text: str, *values: object) -> list[Row]:
        """Run a statement written with `?` and return its rows, none for one that has none."""

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Insert rows the plain way."""

    def close(self) -> None:
        """Close it."""


class Engine(Protocol):
    """One engine and the databases on it, each named by its URL."""

    name: str

    def create(self) -> str:
        """A database that does not exist yet, or is empty."""

    def copy(self, url: str) -> str:
        """Another database with the same content; nobody may be connected to the first."""

    def drop(self, url: str) -> None:
        """Remove a database."""

    def settle(self, url: str) -> None:
        """Bring everything to disk, so that no earlier work is paid for by the next that is measured."""

    def connect(self, url: str) -> Hand:
        """A connection of the driver, inside no transaction."""

    def id_byte(self, column: str, at: int) -> str:
        """An expression: the byte of an id at a place from 1, to give things out by."""


class SqliteHand:
    """`sqlite3`, with the product's durability."""

    def __init__(self, path: str) -> None:
        """Open the file."""
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in _PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")

    def run(self, text: str, *values: object) -> list[Row]:
        """As it stands."""
        return self._connection.execute(text, values).fetchall()

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """`executemany`."""
        places = ", ".join("?" * len(columns))
        self._connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)  # noqa: S608 - ours

    def close(self) -> None:
        """Close it, which takes the log into the file."""
        self._connection.close()


class SqliteEngine:
    """Files in a folder."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        """Keep the files here."""
        self._folder = folder
        self._numbers = itertools.count(1)

    def create(self) -> str:
        """A path nobody has used."""
        return f"sqlite:///{self._folder / f'bench_{next(self._numbers)}.db'}"

    def copy(self, url: str) -> str:
        """Copy the file, its log taken in first."""
        self.settle(url)
        made = self.create()
        shutil.copyfile(_path(url), _path(made))
        return made

    def drop(self, url: str) -> None:
        """Remove the file and its log."""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{_path(url)}{suffix}").unlink(missing_ok=True)

    def settle(self, url: str) -> None:
        """Take the log into the file and wait for the disk."""
        with contextlib.closing(self.connect(url)) as hand:
            hand.run("PRAGMA wal_checkpoint(TRUNCATE)")
        os.sync()

    def connect(self, url: str) -> SqliteHand:
        """Open the file."""
        return SqliteHand(_path(url))

    def id_byte(self, column: str, at: int) -> str:
        """SQLite has no function for a byte: find the places of its two hexadecimal digits instead."""
        digits = "'0123456789ABCDEF'"
        both = f"hex(substr({column}, {at}, 1))"
        return f"((instr({digits}, substr({both}, 1, 1)) - 1) * 16 + instr({digits}, substr({both}, 2, 1)) - 1)"


class PostgresHand:
    """`psycopg`."""

    def __init__(self, url: str) -> None:
        """Connect."""
        self._connection = psycopg.connect(postgres.driver_url(url), autocommit=True)

    def run(self, text: str, *values: object) -> list[Row]:
        """With `%s` for `?`; no text with values holds a per cent sign."""
        cursor = self._connection.execute(text.replace("?", "%s").encode(), values or None)
        return [] if cursor.description is None else cursor.fetchall()

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """`COPY`, row by row."""
        text = f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()
        with self._connection.cursor() as cursor, cursor.copy(text) as copy:
            for row in rows:
                copy.write_row(row)

    def close(self) -> None:
        """Close it."""
        self._connection.close()


class PostgresEngine:
    """Databases on a server of one's own."""

    name = "postgresql"

    def __init__(self, server_url: str) -> None:
        """Work on this server."""
        self._server = server_url
        self._numbers = itertools.count(1)

    def _run(self, statement: str) -> None:
        with contextlib.closing(PostgresHand(self._server)) as hand:
            hand.run(statement)

    def create(self) -> str:
        """An empty database."""
        return self._create("")

    def copy(self, url: str) -> str:
        """Copy the database on the server."""
        self.settle(url)
        return self._create(f" TEMPLATE {_database(url)}")

    def _create(self, how: str) -> str:
        name = f"bench_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name}{how}")
        return self._server.removesuffix("postgres") + name

    def drop(self, url: str) -> None:
        """Drop it, with whoever is still connected."""
        self._run(f"DROP DATABASE {_database(url)} WITH (FORCE)")

    def settle(self, url: str) -> None:
        """Gather statistics as a running server has them, write everything out, and wait for the disk."""
        with contextlib.closing(self.connect(url)) as hand:
            hand.run("VACUUM (ANALYZE)")
            hand.run("CHECKPOINT")
        os.sync()

    def connect(self, url: str) -> PostgresHand:
        """Connect to it."""
        return PostgresHand(url)

    def id_byte(self, column: str, at: int) -> str:
        """`get_byte` counts from 0."""
        return f"get_byte({column}, {at - 1})"


def _path(url: str) -> str:
    return url.removeprefix("sqlite:///")


def _database(url: str) -> str:
    return url.rpartition("/")[2]


@contextlib.contextmanager
def engine_by_name(name: str, folder: Path) -> Iterator[Engine | None]:
    """The engine, or None when its server is not installed."""
    if name == SqliteEngine.name:
        yield SqliteEngine(folder)
        return
    binaries = postgres.find_binaries()
    if binaries is None:
        yield None
        return
    with postgres.throw_away_server(binaries) as url:
        yield PostgresEngine(url)

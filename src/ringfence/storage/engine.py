"""The one file that knows SQLite from PostgreSQL: connecting, beginning, bulk rows, lists of keys.

SQLite: one file, WAL, every commit on disk (`synchronous=FULL`), `BEGIN IMMEDIATE` for writes. A writer that finds the file
locked asks again every few milliseconds, and chunked work pauses between its transactions (`give_way`), so that a second
process always gets its turn; SQLite's own busy handler backs off to 100 ms and would starve. PostgreSQL: psycopg 3,
READ COMMITTED for writes (each conditional on row versions), REPEATABLE READ for snapshots.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import URL, make_url

from ringfence.domain.errors import ConflictError, ErrorCode, InvalidError, UnavailableError

_TRY_EVERY: Final = 0.002
"""Seconds between two attempts to get SQLite's write lock."""
_TRIES: Final = 15_000
"""Attempts before a writer gives up: about 30 seconds."""
_PATIENCE: Final = 30
"""Seconds a reader waits while the file is opened for the first time, mended after a crash, or left by the last who had it."""
_PAUSE: Final = 0.004
"""Seconds chunked work leaves the write lock free between two chunks: twice the interval at which others ask."""
_KEYS_AT_ONCE: Final = 900
_SQLITE_CHUNK: Final = timedelta(milliseconds=140)
"""How long chunked work should hold the whole file: little more than half of the promised 250 ms, since a disk may be slow."""
_POSTGRES_CHUNK: Final = timedelta(seconds=1)
"""There it holds only rows, which nobody else is likely to want."""
_PAUSES_A_CHECKPOINT: Final = 16
_LOG_PAGES: Final = 131_072
"""512 MB. Rows with random keys touch a page each, so that small transactions soon log the same pages again: the later they are
brought into the file, the fewer they are."""
_READ_CACHE: Final = -16_384
_WRITE_CACHE: Final = -65_536
"""Kibibytes of pages that are kept in memory. Writes come back to the same pages; a read that walks over everything does not, and
what it sorts may take as much again."""
_SCHEMA_LOCK: Final = 7_246_434_627
"""The number under which those who migrate a PostgreSQL database wait for each other; any number that is ours will do."""

STREAMED: Final = {"stream_results": True, "yield_per": 1000}
"""Options of one statement whose rows are read in steady memory; set on the connection they would hold for its writes too."""

Row = tuple[Any, ...]


class Database:
    """A database by URL: `sqlite:///PATH`, or `postgresql://…` (psycopg 3 is chosen here)."""

    def __init__(self, url: str) -> None:
        """Make the engine; nothing is opened yet. Raises `InvalidError` for another kind of URL."""
        parsed = _parse(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.path = Path(parsed.database) if self.is_sqlite and parsed.database else None
        self.shown = parsed.render_as_string(hide_password=True)
        self.chunk_target = _SQLITE_CHUNK if self.is_sqlite else _POSTGRES_CHUNK
        self._pauses = 0
        self._holders: list[Callable[[], None]] = []
        # No bound of its own: as many are open as threads work here at once, and a bound would only make them fail.
        arguments: dict[str, Any] = {"timeout": _PATIENCE} if self.is_sqlite else {}
        self.engine: Engine = create_engine(parsed, connect_args=arguments, max_overflow=-1)
        self._failures: type[Exception] = self.engine.dialect.loaded_dbapi.Error
        event.listen(self.engine, "begin", _refuse_to_begin)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @contextlib.contextmanager
    def connect(self, *, write: bool) -> Iterator[Connection]:
        """A connection inside a transaction; whoever uses it commits, leaving without a commit rolls back."""
        options: dict[str, Any] = {"ringfence_write": write}
        if not self.is_sqlite:
            options["isolation_level"] = "READ COMMITTED" if write else "REPEATABLE READ"
        try:
            with self.engine.connect().execution_options(**options) as connection:
                connection.begin()
                yield connection
        except exc.DBAPIError as error:
            raise translate(error) from error

    def open_to_look(self) -> Connection:
        """A connection on whose driver each statement is a transaction of its own; whoever opens it closes it."""
        try:
            connection = self.engine.connect().execution_options(ringfence_looks=True)
            return connection if self.is_sqlite else connection.execution_options(isolation_level="AUTOCOMMIT")
        except exc.DBAPIError as error:
            raise translate(error) from error

    def is_lost(self, connection: Connection) -> bool:
        """Whether the server has closed the connection; a file closes none."""
        driver: Any = connection.connection.driver_connection
        return not self.is_sqlite and bool(driver.closed)

    def statement(self, text: str) -> str:
        """Turn a statement written with `?` into the driver's own form."""
        return text if self.is_sqlite else text.replace("?", "%s")

    def folded(self, expression: str) -> str:
        """An expression of text without its case."""
        return f"casefold({expression})" if self.is_sqlite else f"lower({expression})"

    def place(self, expression: str, part: str) -> str:
        """Where a part stands in a text, from 1 on; 0 when it does not."""
        return f"{'instr' if self.is_sqlite else 'strpos'}({expression}, {part})"

    def insert(self, connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Insert many rows; a key that exists makes the transaction end with `ConflictError` (ROW_CHANGED)."""
        if not rows:
            return
        names = ", ".join(columns)
        if self.is_sqlite:
            places = ", ".join("?" * len(columns))
            connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({places})", list(rows))  # noqa: S608 - names of ours
            return
        from psycopg import Error  # noqa: PLC0415 - half of the start-up time where only SQLite is used

        cursor = connection.connection.cursor()
        text = f"COPY {table} ({names}) FROM STDIN"
        try:
            with cursor.copy(text) as copy:
                for row in rows:
                    copy.write_row(row)
        except Error as error:
            # It ran on the driver: given the form of every other failed statement, it is translated like them.
            raise exc.DBAPIError.instance(text, None, error, Error) from error

    def point(self, connection: Connection, table: str, columns: tuple[str, str, str], rows: Sequence[Row]) -> None:
        """Point look-up rows (tenant, name, target) at their targets, whoever had the name before."""
        tenant, name, target = columns
        self.execute_many(
            connection,
            f"INSERT INTO {table} ({tenant}, {name}, {target}) VALUES (?, ?, ?) "  # noqa: S608 - names of ours
            f"ON CONFLICT ({tenant}, {name}) DO UPDATE SET {target} = excluded.{target}",
            rows,
        )

    def fetch(self, connection: Connection, text: str, values: Sequence[object]) -> list[Row]:
        """All rows of a query in the driver's form, run on the driver: a short read costs several times as much through more."""
        driver: Any = connection.connection.driver_connection
        try:
            found: list[Row] = driver.execute(text, values).fetchall()
        except self._failures as error:
            # It ran on the driver: given the form of every other failed statement, it is translated like them.
            raise exc.DBAPIError.instance(text, None, error, self._failures) from error
        return found

    def write(self, connection: Connection, text: str, values: Sequence[object]) -> int:
        """Run a statement in the driver's form on the driver, inside a transaction; return how many rows it touched."""
        if not connection.in_transaction():
            message = "a statement that writes was run outside a transaction"
            raise RuntimeError(message)
        driver: Any = connection.connection.driver_connection
        try:
            touched: int = driver.execute(text, values).rowcount
        except self._failures as error:
            raise exc.DBAPIError.instance(text, None, error, self._failures) from error
        return touched

    def execute_many(self, connection: Connection, text: str, rows: Sequence[Row]) -> int:
        """Run one statement (written with `?`) for many rows and return how many rows it touched in all."""
        if not rows:
            return 0
        return connection.exec_driver_sql(self.statement(text), list(rows)).rowcount

    def select_among(
        self, connection: Connection, text: str, first: int, keys: Sequence[str] | Sequence[bytes], *, lock: bool = False
    ) -> Iterator[Row]:
        """Run `text`, a query ending in `tenant_id = ? AND column`, for the keys given.

        With `lock`, other writers leave the rows alone until the commit (on SQLite they leave the whole file); who gives the keys
        in order waits for others who do in turn.
        """
        if not self.is_sqlite:
            if keys:
                among = _among(self.statement(text), of_text=isinstance(keys[0], str), lock=lock)
                yield from self.fetch(connection, among, (list(keys), first))
            return
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            part = keys[start : start + _KEYS_AT_ONCE]
            places = ",".join("?" * len(part))
            yield from self.fetch(connection, f"{text} IN ({places})", (first, *part))

    def lock_clause(self, *, to_write: bool = False) -> str:
        """What makes a selected row stay as it is until the commit (on SQLite the whole file does), for others or for all."""
        return "" if self.is_sqlite else " FOR UPDATE" if to_write else " FOR SHARE"

    def keep_clause(self) -> str:
        """What keeps a selected row from other writers until the commit, as `select_among` does with `lock`."""
        return "" if self.is_sqlite else " FOR NO KEY UPDATE"

    def skip_locked_clause(self) -> str:
        """What takes rows for this transaction alone and passes over those that another has (on SQLite none can)."""
        return "" if self.is_sqlite else " FOR UPDATE SKIP LOCKED"

    def lock_schema(self, connection: Connection) -> None:
        """Let nobody else look at the schema to change it until the commit (on SQLite a writer has the file to itself)."""
        if not self.is_sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")

    def refresh_statistics(self, connection: Connection, tables: Sequence[str], rows: int) -> None:
        """Let PostgreSQL look at tables that may have more rows by now than it plans with.

        Its own daemon comes only a minute later, and until then a plan made for empty tables reads a million users for hours.
        """
        if self.is_sqlite:
            return
        known = connection.exec_driver_sql("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", (tables[0],)).scalar_one()
        if known < rows:
            connection.exec_driver_sql(f"ANALYZE {', '.join(tables)}")

    def give_way(self) -> None:
        """Let other writers have their turn between two chunks of long work.

        Long work brings its log into the file itself, between its transactions: others may write meanwhile, no commit of theirs
        has to do it instead, and chunks are not sized by it.
        """
        if not self.is_sqlite:
            return
        self._pauses += 1
        if self._pauses % _PAUSES_A_CHECKPOINT == 0:
            self._bring_log_in()
        time.sleep(_PAUSE)

    def _bring_log_in(self) -> None:
        try:
            with contextlib.closing(self.engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
        except sqlite3.Error as error:
            raise UnavailableError(ErrorCode.DATABASE_UNREACHABLE, reason=str(error)) from error

    def before_disposal(self, close: Callable[[], None]) -> None:
        """Have something closed that holds connections."""
        self._holders.append(close)

    def dispose(self) -> None:
        """Close all connections."""
        for close in self._holders:
            close()
        self.engine.dispose()


def _among(text: str, *, of_text: bool, lock: bool) -> str:
    """PostgreSQL's form of a query for many keys: one look into the index for each.

    `= ANY(…)` would leave the choice to statistics, and without any (a first import fills the tables while it goes on) each of
    these queries reads the table whole. The offset keeps the inner query what it is.
    """
    kind, collation = ("text[]", ' COLLATE "C"') if of_text else ("bytea[]", "")
    locking = " FOR NO KEY UPDATE" if lock else ""
    inner = f"{text} = wanted.key{collation} OFFSET 0{locking}"
    return f"SELECT found.* FROM unnest(%s::{kind}) AS wanted (key) CROSS JOIN LATERAL ({inner}) AS found"  # noqa: S608 - ours


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except exc.ArgumentError as error:
        raise InvalidError(ErrorCode.DATABASE_UNSUPPORTED, database=url) from error
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "postgresql+psycopg"} or not parsed.database or parsed.database == ":memory:":
        raise InvalidError(ErrorCode.DATABASE_UNSUPPORTED, database=parsed.render_as_string(hide_password=True))
    return parsed


_PRAGMAS: Final = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "temp_store = FILE",
    f"wal_autocheckpoint = {_LOG_PAGES}",
)


def _casefold(text: str | None) -> str | None:
    """SQLite's own `lower` knows the letters of ASCII alone."""
    return None if text is None else text.casefold()


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.create_function("casefold", 1, _casefold, deterministic=True)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _refuse_to_begin(connection: Connection) -> None:
    """What only looks runs on the driver: a transaction begun for it would stay open, and show one moment for ever."""
    if connection.get_execution_options().get("ringfence_looks"):
        message = "a statement that goes through SQLAlchemy was run on a connection that only looks"
        raise RuntimeError(message)


_BEGIN_WRITE: Final = "BEGIN IMMEDIATE"


def _begin_sqlite(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    writes = connection.get_execution_options().get("ringfence_write")
    cache = _WRITE_CACHE if writes else _READ_CACHE
    if connection.info.get("cache") != cache:
        driver.execute(f"PRAGMA cache_size = {cache}")
        connection.info["cache"] = cache
    if not writes:
        connection.exec_driver_sql("BEGIN")
        return
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        _take_the_file(driver)
    except sqlite3.OperationalError as error:
        raise exc.DBAPIError.instance(_BEGIN_WRITE, None, error, sqlite3.Error) from error
    finally:
        driver.execute(f"PRAGMA busy_timeout = {1000 * _PATIENCE}")


def _take_the_file(driver: sqlite3.Connection) -> None:
    """Begin to write, asking again and again while somebody else does."""
    for _ in range(_TRIES):
        try:
            driver.execute(_BEGIN_WRITE)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(_TRY_EVERY)
        else:
            return
    driver.execute(_BEGIN_WRITE)


_OTHERS_AT_WORK: Final = frozenset({"23505", "40001", "40P01"})
"""PostgreSQL's key that exists, serialization failure and deadlock: run again, the transaction sees what the others did."""
_KEY_EXISTS: Final = frozenset({sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE})


_NOT_PERMITTED: Final = "42501"
"""PostgreSQL's lack of a privilege, which its driver takes for a mistake in the statement."""


def translate(error: exc.DBAPIError) -> Exception:
    """What a failed statement means to a use case; the error itself where it is a mistake of ours."""
    state = getattr(error.orig, "sqlstate", None)
    extended = getattr(error.orig, "sqlite_errorcode", 0)
    if state in _OTHERS_AT_WORK or extended in _KEY_EXISTS:
        return ConflictError(ErrorCode.ROW_CHANGED)
    code = extended & 0xFF
    if code == sqlite3.SQLITE_BUSY:
        return ConflictError(ErrorCode.DATABASE_BUSY)
    if code in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
        return UnavailableError(ErrorCode.DATABASE_UNREACHABLE, reason="the file is not a database, or it is damaged")
    if isinstance(error, exc.OperationalError) or state == _NOT_PERMITTED:
        return UnavailableError(ErrorCode.DATABASE_UNREACHABLE, reason=str(error.orig).strip().partition("\n")[0])
    return error

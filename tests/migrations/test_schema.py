"""The migrations build exactly the tables of `ringfence.storage.tables`, and a schema we do not know is refused."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, inspect, text

from ringfence.domain.errors import ErrorCode, UnavailableError
from ringfence.storage import mfa_tables, schema, tables
from ringfence.storage.engine import Database
from ringfence.storage.schema import HEAD, KNOWN, migrate
from ringfence.storage.unit_of_work import check_schema

_STORAGE = Path(schema.__file__).parent
_ALL = sorted(mfa_tables.TABLES.tables)


def test_the_migrations_build_the_tables(own_database: Database) -> None:
    """From nothing to head there is no difference to the metadata (Alembic's own comparison)."""
    with own_database.connect(write=False) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert [] == compare_metadata(context, mfa_tables.TABLES)


@pytest.mark.parametrize("table", _ALL)
def test_checks_and_keys_are_there_too(own_database: Database, table: str) -> None:
    """What Alembic does not compare: check constraints and primary keys."""
    with own_database.connect(write=False) as connection:
        found = inspect(connection)
        checks = {check["name"] for check in found.get_check_constraints(table)}
        key = found.get_pk_constraint(table)["constrained_columns"]
    defined = mfa_tables.TABLES.tables[table]
    wanted = {str(one.name) for one in defined.constraints if isinstance(one, CheckConstraint)}
    assert (wanted, [column.name for column in defined.primary_key]) == (checks, key)


def test_sqlite_tables_are_clustered_by_their_keys(tmp_path: Path) -> None:
    """A table whose definition says so has no rowid: its rows lie in the order of its key."""
    database = Database(f"sqlite:///{tmp_path}/r.db")
    migrate(database)
    database.dispose()
    with sqlite3.connect(tmp_path / "r.db") as connection:
        made = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    connection.close()
    wanted = {name for name, table in mfa_tables.TABLES.tables.items() if table.dialect_options["sqlite"]["with_rowid"] is False}
    assert wanted == {name for name in _ALL if "WITHOUT ROWID" in made[name]}


def test_the_revisions_we_know_are_the_files() -> None:
    """`KNOWN`, in order, and `HEAD` are what Alembic finds in the folder."""
    scripts = ScriptDirectory(str(_STORAGE / "migrations"))
    assert (KNOWN, HEAD) == (tuple(reversed([one.revision for one in scripts.walk_revisions()])), scripts.get_current_head())


def _set_revision(database: Database, revision: str) -> None:
    with database.connect(write=True) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
        connection.commit()


@pytest.mark.parametrize("opening", [check_schema, migrate], ids=["use", "init"])
def test_a_newer_schema_is_refused(own_database: Database, opening: Callable[[Database], None]) -> None:
    """A revision from the future is neither used nor touched."""
    _set_revision(own_database, "9999")
    with pytest.raises(UnavailableError) as caught:
        opening(own_database)
    assert ErrorCode.DATABASE_NEWER is caught.value.code


def test_an_older_schema_asks_for_init(own_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A revision that is known and not the newest is told from one that is not known."""
    monkeypatch.setattr("ringfence.storage.unit_of_work.HEAD", "9998")
    with pytest.raises(UnavailableError) as caught:
        check_schema(own_database)
    assert ErrorCode.DATABASE_OLDER is caught.value.code


def test_a_database_without_the_schema_is_none(empty_url: str) -> None:
    """An empty database, or none, is told as missing."""
    database = Database(empty_url)
    with pytest.raises(UnavailableError) as caught:
        check_schema(database)
    database.dispose()
    assert ErrorCode.DATABASE_MISSING is caught.value.code


def test_init_twice_changes_nothing(own_database: Database) -> None:
    """Migrating what is at head already is no change."""
    migrate(own_database)
    check_schema(own_database)


@pytest.mark.parametrize("table", _ALL)
def test_keys_begin_with_tenant_and_user(table: str) -> None:
    """Per-user tables can be hash-distributed by user; every other table is listed with its reason."""
    key = [column.name for column in mfa_tables.TABLES.tables[table].primary_key]
    if table in tables.PER_USER_TABLES:
        assert ["tenant_id", "user_id"] == key[:2]
    else:
        assert tables.GLOBAL_TABLES[table]


def test_the_two_lists_of_tables_are_disjoint() -> None:
    """A table is per user or global, and each listed one exists."""
    assert _ALL == sorted([*tables.PER_USER_TABLES, *tables.GLOBAL_TABLES])


@pytest.mark.parametrize("path", sorted(_STORAGE.glob("*.py")), ids=lambda path: path.name)
def test_one_file_knows_the_engines(path: Path) -> None:
    """SQLite and PostgreSQL are named in code by `engine.py` alone (the tables' options excepted)."""
    code = re.sub(r'"""(.|\n)*?"""', "", path.read_text("utf-8"))
    named = set(re.findall(r"is_sqlite|sqlite3|psycopg|postgresql(?!\"|_where)", code))
    assert path.name == "engine.py" or not named

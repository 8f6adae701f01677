"""A database that the migrations built is, word for word, the one that the metadata would build."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from ringfence.storage.engine import Database
from ringfence.storage.mfa_tables import TABLES

_SQLITE = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%' AND name NOT LIKE 'sqlite%' ORDER BY name"
_POSTGRES = """
SELECT table_name, column_name, ordinal_position, data_type, is_nullable, column_default, collation_name
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
UNION ALL SELECT conrelid::regclass::text, conname, 0, contype::text, pg_get_constraintdef(oid), NULL, NULL
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
UNION ALL SELECT tablename, indexname, 0, indexdef, NULL, NULL, NULL
FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
ORDER BY 1, 3, 2, 4
"""


def described(connection: Connection, *, is_sqlite: bool) -> list[tuple[Any, ...]]:
    """All tables, columns, checks, keys and indexes, as the database itself describes them; lines may be broken elsewhere."""
    rows = connection.execute(text(_SQLITE if is_sqlite else _POSTGRES))
    return [tuple(" ".join(cell.split()) if isinstance(cell, str) else cell for cell in row) for row in rows]


def test_migrations_and_metadata_build_the_same(own_database: Database) -> None:
    """Columns, types, collations, checks (their text too), keys, indexes and clustering are the same on both ways."""
    with own_database.connect(write=True) as connection:
        migrated = described(connection, is_sqlite=own_database.is_sqlite)
        TABLES.drop_all(connection)
        TABLES.create_all(connection)
        assert migrated == described(connection, is_sqlite=own_database.is_sqlite)
    assert len(migrated) >= len(TABLES.tables)

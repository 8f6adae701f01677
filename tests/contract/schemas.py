"""The schema in a database of a test: a new file of SQLite is a copy of one that was migrated, once in a process."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from ringfence.storage.engine import Database
from ringfence.storage.schema import migrate


def put_schema(database: Database) -> None:
    """Bring a database to date as `migrate` does."""
    if database.path is None or database.path.exists():
        migrate(database)
        return
    database.path.touch(mode=0o600)
    database.path.write_bytes(_migrated())


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ringfence.db"
        database = Database(f"sqlite:///{file}")
        migrate(database)
        database.dispose()
        return file.read_bytes()

"""The revisions of the schema, and bringing a database to the newest one.

Alembic is loaded only when a migration runs: it is slow to import and every command needs `HEAD`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ringfence.domain.errors import ErrorCode, UnavailableError
from ringfence.storage.engine import Database

KNOWN: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012")
"""The revisions in order; a test holds them equal to the migration files."""
HEAD: Final = KNOWN[-1]


def migrate(database: Database) -> None:
    """Bring the database from nothing, or from an older revision, to `HEAD`; raises `UnavailableError` for a newer one."""
    from alembic import command  # noqa: PLC0415 - slow to import, needed here alone
    from alembic.config import Config  # noqa: PLC0415 - as above
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - as above

    if database.path is not None:
        database.path.parent.mkdir(parents=True, exist_ok=True)
        database.path.touch(mode=0o600)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with database.connect(write=True) as connection:
        database.lock_schema(connection)
        found = MigrationContext.configure(connection).get_current_revision()
        if found is not None and found not in KNOWN:
            raise UnavailableError(ErrorCode.DATABASE_NEWER, database=database.shown, found=found, known=HEAD)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()

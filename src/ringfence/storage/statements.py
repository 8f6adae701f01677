"""Running a statement's text on one connection: written once with `?`, in the driver's own form when it runs.

The text goes to the driver as it is: a statement that SQLAlchemy builds anew for every request costs several times its work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from ringfence.storage.engine import Database

Row = Sequence[Any]


class Statements:
    """One connection, one transaction."""

    def __init__(self, database: Database, connection: Connection) -> None:
        """Work on this connection's transaction."""
        self.database = database
        self.connection = connection

    def one(self, text: str, *values: object) -> Row | None:
        """The first row."""
        return next(iter(self.all(text, *values)), None)

    def all(self, text: str, *values: object) -> Sequence[Row]:
        """All rows."""
        return self.database.fetch(self.connection, self.database.statement(text), values)

    def run_many(self, text: str, rows: Sequence[tuple[object, ...]]) -> int:
        """Run it for many rows; return how many rows it touched in all."""
        return self.database.execute_many(self.connection, text, rows)

    def run(self, text: str, *values: object) -> int:
        """Run it; return how many rows it touched."""
        return self.database.write(self.connection, self.database.statement(text), values)

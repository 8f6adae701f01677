"""Everything sealed, user by user: read it all, write it all back under another key.

The place of a value is (table, pair, column, then the key of its row), so that nothing sealed can be left out: the columns
come from the table definitions themselves (every column whose name ends in `_sealed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Table, func, select, tuple_

from ringfence.application.ports import SealedValue, UserUnderKey
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.numbers.pairs import Pair
from ringfence.storage.engine import Database
from ringfence.storage.tables import audit_records, pairs, users

_SNAPSHOT_PAIRS: Final = {"mobile_sealed": Pair.MOBILE, "office_sealed": Pair.OFFICE, "alternate_sealed": Pair.ALTERNATE}
"""The columns of an audit record that hold a number of a pair of their own; the others hold one of the record's pair."""


def _sealed_columns(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if column.name.endswith("_sealed"))


_PAIR_COLUMNS: Final = _sealed_columns(pairs)
_AUDIT_COLUMNS: Final = _sealed_columns(audit_records)


def _select(table: str, key: str, columns: Sequence[str]) -> str:
    return f"SELECT {key}, {', '.join(columns)} FROM {table} WHERE tenant_id = ? AND user_id = ?"  # noqa: S608 - names of ours


def _update(table: str, columns: Sequence[str], key: str) -> str:
    """Write the values that are given, and leave the others."""
    sets = ", ".join(f"{column} = COALESCE(?, {column})" for column in columns)
    return f"UPDATE {table} SET {sets}{key}"  # noqa: S608 - names of ours


_READ_PAIRS: Final = _select("pairs", "pair", _PAIR_COLUMNS)
_READ_AUDIT: Final = _select("audit_records", "correlation_id, part, pair", _AUDIT_COLUMNS)
_WRITE_PAIRS: Final = _update("pairs", _PAIR_COLUMNS, ", version = version + 1 WHERE tenant_id = ? AND user_id = ? AND pair = ?")
_WRITE_AUDIT: Final = _update(
    "audit_records", _AUDIT_COLUMNS, " WHERE tenant_id = ? AND user_id = ? AND correlation_id = ? AND part = ?"
)
_NOTE: Final = "UPDATE users SET key_id = ?, version = version + 1 WHERE tenant_id = ? AND user_id = ? AND version = ?"


class SqlResealStore:
    """`ResealStore` over SQL; the statements run on the driver, for a user's history may be long."""

    def __init__(self, database: Database, connection: Connection) -> None:
        """Work on this connection's transaction."""
        self._database = database
        self._connection = connection

    def next_under(self, key_id: int, after: tuple[int, bytes]) -> tuple[int, bytes] | None:
        """The next user still under a key behind (tenant, user), or None."""
        place = (users.c.tenant_id, users.c.user_id)
        wanted = select(*place).where(users.c.key_id == key_id, tuple_(*place) > tuple_(*after)).order_by(*place).limit(1)
        found = self._connection.execute(wanted).first()
        return None if found is None else (found[0], bytes(found[1]))

    def users_under(self, key_id: int, first: tuple[int, bytes], limit: int) -> list[UserUnderKey]:
        """Those of the next `limit` users that are still under a key, in key order, left alone by others until the commit.

        It looks at the (tenant, user) given, which `next_under` found, and no more than `limit - 1` behind it: looking on until
        there are so many under the key would walk over all users, and this is a write.
        """
        place = (users.c.tenant_id, users.c.user_id)
        start = tuple_(*place) >= tuple_(*first)
        last = self._connection.execute(select(*place).where(start).order_by(*place).offset(limit - 1).limit(1)).first()
        wanted = select(*place, users.c.version).where(users.c.key_id == key_id, start)
        if last is not None:
            wanted = wanted.where(tuple_(*place) <= tuple_(*last))
        wanted = wanted.order_by(*place).with_for_update(key_share=True)
        return [UserUnderKey(row[0], bytes(row[1]), row[2]) for row in self._connection.execute(wanted)]

    def count_users(self) -> int:
        """All users of all tenants."""
        return self._connection.execute(select(func.count()).select_from(users)).scalar_one()

    def sealed_values(self, user: UserUnderKey) -> list[SealedValue]:
        """Every sealed value of a user; the pairs are locked first, so that nobody writes them under the old key meanwhile."""
        own, database = (user.tenant_id, user.user_id), self._database
        read_pairs = database.statement(_READ_PAIRS) + database.lock_clause(to_write=True)
        values = [
            SealedValue("pairs", column, Pair(pair), b"", 0, sealed)
            for pair, *row in self._connection.exec_driver_sql(read_pairs, own)
            for column, sealed in zip(_PAIR_COLUMNS, row, strict=True)
            if sealed
        ]
        values += [
            SealedValue("audit_records", column, Pair(_SNAPSHOT_PAIRS.get(column, pair)), bytes(correlation_id), part, sealed)
            for correlation_id, part, pair, *row in self._connection.exec_driver_sql(database.statement(_READ_AUDIT), own)
            for column, sealed in zip(_AUDIT_COLUMNS, row, strict=True)
            if sealed
        ]
        return values

    def reseal(self, user: UserUnderKey, key_id: int, values: Sequence[SealedValue]) -> None:
        """Write them back under the new key and note it on the user; raises `ConflictError` when the user changed."""
        own, write = (user.tenant_id, user.user_id), self._database.execute_many
        by_pair: dict[Pair, dict[str, bytes]] = {pair: {} for pair in Pair}
        by_record: dict[tuple[bytes, int], dict[str, bytes]] = {}
        for value in values:
            rows = by_pair[value.pair] if value.table == "pairs" else by_record.setdefault((value.correlation_id, value.part), {})
            rows[value.column] = value.sealed
        write(self._connection, _WRITE_PAIRS, [(*map(row.get, _PAIR_COLUMNS), *own, int(pair)) for pair, row in by_pair.items()])
        write(self._connection, _WRITE_AUDIT, [(*map(row.get, _AUDIT_COLUMNS), *own, *key) for key, row in by_record.items()])
        if write(self._connection, _NOTE, [(key_id, *own, user.version)]) != 1:
            raise ConflictError(ErrorCode.ROW_CHANGED)

"""Everything sealed, user by user: read it all, write it all back under another key.

The place of a value is (table, pair, column, then the key of its row), so that nothing sealed can be left out: the columns
come from the table definitions themselves (every column whose name ends in `_sealed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, func, select, tuple_, update

from ringfence.application.ports import SealedValue, UserUnderKey
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.numbers.pairs import Pair
from ringfence.storage.tables import audit_records, pairs, users

_SNAPSHOT_PAIRS: Final = {"mobile_sealed": Pair.MOBILE, "office_sealed": Pair.OFFICE, "alternate_sealed": Pair.ALTERNATE}


class SqlResealStore:
    """`ResealStore` over SQL."""

    def __init__(self, connection: Connection) -> None:
        """Work on this connection's transaction."""
        self._connection = connection

    def users_under(self, key_id: int, after: tuple[int, bytes], limit: int) -> list[UserUnderKey]:
        """The next users still under a key, in key order behind (tenant, user), left alone by other writers until the commit."""
        place = tuple_(users.c.tenant_id, users.c.user_id)
        wanted = (
            select(users.c.tenant_id, users.c.user_id, users.c.version)
            .where(users.c.key_id == key_id, place > tuple_(*after))
            .order_by(users.c.tenant_id, users.c.user_id)
            .limit(limit)
            .with_for_update(key_share=True)
        )
        return [UserUnderKey(row[0], bytes(row[1]), row[2]) for row in self._connection.execute(wanted)]

    def count_users(self) -> int:
        """All users of all tenants."""
        return self._connection.execute(select(func.count()).select_from(users)).scalar_one()

    def sealed_values(self, user: UserUnderKey) -> list[SealedValue]:
        """Every sealed value of a user; the pairs are locked first, so that nobody writes them under the old key meanwhile."""
        values: list[SealedValue] = []
        own_pairs = select(pairs).where(pairs.c.tenant_id == user.tenant_id, pairs.c.user_id == user.user_id).with_for_update()
        for row in self._connection.execute(own_pairs).mappings():
            values += [SealedValue("pairs", name, Pair(row["pair"]), b"", 0, row[name]) for name in _PAIR_COLUMNS if row[name]]
        audit = select(audit_records).where(audit_records.c.tenant_id == user.tenant_id, audit_records.c.user_id == user.user_id)
        for row in self._connection.execute(audit).mappings():
            for name in _AUDIT_COLUMNS:
                if row[name]:
                    pair = _SNAPSHOT_PAIRS[name] if name in _SNAPSHOT_PAIRS else Pair(row["pair"])
                    values.append(SealedValue("audit_records", name, pair, bytes(row["correlation_id"]), row["part"], row[name]))
        return values

    def reseal(self, user: UserUnderKey, key_id: int, values: Sequence[SealedValue]) -> None:
        """Write them back under the new key and note it on the user; raises `ConflictError` when the user changed."""
        for value in values:
            table = pairs if value.table == "pairs" else audit_records
            place = [table.c.tenant_id == user.tenant_id, table.c.user_id == user.user_id]
            if table is pairs:
                place.append(pairs.c.pair == int(value.pair))
            else:
                place += [audit_records.c.correlation_id == value.correlation_id, audit_records.c.part == value.part]
            self._connection.execute(update(table).where(*place).values({value.column: value.sealed}))
        own_pairs = update(pairs).where(pairs.c.tenant_id == user.tenant_id, pairs.c.user_id == user.user_id)
        self._connection.execute(own_pairs.values(version=pairs.c.version + 1))
        noted = self._connection.execute(
            update(users)
            .where(users.c.tenant_id == user.tenant_id, users.c.user_id == user.user_id, users.c.version == user.version)
            .values(key_id=key_id, version=users.c.version + 1)
        )
        if noted.rowcount != 1:
            raise ConflictError(ErrorCode.ROW_CHANGED)


_PAIR_COLUMNS: Final = tuple(column.name for column in pairs.columns if column.name.endswith("_sealed"))
_AUDIT_COLUMNS: Final = tuple(column.name for column in audit_records.columns if column.name.endswith("_sealed"))

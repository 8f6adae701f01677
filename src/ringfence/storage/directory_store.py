"""Users with both number sets, and the look-ups that lead to them."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, func, select

from ringfence.application.ports import SealedPhone, SealedPhones, UserFilter
from ringfence.domain.directory.distinguished_names import dn_key
from ringfence.domain.directory.records import PerUserState, SyncState
from ringfence.domain.directory.user import Account, PairState, User, upn_key
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.numbers.pairs import PUBLIC_PAIRS, Pair
from ringfence.storage.change_log import ChangedUsers
from ringfence.storage.engine import STREAMED, Database
from ringfence.storage.rows import PAIR_COLUMNS, PAIRS, USER_COLUMNS, pair_of, pair_row, user_of, user_row, written_of
from ringfence.storage.tables import user_principal_names, users

_USER_SELECT: Final = f"SELECT {', '.join(USER_COLUMNS)} FROM users WHERE tenant_id = ? AND user_id"  # noqa: S608 - columns of ours
_PAIR_SELECT: Final = f"SELECT {', '.join(PAIR_COLUMNS)} FROM pairs WHERE tenant_id = ? AND user_id"  # noqa: S608 - columns of ours


def _update(table: str, columns: Sequence[str], keys: int) -> str:
    """An update of everything behind the key, conditional on the version read."""
    sets = ", ".join(f"{column} = ?" for column in columns[keys:])
    where = " AND ".join(f"{column} = ?" for column in columns[:keys])
    return f"UPDATE {table} SET {sets} WHERE {where} AND version = ?"  # noqa: S608 - names of ours


_FOUND_USER: Final = ", ".join(f"u.{column}" for column in USER_COLUMNS)
_FOUND_PAIR: Final = ", ".join(f"p.{column}" for column in PAIR_COLUMNS)
_PAIR_AT: Final = len(USER_COLUMNS)
_FOUND: Final = """u.tenant_id = ? AND u.user_id =
    COALESCE((SELECT n.user_id FROM user_principal_names n WHERE n.tenant_id = ? AND n.upn_key = ?), ?)"""
_FIND: Final = f"""
SELECT {_FOUND_USER}, {_FOUND_PAIR} FROM users u
LEFT JOIN pairs p ON p.tenant_id = u.tenant_id AND p.user_id = u.user_id
WHERE {_FOUND}
"""  # noqa: S608 - columns of ours
_FIND_USER: Final = f"SELECT {_FOUND_USER} FROM users u WHERE {_FOUND}"  # noqa: S608 - columns of ours
_PHONES: Final = f"""
SELECT u.user_id, u.key_id, u.deleted_at, p.pair, p.authentication_sealed, p.origin, p.written_at, p.written_by, p.run_id
FROM users u
LEFT JOIN pairs p ON p.tenant_id = u.tenant_id AND p.user_id = u.user_id AND p.authentication_sealed IS NOT NULL
WHERE {_FOUND} ORDER BY p.pair
"""  # noqa: S608 - columns of ours

_USER_UPDATE: Final = _update("users", USER_COLUMNS, 2)
_PAIR_UPDATE: Final = _update("pairs", PAIR_COLUMNS, 3)


class SqlDirectoryStore:
    """`DirectoryStore` over SQL."""

    def __init__(
        self,
        database: Database,
        connection: Connection,
        changed: ChangedUsers,
        advance_epoch: Callable[[int], None],
        *,
        writes: bool,
    ) -> None:
        """Work on this connection's transaction; where it writes, what it loads is its own until the commit.

        `changed` is told of every user of whom something is shown otherwise than before, `advance_epoch` of every tenant where
        a user may no longer sign in.
        """
        self._database = database
        self._connection = connection
        self._changed = changed
        self._advance_epoch = advance_epoch
        self._writes = writes

    def ids_by_upn(self, tenant_id: int, keys: Sequence[str]) -> dict[str, bytes]:
        """`upn_key` -> user id, for those that exist."""
        return self._look_up("SELECT upn_key, user_id FROM user_principal_names WHERE tenant_id = ? AND upn_key", tenant_id, keys)

    def ids_by_anchor(self, tenant_id: int, anchors: Sequence[str]) -> dict[str, bytes]:
        """Source anchor -> user id."""
        return self._look_up("SELECT anchor, user_id FROM source_anchors WHERE tenant_id = ? AND anchor", tenant_id, anchors)

    def ids_by_dn(self, tenant_id: int, keys: Sequence[str]) -> dict[str, bytes]:
        """`dn_key` -> user id."""
        by_digest = {_dn_digest(key): key for key in keys}
        text = "SELECT dn_digest, user_id FROM distinguished_names WHERE tenant_id = ? AND dn_digest"
        return {by_digest[digest]: user_id for digest, user_id in self._look_up(text, tenant_id, list(by_digest)).items()}

    def _look_up(self, text: str, tenant_id: int, keys: Sequence[str]) -> dict[str, bytes]:
        return (
            {row[0]: bytes(row[1]) for row in self._database.select_among(self._connection, text, tenant_id, keys)}
            if keys
            else {}
        )

    def load(self, tenant_id: int, user_ids: Sequence[bytes]) -> dict[bytes, Account]:
        """The accounts that exist among these ids."""
        return self._with_pairs(tenant_id, self._users(tenant_id, user_ids)) if user_ids else {}

    def user(self, tenant_id: int, user_id: bytes) -> User | None:
        """The user with this id as committed, without pairs; nobody is kept from it, so it may be read behind any other row."""
        found = self._database.select_among(self._connection, _USER_SELECT, tenant_id, [user_id])
        return next(map(user_of, found), None)

    def _users(self, tenant_id: int, user_ids: Sequence[bytes]) -> Iterator[User]:
        return map(user_of, self._database.select_among(self._connection, _USER_SELECT, tenant_id, user_ids, lock=self._writes))

    def _with_pairs(self, tenant_id: int, users_found: Iterable[User]) -> dict[bytes, Account]:
        found = {user.user_id: user for user in users_found}
        states: dict[bytes, dict[Pair, PairState]] = {user_id: {} for user_id in found}
        for row in self._database.select_among(self._connection, _PAIR_SELECT, tenant_id, list(found)):
            state = pair_of(row)
            states[bytes(row[1])][state.pair] = state
        return {user_id: Account(user, states[user_id]) for user_id, user in found.items()}

    def find(self, tenant_id: int, name: str, user_id: bytes | None) -> Account | None:
        """The account that has this name (`upn_key`), else the one with this id.

        One statement where nothing is locked; else pairs are read once the user is.
        """
        values = (tenant_id, tenant_id, name, user_id)
        if self._writes:
            text = self._database.statement(_FIND_USER) + self._database.keep_clause()
            rows = self._database.fetch(self._connection, text, values)
            return next(iter(self._with_pairs(tenant_id, map(user_of, rows)).values()), None)
        rows = self._database.fetch(self._connection, self._database.statement(_FIND), values)
        if not rows:
            return None
        states = [pair_of(row[_PAIR_AT:]) for row in rows if row[_PAIR_AT] is not None]
        return Account(user_of(rows[0]), {state.pair: state for state in states})

    def phones(self, tenant_id: int, name: str, user_id: bytes | None) -> SealedPhones | None:
        """The authentication numbers of the user that `find` would return, by pair."""
        values = (tenant_id, tenant_id, name, user_id)
        rows = self._database.fetch(self._connection, self._database.statement(_PHONES), values)
        if not rows:
            return None
        phones = [SealedPhone(PAIRS[row[3]], row[4], written_of(row[5:])) for row in rows if row[3] is not None]
        return SealedPhones(bytes(rows[0][0]), rows[0][1], rows[0][2] is not None, phones)

    def insert(self, tenant_id: int, accounts: Sequence[Account]) -> None:
        """Store new users with their pairs and look-ups."""
        ordered = sorted(accounts, key=lambda account: account.user.user_id)
        insert = self._database.insert
        insert(self._connection, "users", USER_COLUMNS, [user_row(tenant_id, account.user) for account in ordered])
        insert(
            self._connection,
            "pairs",
            PAIR_COLUMNS,
            [pair_row(tenant_id, account.user.user_id, state) for account in ordered for state in account.pairs.values()],
        )
        self._add_names(tenant_id, (account.user for account in accounts))
        self._changed.note(tenant_id, (account.user.user_id for account in accounts))

    def _add_names(self, tenant_id: int, added: Iterable[User]) -> None:
        upns: list[tuple[Any, ...]] = []
        anchors: list[tuple[Any, ...]] = []
        dns: list[tuple[Any, ...]] = []
        for user in added:
            if user.upn:
                upns.append((tenant_id, upn_key(user.upn), user.user_id))
            if user.anchor:
                anchors.append((tenant_id, user.anchor, user.user_id))
            if user.dn:
                dns.append((tenant_id, _dn_digest(dn_key(user.dn)), user.user_id))
        insert = self._database.insert
        insert(self._connection, "user_principal_names", ("tenant_id", "upn_key", "user_id"), sorted(upns))
        insert(self._connection, "source_anchors", ("tenant_id", "anchor", "user_id"), sorted(anchors))
        self._database.point(self._connection, "distinguished_names", ("tenant_id", "dn_digest", "user_id"), sorted(dns))

    def update(self, tenant_id: int, changes: Sequence[tuple[Account, Account]]) -> None:
        """Store (before, after), each conditional on the versions read."""
        changed_users: list[tuple[Any, ...]] = []
        changed_pairs: list[tuple[Any, ...]] = []
        new_pairs: list[tuple[Any, ...]] = []
        for before, after in changes:
            # A pair that is added has no version to hold on to, so the user's stands in: it may be sealed under a key just left.
            if after.user != before.user or len(after.pairs) > len(before.pairs):
                row = user_row(tenant_id, after.user._replace(version=before.user.version + 1))
                changed_users.append((*row[2:], *row[:2], before.user.version))
            for pair, state in after.pairs.items():
                old = before.pairs.get(pair)
                if old is None:
                    new_pairs.append(pair_row(tenant_id, after.user.user_id, state))
                elif state != old:
                    row = pair_row(tenant_id, after.user.user_id, state._replace(version=old.version + 1))
                    changed_pairs.append((*row[3:], *row[:3], old.version))
        self._write(_USER_UPDATE, changed_users)
        self._write(_PAIR_UPDATE, changed_pairs)
        self._database.insert(self._connection, "pairs", PAIR_COLUMNS, new_pairs)
        self._rename(tenant_id, changes)
        self._changed.note(tenant_id, (after.user.user_id for before, after in changes if _is_seen(before, after)))
        if any(before.user.enabled > after.user.enabled or _is_deleted(before.user, after.user) for before, after in changes):
            self._advance_epoch(tenant_id)

    def _write(self, text: str, rows: list[tuple[Any, ...]]) -> None:
        if self._database.execute_many(self._connection, text, rows) != len(rows):
            raise ConflictError(ErrorCode.ROW_CHANGED)

    def _rename(self, tenant_id: int, changes: Sequence[tuple[Account, Account]]) -> None:
        for kind, column, key in (
            ("user_principal_names", "upn_key", _upn),
            ("source_anchors", "anchor", _anchor),
            ("distinguished_names", "dn_digest", _dn),
        ):
            gone, come = [], []
            for before, after in changes:
                old, new = key(before.user), key(after.user)
                if old != new or _is_restored(before.user, after.user):
                    gone += [(tenant_id, old, after.user.user_id)] if old else []
                    come += [(tenant_id, new, after.user.user_id)] if new else []
            delete = f"DELETE FROM {kind} WHERE tenant_id = ? AND {column} = ? AND user_id = ?"  # noqa: S608 - names of ours
            self._database.execute_many(self._connection, delete, gone)
            add = self._database.point if kind == "distinguished_names" else self._database.insert
            add(self._connection, kind, ("tenant_id", column, "user_id"), come)

    def free_upns(self, tenant_id: int, keys: Sequence[str]) -> None:
        """Take names away from deleted users."""
        self._database.execute_many(
            self._connection,
            "DELETE FROM user_principal_names WHERE tenant_id = ? AND upn_key = ?",
            [(tenant_id, key) for key in keys],
        )

    def synced_users(self, tenant_id: int) -> Iterator[User]:
        """All synced users that are not deleted, in steady memory."""
        wanted = select(*(users.c[name] for name in USER_COLUMNS)).where(
            users.c.tenant_id == tenant_id, users.c.sync_state == int(SyncState.SYNCED), users.c.deleted_at.is_(None)
        )
        for row in self._connection.execute(wanted, execution_options=STREAMED):
            yield user_of(row)

    def users(self, tenant_id: int, wanted: UserFilter) -> list[User]:
        """A page of users by name; of deleted ones, whose names may be taken or shared, all of the last name are on it."""
        if wanted.deleted:
            return self._deleted_users(tenant_id, wanted)
        names = user_principal_names
        conditions = [names.c.tenant_id == tenant_id, names.c.upn_key > upn_key(wanted.after), users.c.deleted_at.is_(None)]
        if wanted.sync_state is not None:
            conditions.append(users.c.sync_state == int(wanted.sync_state))
        if wanted.starts_with:
            prefix = upn_key(wanted.starts_with)
            conditions += [names.c.upn_key >= prefix, names.c.upn_key < prefix + "\U0010ffff"]
        page = (
            select(*(users.c[name] for name in USER_COLUMNS))
            .join(names, (names.c.tenant_id == users.c.tenant_id) & (names.c.user_id == users.c.user_id))
            .where(*conditions)
            .order_by(names.c.upn_key)
            .limit(wanted.limit)
        )
        return [user_of(row) for row in self._connection.execute(page)]

    def _deleted_users(self, tenant_id: int, wanted: UserFilter) -> list[User]:
        page = heapq.nsmallest(wanted.limit, self._deleted_names(tenant_id, wanted))
        if len(page) == wanted.limit:
            last, bound = page[-1][0], page[-1]
            page += sorted(one for one in self._deleted_names(tenant_id, wanted) if one[0] == last and one > bound)
        ids = [user_id for _, user_id in page]
        rows = self._database.select_among(self._connection, _USER_SELECT, tenant_id, ids)
        found = {user.user_id: user for user in map(user_of, rows)}
        return [found[user_id] for user_id in ids]

    def _deleted_names(self, tenant_id: int, wanted: UserFilter) -> Iterator[tuple[str, bytes]]:
        """Name and id of the deleted users that are wanted, in steady memory. Engines fold case differently, so we do it."""
        gone = select(users.c.upn, users.c.user_id).where(users.c.tenant_id == tenant_id, users.c.deleted_at.is_not(None))
        if wanted.sync_state is not None:
            gone = gone.where(users.c.sync_state == int(wanted.sync_state))
        after, prefix = upn_key(wanted.after), upn_key(wanted.starts_with)
        for upn, user_id in self._connection.execute(gone, execution_options=STREAMED):
            if (key := upn_key(upn)) > after and key.startswith(prefix):
                yield key, bytes(user_id)

    def count_users(self, tenant_id: int) -> int:
        """Users that are not deleted."""
        counted = select(func.count()).select_from(users).where(users.c.tenant_id == tenant_id, users.c.deleted_at.is_(None))
        return self._connection.execute(counted).scalar_one()

    def bounds_after(self, tenant_id: int, after: bytes, count: int) -> bytes | None:
        """The id of the `count`-th user behind `after` in id order, or None when fewer are left."""
        text = "SELECT user_id FROM users WHERE tenant_id = ? AND user_id > ? ORDER BY user_id LIMIT 1 OFFSET ?"
        row = self._connection.exec_driver_sql(self._database.statement(text), (tenant_id, after, count - 1)).first()
        return None if row is None else bytes(row[0])


def _is_seen(before: Account, after: Account) -> bool:
    """Whether a reader of users may see that it changed."""
    if before.user != after.user and _shown(before.user) != _shown(after.user):
        return True
    return any(before.pairs[pair].public.text != after.pairs[pair].public.text for pair in PUBLIC_PAIRS)


def _shown(user: User) -> User:
    """All but the private side and what we count for ourselves."""
    return user._replace(key_id=0, methods=frozenset(), default=None, mfa_state=PerUserState.Disabled, email="", version=0)


def _is_deleted(before: User, after: User) -> bool:
    return before.deleted_at is None and after.deleted_at is not None


def _is_restored(before: User, after: User) -> bool:
    """Whoever comes back gets the names again: somebody else may have had them meanwhile."""
    return before.deleted_at is not None and after.deleted_at is None


def _upn(user: User) -> str:
    return upn_key(user.upn)


def _anchor(user: User) -> str | None:
    return user.anchor


def _dn(user: User) -> str | None:
    return _dn_digest(dn_key(user.dn)) if user.dn else None


def _dn_digest(key: str) -> str:
    """Names have no bound on their length, but what an index takes has."""
    return hashlib.sha256(key.encode()).hexdigest()

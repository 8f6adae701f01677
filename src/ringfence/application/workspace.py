"""The users a chunk of records speaks of, as they stand after the records before it.

Loads what the names lead to in a few statements, keeps the changes in memory (a later record of the chunk sees what an
earlier one did), and writes them all at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from ringfence.application.ports import UnitOfWork
from ringfence.domain.directory.distinguished_names import dn_key
from ringfence.domain.directory.matching import Candidates, match_whatever_name
from ringfence.domain.directory.records import DirectoryRecord, RecordAction
from ringfence.domain.directory.user import Account, User, upn_key

_NOBODY: Final = Candidates()


class Workspace:
    """Accounts by id and by name over one transaction."""

    def __init__(self, unit: UnitOfWork, tenant_id: int) -> None:
        """Begin empty."""
        self._unit = unit
        self._tenant_id = tenant_id
        self._before: dict[bytes, Account | None] = {}
        self._accounts: dict[bytes, Account] = {}
        self._by_upn: dict[str, bytes] = {}
        self._by_anchor: dict[str, bytes] = {}
        self._by_dn: dict[str, bytes] = {}
        self._freed: list[str] = []

    def load(self, records: Sequence[DirectoryRecord]) -> None:
        """Load every account that the names in these records lead to."""
        directory, tenant = self._unit.directory, self._tenant_id
        self._by_upn = directory.ids_by_upn(tenant, _keys(upn_key(record.upn) for record in records if record.upn))
        self._by_anchor = directory.ids_by_anchor(tenant, _keys(record.anchor for record in records if record.anchor))
        changes = (record for record in records if record.action is not RecordAction.UPSERT)
        self._by_dn = directory.ids_by_dn(tenant, _keys(dn_key(record.dn) for record in changes if record.dn))
        ids = {*self._by_upn.values(), *self._by_anchor.values(), *self._by_dn.values()}
        ids.update(record.user_id for record in records if record.user_id)
        self._accounts = directory.load(tenant, sorted(ids))
        self._before = dict(self._accounts)
        deleted = [upn_key(account.user.upn) for account in self._accounts.values() if account.user.deleted_at is not None]
        owners = directory.ids_by_upn(tenant, [key for key in deleted if key not in self._by_upn]) if deleted else {}
        self._by_upn.update(owners)

    def load_named(self, upns: Iterable[str], ids: Iterable[bytes]) -> None:
        """Load the accounts with these names or ids."""
        self._by_upn = self._unit.directory.ids_by_upn(self._tenant_id, _keys(upns))
        self._accounts = self._unit.directory.load(self._tenant_id, sorted({*self._by_upn.values(), *ids}))
        self._before = dict(self._accounts)

    def candidates(self, record: DirectoryRecord) -> Candidates:
        """The users that the record's names lead to now."""
        by_anchor = self._by_anchor.get(record.anchor) if record.anchor else None
        by_upn = self._by_upn.get(upn_key(record.upn)) if record.upn else None
        by_dn = self._by_dn.get(dn_key(record.dn)) if record.dn else None
        if by_anchor is None and by_upn is None and by_dn is None and record.user_id not in self._accounts:
            return _NOBODY
        return Candidates(self._user(record.user_id), self._user(by_anchor), self._user(by_upn), self._user(by_dn))

    def _user(self, user_id: bytes | None) -> User | None:
        account = None if user_id is None else self._accounts.get(user_id)
        return None if account is None else account.user

    def account(self, user_id: bytes) -> Account | None:
        """The account with this id as it stands now."""
        return self._accounts.get(user_id)

    def account_named(self, upn: str) -> Account | None:
        """The account with this name as it stands now."""
        user_id = self._by_upn.get(upn_key(upn))
        return None if user_id is None else self._accounts.get(user_id)

    def has_lost_upn(self, user: User) -> bool:
        """Whether the name of this deleted user is somebody else's by now."""
        owner = self._by_upn.get(upn_key(user.upn))
        return owner is not None and owner != user.user_id

    def put(self, account: Account) -> None:
        """Keep a new or changed account; names it had and has no more are free for others."""
        user = account.user
        present = self._accounts.get(user.user_id)
        if present is not None:
            self._forget_names(present.user)
        self._before.setdefault(user.user_id, None)
        self._accounts[user.user_id] = account
        self._by_upn[upn_key(user.upn)] = user.user_id
        if user.anchor:
            self._by_anchor[user.anchor] = user.user_id
        if user.dn:
            self._by_dn[dn_key(user.dn)] = user.user_id

    def _forget_names(self, user: User) -> None:
        for names, name in (
            (self._by_upn, upn_key(user.upn)),
            (self._by_anchor, user.anchor),
            (self._by_dn, dn_key(user.dn or "")),
        ):
            if name is not None and names.get(name) == user.user_id:
                del names[name]

    def free_upn(self, user: User) -> None:
        """Take the name away from a deleted user, for somebody else gets it."""
        self._freed.append(upn_key(user.upn))

    def release_upns(self, records: Sequence[DirectoryRecord]) -> None:
        """Take their names away from the users these records are about, all of whom get others from the records."""
        for record in records:
            user = match_whatever_name(record, self.candidates(record))
            if user is not None and self._by_upn.get(upn_key(user.upn)) == user.user_id:
                del self._by_upn[upn_key(user.upn)]

    def forget_upns(self, keys: AbstractSet[str]) -> None:
        """Take these names for free, whoever has them stored."""
        for key in keys & self._by_upn.keys():
            del self._by_upn[key]

    def write(self) -> int:
        """Write what changed; return how many users that were."""
        directory = self._unit.directory
        new = [self._accounts[user_id] for user_id, before in self._before.items() if before is None]
        changed = [
            (before, self._accounts[user_id])
            for user_id, before in self._before.items()
            if before is not None and before != self._accounts[user_id]
        ]
        if self._freed:
            directory.free_upns(self._tenant_id, self._freed)
        if changed:
            directory.update(self._tenant_id, changed)
        if new:
            directory.insert(self._tenant_id, new)
        return len(new) + len(changed)


def _keys(names: Iterable[str | None]) -> list[str]:
    return sorted({name for name in names if name})

"""What is stored, in a form that two databases can be compared by: numbers opened, and without ids, keys, versions and times."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from sqlalchemy import text

from ringfence.application.ports import AuditFilter
from ringfence.application.services import Services
from ringfence.domain.audit import AuditRecord, Snapshot
from ringfence.domain.directory.user import Account, User
from ringfence.domain.numbers.pairs import Pair
from ringfence.storage.unit_of_work import SqlStore
from tests.contract.deployments import TENANT

Records = Counter[tuple[Any, ...]]


class Picture(NamedTuple):
    """Users by their lasting name, whom each name leads to, and everybody's audit records."""

    users: dict[str, tuple[Any, ...]]
    names: dict[str, str]
    records: dict[str, Records]


def lasting_name(user: User) -> str:
    """A name that no rename changes."""
    return user.anchor or user.upn


def user_picture(services: Services, one: Account) -> tuple[Any, ...]:
    """A user with both number sets in the clear."""
    user, seal = one.user, services.sealer

    def clear(sealed: bytes | None, pair: Pair) -> str | None:
        return None if sealed is None else seal.unseal(sealed, user.key_id, TENANT, user.user_id, pair)

    pairs = [
        (
            *(pair, state.public._replace(sealed=None), clear(state.public.sealed, pair), clear(state.baseline, pair)),
            *(clear(state.authentication, pair), None if state.written is None else (state.written.origin, state.written.by)),
        )
        for pair, state in sorted(one.pairs.items())
    ]
    return (user._replace(user_id=b"", key_id=0, version=0, deleted_at=user.deleted_at and user.created_at), pairs)


def record_picture(services: Services, record: AuditRecord, user: User) -> tuple[Any, ...]:
    """An audit record with its numbers in the clear."""

    def clear(state: Snapshot | None) -> tuple[Any, ...] | None:
        if state is None:
            return None
        numbers = zip((state.mobile, state.office, state.alternate), Pair, strict=True)
        unseal = services.sealer.unseal
        opened = [None if one is None else unseal(one, user.key_id, TENANT, user.user_id, pair) for one, pair in numbers]
        return (*opened, state.email, state.methods, state.default)

    details = None if record.details is None else tuple(sorted(record.details.items()))
    told = (record.activity, record.actor, record.reason, record.pair, record.rule, record.run_id is None)
    return (*told, clear(record.old), clear(record.new), details)


def picture(services: Services) -> Picture:
    """Everything that is stored for the tenant. Raises when a number cannot be opened under its user's key."""
    assert isinstance(services.store, SqlStore)
    with services.store.database.connect(write=False) as connection:
        ids = [bytes(row[0]) for row in connection.execute(text("SELECT user_id FROM users"))]
        upns = [row[0] for row in connection.execute(text("SELECT upn_key FROM user_principal_names"))]
    with services.store.snapshot() as unit:
        accounts = unit.directory.load(TENANT, ids)
        found = unit.directory.ids_by_upn(TENANT, upns)
        records = [line.record for line in unit.audit.records(TENANT, AuditFilter())]
    grouped: dict[str, Records] = {lasting_name(one.user): Counter() for one in accounts.values()}
    for record in records:
        user = accounts[record.user_id].user
        grouped[lasting_name(user)][record_picture(services, record, user)] += 1
    return Picture(
        {lasting_name(one.user): user_picture(services, one) for one in accounts.values()},
        {upn: lasting_name(accounts[user_id].user) for upn, user_id in found.items()},
        grouped,
    )


def is_between(middle: Picture, before: Picture, after: Picture) -> bool:
    """Whether everybody stands, records included, as before or as after, and nobody in between."""
    absent = (None, None)

    def of(one: Picture, name: str) -> tuple[Any, Any]:
        return (one.users[name], one.records[name]) if name in one.users else absent

    everybody = {*before.users, *middle.users, *after.users}
    return all(of(middle, name) in (of(before, name), of(after, name)) for name in everybody)

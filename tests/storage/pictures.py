"""What is stored, in a form that two databases can be compared by: numbers opened, and without ids, keys, versions and times."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from ringfence.application.ports import AuditFilter
from ringfence.application.services import Services
from ringfence.domain.audit import AuditRecord, Snapshot
from ringfence.domain.directory.user import Account, User
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.values import RunKind
from tests.contract.deployments import TENANT


class Picture(NamedTuple):
    """Users by name, what their names lead to, the audit records, and the finished runs."""

    users: dict[str, tuple[Any, ...]]
    names: list[tuple[str, list[str]]]
    records: Counter[tuple[Any, ...]]
    finished: Counter[RunKind]


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
    return (user.upn, *told, clear(record.old), clear(record.new), details)


def picture(services: Services) -> Picture:
    """Everything that is stored for the tenant. Raises when a number cannot be opened under its user's key."""
    with services.store.snapshot() as unit:
        ids: list[bytes] = []
        after: bytes | None = b""
        while after is not None and (after := unit.directory.bounds_after(TENANT, after, 1)) is not None:
            ids.append(after)
        accounts = unit.directory.load(TENANT, ids)
        upns = {one.user.upn.casefold(): one.user.user_id for one in accounts.values()}
        found = unit.directory.ids_by_upn(TENANT, sorted(upns))
        records = [line.record for line in unit.audit.records(TENANT, AuditFilter())]
        runs = [run.kind for run in unit.administration.runs(TENANT, 1000) if run.finished_at is not None]
    return Picture(
        {one.user.upn: user_picture(services, one) for one in accounts.values()},
        sorted((upn, [accounts[found[upn]].user.upn] if upn in found else []) for upn in upns),
        Counter(record_picture(services, record, accounts[record.user_id].user) for record in records),
        Counter(runs),
    )

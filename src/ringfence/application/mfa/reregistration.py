"""Have a user register anew: methods that may be in other hands go, or all stay and count no more. Source: domain-rules E.2."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from ringfence.application.accounts import find_active_account
from ringfence.application.mfa.notices import Told, tell_change
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.domain.audit import Activity, AuditRecord, Trail, record_event, record_method_change, record_private_change
from ringfence.domain.directory.user import Account, PairState
from ringfence.domain.methods.entries import preferred_default
from ringfence.domain.methods.registrations import MethodKind, Registration
from ringfence.domain.numbers.pairs import PAIR_METHODS, Pair
from ringfence.domain.signin.notices import NoticeKind
from ringfence.domain.values import Actor

_GO: Final = frozenset({MethodKind.MICROSOFT_AUTHENTICATOR, MethodKind.SOFTWARE_OATH})
"""With phones; passkeys, Windows Hello, passes and the e-mail address stay."""
_FIRST: Final = (Pair.ALTERNATE, Pair.OFFICE, Pair.MOBILE)
_TOLD: Final = "Admin required user to register security info again"


class RequireReregister(NamedTuple):
    """Have a user register anew; `keeps_methods` is the behaviour of before 2023: they stay, and a new one is asked for."""

    user: str
    actor: Actor
    keeps_methods: bool = False


class _Step(NamedTuple):
    before: Account
    after: Account
    app: Registration | None = None


def require_reregister(services: Services, tenant_id: int, command: RequireReregister, now: datetime) -> int:
    """Do it, and note that the next second factor asked for is a registration; return how many methods went.

    The per-user state stays as it is, and so do app passwords and remembered browsers: a registration comes before either.
    """

    def work(unit: UnitOfWork) -> int:
        account = find_active_account(unit, tenant_id, command.user)
        user_id = account.user.user_id
        trail = Trail(services.new_id(), now, command.actor)
        unit.mfa.save_standing(tenant_id, user_id, unit.mfa.standing(tenant_id, user_id)._replace(must_register=True))
        held = [] if command.keeps_methods else unit.registrations.of_user(tenant_id, user_id)
        steps = [] if command.keeps_methods else list(_steps(account, [one for one in held if one.kind in _GO]))
        records = [record_event(account, Activity.ADMIN_UPDATED, _TOLD, trail)]
        for step in steps:
            records += _records(step, trail)
            if step.app is not None:
                unit.registrations.remove(tenant_id, user_id, step.app.method_id)
        if steps and steps[-1].after != account:
            unit.directory.update(tenant_id, [(account, steps[-1].after)])
        if steps:
            tell_change(unit, tenant_id, account.user, Told(NoticeKind.METHOD_DELETED), (command.actor, now))
        unit.audit.append(tenant_id, [record._replace(part=part) for part, record in enumerate(records)])
        return sum(step.app is not None or step.before.pairs != step.after.pairs for step in steps)

    return in_transaction(services, work)


def _steps(account: Account, apps: list[Registration]) -> Iterator[_Step]:
    """One deletion after the other: alternate before mobile, what serves the default last, and at the end entries of nothing."""
    present = account
    phones = [pair for pair in _FIRST if _number(account, pair) is not None]
    serving = [pair for pair in phones if account.user.default in PAIR_METHODS[pair]]
    for pair in [one for one in phones if one not in serving]:
        before, present = present, _without(present, pair)
        yield _Step(before, present)
    for app in apps:
        yield _Step(present, present, app)
    for pair in serving:
        before, present = present, _without(present, pair)
        yield _Step(before, present)
    if present.user.methods:
        yield _Step(present, present._replace(user=present.user._replace(methods=frozenset(), default=None)))


def _number(account: Account, pair: Pair) -> bytes | None:
    return account.pairs.get(pair, PairState(pair)).authentication


def _without(account: Account, pair: Pair) -> Account:
    methods = account.user.methods - frozenset(PAIR_METHODS[pair])
    user = account.user._replace(methods=methods, default=preferred_default(methods, account.user.default))
    return Account(user, {**account.pairs, pair: account.pairs[pair]._replace(authentication=None, written=None)})


def _records(step: _Step, trail: Trail) -> list[AuditRecord]:
    if step.app is not None:
        return record_method_change(step.before, step.after, step.app.kind.noun, trail, Activity.ADMIN_DELETED)
    return record_private_change(step.before, step.after, trail)

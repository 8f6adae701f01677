"""The link in a notice that says "that was not me": it blocks the user for MFA and signs out everywhere, once.

Whoever has the link can use it: it takes away, and gives nothing. Source: lessons 1 (Uber: "not me" locks).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ringfence.application.identity.parts import Identity, hash_of
from ringfence.application.identity.passwords import void_sessions
from ringfence.application.mfa.blocked_users import block_account, blocked_until
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.domain.directory.user import Account
from ringfence.domain.signin.notices import Notice, is_link_good
from ringfence.domain.values import Actor, ActorKind

REASON: Final = "not me link"


def find_not_me(services: Services, secret: str, now: datetime) -> str | None:
    """The name of the account that the link would block; None where the link cannot be used (any more)."""
    with services.store.look() as unit:
        found = _find(unit, secret, now)
    return None if found is None else found[2].user.upn


def use_not_me(identity: Identity, secret: str, now: datetime) -> bool:
    """Block the user and void every session, in one transaction; return whether the link could be used."""

    def work(unit: UnitOfWork) -> bool:
        found = _find(unit, secret, now)
        if found is None:
            return False
        tenant_id, notice, account = found
        if not unit.notices.use_link(tenant_id, notice, now):
            return False
        user_id = account.user.user_id
        if blocked_until(unit, tenant_id, user_id, now) is None:
            actor = Actor(ActorKind.USER, account.user.upn, user_id)
            block_account(identity.services, unit, (tenant_id, account), (REASON, actor), now)
        unit.mfa.forget_browsers(tenant_id, user_id)
        void_sessions(unit, tenant_id, user_id, now)
        return True

    return in_transaction(identity.services, work)


def _find(unit: UnitOfWork, secret: str, now: datetime) -> tuple[int, Notice, Account] | None:
    found = unit.notices.find_link(hash_of(secret))
    if found is None or not is_link_good(found[1], now):
        return None
    tenant_id, notice = found
    account = unit.directory.load(tenant_id, [notice.user_id]).get(notice.user_id)
    return None if account is None or account.user.deleted_at is not None else (tenant_id, notice, account)

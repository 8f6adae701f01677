"""Browsers that are remembered: no second factor in them for some days. Source: domain-rules D.9.

The functions over a unit belong into the transaction of a sign-in. The secret goes into a cookie; a hash of it is kept. What
counts is decided when a browser comes back: whether the tenant remembers browsers now, and for how many days now.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from ringfence.application.accounts import find_active_account
from ringfence.application.identity.parts import bound_secret, bound_user, hash_of
from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.mfa_accounts import Browser
from ringfence.application.services import Services, in_transaction
from ringfence.domain.audit import Activity, Trail, record_event
from ringfence.domain.directory.user import User
from ringfence.domain.policy.mfa_settings import MfaSettings
from ringfence.domain.values import Actor

_GUEST = "guest"


class RememberedBrowser(NamedTuple):
    """What the cookie holds, and until when."""

    secret: str
    until: datetime


def days_offered(settings: MfaSettings, user: User) -> int | None:
    """For how many days the user may have a browser remembered; None where that is not offered. Guests never may."""
    return None if user.user_type.casefold() == _GUEST else settings.remember_days


def remember_browser(unit: UnitOfWork, tenant_id: int, user: User, now: datetime) -> RememberedBrowser | None:
    """Remember the browser of somebody who has just given a second factor; None where that is not offered."""
    days = days_offered(unit.mfa.settings(tenant_id), user)
    if days is None:
        return None
    made = RememberedBrowser(bound_secret(user.user_id), now + timedelta(days=days))
    unit.mfa.add_browser(tenant_id, user.user_id, Browser(hash_of(made.secret), now, made.until))
    return made


def is_remembered(unit: UnitOfWork, tenant_id: int, user: User, secret: str | None, now: datetime) -> bool:
    """Whether this is the secret of a browser that this user had remembered and nobody has forgotten since."""
    days = days_offered(unit.mfa.settings(tenant_id), user)
    if days is None or secret is None or bound_user(secret) != user.user_id:
        return False
    browser = unit.mfa.browser(tenant_id, user.user_id, hash_of(secret))
    if browser is None or now >= min(browser.expires_at, browser.created_at + timedelta(days=days)):
        return False
    since = remembered_since(unit, tenant_id, user.user_id)
    return since is None or browser.created_at > since


def remembered_since(unit: UnitOfWork, tenant_id: int, user_id: bytes) -> datetime | None:
    """When MFA sessions were last revoked: a second factor given by then counts no more (`RememberDevicesNotIssuedBefore`)."""
    return unit.mfa.standing(tenant_id, user_id).remembered_since


def revoke_mfa_sessions(services: Services, tenant_id: int, user: str, actor: Actor, now: datetime) -> int:
    """Forget every browser of a user, as an administrator or as the user; return how many were remembered."""

    def work(unit: UnitOfWork) -> int:
        account = find_active_account(unit, tenant_id, user)
        user_id = account.user.user_id
        forgotten = unit.mfa.forget_browsers(tenant_id, user_id)
        unit.mfa.save_standing(tenant_id, user_id, unit.mfa.standing(tenant_id, user_id)._replace(remembered_since=now))
        trail = Trail(services.new_id(), now, actor)
        unit.audit.append(tenant_id, [record_event(account, Activity.UPDATE_USER, "Revoked MFA sessions of user", trail)])
        return forgotten

    return in_transaction(services, work)

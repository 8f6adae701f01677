"""What is told to people by mail, written in the transaction of what it tells of.

Owns when there is something to tell, and to whom. Does not own its words, which are made when it is sent. Imports, copies and
mirrors tell nobody: they are about a whole directory at once. Sources: domain-rules F.1, D.6; lessons 1.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services
from ringfence.domain.directory.user import User
from ringfence.domain.methods.registrations import MethodKind
from ringfence.domain.signin.challenge import ChallengeMethod
from ringfence.domain.signin.notices import Notice, NoticeKind, Thing
from ringfence.domain.values import Actor, ActorKind

_ID_BYTES: Final = 16
_LONGEST_NAME: Final = 128
_CHALLENGED: Final = {
    ChallengeMethod.EMAIL: Thing.EMAIL,
    ChallengeMethod.OATH: Thing.APP,
    ChallengeMethod.SMS: Thing.TEXT,
    ChallengeMethod.TEMPORARY_ACCESS_PASS: Thing.PASS,
}
_KINDS: Final = {
    MethodKind.MICROSOFT_AUTHENTICATOR: Thing.APP,
    MethodKind.SOFTWARE_OATH: Thing.APP,
    MethodKind.TEMPORARY_ACCESS_PASS: Thing.PASS,
}


class Told(NamedTuple):
    """What happened, and to what of the user."""

    kind: NoticeKind
    thing: Thing = Thing.OTHER


def thing_of(kind: MethodKind | ChallengeMethod) -> Thing:
    """The word for a method."""
    return _KINDS.get(kind, Thing.OTHER) if isinstance(kind, MethodKind) else _CHALLENGED.get(kind, Thing.PHONE)


def tell_change(
    unit: UnitOfWork, tenant_id: int, user: User, told: Told, by: tuple[Actor, datetime], recipient: str | None = None
) -> None:
    """Tell a user what somebody (actor, instant) did to the account; at `recipient` where the user's address says less."""
    actor, now = by
    is_own = actor.kind is ActorKind.USER and actor.identifier == user.user_id
    _add(unit, tenant_id, user, (told, {"by": "user" if is_own else "admin"}, recipient), now)


def tell_locked(unit: UnitOfWork, tenant_id: int, user: User, locked: tuple[Thing, str], now: datetime) -> None:
    """Tell a user that wrong codes, given to an application of this name, locked a method."""
    thing, application = locked
    told = Told(NoticeKind.METHOD_LOCKED, thing)
    _add(unit, tenant_id, user, (told, {"application": application[:_LONGEST_NAME]}, None), now)


def tell_fraud(unit: UnitOfWork, tenant_id: int, user: User, application: str, now: datetime) -> None:
    """Tell those whom the tenant names that a user reported fraud."""
    for recipient in unit.mfa.settings(tenant_id).fraud.recipients:
        facts = {"application": application[:_LONGEST_NAME]}
        _add(unit, tenant_id, user, (Told(NoticeKind.FRAUD_REPORTED), facts, recipient), now)


def address_of(unit: UnitOfWork, tenant_id: int, user: User) -> str | None:
    """Where a user is told: the mail of the profile, else the authentication e-mail; None where there is neither."""
    profile = unit.identity.profiles(tenant_id, [user.user_id]).get(user.user_id)
    return (None if profile is None else profile.mail) or user.email or None


def _add(unit: UnitOfWork, tenant_id: int, user: User, what: tuple[Told, Mapping[str, str], str | None], now: datetime) -> None:
    if not unit.mfa.settings(tenant_id).notices:
        return
    told, facts, recipient = what
    whole = {"thing": told.thing.name, **facts}
    unit.notices.add(tenant_id, Notice(secrets.token_bytes(_ID_BYTES), user.user_id, told.kind, whole, now, recipient))


class ShownNotice(NamedTuple):
    """A notice with the name of its user."""

    upn: str
    notice: Notice


def list_notices(services: Services, tenant_id: int, limit: int) -> list[ShownNotice]:
    """The newest notices, newest first."""
    with services.store.snapshot() as unit:
        notices = unit.notices.newest(tenant_id, limit)
        accounts = unit.directory.load(tenant_id, sorted({one.user_id for one in notices}))
    return [ShownNotice(accounts[one.user_id].user.upn, one) for one in notices if one.user_id in accounts]


def count_waiting_notices(services: Services) -> tuple[int, datetime | None]:
    """How many notices wait, of all tenants, and since when the first of them does."""
    with services.store.look() as unit:
        return unit.notices.count_waiting()

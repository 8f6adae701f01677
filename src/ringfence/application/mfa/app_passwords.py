"""App passwords: made here, shown once, for legacy clients of users who are enforced. Source: domain-rules D.9.

What is kept of one is a keyed fingerprint (`Identity.fingerprint`) over tenant, user and password, and no slow hash: 16 random
letters are 75 bits, which nobody guesses from a fingerprint even with the key, and up to 40 of them are compared in one try. The
key is in the key file.
"""

from __future__ import annotations

import hmac
import secrets
import string
from datetime import datetime
from typing import NamedTuple

from ringfence.application.accounts import find_active_account
from ringfence.application.identity.parts import Identity
from ringfence.application.mfa.notices import Told, tell_change
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.domain.audit import Activity, Trail, record_event
from ringfence.domain.directory.records import PerUserState
from ringfence.domain.errors import ConflictError, ErrorCode, InvalidError, NotFoundError
from ringfence.domain.methods.app_password import LETTERS, LONGEST_NAME, MOST, StoredAppPassword
from ringfence.domain.signin.notices import NoticeKind, Thing
from ringfence.domain.values import Actor, ActorKind


class CreateAppPassword(NamedTuple):
    """One more app password for a user, who names it."""

    user: str
    name: str
    actor: Actor


class IssuedAppPassword(NamedTuple):
    """What is kept of it, and the password, which is shown this once."""

    stored: StoredAppPassword
    password: str


def create_app_password(identity: Identity, tenant_id: int, command: CreateAppPassword, now: datetime) -> IssuedAppPassword:
    """Make one.

    Raises `InvalidError` (APP_PASSWORD_NAME) and `ConflictError` (APP_PASSWORDS_OFF, …_NOT_ENFORCED, …_FULL).
    """
    name = command.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidError(ErrorCode.APP_PASSWORD_NAME, most=LONGEST_NAME)
    password = "".join(secrets.choice(string.ascii_lowercase) for _ in range(LETTERS))

    def work(unit: UnitOfWork) -> IssuedAppPassword:
        account = find_active_account(unit, tenant_id, command.user)
        user = account.user
        if not unit.mfa.settings(tenant_id).app_passwords:
            raise ConflictError(ErrorCode.APP_PASSWORDS_OFF)
        if user.mfa_state is not PerUserState.Enforced:
            raise ConflictError(ErrorCode.APP_PASSWORDS_NOT_ENFORCED)
        if len(unit.mfa.app_passwords(tenant_id, user.user_id)) >= MOST:
            raise ConflictError(ErrorCode.APP_PASSWORDS_FULL, most=MOST)
        fingerprint = app_password_fingerprint(identity, tenant_id, user.user_id, password)
        stored = StoredAppPassword(identity.services.new_id(), name, fingerprint, now)
        unit.mfa.add_app_password(tenant_id, user.user_id, stored)
        trail = Trail(identity.services.new_id(), now, command.actor)
        told = _told(command.actor, (Activity.USER_REGISTERED, Activity.ADMIN_REGISTERED), "registered")
        unit.audit.append(tenant_id, [record_event(account, *told, trail)])
        tell_change(unit, tenant_id, user, Told(NoticeKind.METHOD_REGISTERED, Thing.APP_PASSWORD), (command.actor, now))
        return IssuedAppPassword(stored, password)

    return in_transaction(identity.services, work)


def list_app_passwords(services: Services, tenant_id: int, user: str) -> list[StoredAppPassword]:
    """All of a user, oldest first; never the passwords."""
    with services.store.look() as unit:
        return unit.mfa.app_passwords(tenant_id, find_active_account(unit, tenant_id, user).user.user_id)


def delete_app_password(services: Services, tenant_id: int, which: tuple[str, bytes], actor: Actor, now: datetime) -> None:
    """Delete one (user, id); raises `NotFoundError` (APP_PASSWORD_ABSENT)."""
    if not _delete(services, tenant_id, which, actor, now):
        raise NotFoundError(ErrorCode.APP_PASSWORD_ABSENT)


def delete_all_app_passwords(services: Services, tenant_id: int, user: str, actor: Actor, now: datetime) -> int:
    """Delete all of a user; return how many there were."""
    return _delete(services, tenant_id, (user, None), actor, now)


def find_given(
    identity: Identity, held: list[StoredAppPassword], whose: tuple[int, bytes], password: str
) -> StoredAppPassword | None:
    """The one among those held by (tenant, user) that was given; all are compared, in the same time."""
    fingerprint = app_password_fingerprint(identity, *whose, password)
    found = [one for one in held if hmac.compare_digest(one.fingerprint, fingerprint)]
    return found[0] if found else None


def app_password_fingerprint(identity: Identity, tenant_id: int, user_id: bytes, password: str) -> bytes:
    """What is kept of an app password: it says nothing of another user's, or another tenant's."""
    return identity.fingerprint(b"app password:%d:" % tenant_id + user_id + password.encode("utf-8", "surrogatepass"))


def _delete(services: Services, tenant_id: int, which: tuple[str, bytes | None], actor: Actor, now: datetime) -> int:
    def work(unit: UnitOfWork) -> int:
        account = find_active_account(unit, tenant_id, which[0])
        user_id = account.user.user_id
        held = [one.app_password_id for one in unit.mfa.app_passwords(tenant_id, user_id)]
        removed = unit.mfa.remove_app_passwords(tenant_id, user_id, [one for one in held if which[1] in {None, one}])
        if removed:
            told = _told(actor, (Activity.USER_DELETED, Activity.ADMIN_DELETED), "deleted")
            unit.audit.append(tenant_id, [record_event(account, *told, Trail(services.new_id(), now, actor))])
            tell_change(unit, tenant_id, account.user, Told(NoticeKind.METHOD_DELETED, Thing.APP_PASSWORD), (actor, now))
        return removed

    return in_transaction(services, work)


def _told(actor: Actor, activities: tuple[Activity, Activity], verb: str) -> tuple[Activity, str]:
    """Activity and reason, as the user or an administrator does it."""
    if actor.kind is ActorKind.USER:
        return activities[0], f"User {verb} App password"
    return activities[1], f"Admin {verb} app password method for user"

"""Methods beside numbers, e-mail and password: list, delete; and the temporary access pass, which is made here.

Sources: domain-rules D.7, D.8, F.1, F.3; surface b1.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta
from enum import Enum, unique
from typing import Final, NamedTuple

from ringfence.application.accounts import find_active_account
from ringfence.application.identity.parts import Identity
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.domain.audit import Activity, Trail, record_method_change
from ringfence.domain.directory.user import Account
from ringfence.domain.errors import ConflictError, ErrorCode, InvalidError, NotFoundError
from ringfence.domain.methods.entries import Refusal, decide_method_deletion
from ringfence.domain.methods.registrations import MethodKind, Registration
from ringfence.domain.values import Actor

LEAST_MINUTES: Final = 60
MOST_MINUTES: Final = 480
USUAL_MINUTES: Final = 60
LENGTH: Final = 8
_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789+-*@%"


class IssuePass(NamedTuple):
    """A temporary access pass for a user; None takes the policy's default."""

    user: str
    actor: Actor
    starts_at: datetime | None = None
    minutes: int | None = None
    is_once: bool | None = None


class IssuedPass(NamedTuple):
    """The pass with its code, which is shown this once."""

    registration: Registration
    code: str


@unique
class Usability(Enum):
    """`methodUsabilityReason` of a pass."""

    EnabledByPolicy = "EnabledByPolicy"
    Expired = "Expired"
    NotYetValid = "NotYetValid"
    OneTimeUsed = "OneTimeUsed"


def usability(registration: Registration, now: datetime) -> Usability:
    """Whether a pass can be used now, and why not."""
    if registration.expires_at is not None and now >= registration.expires_at:
        return Usability.Expired
    if registration.used_at is not None and registration.details.get("isUsableOnce"):
        return Usability.OneTimeUsed
    if registration.starts_at is not None and now < registration.starts_at:
        return Usability.NotYetValid
    return Usability.EnabledByPolicy


def list_registrations(services: Services, tenant_id: int, user: str) -> list[Registration]:
    """All registered methods of a user, oldest first."""
    with services.store.look() as unit:
        account = find_active_account(unit, tenant_id, user)
        return unit.registrations.of_user(tenant_id, account.user.user_id)


def delete_registration(
    services: Services, tenant_id: int, method: tuple[str, MethodKind, str], actor: Actor, now: datetime
) -> None:
    """Delete a method (user, kind, id), and with the last of an app its entry, in the same transaction.

    Raises `NotFoundError` (METHOD_ABSENT), `ConflictError` (METHOD_IS_DEFAULT).
    """
    user, kind, method_id = method

    def work(unit: UnitOfWork) -> None:
        found = find_active_account(unit, tenant_id, user)
        held = unit.registrations.of_user(tenant_id, found.user.user_id)
        if not any(one.method_id == method_id and one.kind is kind for one in held):
            raise NotFoundError(ErrorCode.METHOD_ABSENT)
        entries = decide_method_deletion(found.user, kind, [one.kind for one in held if one.method_id != method_id])
        if isinstance(entries, Refusal):
            raise ConflictError(ErrorCode.METHOD_IS_DEFAULT, type=kind.noun, id=method_id)
        after = Account(found.user._replace(methods=entries.methods, default=entries.default), found.pairs)
        unit.registrations.remove(tenant_id, found.user.user_id, method_id)
        if after != found:
            unit.directory.update(tenant_id, [(found, after)])
        trail = Trail(services.new_id(), now, actor)
        unit.audit.append(tenant_id, record_method_change(found, after, kind.noun, trail, Activity.ADMIN_DELETED))

    in_transaction(services, work)


def issue_pass(identity: Identity, tenant_id: int, command: IssuePass, now: datetime) -> IssuedPass:
    """Make a pass, in place of the one there is; raises `InvalidError` (PASS_LIFETIME)."""
    minutes = USUAL_MINUTES if command.minutes is None else command.minutes
    if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise InvalidError(ErrorCode.PASS_LIFETIME, least=LEAST_MINUTES, most=MOST_MINUTES)
    code = "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))
    starts_at = max(command.starts_at or now, now)
    registration = Registration(
        method_id=str(uuid.uuid4()),
        kind=MethodKind.TEMPORARY_ACCESS_PASS,
        created_at=now,
        details={"isUsableOnce": bool(command.is_once), "lifetimeInMinutes": minutes},
        secret_hash=identity.passwords.hash(code),
        starts_at=starts_at,
        expires_at=starts_at + timedelta(minutes=minutes),
    )

    def work(unit: UnitOfWork) -> IssuedPass:
        account = find_active_account(unit, tenant_id, command.user)
        for held in unit.registrations.of_user(tenant_id, account.user.user_id):
            if held.kind is MethodKind.TEMPORARY_ACCESS_PASS:
                unit.registrations.remove(tenant_id, account.user.user_id, held.method_id)
        unit.registrations.add(tenant_id, account.user.user_id, registration)
        trail = Trail(identity.services.new_id(), now, command.actor)
        noun = MethodKind.TEMPORARY_ACCESS_PASS.noun
        unit.audit.append(tenant_id, record_method_change(account, account, noun, trail, Activity.ADMIN_REGISTERED))
        return IssuedPass(registration, code)

    return in_transaction(identity.services, work)

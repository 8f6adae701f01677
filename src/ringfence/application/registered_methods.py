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
from ringfence.application.methods_policy import policy_of
from ringfence.application.mfa.notices import Told, tell_change, thing_of
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.domain.audit import Activity, Trail, record_method_change
from ringfence.domain.directory.user import Account
from ringfence.domain.errors import ConflictError, ErrorCode, InvalidError, NotFoundError
from ringfence.domain.methods.entries import Refusal, decide_method_deletion
from ringfence.domain.methods.registrations import MethodKind, Registration
from ringfence.domain.policy.methods_policy import MethodsPolicy, PassPolicy
from ringfence.domain.policy.usable import allowed_kinds
from ringfence.domain.signin.notices import NoticeKind, Thing
from ringfence.domain.values import Actor

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
    policy: MethodsPolicy


@unique
class Usability(Enum):
    """`methodUsabilityReason` of a pass."""

    DisabledByPolicy = "DisabledByPolicy"
    EnabledByPolicy = "EnabledByPolicy"
    Expired = "Expired"
    NotYetValid = "NotYetValid"
    OneTimeUsed = "OneTimeUsed"


def usability(registration: Registration, policy: MethodsPolicy, now: datetime) -> Usability:
    """Whether a pass can be used now, and why not; one good several times is none where the policy has each used once (D.8)."""
    if registration.expires_at is not None and now >= registration.expires_at:
        return Usability.Expired
    if registration.used_at is not None and registration.details.get("isUsableOnce"):
        return Usability.OneTimeUsed
    is_once_kept = bool(registration.details.get("isUsableOnce")) or not policy.access_pass.is_usable_once
    if registration.kind not in allowed_kinds(policy) or not is_once_kept:
        return Usability.DisabledByPolicy
    if registration.starts_at is not None and now < registration.starts_at:
        return Usability.NotYetValid
    return Usability.EnabledByPolicy


class GovernedRegistrations(NamedTuple):
    """Registered methods of a user, and the policy they are used under."""

    registrations: list[Registration]
    policy: MethodsPolicy


def list_registrations(services: Services, tenant_id: int, user: str) -> GovernedRegistrations:
    """All registered methods of a user, oldest first."""
    with services.store.look() as unit:
        account = find_active_account(unit, tenant_id, user)
        return GovernedRegistrations(unit.registrations.of_user(tenant_id, account.user.user_id), policy_of(unit, tenant_id))


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
        tell_change(unit, tenant_id, found.user, Told(NoticeKind.METHOD_DELETED, thing_of(kind)), (actor, now))

    in_transaction(services, work)


def issue_pass(identity: Identity, tenant_id: int, command: IssuePass, now: datetime) -> IssuedPass:
    """Make a pass within the policy, in place of the one there is; raises `InvalidError` (PASS_LIFETIME, PASS_ONCE_ONLY).

    A policy that lets nobody sign in with one does not stop it (D.8): the pass says that it cannot be used.
    """
    with identity.services.store.look() as before:
        policy = policy_of(before, tenant_id)
    pass_code = "".join(secrets.choice(_ALPHABET) for _ in range(policy.access_pass.length))
    registration = _new_pass(policy.access_pass, command, identity.passwords.hash(pass_code), now)

    def work(unit: UnitOfWork) -> IssuedPass:
        account = find_active_account(unit, tenant_id, command.user)
        for held in unit.registrations.of_user(tenant_id, account.user.user_id):
            if held.kind is MethodKind.TEMPORARY_ACCESS_PASS:
                unit.registrations.remove(tenant_id, account.user.user_id, held.method_id)
        unit.registrations.add(tenant_id, account.user.user_id, registration)
        trail = Trail(identity.services.new_id(), now, command.actor)
        noun = MethodKind.TEMPORARY_ACCESS_PASS.noun
        unit.audit.append(tenant_id, record_method_change(account, account, noun, trail, Activity.ADMIN_REGISTERED))
        tell_change(unit, tenant_id, account.user, Told(NoticeKind.PASS_ISSUED, Thing.PASS), (command.actor, now))
        return IssuedPass(registration, pass_code, policy)

    return in_transaction(identity.services, work)


def _new_pass(policy: PassPolicy, command: IssuePass, secret_hash: str, now: datetime) -> Registration:
    minutes = policy.usual_minutes if command.minutes is None else command.minutes
    if not policy.least_minutes <= minutes <= policy.most_minutes:
        raise InvalidError(ErrorCode.PASS_LIFETIME, least=policy.least_minutes, most=policy.most_minutes)
    is_once = policy.is_usable_once if command.is_once is None else command.is_once
    if policy.is_usable_once and not is_once:
        raise InvalidError(ErrorCode.PASS_ONCE_ONLY)
    starts_at = max(command.starts_at or now, now)
    return Registration(
        method_id=str(uuid.uuid4()),
        kind=MethodKind.TEMPORARY_ACCESS_PASS,
        created_at=now,
        details={"isUsableOnce": is_once, "lifetimeInMinutes": minutes},
        secret_hash=secret_hash,
        starts_at=starts_at,
        expires_at=starts_at + timedelta(minutes=minutes),
    )

"""Create, change, delete and restore users of the cloud as an administrator, numbers carried over included.

A change of a public number goes through the same decision as an import's (`domain.directory.sync_plan`); the source is *admin*.
"""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Final, NamedTuple

from ringfence.application.accounts import find_account, find_active_account
from ringfence.application.identity.parts import Identity
from ringfence.application.identity.passwords import check_strength, save_password
from ringfence.application.ports import UnitOfWork
from ringfence.application.public_numbers import reading_numbers
from ringfence.application.services import Services, in_transaction
from ringfence.application.transitions import present_transition
from ringfence.domain.audit import Activity, Trail, record_profile_change
from ringfence.domain.directory.change_records import record_directory_change
from ringfence.domain.directory.records import DirectoryRecord, SyncState
from ringfence.domain.directory.sync_plan import (
    Change,
    Circumstances,
    decide_new,
    decide_removal,
    decide_update,
)
from ringfence.domain.directory.user import Account, User, upn_key
from ringfence.domain.errors import ConflictError, ErrorCode, InvalidError, NotFoundError
from ringfence.domain.identity.profiles import Profile
from ringfence.domain.numbers.transition import moment_of
from ringfence.domain.values import Actor

_UPN: Final = re.compile(r"[^\s@%/\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63})+")
_LONGEST_UPN: Final = 113


class CreateUser(NamedTuple):
    """A new cloud-only user: what the record says (at least the name), the profile, and a password unless it is None."""

    record: DirectoryRecord
    profile: Profile
    password: str | None
    must_change: bool
    actor: Actor


class UpdateUser(NamedTuple):
    """Changes of a user: what the record sends, `profile` by name, and a new password unless it is None."""

    user: str
    record: DirectoryRecord
    profile: tuple[tuple[str, str | None], ...]
    password: str | None
    must_change: bool
    actor: Actor


def create_user(identity: Identity, tenant_id: int, command: CreateUser, now: datetime) -> Account:
    """Store the user; raises `InvalidError` (USER_NAME, PASSWORD_WEAK), `ConflictError` (USER_EXISTS)."""
    upn = command.record.upn or ""
    check_upn(upn)
    if command.password is not None:
        check_strength(command.password)
    hashed = None if command.password is None else identity.passwords.hash(command.password)
    user_id = uuid.uuid4().bytes

    def work(unit: UnitOfWork) -> Account:
        if unit.directory.ids_by_upn(tenant_id, [upn_key(upn)]):
            _make_room(unit, tenant_id, upn)
        user = User(user_id, unit.administration.primary_key(), upn, now)
        change = decide_new(user, command.record, reading_numbers(identity.services, tenant_id, user))
        unit.directory.insert(tenant_id, [change.after])
        unit.identity.save_profiles(tenant_id, [(user_id, command.profile)])
        if hashed is not None:
            save_password(unit, tenant_id, (user_id, hashed), now, must_change=command.must_change)
        trail = Trail(identity.services.new_id(), now, command.actor)
        record = record_profile_change(change.after, change.after, trail, Activity.ADD_USER)
        unit.audit.append(tenant_id, [] if record is None else [record])
        return change.after

    return in_transaction(identity.services, work)


def check_upn(upn: str) -> None:
    """Raise `InvalidError` (USER_NAME) unless it is a user principal name."""
    if len(upn) > _LONGEST_UPN or not upn.isprintable() or not _UPN.fullmatch(upn):
        raise InvalidError(ErrorCode.USER_NAME, user=upn[:_LONGEST_UPN])


def _make_room(unit: UnitOfWork, tenant_id: int, upn: str) -> None:
    """A deleted user gives the name up; one that is there keeps it."""
    if find_account(unit, tenant_id, upn).user.deleted_at is None:
        raise ConflictError(ErrorCode.USER_EXISTS, user=upn)
    unit.directory.free_upns(tenant_id, [upn_key(upn)])


def update_user(identity: Identity, tenant_id: int, command: UpdateUser, now: datetime) -> None:
    """Change a user; raises `ConflictError` (PROFILE_MANAGED_ON_PREMISES) for what the directory is master of."""
    if command.record.upn is not None:
        check_upn(command.record.upn)
    if command.password is not None:
        check_strength(command.password)
    hashed = None if command.password is None else identity.passwords.hash(command.password)

    def work(unit: UnitOfWork) -> None:
        account = find_active_account(unit, tenant_id, command.user)
        _check_master(identity.services, account.user, command)
        change = _decide(identity.services, unit, tenant_id, account, command.record, now)
        if change.after != change.before:
            _check_name(unit, tenant_id, account.user, change.after.user)
            unit.directory.update(tenant_id, [(account, change.after)])
            trail = Trail(identity.services.new_id(), now, command.actor)
            unit.audit.append(tenant_id, record_directory_change(change, trail))
        if command.profile:
            _save_profile(unit, tenant_id, account.user.user_id, command.profile)
        if hashed is not None:
            save_password(unit, tenant_id, (account.user.user_id, hashed), now, must_change=command.must_change)

    in_transaction(identity.services, work)


def _save_profile(unit: UnitOfWork, tenant_id: int, user_id: bytes, changes: tuple[tuple[str, str | None], ...]) -> None:
    present = unit.identity.profiles(tenant_id, [user_id]).get(user_id, Profile())
    after = present._replace(**dict(changes))
    if after != present:
        unit.identity.save_profiles(tenant_id, [(user_id, after)])


def _check_name(unit: UnitOfWork, tenant_id: int, before: User, after: User) -> None:
    if upn_key(before.upn) != upn_key(after.upn) and unit.directory.ids_by_upn(tenant_id, [upn_key(after.upn)]):
        _make_room(unit, tenant_id, after.upn)


_MASTERED: Final = {
    "display_name": "displayName",
    "enabled": "accountEnabled",
    "mobile": "mobilePhone",
    "office": "businessPhones",
    "other_mails": "otherMails",
    "upn": "userPrincipalName",
}


def _check_master(services: Services, user: User, command: UpdateUser) -> None:
    """Of what the directory is master of, a mobile number alone may be overridden, where that is not forbidden (H.4)."""
    if user.sync_state is not SyncState.SYNCED:
        return
    blank = DirectoryRecord(command.record.line)
    for name, shown in _MASTERED.items():
        if name == "mobile" and not services.policy.reject_cloud_phone_writes:
            continue
        if getattr(command.record, name) != getattr(blank, name):
            raise ConflictError(ErrorCode.PROFILE_MANAGED_ON_PREMISES, property=shown)
    for name, _ in command.profile:
        if name != "usage_location":
            head, *rest = name.split("_")
            raise ConflictError(ErrorCode.PROFILE_MANAGED_ON_PREMISES, property=head + "".join(map(str.title, rest)))


def _decide(
    services: Services, unit: UnitOfWork, tenant_id: int, account: Account, record: DirectoryRecord, now: datetime
) -> Change:
    moment = moment_of(present_transition(unit, tenant_id), now)
    circumstances = Circumstances(now, moment, services.policy, is_sync=False)
    return decide_update(account, record, reading_numbers(services, tenant_id, account.user), circumstances)


def delete_user(services: Services, tenant_id: int, name: str, actor: Actor, now: datetime) -> None:
    """Soft-delete a user: everything is kept, nothing is contacted, and nobody gets in (H.5)."""

    def work(unit: UnitOfWork) -> None:
        account = find_active_account(unit, tenant_id, name)
        change = decide_removal(account, now)
        unit.directory.update(tenant_id, [(account, change.after)])
        unit.grants.revoke_all(tenant_id, account.user.user_id, now)
        unit.audit.append(tenant_id, record_directory_change(change, Trail(services.new_id(), now, actor)))

    in_transaction(services, work)


def restore_user(services: Services, tenant_id: int, user_id: str, actor: Actor, now: datetime) -> Account:
    """Bring a soft-deleted user back; raises `ConflictError` (USER_EXISTS) when the name has another owner by now."""

    def work(unit: UnitOfWork) -> Account:
        account = find_account(unit, tenant_id, user_id)
        if account.user.deleted_at is None:
            raise NotFoundError(ErrorCode.USER_UNKNOWN, user=user_id)
        owner = unit.directory.ids_by_upn(tenant_id, [upn_key(account.user.upn)]).get(upn_key(account.user.upn))
        if owner not in {None, account.user.user_id}:
            raise ConflictError(ErrorCode.USER_EXISTS, user=account.user.upn)
        change = _decide(services, unit, tenant_id, account, DirectoryRecord(0), now)
        unit.directory.update(tenant_id, [(account, change.after)])
        unit.audit.append(tenant_id, record_directory_change(change, Trail(services.new_id(), now, actor)))
        return change.after

    return in_transaction(services, work)

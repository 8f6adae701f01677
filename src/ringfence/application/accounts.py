"""Find a user by what an administrator types: the user principal name or the id."""

from __future__ import annotations

import uuid

from ringfence.application.ports import UnitOfWork, UserFilter
from ringfence.application.services import Services
from ringfence.domain.directory.user import Account, User, upn_key
from ringfence.domain.errors import ErrorCode, NotFoundError


def keys_of(name: str) -> tuple[str, bytes | None]:
    """What to look for: the name in the form it is unique in, and the id it may be instead."""
    if "@" in name:
        return upn_key(name), None
    try:
        return upn_key(name), uuid.UUID(name).bytes
    except ValueError:
        return upn_key(name), None


def find_account(unit: UnitOfWork, tenant_id: int, name: str) -> Account:
    """The account with this user principal name (any case) or id, deleted or not; raises `NotFoundError` (USER_UNKNOWN)."""
    account = unit.directory.find(tenant_id, *keys_of(name))
    if account is None:
        raise NotFoundError(ErrorCode.USER_UNKNOWN, user=name)
    return account


def find_active_account(unit: UnitOfWork, tenant_id: int, name: str) -> Account:
    """Like `find_account`, for a user that is not deleted."""
    account = find_account(unit, tenant_id, name)
    if account.user.deleted_at is not None:
        raise NotFoundError(ErrorCode.USER_UNKNOWN, user=name, deleted=True)
    return account


def show_user(services: Services, tenant_id: int, name: str) -> Account:
    """One user with both number sets, numbers still sealed."""
    with services.store.look() as unit:
        return find_account(unit, tenant_id, name)


def show_active_user(services: Services, tenant_id: int, name: str) -> Account:
    """Like `show_user`, for a user that is not deleted."""
    with services.store.look() as unit:
        return find_active_account(unit, tenant_id, name)


def list_users(services: Services, tenant_id: int, wanted: UserFilter) -> list[User]:
    """A page of users by name."""
    with services.store.snapshot() as unit:
        return unit.directory.users(tenant_id, wanted)

"""Which tenant is meant by a request that names none (`common`, `organizations`): by its application, user or grant.

An application is registered in tenants one by one, and most are in one alone; that one is meant. Where several have it, the
person's name decides at the first step of a sign-in, the sign-in itself at the next ones, and afterwards the grant, which says
whose it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from ringfence.application.accounts import find_active_account
from ringfence.application.identity.parts import bound_user, hash_of
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services
from ringfence.domain.errors import NotFoundError
from ringfence.domain.values import Tenant


def tenants_with(services: Services, client_id: str) -> list[Tenant]:
    """The tenants in which this application is registered."""
    try:
        app_id = uuid.UUID(client_id).bytes
    except ValueError:
        return []
    with services.store.snapshot() as unit:
        tenants = unit.administration.tenants()
        return [one for one in tenants if unit.identity.application(one.tenant_id, app_id) is not None]


def named_like(tenants: Sequence[Tenant], login: str) -> Tenant | None:
    """The tenant whose name is the domain of the user's name."""
    domain = login.strip().rpartition("@")[2].casefold()
    return next((one for one in tenants if one.name.casefold() == domain), None)


def home_of_user(services: Services, tenants: Sequence[Tenant], login: str) -> Tenant | None:
    """The tenant that has this user; None where several have and none is named like the user's domain.

    For a user whom none has it is the one named so, or the first: whoever signs in there is told what all wrong ones are told.
    """
    with services.store.snapshot() as unit:
        having = [one for one in tenants if _has_user(unit, one, login)]
    named = named_like(having or tenants, login)
    if named is not None or len(having) > 1:
        return named
    return (having or list(tenants))[0]


def home_of_sign_in(services: Services, tenants: Sequence[Tenant], secret: str) -> Tenant | None:
    """The tenant in which this sign-in is under way; None where none is."""
    with services.store.look() as unit:
        return next((one for one in tenants if unit.flows.find(one.tenant_id, hash_of(secret)) is not None), None)


def home_of_grant(services: Services, tenants: Sequence[Tenant], secret: str) -> Tenant | None:
    """The tenant that gave this code, refresh token or device code; None where it cannot be told, or none did."""
    user_id = bound_user(secret)
    with services.store.snapshot() as unit:
        found = [one for one in tenants if _may_have_given(unit, one.tenant_id, user_id, secret)]
    return found[0] if len(found) == 1 else None


def _has_user(unit: UnitOfWork, tenant: Tenant, login: str) -> bool:
    try:
        find_active_account(unit, tenant.tenant_id, login)
    except NotFoundError:
        return False
    return True


def _may_have_given(unit: UnitOfWork, tenant_id: int, user_id: bytes | None, secret: str) -> bool:
    if user_id is None:
        return unit.grants.device_code(tenant_id, hash_of(secret)) is not None
    return user_id in unit.directory.load(tenant_id, [user_id])

"""Set a deployment up and find the tenant: initialise, check the keys, resolve a tenant by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID
from weakref import WeakKeyDictionary

from ringfence.application.ports import KeyFile, Sealer, Store, UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.domain.errors import ConflictError, ErrorCode, InvalidError, NotFoundError, UnavailableError
from ringfence.domain.signin.send_guard import TelephonySettings
from ringfence.domain.values import KeyState, StoredKey, Tenant

_KNOWN: Final[WeakKeyDictionary[Store, dict[str, Tenant]]] = WeakKeyDictionary()
"""Tenants by what they were found under, for each store: none is ever renamed or removed."""


def initialise_tenant(
    services: Services, keys: KeyFile, name: str, now: datetime, country_code: str | None = None
) -> tuple[Tenant, bool]:
    """Make sure there is a primary key and a tenant called `name`; return it and whether it is new.

    A new tenant may send texts and calls to its own country (its calling code, digits), if that is said.

    Running it again changes nothing. The key must be in the file already; `ringfence.bootstrap` makes the first one. Raises
    `UnavailableError` when the database is under other keys.
    """
    if not name.strip():
        raise InvalidError(ErrorCode.TENANT_NAME)

    def work(unit: UnitOfWork) -> tuple[Tenant, bool]:
        administration = unit.administration
        if stored := administration.keys():  # by whoever was first, perhaps with another key file
            _check(stored, services.sealer, str(keys.path))
        else:
            key_id = keys.key_ids()[-1]
            administration.add_primary_key(key_id, services.sealer.check_value(key_id), now)
        found = next((tenant for tenant in administration.tenants() if tenant.name.casefold() == name.casefold()), None)
        if found is not None:
            return found, False
        tenant = administration.add_tenant(Tenant(0, services.new_id(), name, now))
        if country_code is not None:
            unit.telephony.hold(tenant.tenant_id)
            unit.telephony.save_settings(tenant.tenant_id, TelephonySettings(allowed=frozenset({country_code})))
        return tenant, True

    return in_transaction(services, work)


def check_keys(store: Store, sealer: Sealer, path: str) -> None:
    """Raise `UnavailableError` unless the key file holds every key in use, each the one the database was sealed with."""
    with store.snapshot() as unit:
        stored = unit.administration.keys()
    if not stored:
        raise UnavailableError(ErrorCode.DATABASE_EMPTY)
    _check(stored, sealer, path)


def _check(stored: Sequence[StoredKey], sealer: Sealer, path: str) -> None:
    for key in stored:
        if key.state is KeyState.RETIRED:
            continue
        if not sealer.knows(key.key_id):
            raise UnavailableError(ErrorCode.KEY_LOST, path=path, key_id=key.key_id)
        if sealer.check_value(key.key_id) != key.check_value:
            raise UnavailableError(ErrorCode.KEY_WRONG, path=path, key_id=key.key_id)


def known_tenant(store: Store, name: str) -> Tenant | None:
    """The tenant with this directory id (with its dashes) or name, in any case. Every request asks, so it is remembered."""
    wanted, before = name.casefold(), _KNOWN.setdefault(store, {})
    if wanted not in before:
        with store.look() as unit:
            tenants = unit.administration.tenants()
        found = next((one for one in tenants if wanted in {one.name.casefold(), str(UUID(bytes=one.directory_id))}), None)
        if found is None:
            return None
        before[wanted] = found
    return before[wanted]


def resolve_tenant(store: Store, name: str | None) -> Tenant:
    """The tenant called `name` (or with that directory id), or the only one when no name is given."""
    with store.snapshot() as unit:
        tenants = unit.administration.tenants()
    if name is None:
        if len(tenants) == 1:
            return tenants[0]
        if not tenants:
            raise NotFoundError(ErrorCode.TENANT_ABSENT)
        raise ConflictError(ErrorCode.TENANT_AMBIGUOUS, known=[tenant.name for tenant in tenants])
    wanted = name.casefold()
    for tenant in tenants:
        if wanted == tenant.name.casefold() or wanted.replace("-", "") == tenant.directory_id.hex():
            return tenant
    raise NotFoundError(ErrorCode.TENANT_UNKNOWN, tenant=name, known=[tenant.name for tenant in tenants])

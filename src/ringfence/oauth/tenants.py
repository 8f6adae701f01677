"""Which tenant a path names: its directory id, its name, or `common` and `organizations`, which leave it to the request.

Those two are for people. An application that asks for itself names its tenant, as in Entra, unless there is one alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Final

from ringfence.application.identity.clients import ClientFailure
from ringfence.application.identity.home_tenants import home_of_grant, home_of_sign_in, home_of_user, named_like, tenants_with
from ringfence.application.identity.parts import Identity
from ringfence.application.tenancy import known_tenant
from ringfence.domain.values import Tenant
from ringfence.oauth.refusals import Code, Refusal, refusal_of

_ANY: Final = frozenset({"common", "organizations"})
_SECRETS: Final = ("refresh_token", "device_code", "code")
"""Where a grant's secret stands; MSAL for Python sends a device code under both of the last two names."""


def find_tenant(identity: Identity, name: str) -> Tenant:
    """The tenant; raises `Refusal` (AADSTS90002)."""
    if name.casefold() in _ANY and len(known := tenants(identity)) == 1:
        return known[0]
    tenant = known_tenant(identity.services.store, name)
    if tenant is not None:
        return tenant
    words = f"Tenant '{name[:64]}' not found. Check to make sure you have the correct tenant ID."
    raise Refusal(Code.INVALID_REQUEST, 90002, words)


def is_any(identity: Identity, name: str) -> bool:
    """Whether the path leaves open which of several tenants is meant."""
    return name.casefold() in _ANY and len(tenants(identity)) > 1


def check_tenant(identity: Identity, name: str) -> None:
    """Raise `Refusal` (AADSTS90002) for a path that names no tenant, and leaves none open either."""
    if not is_any(identity, name):
        find_tenant(identity, name)


def tenant_to_show(identity: Identity, name: str, fields: Mapping[str, str], sign_in: str | None = None) -> Tenant:
    """The tenant whose page is shown before it is known who comes: what is said of the application is the same in all.

    Where the browser holds the secret of a sign-in that is under way, it is that one's.
    """
    if not is_any(identity, name):
        return find_tenant(identity, name)
    found = _tenants_with(identity, fields)
    under_way = None if sign_in is None else home_of_sign_in(identity.services, found, sign_in)
    if under_way is not None:
        return under_way
    return named_like(found, fields.get("login_hint") or fields.get("domain_hint", "")) or found[0]


def tenant_of_user(identity: Identity, name: str, fields: Mapping[str, str], login: str) -> Tenant:
    """The tenant in which this person signs in to the application; raises `Refusal` (AADSTS50059) where that is open."""
    if not is_any(identity, name):
        return find_tenant(identity, name)
    return _told(home_of_user(identity.services, _tenants_with(identity, fields), login))


def tenant_of_application(identity: Identity, name: str, fields: Mapping[str, str]) -> Tenant:
    """The only tenant with the application, which nothing but its id tells; raises `Refusal` (AADSTS50059) for several."""
    if not is_any(identity, name):
        return find_tenant(identity, name)
    found = _tenants_with(identity, fields)
    return _told(found[0] if len(found) == 1 else None)


def tenant_of_grant(identity: Identity, name: str, fields: Mapping[str, str]) -> Tenant:
    """The tenant that gave the grant in the form; raises `Refusal` (AADSTS50059) where that is open, AADSTS90002 for none."""
    if fields.get("grant_type") == "client_credentials" or not is_any(identity, name):
        return find_tenant(identity, name)
    found = _tenants_with(identity, fields)
    secret = next((fields[field] for field in _SECRETS if fields.get(field)), "")
    return found[0] if len(found) == 1 else _told(home_of_grant(identity.services, found, secret))


def tenants(identity: Identity) -> list[Tenant]:
    """All tenants of the deployment."""
    with identity.services.store.look() as unit:
        return unit.administration.tenants()


def directory_id(tenant: Tenant) -> str:
    """As it stands in addresses."""
    return str(uuid.UUID(bytes=tenant.directory_id))


def _tenants_with(identity: Identity, fields: Mapping[str, str]) -> list[Tenant]:
    found = tenants_with(identity.services, fields.get("client_id", ""))
    if not found:
        raise refusal_of(ClientFailure.UNKNOWN)
    return found


def _told(tenant: Tenant | None) -> Tenant:
    if tenant is None:
        words = (
            "Tenant-identifying information was not found in the request. Use the address of your tenant in place of 'common'."
        )
        raise Refusal(Code.INVALID_REQUEST, 50059, words)
    return tenant

"""Which tenant a path names: its directory id, its name, or `common` and `organizations` where there is only one."""

from __future__ import annotations

import uuid
from typing import Final

from ringfence.application.identity.parts import Identity
from ringfence.domain.values import Tenant
from ringfence.oauth.refusals import Code, Refusal

_ANY: Final = frozenset({"common", "organizations"})


def find_tenant(identity: Identity, name: str) -> Tenant:
    """The tenant; raises `Refusal` (AADSTS90002)."""
    known, wanted = tenants(identity), name.casefold()
    if wanted in _ANY and len(known) == 1:
        return known[0]
    for tenant in known:
        if wanted in {tenant.name.casefold(), str(uuid.UUID(bytes=tenant.directory_id))}:
            return tenant
    words = f"Tenant '{name[:64]}' not found. Check to make sure you have the correct tenant ID."
    raise Refusal(Code.INVALID_REQUEST, 90002, words)


def tenants(identity: Identity) -> list[Tenant]:
    """All tenants of the deployment."""
    with identity.services.store.look() as unit:
        return unit.administration.tenants()


def directory_id(tenant: Tenant) -> str:
    """As it stands in addresses."""
    return str(uuid.UUID(bytes=tenant.directory_id))

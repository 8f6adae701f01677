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
    with identity.services.store.snapshot() as unit:
        tenants = unit.administration.tenants()
    wanted = name.casefold()
    if wanted in _ANY and len(tenants) == 1:
        return tenants[0]
    for tenant in tenants:
        if wanted in {tenant.name.casefold(), str(uuid.UUID(bytes=tenant.directory_id))}:
            return tenant
    words = f"Tenant '{name[:64]}' not found. Check to make sure you have the correct tenant ID."
    raise Refusal(Code.INVALID_REQUEST, 90002, words)


def directory_id(tenant: Tenant) -> str:
    """As it stands in addresses."""
    return str(uuid.UUID(bytes=tenant.directory_id))

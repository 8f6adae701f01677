"""Look at the log of sign-ins in Microsoft's shape: one line, or a page, newest first. Source: surface a7, b7."""

from __future__ import annotations

import uuid
from typing import Any, Final, NamedTuple

from ringfence.application.ports.sign_ins import FIXED, SignInKey, SignInQuestion
from ringfence.application.services import Services
from ringfence.application.sign_in_steps import steps_of
from ringfence.domain.identity.sign_ins import SignIn
from ringfence.domain.values import Tenant

Document = dict[str, Any]

_NOBODY: Final = str(uuid.UUID(int=0))
_DEVICE: Final = ("browser", "deviceId", "displayName", "isCompliant", "isManaged", "operatingSystem", "trustType")
_PLACE: Final = ("city", "countryOrRegion", "geoCoordinates", "state")


class FoundSignIns(NamedTuple):
    """A page of `signIn` documents, and the key to go on behind; None at the end."""

    documents: list[Document]
    after: SignInKey | None


def list_sign_ins(services: Services, tenant_id: int, question: SignInQuestion, *, in_full: bool) -> FoundSignIns:
    """A page, `in_full` with what only beta shows; raises `UnknownField` for what cannot be asked."""
    with services.store.snapshot() as unit:
        page = unit.sign_ins.page(tenant_id, question)
        tenant = _tenant(unit.administration.tenants(), tenant_id)
    return FoundSignIns([_document(sign_in, tenant, in_full=in_full) for sign_in in page.sign_ins], page.after)


def find_sign_in(services: Services, tenant_id: int, sign_in_id: str, *, in_full: bool) -> Document | None:
    """The line with this id, or None when there is none."""
    try:
        identifier = uuid.UUID(sign_in_id).bytes
    except ValueError:
        return None
    with services.store.snapshot() as unit:
        found = unit.sign_ins.find(tenant_id, identifier)
        tenant = _tenant(unit.administration.tenants(), tenant_id)
    return None if found is None else _document(found, tenant, in_full=in_full)


def _tenant(tenants: list[Tenant], tenant_id: int) -> str:
    return next(str(uuid.UUID(bytes=one.directory_id)) for one in tenants if one.tenant_id == tenant_id)


def _document(sign_in: SignIn, directory_id: str, *, in_full: bool) -> Document:
    """The line as `signIn`: what is not known (device, place, agent) is null, and there is no risk and no conditional access."""
    attempt = sign_in.attempt
    shown: Document = {
        "id": str(uuid.UUID(bytes=sign_in.sign_in_id)),
        "createdDateTime": sign_in.at.isoformat().replace("+00:00", "Z"),
        "userDisplayName": sign_in.display_name,
        "userPrincipalName": sign_in.upn,
        "userId": _NOBODY if sign_in.user_id is None else str(uuid.UUID(bytes=sign_in.user_id)),
        "appId": str(uuid.UUID(bytes=attempt.app_id)),
        "appDisplayName": attempt.app_name,
        "ipAddress": attempt.ip_address,
        "clientAppUsed": attempt.client.title,
        "userAgent": None,
        "correlationId": str(uuid.UUID(bytes=attempt.correlation_id)),
        "isInteractive": True,
        **FIXED,
        "riskEventTypes": [],
        "riskEventTypes_v2": [],
        "appliedConditionalAccessPolicies": [],
        "authenticationAppDeviceDetails": None,
        "servicePrincipalId": None,
        "servicePrincipalName": None,
        "homeTenantId": directory_id,
        "resourceTenantId": directory_id,
        "deviceDetail": dict.fromkeys(_DEVICE),
        "location": dict.fromkeys(_PLACE),
        "status": _status(sign_in),
    }
    if not in_full:
        return shown
    return {**shown, **steps_of(sign_in), "signInEventTypes": ["interactiveUser"], "signInIdentifier": sign_in.typed}


def _status(sign_in: SignIn) -> Document:
    """The code, why it failed, and beside it why a second factor was demanded or not, or how it ended."""
    told = [] if sign_in.requirement is None else [f"{sign_in.requirement.words}."]
    if sign_in.second is not None:
        told.append(f"{sign_in.second.result.words}.")
    if sign_in.further:
        told.append(f"{sign_in.further} more like it in the same hour have no line of their own.")
    further = " ".join(told) or None
    return {"errorCode": int(sign_in.result), "failureReason": sign_in.result.reason, "additionalDetails": further}

"""`auditLogs/signIns`: who signed in, or tried to, newest first. Sources: surface a7, b7.

Risk is not assessed here, so nothing can be confirmed or dismissed.
"""

from __future__ import annotations

from typing import Any, Final

from ringfence.application.find_sign_ins import find_sign_in, list_sign_ins
from ringfence.application.ports.people import UnknownField
from ringfence.application.ports.sign_ins import FIXED, SignInKey, SignInQuestion
from ringfence.domain.policy.authority import Action
from ringfence.graph.call import Answer, Call
from ringfence.graph.errors import Family
from ringfence.graph.paging import next_link
from ringfence.graph.resources.log_pages import absent, check_order, log_page_size, named, packed_key, unpacked_key, unsupported
from ringfence.graph.resources.selection import Selection
from ringfence.graph.routes import Route

_PATH: Final = "auditLogs/signIns"
_IDENTIFIER: Final = 16
_FIELDS: Final = {
    name.casefold(): name
    for name in (
        *FIXED,
        "authenticationRequirement",
        "appDisplayName",
        "appId",
        "clientAppUsed",
        "correlationId",
        "createdDateTime",
        "id",
        "ipAddress",
        "isInteractive",
        "signInEventTypes",
        "status/errorCode",
        "userDisplayName",
        "userId",
        "userPrincipalName",
    )
}


_PROPERTIES: Final = (
    "id",
    "createdDateTime",
    "userDisplayName",
    "userPrincipalName",
    "userId",
    "appId",
    "appDisplayName",
    "ipAddress",
    "clientAppUsed",
    "userAgent",
    "correlationId",
    "isInteractive",
    *FIXED,
    "riskEventTypes",
    "riskEventTypes_v2",
    "appliedConditionalAccessPolicies",
    "authenticationAppDeviceDetails",
    "servicePrincipalId",
    "servicePrincipalName",
    "homeTenantId",
    "resourceTenantId",
    "deviceDetail",
    "location",
    "status",
)
_OF_BETA: Final = (
    "authenticationRequirement",
    "authenticationDetails",
    "authenticationMethodsUsed",
    "authenticationProtocol",
    "mfaDetail",
    "signInEventTypes",
    "signInIdentifier",
)


def _selection(call: Call) -> Selection:
    return Selection(call, (*_PROPERTIES, *_OF_BETA) if _is_beta(call) else _PROPERTIES, "signIn")


def _list(call: Call) -> Answer:
    selection = _selection(call)
    check_order(call, "createdDateTime")
    asked = None if call.options.filter is None else named(call.options.filter, _FIELDS)
    key = unpacked_key(call, _IDENTIFIER)
    question = SignInQuestion(asked, None if key is None else SignInKey(*key), log_page_size(call))
    try:
        found = list_sign_ins(call.services, call.tenant_id, question, in_full=_is_beta(call))
    except UnknownField as error:
        raise unsupported(str(error), "signIn") from error
    document: dict[str, Any] = {"@odata.context": call.context(f"{_PATH}{selection.projection}")}
    if found.after is not None:
        document["@odata.nextLink"] = next_link(call, _PATH, packed_key(found.after.at, found.after.sign_in_id))
    document["value"] = [selection.of(one) for one in found.documents]
    return Answer(200, document)


def _get(call: Call) -> Answer:
    selection = _selection(call)
    name = call.arguments["signIn"]
    found = find_sign_in(call.services, call.tenant_id, name, in_full=_is_beta(call))
    if found is None:
        raise absent(name, call)
    return Answer(200, {"@odata.context": call.context(f"{_PATH}{selection.projection}/$entity"), **selection.of(found)})


def _is_beta(call: Call) -> bool:
    return call.request.version == "beta"


ROUTES: Final = (
    Route("GET", _PATH, _list, Action.READ_LOGS, Family.DIRECTORY),
    Route("GET", f"{_PATH}/{{signIn}}", _get, Action.READ_LOGS, Family.DIRECTORY),
)

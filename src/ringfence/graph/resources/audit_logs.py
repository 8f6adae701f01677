"""`auditLogs/directoryAudits`: what was changed, newest first. Sources: surface a7, b7; domain-rules F.3."""

from __future__ import annotations

from typing import Any, Final

from ringfence.application.find_audit_records import find_audit_record, list_audit_records
from ringfence.application.ports.audit_queries import AuditKey, AuditQuestion
from ringfence.application.ports.people import UnknownField
from ringfence.domain.policy.authority import Action
from ringfence.graph.call import Answer, Call
from ringfence.graph.errors import Family
from ringfence.graph.paging import next_link
from ringfence.graph.resources.log_pages import absent, check_order, log_page_size, named, packed_key, unpacked_key, unsupported
from ringfence.graph.resources.selection import Selection
from ringfence.graph.routes import Route

_IDENTIFIER: Final = 16
_KEY: Final = 2 * _IDENTIFIER + 2
_PATH: Final = "auditLogs/directoryAudits"
_FIELDS: Final = {
    name.casefold(): name
    for name in (
        "activityDateTime",
        "activityDisplayName",
        "correlationId",
        "displayName",
        "id",
        "initiatedBy/app/appId",
        "initiatedBy/app/displayName",
        "initiatedBy/user/id",
        "initiatedBy/user/userPrincipalName",
        "loggedByService",
        "targetResources",
    )
}
_PROPERTIES: Final = (
    "id",
    "activityDateTime",
    "activityDisplayName",
    "additionalDetails",
    "category",
    "correlationId",
    "initiatedBy",
    "loggedByService",
    "operationType",
    "result",
    "resultReason",
    "targetResources",
)


def _list(call: Call) -> Answer:
    selection = Selection(call, _PROPERTIES, "directoryAudit")
    question = _question(call)
    try:
        found = list_audit_records(call.services, call.tenant_id, question, reveal=not call.masked)
    except UnknownField as error:
        raise unsupported(str(error), "directoryAudit") from error
    document: dict[str, Any] = {"@odata.context": call.context(f"{_PATH}{selection.projection}")}
    if found.after is not None:
        document["@odata.nextLink"] = next_link(call, _PATH, _packed(found.after))
    document["value"] = [selection.of(one) for one in found.documents]
    return Answer(200, document)


def _get(call: Call) -> Answer:
    selection = Selection(call, _PROPERTIES, "directoryAudit")
    name = call.arguments["record"]
    found = find_audit_record(call.services, call.tenant_id, name, reveal=not call.masked)
    if found is None:
        raise absent(name, call)
    return Answer(200, {"@odata.context": call.context(f"{_PATH}{selection.projection}/$entity"), **selection.of(found)})


def _question(call: Call) -> AuditQuestion:
    check_order(call, "activityDateTime")
    asked = None if call.options.filter is None else named(call.options.filter, _FIELDS)
    return AuditQuestion(asked, _unpacked(call), log_page_size(call))


def _packed(key: AuditKey) -> tuple[str, bytes]:
    return packed_key(key.at, key.user_id + key.correlation_id + key.part.to_bytes(2, "big"))


def _unpacked(call: Call) -> AuditKey | None:
    found = unpacked_key(call, _KEY)
    if found is None:
        return None
    at, rest = found
    part = int.from_bytes(rest[2 * _IDENTIFIER :], "big")
    return AuditKey(at, rest[:_IDENTIFIER], rest[_IDENTIFIER : 2 * _IDENTIFIER], part)


ROUTES: Final = (
    Route("GET", _PATH, _list, Action.READ_LOGS, Family.DIRECTORY),
    Route("GET", f"{_PATH}/{{record}}", _get, Action.READ_LOGS, Family.DIRECTORY),
)

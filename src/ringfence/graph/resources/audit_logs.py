"""`auditLogs/directoryAudits`: what was changed, newest first. Sources: surface a7, b7; domain-rules F.3.

The log of sign-ins is not here: nothing is recorded of them yet.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from ringfence.application.find_audit_records import find_audit_record, list_audit_records
from ringfence.application.ports.audit_queries import AuditKey, AuditQuestion
from ringfence.application.ports.people import UnknownField
from ringfence.domain.directory.query import And, AnyOf, Comparison, Filter
from ringfence.domain.policy.authority import Action
from ringfence.graph.call import Answer, Call
from ringfence.graph.errors import Family, GraphError, bad_request, not_found
from ringfence.graph.paging import next_link, read_key
from ringfence.graph.resources.selection import Selection
from ringfence.graph.routes import Route

USUAL: Final = 100
MOST: Final = 999
_IDENTIFIER: Final = 16
_KEY: Final = 2 * _IDENTIFIER + 2
_PATH: Final = "auditLogs/directoryAudits"
_ORDER: Final = "activityDateTime"
_FIELDS: Final = {
    name.casefold(): name
    for name in (
        "activityDateTime",
        "activityDisplayName",
        "correlationId",
        "displayName",
        "id",
        "initiatedBy/app/displayName",
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
        message = f"Resource '{name[:128]}' does not exist or one of its queried reference-property objects are not present."
        raise not_found(message, call.family)
    return Answer(200, {"@odata.context": call.context(f"{_PATH}{selection.projection}/$entity"), **selection.of(found)})


def unsupported(field: str, resource: str) -> GraphError:
    """400 for what cannot be filtered or sorted by."""
    message = f"Unsupported or invalid query filter clause specified for property '{field[:128]}' of resource '{resource}'."
    return GraphError(400, "Request_UnsupportedQuery", message)


def page_size(call: Call) -> int:
    """What `$top` asks for; raises `GraphError` for too much, and for options that the logs and reports do not know."""
    options = call.options
    if options.skip is not None:
        message = "The query parameter '$skip' is not supported. Follow @odata.nextLink."
        raise bad_request(message, call.family)
    if options.expand:
        message = f"Expanding '{options.expand[0].field}' is not supported."
        raise GraphError(400, "ExpandNotSupported", message)
    if options.search is not None:
        message = "The query parameter '$search' is not supported here."
        raise GraphError(400, "Request_UnsupportedQuery", message)
    top = USUAL if options.top is None else options.top
    if top > MOST:
        message = f"Invalid page size specified: '{top}'. Must be between 1 and {MOST} inclusive."
        raise bad_request(message, call.family)
    return top


def _question(call: Call) -> AuditQuestion:
    options = call.options
    if any(order.field.casefold() != _ORDER.casefold() or not order.descending for order in options.orderby):
        message = f"The only order of the log is '{_ORDER} desc'."
        raise GraphError(400, "Request_UnsupportedQuery", message)
    asked = None if options.filter is None else _named(options.filter)
    return AuditQuestion(asked, _unpacked(call), page_size(call))


def _named(part: Filter) -> Filter:
    """The same with every field as it is spelled."""
    if isinstance(part, And):
        return And(tuple(_named(one) for one in part.parts))
    if isinstance(part, AnyOf):
        condition = part.condition
        inner = Comparison(_spelled(condition.field), condition.operator, condition.value)
        return AnyOf(_spelled(part.field), inner)
    return Comparison(_spelled(part.field), part.operator, part.value) if isinstance(part, Comparison) else part


def _spelled(field: str) -> str:
    return _FIELDS.get(field.casefold(), field)


def _packed(key: AuditKey) -> tuple[str, bytes]:
    return key.at.astimezone(UTC).isoformat(), key.user_id + key.correlation_id + key.part.to_bytes(2, "big")


def _unpacked(call: Call) -> AuditKey | None:
    key = read_key(call)
    if key is None:
        return None
    text, packed = key
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or len(packed) != _KEY:
        message = "The $skiptoken is not valid. Begin again with the first page."
        raise bad_request(message, call.family)
    part = int.from_bytes(packed[2 * _IDENTIFIER :], "big")
    return AuditKey(at, packed[:_IDENTIFIER], packed[_IDENTIFIER : 2 * _IDENTIFIER], part)


ROUTES: Final = (
    Route("GET", _PATH, _list, Action.READ_LOGS, Family.DIRECTORY),
    Route("GET", f"{_PATH}/{{record}}", _get, Action.READ_LOGS, Family.DIRECTORY),
)

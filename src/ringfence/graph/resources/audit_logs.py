"""`auditLogs/directoryAudits`: what was changed, newest first. Sources: surface a7, b7; domain-rules F.3.

What the log of sign-ins (`sign_ins.py`) and the reports do alike is here too: pages, the order, and what cannot be asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ringfence.application.find_audit_records import find_audit_record, list_audit_records
from ringfence.application.ports.audit_queries import AuditKey, AuditQuestion
from ringfence.application.ports.people import UnknownField
from ringfence.domain.directory.query import And, AnyOf, Comparison, Filter
from ringfence.domain.policy.authority import Action
from ringfence.graph.call import Answer, Call
from ringfence.graph.errors import Family, GraphError, bad_request, not_expandable, not_found
from ringfence.graph.paging import next_link, read_key
from ringfence.graph.resources.selection import Selection
from ringfence.graph.routes import Route

USUAL: Final = 100
MOST: Final = 999
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
        raise not_expandable(options.expand[0].field)
    if options.search is not None:
        message = "The query parameter '$search' is not supported here."
        raise GraphError(400, "Request_UnsupportedQuery", message)
    top = USUAL if options.top is None else options.top
    if top > MOST:
        message = f"Invalid page size specified: '{top}'. Must be between 1 and {MOST} inclusive."
        raise bad_request(message, call.family)
    return top


def check_order(call: Call, field: str) -> None:
    """Raise `GraphError` unless the order asked for is the one there is."""
    if any(order.field.casefold() != field.casefold() or not order.descending for order in call.options.orderby):
        message = f"The only order of the log is '{field} desc'."
        raise GraphError(400, "Request_UnsupportedQuery", message)


def named(part: Filter, fields: Mapping[str, str]) -> Filter:
    """The same with every field as it is spelled; `fields` has the spelling by the name without its case."""
    if isinstance(part, And):
        return And(tuple(named(one, fields) for one in part.parts))
    if isinstance(part, AnyOf):
        condition = part.condition
        inner = Comparison(_spelled(condition.field, fields), condition.operator, condition.value)
        return AnyOf(_spelled(part.field, fields), inner)
    return Comparison(_spelled(part.field, fields), part.operator, part.value) if isinstance(part, Comparison) else part


def _spelled(field: str, fields: Mapping[str, str]) -> str:
    return fields.get(field.casefold(), field)


def packed_key(at: datetime, rest: bytes) -> tuple[str, bytes]:
    """Where a page of a log ends, for `next_link`: the instant, and what tells lines of one instant apart."""
    return at.astimezone(UTC).isoformat(), rest


def unpacked_key(call: Call, length: int) -> tuple[datetime, bytes] | None:
    """What `packed_key` made, from `$skiptoken`; raises `GraphError` for one that is none of this log's."""
    key = read_key(call)
    if key is None:
        return None
    text, rest = key
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or len(rest) != length:
        message = "The $skiptoken is not valid. Begin again with the first page."
        raise bad_request(message, call.family)
    return at, rest


def absent(name: str, call: Call) -> GraphError:
    """404 for an id that leads nowhere."""
    message = f"Resource '{name[:128]}' does not exist or one of its queried reference-property objects are not present."
    return not_found(message, call.family)


def _question(call: Call) -> AuditQuestion:
    check_order(call, "activityDateTime")
    asked = None if call.options.filter is None else named(call.options.filter, _FIELDS)
    return AuditQuestion(asked, _unpacked(call), page_size(call))


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

"""What the logs and the reports do alike: pages, the order, what cannot be asked. Source: surface a5, a7, b7, d1."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from ringfence.domain.directory.query import And, AnyOf, Comparison, Filter
from ringfence.graph.call import Call
from ringfence.graph.errors import GraphError, bad_request, not_found
from ringfence.graph.paging import page_size, read_key


def unsupported(field: str, resource: str) -> GraphError:
    """400 for what cannot be filtered or sorted by."""
    message = f"Unsupported or invalid query filter clause specified for property '{field[:128]}' of resource '{resource}'."
    return GraphError(400, "Request_UnsupportedQuery", message)


def log_page_size(call: Call) -> int:
    """What `$top` asks for; raises `GraphError` for what no list takes, and for `$search`, which the logs and reports do not."""
    if call.options.search is not None:
        message = "The query parameter '$search' is not supported here."
        raise GraphError(400, "Request_UnsupportedQuery", message)
    return page_size(call)


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

"""From query options to a question over users, under Graph's rules for advanced queries (surface d2, trap 13)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ringfence.application.ports.people import UserQuestion
from ringfence.domain.directory.query import And, AnyOf, Comparison, CountIs, Filter, In, Not, Operator, Or, Search
from ringfence.graph.call import Call
from ringfence.graph.errors import GraphError
from ringfence.graph.paging import page_size, read_key
from ringfence.graph.resources.user_shape import NAMES

_ADVANCED: Final = frozenset({Operator.ENDS_WITH, Operator.NE})
_SEARCH_HEADER: Final = (
    "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'"
)


def is_eventual(call: Call) -> bool:
    """Whether the caller sent `ConsistencyLevel: eventual`."""
    return call.request.headers.get("consistencylevel", "").strip().casefold() == "eventual"


def question_of(call: Call, *, deleted: bool = False) -> UserQuestion:
    """The question; raises `GraphError` for options that the directory refuses."""
    options, top = call.options, page_size(call)
    _check_advanced(call)
    order = options.orderby[0] if options.orderby else None
    return UserQuestion(
        filter=None if options.filter is None else _named(options.filter),
        search=options.search,
        order=None if order is None else NAMES.get(order.field.casefold(), order.field),
        descending=order is not None and order.descending,
        after=read_key(call),
        limit=top,
        deleted=deleted,
    )


def _check_advanced(call: Call) -> None:
    options, eventual = call.options, is_eventual(call)
    if options.search is not None and not eventual:
        raise GraphError(400, "Request_UnsupportedQuery", _SEARCH_HEADER)
    if len(options.orderby) > 1:
        message = "Only one property can be sorted by."
        raise GraphError(400, "Request_UnsupportedQuery", message)
    if options.filter is None or (eventual and (options.count or options.skiptoken is not None)):
        return
    if options.orderby:
        message = (
            "Sorting not supported for current query: $filter with $orderby needs ConsistencyLevel: eventual and $count=true."
        )
        raise GraphError(400, "Request_UnsupportedQuery", message)
    for word in _advanced(options.filter):
        message = (
            f"Operator '{word}' is not supported because the required parameters might be missing. Try adding "
            "$count=true query parameter and ConsistencyLevel:eventual header."
        )
        raise GraphError(400, "Request_UnsupportedQuery", message)


def _advanced(part: Filter) -> Iterator[str]:
    """The operators that need the header, as they are written."""
    if isinstance(part, And | Or):
        for one in part.parts:
            yield from _advanced(one)
    elif isinstance(part, Not):
        yield "not"
    elif isinstance(part, Comparison) and part.operator in _ADVANCED:
        yield part.operator.value
    elif isinstance(part, CountIs):
        yield "$count"
    elif isinstance(part, AnyOf):
        yield from _advanced(part.condition)


def _named(part: Filter) -> Filter:
    """The filter with every field as it is spelled, whatever its case was."""
    if isinstance(part, And | Or):
        return type(part)(tuple(_named(one) for one in part.parts))
    if isinstance(part, Not):
        return Not(_named(part.part))
    spelled = NAMES.get(part.field.casefold(), part.field)
    if isinstance(part, Comparison):
        return Comparison(spelled, part.operator, part.value)
    if isinstance(part, In):
        return In(spelled, part.values)
    if isinstance(part, AnyOf):
        return AnyOf(spelled, part.condition)
    return CountIs(spelled, part.operator, part.number) if isinstance(part, CountIs) else Search(spelled, part.text)

"""The query options of a request as one frozen value.

Owns: the names of the options and the form of each value. Options may be written without their dollar, but not some with and some
without; their case does not count. Names of other people are ignored, as long as they have no dollar.
Does not own: which options a resource takes, and how large `$top` may be. Source: Graph's "Use query parameters".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ringfence.domain.directory.query import Filter
from ringfence.graph.odata.errors import ODataError
from ringfence.graph.odata.filter import parse_filter
from ringfence.graph.odata.lexer import MAX_LENGTH
from ringfence.graph.odata.query_string import read_pairs
from ringfence.graph.odata.search import parse_search

_PATH: Final = r"[A-Za-z_]\w{0,127}(?:/[A-Za-z_]\w{0,127})*"
_SELECTED: Final = re.compile(rf"\*|{_PATH}", re.ASCII)
_ORDERED: Final = re.compile(rf"({_PATH})(?:[ \t]+(asc|desc))?", re.ASCII | re.IGNORECASE)
_EXPANDED: Final = re.compile(rf"({_PATH})\s*(?:\((.*)\))?", re.ASCII | re.DOTALL)
_PIECE: Final = re.compile(r"'(?:[^']|'')*+'|.", re.DOTALL)
_MOST_DIGITS: Final = 9


class Expansion(NamedTuple):
    """A relation to be included, and its own options as they were written, without the parentheses: `$select=id;$top=1`."""

    field: str
    options: str = ""


class Order(NamedTuple):
    """A property to sort by."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class QueryOptions:
    """What a request asks of the answer; the names are OData's. None and empty mean *not asked for*.

    `top` is at least 1, `skip` at least 0; tokens are as they came, and an empty `deltatoken` asks to begin anew.
    """

    select: tuple[str, ...] = ()
    filter: Filter | None = None
    orderby: tuple[Order, ...] = ()
    top: int | None = None
    skip: int | None = None
    skiptoken: str | None = None
    deltatoken: str | None = None
    count: bool = False
    search: Filter | None = None
    expand: tuple[Expansion, ...] = ()


def parse_options(query: str) -> QueryOptions:
    """Return the options of a raw query string (without its question mark); raises `ODataError`, and nothing else."""
    given: dict[str, str] = {}
    dollars = set()
    for written, value in read_pairs(query):
        dollar, name = written.startswith("$"), written.removeprefix("$").lower()
        if name in _READERS:
            if name in given:
                message = f"Query option '{written}' was specified more than once, but it must be specified at most once."
                raise ODataError(message)
            given[name] = value
            dollars.add(dollar)
        elif dollar:
            message = f"The query parameter '{written}' is not supported."
            raise ODataError(message)
    if len(dollars) > 1:
        message = "Query options must be specified either all with the prefix '$' or all without it."
        raise ODataError(message)
    values: dict[str, Any] = {name: _READERS[name](value) for name, value in given.items()}
    return QueryOptions(**values)


def _select(text: str) -> tuple[str, ...]:
    """Each property once, in the order of the text."""
    terms = [term.strip() for term in text.split(",")] if text.strip() else []
    for term in terms:
        if not _SELECTED.fullmatch(term):
            raise _refused_term(term)
    return tuple(dict.fromkeys(terms))


def _orderby(text: str) -> tuple[Order, ...]:
    found = [_ORDERED.fullmatch(term.strip()) for term in text.split(",")]
    orders = [Order(order[1], (order[2] or "").lower() == "desc") for order in found if order is not None]
    if len(orders) != len(found):
        message = f"Invalid orderby clause: '{text}'."
        raise ODataError(message)
    return tuple(orders)


def _expand(text: str) -> tuple[Expansion, ...]:
    terms = list(_terms(text)) if text.strip() else []
    found = [_EXPANDED.fullmatch(term) for term in terms]
    for term, expansion in zip(terms, found, strict=True):
        if expansion is None:
            raise _refused_term(term)
    return tuple(Expansion(expansion[1], (expansion[2] or "").strip()) for expansion in found if expansion is not None)


def _terms(text: str) -> Iterator[str]:
    """Split at the commas outside parentheses and quotes; nothing may follow a term's closing parenthesis."""
    depth, start, closed = 0, 0, False
    for piece in _PIECE.finditer(text):
        sign, outside = piece[0], depth == 0
        if outside and sign == ",":
            yield text[start : piece.start()].strip()
            start, closed = piece.end(), False
        elif sign == ")" and depth <= 1:
            closed = True
        elif outside and closed and not sign.isspace():
            raise _refused_term(text)
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            raise _refused_term(text)
    if depth:
        raise _refused_term(text)
    yield text[start:].strip()


def _refused_term(term: str) -> ODataError:
    message = f"Parsing OData Select and Expand failed: Term '{term}' is not valid in a $select or $expand expression."
    return ODataError(message)


def _refused_value(value: str, name: str, requirement: str) -> ODataError:
    message = f"Invalid value '{value}' for ${name} query option found. The ${name} query option requires {requirement}."
    return ODataError(message)


def _whole(name: str, least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        digits = text.strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS) or int(digits) < least:
            raise _refused_value(text, name, f"an integer of at least {least} and at most {_MOST_DIGITS} digits")
        return int(digits)

    return read


def _count(text: str) -> bool:
    word = text.strip().lower()
    if word not in {"false", "true"}:
        raise _refused_value(text, "count", "'true' or 'false'")
    return word == "true"


def _token(name: str, least: int = 1) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not least <= len(text) <= MAX_LENGTH:
            raise _refused_value(text[:MAX_LENGTH], name, f"between {least} and {MAX_LENGTH} characters")
        return text

    return read


_READERS: Final[dict[str, Callable[[str], object]]] = {
    "count": _count,
    "deltatoken": _token("deltatoken", least=0),
    "expand": _expand,
    "filter": parse_filter,
    "orderby": _orderby,
    "search": parse_search,
    "select": _select,
    "skip": _whole("skip", 0),
    "skiptoken": _token("skiptoken"),
    "top": _whole("top", 1),
}

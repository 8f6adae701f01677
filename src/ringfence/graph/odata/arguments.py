"""Calls in a path: `usersRegisteredByFeature(includedUserTypes='all',includedUserRoles='all')`, `delta()`, `users('id')`.

Owns: the spellings of one name (bare, with empty parentheses, qualified), arguments in any order, parameter aliases.
Does not own: which functions exist and which arguments they take. Source: OData 4.01 part 2 sections 4.5.3
and 5.3; Graph takes all three spellings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from ringfence.domain.directory.query import Value
from ringfence.graph.odata.errors import ODataError
from ringfence.graph.odata.lexer import Cursor, Kind
from ringfence.graph.odata.literals import read_name, read_value
from ringfence.graph.odata.query_string import read_pairs

KEY: Final = ""
"""The name of an argument that stands alone without a name: a key, as in `users('id')`."""

_NAMESPACE: Final = "microsoft.graph."


class Segment(NamedTuple):
    """A segment of a path: its name without namespace, and its arguments by name."""

    name: str
    arguments: dict[str, Value]


def read_aliases(query: str) -> dict[str, str]:
    """Return the parameter aliases of a raw query string, `@p` with the text of its value; raises `ODataError`."""
    aliases: dict[str, str] = {}
    for name, value in read_pairs(query):
        if name in aliases:
            message = f"The parameter alias '{name}' was specified more than once."
            raise ODataError(message)
        if name.startswith("@"):
            aliases[name] = value
    return aliases


def parse_segment(text: str, aliases: Mapping[str, str]) -> Segment:
    """Return the segment, percent-decoded, as a call; one without parentheses has no arguments, whatever it holds.

    `aliases` are those of `read_aliases`; an alias without a value is null. Raises `ODataError`.
    """
    call = text[len(_NAMESPACE) :] if text.lower().startswith(_NAMESPACE) else text
    if "(" not in call:
        return Segment(call, {})
    cursor = Cursor(call)
    name = read_name(cursor)
    cursor.expect(Kind.SIGN, "(")
    arguments = _read_arguments(cursor, aliases)
    cursor.expect(Kind.SIGN, ")")
    cursor.expect(Kind.END)
    return Segment(name, arguments)


def _read_arguments(cursor: Cursor, aliases: Mapping[str, str]) -> dict[str, Value]:
    if cursor.next.text == ")":
        return {}
    if cursor.next.kind is not Kind.NAME:
        return {KEY: _read_argument(cursor, aliases)}
    arguments: dict[str, Value] = {}
    while True:
        name = read_name(cursor)
        if name in arguments:
            message = f"The parameter '{name}' was specified more than once."
            raise ODataError(message)
        cursor.expect(Kind.SIGN, "=")
        arguments[name] = _read_argument(cursor, aliases)
        if not cursor.accept(Kind.SIGN, ","):
            return arguments


def _read_argument(cursor: Cursor, aliases: Mapping[str, str]) -> Value:
    alias = cursor.accept(Kind.ALIAS)
    return _resolve(alias.text, aliases) if alias else read_value(cursor)


def _resolve(alias: str, aliases: Mapping[str, str]) -> Value:
    if alias not in aliases:
        return None
    cursor = Cursor(aliases[alias])
    value = read_value(cursor)
    cursor.expect(Kind.END)
    return value

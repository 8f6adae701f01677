r"""`$search` on directory objects: `"displayName:Al" OR "mail:al"`, with `AND`, `OR` (upper case) and parentheses.

Each clause stands in double quotes; inside, a backslash goes before a quote or a backslash.
Source: Graph's "Use the $search query parameter", directory object collections.
"""

from __future__ import annotations

import re
from typing import Final

from ringfence.domain.directory.query import Filter, Search
from ringfence.graph.odata.errors import ODataError
from ringfence.graph.odata.junctions import read_enclosed, read_joined
from ringfence.graph.odata.lexer import Cursor, Kind

_GRAMMAR: Final = re.compile(r'(?P<phrase>"(?:[^"\\]|\\.)*+")|(?P<open>")|(?P<name>(?:AND|OR)\b)|(?P<sign>[()])', re.DOTALL)
_FIELD: Final = re.compile(r"\s*([a-z_]\w{0,127})\s*:", re.IGNORECASE | re.ASCII)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


def parse_search(text: str) -> Filter:
    """Return what the text of `$search`, percent-decoded, asks for; raises `ODataError`, and nothing else, for any other text."""
    try:
        cursor = Cursor(text, _GRAMMAR)
        found = read_joined(cursor, _read_part)
        cursor.expect(Kind.END)
    except ODataError as error:
        message = f"Invalid search clause: {error}"
        raise ODataError(message) from None
    return found


def _read_part(cursor: Cursor) -> Filter:
    if cursor.accept(Kind.SIGN, "("):
        return read_enclosed(cursor, _read_part)
    token = cursor.expect(Kind.PHRASE)
    phrase = _ESCAPED.sub(r"\1", token.text[1:-1])
    named = _FIELD.match(phrase)
    clause = Search(named[1], phrase[named.end() :].strip()) if named else Search("", phrase.strip())
    if not clause.text:
        raise ODataError.expression(token.end - 1, cursor.text)
    return clause

"""Values and paths as they stand in an expression.

Owns: quoting, GUIDs bare or quoted, instants, numbers, `true`, `false` and `null`; and paths such as `initiatedBy/user/id`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from ringfence.domain.directory.query import Value
from ringfence.graph.odata.errors import ODataError
from ringfence.graph.odata.lexer import Cursor, Kind, Token

_WORDS: Final[dict[str, Value]] = {"false": False, "null": None, "true": True}
_INT64: Final = range(-(2**63), 2**63)
_MOST_DIGITS: Final = 20
_INSTANT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?(Z|[+-]\d\d:\d\d))?", re.ASCII | re.IGNORECASE
)


def read_value(cursor: Cursor) -> Value:
    """Take a value; a bare GUID becomes its text in lower case. Raises `ODataError` where none stands."""
    token = cursor.next
    if token.kind is Kind.NAME and token.text.lower() in _WORDS:
        return _WORDS[cursor.take().text.lower()]
    if token.kind not in {Kind.STRING, Kind.GUID, Kind.INSTANT, Kind.NUMBER}:
        raise ODataError.expression(token.position, cursor.text)
    cursor.take()
    if token.kind is Kind.STRING:
        return token.text[1:-1].replace("''", "'")
    if token.kind is Kind.GUID:
        return token.text.lower()
    return _instant(token, cursor.text) if token.kind is Kind.INSTANT else _number(token, cursor.text)


def read_values(cursor: Cursor, most: int) -> tuple[Value, ...]:
    """Take `(value, value, …)`, at least one and at most `most`; raises `ODataError` else."""
    cursor.expect(Kind.SIGN, "(")
    values = [read_value(cursor)]
    while cursor.accept(Kind.SIGN, ","):
        if len(values) == most:
            message = f"A list has more than the allowed {most} values in '{cursor.text}'."
            raise ODataError(message)
        values.append(read_value(cursor))
    cursor.expect(Kind.SIGN, ")")
    return tuple(values)


def read_text(cursor: Cursor) -> str:
    """Take a quoted text; raises `ODataError` where another value, or none, stands."""
    token = cursor.expect(Kind.STRING)
    return token.text[1:-1].replace("''", "'")


def read_name(cursor: Cursor) -> str:
    """Take one name of a property; raises `ODataError` for a word with a dollar, and for anything else."""
    if cursor.next.text.startswith("$"):
        raise cursor.syntax_error()
    return cursor.expect(Kind.NAME).text


def read_number(cursor: Cursor) -> int:
    """Take an integer of 64 bits; raises `ODataError` else."""
    return _number(cursor.expect(Kind.NUMBER), cursor.text)


def _number(token: Token, text: str) -> int:
    """Graph's properties that can be filtered have whole numbers only."""
    if not token.text.lstrip("-").isdigit() or len(token.text) > _MOST_DIGITS or int(token.text) not in _INT64:
        raise ODataError.literal(token.position, token.text, text)
    return int(token.text)


def _instant(token: Token, text: str) -> datetime:
    """A date alone is its first instant in UTC; a time without an offset is refused, since nobody can tell which it is.

    Digits beyond the microsecond are cut off.
    """
    found = _INSTANT.fullmatch(token.text)
    if found is None:
        raise ODataError.literal(token.position, token.text, text)
    day, minute, second, fraction, offset = found.groups()
    written = f"{day}T{minute or '00:00'}:{second or '00'}.{(fraction or '')[:6]:0<6}{(offset or 'Z').upper()}"
    try:
        return datetime.fromisoformat(written).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ODataError.literal(token.position, token.text, text) from None

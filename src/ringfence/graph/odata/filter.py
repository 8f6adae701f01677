"""`$filter`: one condition, or several joined.

Owns: comparisons, `in`, `startsWith`, `endsWith`, `not`, `any` and `$count`, as the documented properties of our resources use
them. Leaves out, and refuses: arithmetic, other functions, `all`, comparisons between two properties, and a bare property.
Sources: OData 4.01 part 2 section 5.1.1; Graph's "Advanced query capabilities on directory objects".
"""

from __future__ import annotations

from typing import Final

from ringfence.domain.directory.query import AnyOf, Comparison, CountIs, Filter, In, Not, Operator
from ringfence.graph.odata.errors import ODataError
from ringfence.graph.odata.junctions import read_enclosed, read_joined
from ringfence.graph.odata.lexer import Cursor, Kind
from ringfence.graph.odata.literals import read_name, read_number, read_text, read_value, read_values

MAX_VALUES: Final = 1000
"""Values of one `in (…)`."""

_FUNCTIONS: Final = {"endswith": Operator.ENDS_WITH, "startswith": Operator.STARTS_WITH}
_OPERATORS: Final = {operator.value: operator for operator in Operator if operator not in _FUNCTIONS.values()}


def parse_filter(text: str) -> Filter:
    """Return what the text of `$filter`, percent-decoded, asks for; raises `ODataError`, and nothing else, for any other text."""
    try:
        cursor = Cursor(text)
        found = read_joined(cursor, _read_part)
        cursor.expect(Kind.END)
    except ODataError as error:
        message = f"Invalid filter clause: {error}"
        raise ODataError(message) from None
    return found


def _read_part(cursor: Cursor) -> Filter:
    if cursor.accept(Kind.SIGN, "("):
        return read_enclosed(cursor, _read_part)
    if cursor.accept(Kind.NAME, "not"):
        return _read_negated(cursor)
    if cursor.is_call():
        return _read_function(cursor)
    if cursor.next.kind is not Kind.NAME:
        raise ODataError.expression(cursor.next.position, cursor.text)
    return _read_property(cursor)


def _read_negated(cursor: Cursor) -> Not:
    """Refuse `not a eq 'b'`: by OData's precedence it negates the property, so Graph refuses it too."""
    at = cursor.next
    with cursor.deeper():
        part = _read_part(cursor)
    if isinstance(part, Comparison | CountIs | In) and at.text != "(" and at.text.lower() not in _FUNCTIONS:
        message = f"The operand of 'not' at position {at.position} must be in parentheses in '{cursor.text}'."
        raise ODataError(message)
    return Not(part)


def _read_function(cursor: Cursor) -> Comparison:
    name = cursor.take().text
    operator = _FUNCTIONS.get(name.lower())
    if operator is None:
        raise ODataError.function(name)
    cursor.expect(Kind.SIGN, "(")
    field = read_name(cursor)
    while cursor.accept(Kind.SIGN, "/"):
        field += f"/{read_name(cursor)}"
    cursor.expect(Kind.SIGN, ",")
    text = read_text(cursor)
    cursor.expect(Kind.SIGN, ")")
    return Comparison(field, operator, text)


def _read_property(cursor: Cursor) -> Filter:
    field = read_name(cursor)
    while cursor.accept(Kind.SIGN, "/"):
        if cursor.is_call("any"):
            return _read_any(cursor, field)
        if cursor.is_call():
            raise ODataError.function(cursor.next.text)
        if cursor.accept(Kind.NAME, "$count"):
            return CountIs(field, _read_operator(cursor), read_number(cursor))
        field += f"/{read_name(cursor)}"
    if cursor.accept(Kind.NAME, "in"):
        return In(field, read_values(cursor, MAX_VALUES))
    return Comparison(field, _read_operator(cursor), read_value(cursor))


def _read_operator(cursor: Cursor) -> Operator:
    return _OPERATORS[cursor.expect(Kind.NAME, *_OPERATORS).text.lower()]


def _read_any(cursor: Cursor, field: str) -> AnyOf:
    """Take `any(x:x/member eq 'value')`; more than one comparison about the item is refused."""
    cursor.take()
    cursor.expect(Kind.SIGN, "(")
    variable = read_name(cursor)
    cursor.expect(Kind.SIGN, ":")
    condition = read_enclosed(cursor, _read_part)
    if not isinstance(condition, Comparison):
        message = f"The condition of 'any' on '{field}' must be one comparison in '{cursor.text}'."
        raise ODataError(message)
    first, _, member = condition.field.partition("/")
    if first != variable:
        message = f"The condition of 'any' on '{field}' must be about '{variable}', not '{first}', in '{cursor.text}'."
        raise ODataError(message)
    return AnyOf(field, Comparison(member, condition.operator, condition.value))

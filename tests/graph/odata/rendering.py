"""Values written back as the text of a query option, as a careful client would."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ringfence.domain.directory.query import And, AnyOf, Comparison, CountIs, Filter, In, Not, Operator, Or, Search, Value


def literal(value: Value) -> str:
    """A value as OData writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def filter_text(wanted: Filter) -> str:
    """The text of `$filter`; every part of a junction that is one itself, and every negated part, is in parentheses."""
    match wanted:
        case Comparison(field, operator, value):
            text = _comparison(field, operator, value)
        case In(field, values):
            text = f"{field} in ({', '.join(map(literal, values))})"
        case CountIs(field, operator, number):
            text = f"{field}/$count {operator.value} {number}"
        case AnyOf(field, Comparison(member, operator, value)):
            text = f"{field}/any(x:{_comparison(f'x/{member}' if member else 'x', operator, value)})"
        case Not(part):
            text = f"not({filter_text(part)})"
        case _:
            text = _joined(wanted, filter_text)
    return text


def _comparison(field: str, operator: Operator, value: Value) -> str:
    if operator in {Operator.ENDS_WITH, Operator.STARTS_WITH}:
        return f"{operator.value}({field},{literal(value)})"
    return f"{field} {operator.value} {literal(value)}"


def search_text(wanted: Filter) -> str:
    """The text of `$search`."""
    if isinstance(wanted, Search):
        phrase = f"{wanted.field}:{wanted.text}" if wanted.field else wanted.text
        return '"' + phrase.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return _joined(wanted, search_text)


def _joined(wanted: Filter, render: Callable[[Filter], str]) -> str:
    assert isinstance(wanted, And | Or)
    word = " AND " if isinstance(wanted, And) else " OR "
    return word.join(f"({render(part)})" if isinstance(part, And | Or) else render(part) for part in wanted.parts)

"""From a comparison of the API to one condition of SQL, alike for every log. Texts compare without case.

Does not own: which fields a resource has; that stands with its query.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Final

from ringfence.application.ports.people import UnknownField
from ringfence.domain.directory.query import And, Comparison, Filter, Operator
from ringfence.storage.rows import to_micros

Condition = tuple[str, list[object]]
"""A text with `?`, and its values."""

NEVER: Final[Condition] = ("1 = 0", [])
ALWAYS: Final[Condition] = ("1 = 1", [])
EQUALITY: Final = frozenset({Operator.EQ})
TEXT_OPERATORS: Final = frozenset({Operator.EQ, Operator.STARTS_WITH})
_SIGNS: Final = {Operator.EQ: "=", Operator.GE: ">=", Operator.LE: "<="}


def joined_by_and(asked: Filter) -> list[Filter]:
    """What is joined by `and`, at any depth."""
    return [one for part in asked.parts for one in joined_by_and(part)] if isinstance(asked, And) else [asked]


def wanted_value(part: Comparison, operators: frozenset[Operator]) -> str:
    """The text compared with, without its case; raises `UnknownField` for another kind of value or another operator."""
    if part.operator not in operators or not isinstance(part.value, str):
        raise UnknownField(part.field)
    return part.value.casefold()


def wanted_text(folded: Callable[[str], str], column: str, part: Comparison, operators: frozenset[Operator]) -> Condition:
    """A column of text stands so to the value; `folded` is the database's way to leave out the case."""
    wanted = wanted_value(part, operators)
    if "\0" in wanted:
        return NEVER
    if part.operator is Operator.STARTS_WITH:
        return f"substr({folded(column)}, 1, ?) = ?", [len(wanted), wanted]
    return f"{folded(column)} = ?", [wanted]


def wanted_identifier(column: str, part: Comparison) -> Condition:
    """A column of 16 bytes is the value, a UUID as text."""
    wanted = wanted_value(part, EQUALITY)
    try:
        return f"{column} = ?", [uuid.UUID(wanted).bytes]
    except ValueError:
        return NEVER


def wanted_instant(column: str, part: Comparison) -> Condition:
    """A column of microseconds stands so to the value."""
    if part.operator not in _SIGNS or not isinstance(part.value, datetime):
        raise UnknownField(part.field)
    return f"{column} {_SIGNS[part.operator]} ?", [to_micros(part.value)]

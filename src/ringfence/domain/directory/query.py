"""What a caller asks of a collection: a filter as frozen values.

Owns: the shape of a question, alike for users, records and reports. A field is a path of wire names, `initiatedBy/user/id`; which
fields exist, and which operators each allows, is the answering use case's to say.
Does not own: the text a filter was written in (`graph/odata/`), nor how it is answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

Value = str | bool | int | datetime | None
"""What a field is compared with. Instants are aware UTC; a GUID is its text."""


class Operator(Enum):
    """How a field is compared; the value is OData's word for it."""

    ENDS_WITH = "endsWith"
    EQ = "eq"
    GE = "ge"
    GT = "gt"
    LE = "le"
    LT = "lt"
    NE = "ne"
    STARTS_WITH = "startsWith"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The field stands so to the value; the value of ENDS_WITH and STARTS_WITH is a text."""

    field: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class In:
    """The field has one of the values; there is at least one."""

    field: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one item of the collection `field` meets the condition.

    The condition's field is the member of the item, or empty where the items are plain values.
    """

    field: str
    condition: Comparison


@dataclass(frozen=True, slots=True)
class CountIs:
    """The number of items of the collection `field` stands so to `number`; the operator is none of the two on texts."""

    field: str
    operator: Operator
    number: int


@dataclass(frozen=True, slots=True)
class Search:
    """A word of the field begins with the text; the field is empty where the caller named none."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Filter


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold; there are at least two."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds; there are at least two."""

    parts: tuple[Filter, ...]


Filter = And | AnyOf | Comparison | CountIs | In | Not | Or | Search

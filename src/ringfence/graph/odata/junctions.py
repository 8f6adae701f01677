"""Conditions joined by `and` and `or`: the grammar that `$filter` and `$search` share. `and` binds more closely."""

from __future__ import annotations

from collections.abc import Callable

from ringfence.domain.directory.query import And, Filter, Or
from ringfence.graph.odata.lexer import Cursor, Kind

Reader = Callable[[Cursor], Filter]


def read_joined(cursor: Cursor, read_part: Reader) -> Filter:
    """Take one part, or several joined by `and` and `or`; raises what `read_part` raises."""
    alternatives = [_read_all(cursor, read_part)]
    while cursor.accept(Kind.NAME, "or"):
        alternatives.append(_read_all(cursor, read_part))
    return alternatives[0] if len(alternatives) == 1 else Or(tuple(alternatives))


def _read_all(cursor: Cursor, read_part: Reader) -> Filter:
    parts = [read_part(cursor)]
    while cursor.accept(Kind.NAME, "and"):
        parts.append(read_part(cursor))
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def read_enclosed(cursor: Cursor, read_part: Reader) -> Filter:
    """Take what stands between an opening parenthesis, which is taken already, and its closing one."""
    with cursor.deeper():
        inner = read_joined(cursor, read_part)
        cursor.expect(Kind.SIGN, ")")
    return inner

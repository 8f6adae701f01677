"""How a reader lets go of one row: the reason travels up to where the row is known, and becomes a `RejectedRow` there.

Owns: that exception, which never leaves this room, and the rule that tells a file of bad rows from a file of another kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final, TypeVar

from ringfence.domain.directory.records import DirectoryRecord, MfaRecord, RejectedRow
from ringfence.sources.blocks import SourceFile

_Record = TypeVar("_Record", DirectoryRecord, MfaRecord)

_HOPELESS_AFTER: Final = 20
"""So many unreadable rows before the first readable one, and the file is not what it claims to be."""


class UnusableRowError(Exception):
    """One row cannot be used: `column` (or `""`) and `reason`, a plain sentence that says what to do."""

    def __init__(self, column: str, reason: str) -> None:
        """Keep where and why."""
        super().__init__(column, reason)
        self.column = column
        self.reason = reason


def refuse_hopeless(source: SourceFile, expected: str, rows: Iterator[_Record | RejectedRow]) -> Iterator[_Record | RejectedRow]:
    """Return the rows once one that is readable, among the first ones, has shown that the file is `expected`.

    Raises `InvalidError` (SOURCE_FORMAT) when none is.
    """
    held: list[_Record | RejectedRow] = []
    for row in rows:
        held.append(row)
        if not (isinstance(row, RejectedRow) and row.unreadable and not row.keys):
            return chain(held, rows)
        if len(held) == _HOPELESS_AFTER:
            break
    for row in held:
        raise source.refusal(expected, line=row.line, why="nothing_parses")
    return rows

"""Files that people bring, and where the rows go that could not be used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TypeAlias, TypeVar

from ringfence.domain.directory.records import DirectoryRecord, MfaRecord, RejectedRow

SourceRow_co = TypeVar("SourceRow_co", covariant=True)


class SourceReader(Protocol[SourceRow_co]):
    """An export of one kind. `records()` reads it from the start each time; `position` of `size` bytes are read."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def size(self) -> int:
        """Its bytes."""

    @property
    def position(self) -> int:
        """How many of them are read."""

    @property
    def ignored_columns(self) -> tuple[str, ...]:
        """Columns of its header that mean nothing to us."""

    def records(self) -> Iterator[SourceRow_co | RejectedRow]:
        """The rows, in steady memory; raises `InvalidError` (SOURCE_…) when the file is not whole or not what it claims."""


DirectoryReader: TypeAlias = SourceReader[DirectoryRecord]
MfaReader: TypeAlias = SourceReader[MfaRecord]


class RejectedRows(Protocol):
    """Where rejected rows go."""

    def add(self, row: RejectedRow) -> None:
        """Keep one."""

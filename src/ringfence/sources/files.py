"""Open an export: the two readers that the use cases see, whatever form the file has.

Owns: the choice of a reader by the file's form. The forms themselves are in `ldif`, `directory_csv`, `directory_json`, `mfa_csv`
and `mfa_json`.

What goes wrong with a whole file is an `InvalidError`: `SOURCE_UNREADABLE` (facts `path`, `reason`), `SOURCE_FORMAT` (`path`,
`expected`, often `line`, and `why` as a word for programs) or `SOURCE_TRUNCATED` (`path`, often `line`, `why`). What goes wrong
with a row is a `RejectedRow` among the records, and reading goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from ringfence.domain.directory.records import DirectoryRecord, MfaRecord, RejectedRow
from ringfence.sources.blocks import SourceFile
from ringfence.sources.directory_csv import DirectoryCsv
from ringfence.sources.directory_json import DirectoryJson
from ringfence.sources.formats import SourceFormat, recognise_format
from ringfence.sources.ldif import LdifDirectory
from ringfence.sources.mfa_csv import MfaCsv
from ringfence.sources.mfa_fields import ParseNumber
from ringfence.sources.mfa_json import MfaJson

_RecordT_co = TypeVar("_RecordT_co", covariant=True)


class _Rows(Protocol[_RecordT_co]):
    """A reader of one form."""

    ignored_columns: tuple[str, ...]

    def records(self) -> Iterator[_RecordT_co | RejectedRow]:
        """The rows, from the top."""


class FileReader(Generic[_RecordT_co]):
    """A file being read. `ignored_columns` are the columns of its header that mean nothing to us."""

    def __init__(self, source: SourceFile, form: SourceFormat, rows: _Rows[_RecordT_co]) -> None:
        """Join a file with the reader of its form."""
        self._source = source
        self._rows = rows
        self.form = form
        self.path: Path = source.path
        self.size = source.size
        self.ignored_columns = rows.ignored_columns

    @property
    def position(self) -> int:
        """How many bytes of `size` the present pass has read."""
        return self._source.position

    def records(self) -> Iterator[_RecordT_co | RejectedRow]:
        """Read from the start, in steady memory, whatever the size; raises `InvalidError` (SOURCE_…) at the latest at the end."""
        return self._rows.records()


DirectoryReader = FileReader[DirectoryRecord]
MfaReader = FileReader[MfaRecord]


def open_directory(path: Path) -> DirectoryReader:
    """A directory export: LDIF, CSV, JSON Lines or JSON; raises `InvalidError` (SOURCE_…)."""
    source = SourceFile(path)
    form = recognise_format(source)
    if form is SourceFormat.LDIF:
        return FileReader(source, form, LdifDirectory(source))
    if form is SourceFormat.CSV:
        return FileReader(source, form, DirectoryCsv(source))
    return FileReader(source, form, DirectoryJson(source, lines=form is SourceFormat.JSON_LINES))


def open_mfa(path: Path, parse_number: ParseNumber) -> MfaReader:
    """An export of the strong-authentication state: CSV, JSON Lines or JSON; raises `InvalidError` (SOURCE_…)."""
    source = SourceFile(path)
    form = recognise_format(source)
    if form is SourceFormat.LDIF:
        raise source.refusal(
            expected=f"{SourceFormat.CSV}, {SourceFormat.JSON_LINES} or {SourceFormat.JSON}", line=1, why="no_mfa_form"
        )
    if form is SourceFormat.CSV:
        return FileReader(source, form, MfaCsv(source, parse_number))
    return FileReader(source, form, MfaJson(source, parse_number, lines=form is SourceFormat.JSON_LINES))

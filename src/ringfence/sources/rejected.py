"""`FILE.rejected.csv`: the rows that could not be used, with line, column and reason, to be mended and fed in again.

Owns: that file, and where it goes when it cannot stand beside its source: into a new folder of the system's temporary one. It
appears whole or not at all, and only its owner may read it, since rows hold private numbers.
Does not own: why a row was rejected.
"""

from __future__ import annotations

import csv
import errno
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import msgspec

from ringfence.domain.directory.records import RejectedRow
from ringfence.domain.errors import ErrorCode, UnavailableError
from ringfence.sources.column_names import field_of, normalised
from ringfence.sources.csv_table import NOT_SENT, RECORD, SURPLUS
from ringfence.sources.refused_rows import fields_of

_OURS: Final = ("line", "column", "reason")
_SUFFIX: Final = ".rejected.csv"

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(dict[str, str]).decode


class RejectedFile:
    """Collects the rejected rows of one source file, in steady memory; use it as a context manager.

    Entering the block proves that there is a place to write to, and raises `UnavailableError` (SOURCE_REJECTS_UNWRITABLE) when
    there is none. Leaving it writes the file to `path`; without rows, one from an earlier run is removed where that can be done.
    Leaving it by an exception changes nothing.
    """

    def __init__(self, source: Path) -> None:
        """`source` is the file whose rows are rejected; nothing is written yet."""
        self.path = source.with_name(source.name + _SUFFIX)
        self.count = 0
        self._spare: Path | None = None
        self._columns: dict[str, None] = {}
        self._by_name: dict[str, str] = {}
        self._by_field: dict[str, str] = {}
        """The columns, by normalised name and by what they are about."""
        self._spool: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Begin to collect, in a place that can be written."""
        try:
            if self.path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            self._spool = tempfile.TemporaryFile(dir=self.path.parent)
        except OSError as beside:
            try:
                self._go_elsewhere()
                self._spool = tempfile.TemporaryFile(dir=self.path.parent)
            except OSError:
                self._drop_spare()
                raise self._unwritable(beside) from beside
        return self

    def add(self, row: RejectedRow) -> None:
        """Keep one row."""
        cells = row.fields if row.record is None else fields_of(row.record)
        told = {self._column(name, cells): cell for name, cell in cells.items()}
        fields = {**told, "line": str(row.line), "column": row.column, "reason": row.reason}
        try:
            self._open_spool().write(_encode(fields) + b"\n")
        except OSError as error:
            raise self._unwritable(error) from error
        self._columns.update(dict.fromkeys(told))
        self.count += 1

    def _column(self, name: str, given: Mapping[str, str]) -> str:
        """The column for a cell of a row that gives these.

        Rows that readers reject, and rows refused later, may name one thing in two ways; a file with both would be read by one.
        """
        plain, field = normalised(name), field_of(name)
        column = self._by_name.get(plain) or self._by_field.get(field, name)
        if column != name and column in given:
            column = name
        self._by_name[plain] = column
        self._by_field.setdefault(field, column)
        return column

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Write the file, or remove the old one."""
        try:
            if kind is None and self.count:
                self._keep()
            elif kind is None and self.path.exists():
                with suppress(OSError):  # whoever may not remove it has a clean import all the same
                    self.path.unlink()
        except OSError as failure:
            raise self._unwritable(failure) from failure
        finally:
            if self._spool is not None:
                self._spool.close()
                self._spool = None
            self._drop_spare()

    def _open_spool(self) -> IO[bytes]:
        if self._spool is None:
            raise self._unwritable(OSError(errno.EBADF, os.strerror(errno.EBADF)))
        return self._spool

    def _go_elsewhere(self) -> None:
        """Have the file go into a new folder that is ours alone."""
        self._spare = Path(tempfile.mkdtemp(prefix="ringfence-"))
        self.path = self._spare / self.path.name

    def _drop_spare(self) -> None:
        """Remove the folder unless the file is in it."""
        if self._spare is not None:
            with suppress(OSError):
                self._spare.rmdir()

    def _keep(self) -> None:
        """Write the file, elsewhere if its place has become unwritable meanwhile: the other rows are in by now."""
        try:
            self._write(self._open_spool())
        except OSError:
            if self._spare is not None:
                raise
            self._go_elsewhere()
            self._write(self._open_spool())

    def _write(self, spool: IO[bytes]) -> None:
        """Under the union of all columns, into a file of another name that takes the right one when it is whole."""
        columns = (*_OURS, *(name for name in self._columns if name not in _OURS))
        handle, name = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
        partial = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(columns)
                absent = ["" if name in (RECORD, SURPLUS) else NOT_SENT for name in columns]
                spool.seek(0)
                for fields in map(_decode, spool):
                    writer.writerow(map(fields.get, columns, absent))
            partial.replace(self.path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise

    def _unwritable(self, error: OSError) -> UnavailableError:
        return UnavailableError(ErrorCode.SOURCE_REJECTS_UNWRITABLE, path=str(self.path), reason=error.strerror or str(error))

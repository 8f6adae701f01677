"""`FILE.rejected.csv`: the rows that could not be used, with line, column and reason, to be mended and fed in again.

Owns: that file. It appears whole or not at all, and only its owner may read it, since rows hold private numbers.
Does not own: why a row was rejected.
"""

from __future__ import annotations

import csv
import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import msgspec

from ringfence.domain.directory.records import RejectedRow
from ringfence.domain.errors import ErrorCode, UnavailableError
from ringfence.sources.csv_table import NOT_SENT, RECORD, SURPLUS

_OURS: Final = ("line", "column", "reason")
_SUFFIX: Final = ".rejected.csv"

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(dict[str, str]).decode


class RejectedFile:
    """Collects the rejected rows of one source file, in steady memory; use it as a context manager.

    Leaving the block writes the file beside the source; without rows, one from an earlier run is removed. Leaving it by an
    exception changes nothing. Raises `UnavailableError` (SOURCE_REJECTS_UNWRITABLE) when the folder cannot be written.
    """

    def __init__(self, source: Path) -> None:
        """`source` is the file whose rows are rejected; nothing is written yet."""
        self.path: Final = source.with_name(source.name + _SUFFIX)
        self.count = 0
        self._columns: dict[str, None] = {}
        self._spool: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Begin to collect."""
        return self

    def add(self, row: RejectedRow) -> None:
        """Keep one row."""
        fields = {**row.fields, "line": str(row.line), "column": row.column, "reason": row.reason}
        try:
            if self._spool is None:
                self._spool = tempfile.TemporaryFile(dir=self.path.parent)  # noqa: SIM115 - closed on leaving the block
            self._spool.write(_encode(fields) + b"\n")
        except OSError as error:
            raise self._unwritable(error) from error
        self._columns.update(dict.fromkeys(row.fields))
        self.count += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Write the file, or remove the old one."""
        try:
            if kind is None and self._spool is not None:
                self._write(self._spool)
            elif kind is None:
                self.path.unlink(missing_ok=True)
        except OSError as failure:
            raise self._unwritable(failure) from failure
        finally:
            if self._spool is not None:
                self._spool.close()
                self._spool = None

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

"""The strong-authentication state in CSV, as `MfaRecord`s.

Owns: the columns, and the rows of a rejected JSON file that are fed in again.
Hands to: `mfa_fields` for what their cells mean. Source: domain-rules A.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ringfence.domain.directory.records import MfaRecord, RejectedRow
from ringfence.sources.blocks import SourceFile
from ringfence.sources.cells import listed
from ringfence.sources.column_names import MFA_NAMES
from ringfence.sources.csv_table import RECORD, Columns, CsvTable
from ringfence.sources.json_documents import Document
from ringfence.sources.mfa_fields import (
    DEFAULT,
    METHOD_OF,
    METHODS,
    STATE,
    STATE_OF,
    UPN,
    USER_ID,
    ParseNumber,
    flat_record,
)
from ringfence.sources.mfa_json import MfaDocuments
from ringfence.sources.unusable import UnusableRowError

_WHOLE_WORDS: Final = frozenset(
    name for name in METHOD_OF if not any(other != name and other.startswith(name) for other in METHOD_OF)
)
"""Names of methods that are not the beginning of another."""

_EXPECTED: Final = "CSV with a column methods, defaultMethod, phoneNumber, email or state"
_COLUMNS: Final = Columns(MFA_NAMES, (UPN, USER_ID), {DEFAULT: _WHOLE_WORDS, STATE: frozenset(STATE_OF)})


class MfaCsv:
    """Reads the state from CSV; `ignored_columns` are those of the header that mean nothing here."""

    def __init__(self, source: SourceFile, parse_number: ParseNumber) -> None:
        """Read the header; raises `InvalidError` (SOURCE_FORMAT) when no column says anything about a user's methods."""
        self._table = CsvTable(source, _COLUMNS)
        self._parse_number = parse_number
        self._documents = MfaDocuments(parse_number)
        self.ignored_columns = self._table.ignored
        if self._table.index.keys() <= {UPN, USER_ID}:
            raise source.refusal(_EXPECTED, line=1, why="no_method_column")

    def records(self) -> Iterator[MfaRecord | RejectedRow]:
        """Yield one record a row; raises `InvalidError` as `files.open_mfa` says."""
        for row in self._table.rows():
            if isinstance(row, RejectedRow):
                yield row
                continue
            sent = self._table.sent(row)
            if RECORD in sent and not (sent.get(UPN) or sent.get(USER_ID)):
                yield from self._documents.rows(Document(row.line, sent[RECORD].encode()))
                continue
            try:
                yield self._record(row.line, sent)
            except UnusableRowError as error:
                yield self._table.rejected(row, self._table.column(error.column), error.reason)

    def _record(self, line: int, sent: dict[str, str]) -> MfaRecord:
        methods = listed(sent[METHODS], METHODS) if METHODS in sent else None
        return flat_record(line, sent, methods, self._parse_number)

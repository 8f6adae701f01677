"""A row of a rejected file that came from a source without columns (LDIF, JSON), fed in again after mending.

Its cell `record` holds the entry as text. What the entry lacks counts as not sent: the file it came from is not at hand to say
which attributes it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ringfence.domain.directory.records import DirectoryRecord, RejectedRow
from ringfence.sources.csv_table import RECORD
from ringfence.sources.directory_json import row_of
from ringfence.sources.json_documents import Document
from ringfence.sources.ldif import record_of
from ringfence.sources.ldif_entry import NOTHING_CLEARED
from ringfence.sources.ldif_lines import RawRecord, names_entry
from ringfence.sources.unusable import UnusableRowError

_NEITHER: Final = "This cell holds neither JSON nor LDIF. Mend it, or fill in the other columns."


def mended_rows(line: int, text: str) -> Iterator[DirectoryRecord | RejectedRow]:
    """Yield the record, or the row rejected once more; nothing when the entry is no user."""
    row = row_of(Document(line, text.encode())) if text.lstrip().startswith("{") else _entry(line, text)
    if row is not None:
        yield row


def _entry(line: int, text: str) -> DirectoryRecord | RejectedRow | None:
    lines = RawRecord(line, text.strip("\n").encode(), ended=True).lines()
    if not (lines and names_entry(lines[0])):
        return RejectedRow(line, RECORD, _NEITHER, {RECORD: text}, unreadable=True)
    try:
        return record_of(lines, line, NOTHING_CLEARED)
    except UnusableRowError as error:
        return RejectedRow(line, error.column, error.reason, {RECORD: text}, unreadable=True)

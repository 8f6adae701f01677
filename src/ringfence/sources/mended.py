"""A row of a rejected file that came from a source without columns (LDIF, JSON), fed in again after mending.

Its cell `record` holds the entry as text. What the entry lacks counts as not sent: the file it came from is not at hand to say
which attributes it names.
"""

from __future__ import annotations

from collections.abc import Iterator

from ringfence.domain.directory.records import DirectoryRecord, RejectedRow
from ringfence.sources.directory_json import row_of
from ringfence.sources.json_documents import Document
from ringfence.sources.ldif import record_of
from ringfence.sources.ldif_entry import NOTHING_CLEARED
from ringfence.sources.ldif_lines import RawRecord
from ringfence.sources.unusable import UnusableRowError


def mended_rows(line: int, text: str) -> Iterator[DirectoryRecord | RejectedRow]:
    """Yield the record, or the row rejected once more; nothing when the entry is no user."""
    try:
        if text.lstrip().startswith("{"):
            row = row_of(Document(line, text.encode()))
        else:
            lines = RawRecord(line, text.strip("\n").encode(), ended=True).lines()
            row = record_of(lines, line, NOTHING_CLEARED)
    except UnusableRowError as error:
        row = RejectedRow(line, error.column, error.reason, {"record": text}, unreadable=True)
    if row is not None:
        yield row

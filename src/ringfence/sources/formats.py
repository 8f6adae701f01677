"""Which form a file has: told by its name, and by its first lines where the name does not say.

Owns: the extensions, and what gives away a file that is no text at all. Whether a file keeps its promise is its reader's to see.
"""

from __future__ import annotations

import re
from enum import StrEnum, unique
from typing import Final

from ringfence.sources.blocks import SourceFile


@unique
class SourceFormat(StrEnum):
    """The forms; the values name them in messages."""

    CSV = "CSV"
    JSON = "JSON"
    JSON_LINES = "JSON Lines"
    LDIF = "LDIF"


_EXTENSIONS: Final = {
    ".csv": SourceFormat.CSV,
    ".json": SourceFormat.JSON,
    ".jsonl": SourceFormat.JSON_LINES,
    ".ldf": SourceFormat.LDIF,
    ".ldif": SourceFormat.LDIF,
    ".ndjson": SourceFormat.JSON_LINES,
    ".txt": SourceFormat.CSV,
}
_LDIF_START: Final = re.compile(rb"(?:(?:#[^\n]*)?\r?\n|(?<=\n) [^\n]*\n)*(?:version|dn)::?", re.IGNORECASE)
_MARKUP_START: Final = re.compile(rb"\s*<(?:!|\?xml|html|[a-z]+>)", re.IGNORECASE)
_OTHER_FILES: Final = (b"PK\x03\x04", b"\x1f\x8b", b"%PDF", b"\xd0\xcf\x11\xe0", b"SQLite format 3\0", b"\x7fELF")
"""How archives, and with them the workbooks of spreadsheets, begin."""

_TEXT_CONTROLS: Final = frozenset(b"\t\n\v\f\r\x1b")
_CONTROLS: Final = bytes(code for code in range(32) if code not in _TEXT_CONTROLS)
_TOLERATED_CONTROLS: Final = 0.05
"""A stray NUL spoils a row; a file in which one byte of twenty is a control character is no text."""


def recognise_format(source: SourceFile) -> SourceFormat:
    """Say how to read the file; raises `InvalidError` (SOURCE_FORMAT) when it is empty, not text, or a web page."""
    head = source.head()
    known = _EXTENSIONS.get(source.path.suffix.casefold())
    expected = known.value if known is not None else " or ".join(SourceFormat)
    if not head.strip():
        raise source.refusal(expected, line=1, why="empty")
    if _is_binary(head):
        raise source.refusal(expected, line=1, why="binary")
    if _MARKUP_START.match(head):
        raise source.refusal(expected, line=1, why="markup")
    return known if known is not None else _sniff(head)


def _is_binary(head: bytes) -> bool:
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return head.startswith(_OTHER_FILES) or controls > _TOLERATED_CONTROLS * len(head)


def _sniff(head: bytes) -> SourceFormat:
    if head.lstrip().startswith((b"{", b"[")):
        return SourceFormat.JSON
    return SourceFormat.LDIF if _LDIF_START.match(head) else SourceFormat.CSV

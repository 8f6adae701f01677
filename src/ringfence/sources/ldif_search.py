"""What a search tool remarks around the entries it prints, and what that says about whether the export is whole.

ldapsearch opens with `# LDAPv3`, and closes with `result:` and `# numResponses:`, `# numEntries:`; a paged search leaves a
cookie while there is more. Seen on OpenLDAP's ldapsearch 2.5 against Samba.
"""

from __future__ import annotations

import re
from typing import Final

from ringfence.sources.blocks import SourceFile
from ringfence.sources.ldif_lines import RawRecord, unfolded

_REMARK: Final = re.compile(rb"^(?:# )?(numEntries|numResponses|pagedresults|result): *([^\n]*)$|^# (LDAPv3)$", re.MULTILINE)
_COMMENT: Final = re.compile(rb"^# (numEntries|numResponses|pagedresults): *([^\n]*)$|^# (LDAPv3)$", re.MULTILINE)
_MARKS: Final = (b"# num", b"# pagedresults", b"# LDAPv3")
_COOKIE: Final = re.compile(rb"cookie=(\S+)")


class SearchRemarks:
    """Follows the remarks through a file; each method raises `InvalidError` (SOURCE_TRUNCATED) when they tell of a hole."""

    def __init__(self, source: SourceFile) -> None:
        """Begin at the top of the file."""
        self._source = source
        self._entries = self._entries_before = 0
        self._open_since = 0
        self._more_pages = False

    def note(self, record: RawRecord, *, is_entry: bool) -> None:
        """Take in one record: an entry to be counted, or one without a name."""
        text = record.remarks if is_entry else record.text
        if not is_entry or any(mark in text for mark in _MARKS):
            pattern = _COMMENT if is_entry else _REMARK
            said = {mark or word: rest for word, rest, mark in pattern.findall(unfolded(text))}
            if said:
                self._weigh(record.line, said)
        self._entries += is_entry

    def close(self) -> None:
        """Take in the end of the file."""
        if self._open_since or self._more_pages:
            raise self._source.truncation(self._open_since or None, why="search_not_finished")

    def _weigh(self, line: int, said: dict[bytes, bytes]) -> None:
        result = said.get(b"result", b"0").decode("utf-8", "replace")
        if result.partition(" ")[0] != "0":
            raise self._source.truncation(line, why="search_result")
        if b"result" in said or b"numResponses" in said:
            self._open_since = 0
        if b"pagedresults" in said:
            self._more_pages = bool(_COOKIE.search(said[b"pagedresults"]))
        if b"numResponses" in said or b"numEntries" in said:
            self._count(line, said.get(b"numEntries", b"0").decode("utf-8", "replace"))
        if b"LDAPv3" in said:
            self._open_since = line

    def _count(self, line: int, stated: str) -> None:
        """The count is of one search, or of all pages of one; files may be strung together."""
        since = self._entries - self._entries_before
        if stated.strip() not in (str(since), str(self._entries)):
            raise self._source.truncation(line, why="entry_count")
        self._entries_before = self._entries

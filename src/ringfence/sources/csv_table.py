"""A CSV file as rows under the fields we know, streamed, with the end of the file looked at closely.

Owns: delimiter, header and its many spellings, quoting, undecodable rows, rows of the wrong width, and a last row that was cut.
Does not own: what a cell means. Source: RFC 4180, and what spreadsheets, PowerShell and csvde make of it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from ringfence.domain.directory.records import RejectedRow
from ringfence.sources.anchors import forms_of_name
from ringfence.sources.blocks import SourceFile
from ringfence.sources.column_names import is_name_of_user, normalised

_DELIMITERS: Final = (",", ";", "\t")
_PREAMBLES: Final = ("#type ", "sep=")
"""First lines that are no header: Windows PowerShell's type, and a spreadsheet's separator."""

_OURS: Final = frozenset({"line", "column", "reason"})
"""The columns that our own rejected files put in front."""

RECORD: Final = "record"
"""In a rejected file: the column, and the field, of rows from a source without columns."""

SURPLUS: Final = "surplus"
"""In a rejected file: the column of cells that stood behind the last one of the header."""

NOT_SENT: Final = "(not sent)"
"""In a rejected file: a cell whose row never had that column. It must not come back as empty, which means *cleared*."""


class Columns(NamedTuple):
    """What a kind of export may hold, by field: the column names that mean it (normalised, the best first).

    `identity` are the fields that can name the user; `closed` gives, for fields of a closed vocabulary, all its words (lower
    case), none of them the beginning of another.
    """

    names: Mapping[str, tuple[str, ...]]
    identity: tuple[str, ...]
    closed: Mapping[str, frozenset[str]]


class CsvRow(NamedTuple):
    """A row of the header's width. `last_is_open`: its last cell is empty where the file ends, so it may have been cut off."""

    line: int
    cells: list[str]
    last_is_open: bool = False


class CsvTable:
    """A table whose header has been read: `index` is field -> column number, `ignored` the column names nobody asked for.

    Raises `InvalidError` (SOURCE_FORMAT) when no header names a user, or two columns have one name.
    """

    def __init__(self, source: SourceFile, columns: Columns) -> None:
        """Read the header."""
        self._source = source
        self._columns = columns
        self._preamble, self._delimiter, self.header = _read_header(source.head().decode("utf-8", "replace"), columns)
        names = [normalised(name) for name in self.header]
        for at, name in enumerate(names):
            if name and name in names[:at]:
                raise source.refusal(
                    expected=f"CSV with one column {self.header[at].strip()}", line=self._preamble + 1, why="column_twice"
                )
        self.index = {
            field: names.index(found)
            for field, aliases in columns.names.items()
            if (found := next((alias for alias in aliases if alias in names), None)) is not None
        }
        self.is_ours = _OURS.issubset(names)
        if self.is_ours and RECORD in names:
            self.index[RECORD] = names.index(RECORD)
        if self.index.keys().isdisjoint((*columns.identity, RECORD)):
            raise source.refusal(
                expected="CSV with a column userPrincipalName, id or source anchor", line=self._preamble + 1, why="no_user_column"
            )
        used = set(self.index.values())
        self.names = frozenset(names)
        self.ignored = tuple(
            name.strip() for at, name in enumerate(self.header) if at not in used and names[at] not in _OURS and names[at]
        )

    def rows(self) -> Iterator[CsvRow | RejectedRow]:
        """Yield every row but empty ones; raises `InvalidError` (SOURCE_TRUNCATED) when the file ends inside the last."""
        feed = _Feed(self._source)
        lines = iter(feed)
        for _ in range(self._preamble):
            next(lines, None)
        reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
        next(reader, None)
        width = len(self.header)
        while True:
            feed.taken.clear()
            feed.damage = ""
            line = self._preamble + reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._broken(line, feed, error)
                continue
            if not any(cells) or (len(cells) == 1 and cells[0].isspace()):
                continue
            if len(cells) == width and not feed.damage and not feed.open_ended:
                yield CsvRow(line, cells)
            else:
                yield self._odd(line, cells, feed)

    def rejected(self, row: CsvRow, column: str, reason: str) -> RejectedRow:
        """The row as rejected; `column` is the header's own spelling."""
        return self._rejected(row.line, row.cells, column, reason)

    def sent(self, row: CsvRow) -> dict[str, str]:
        """The cells of a row by field, without those that were not sent."""
        width = len(row.cells) - row.last_is_open
        return {field: cell for field, at in self.index.items() if at < width and (cell := row.cells[at]) != NOT_SENT}

    def column(self, field: str) -> str:
        """The header's spelling of the column that holds a field."""
        return self.header[self.index[field]] if field in self.index else field

    def _broken(self, line: int, feed: _Feed, error: csv.Error) -> RejectedRow:
        """A row whose quotes do not match; which user it was cannot be told, since cells may have run together."""
        if feed.exhausted:
            raise self._source.truncation(line, why="quoted_cell") from error
        reason = "The quotes do not match. Put a cell that holds a quote or the separator in quotes, and double quotes inside."
        return RejectedRow(line, "", reason, {"record": _shown("".join(feed.taken))}, unreadable=True)

    def _odd(self, line: int, cells: list[str], feed: _Feed) -> CsvRow | RejectedRow:
        """A row that is damaged, of the wrong width, or the last one in a file whose last line has no end."""
        width = len(self.header)
        if feed.open_ended:
            if feed.damage == "encoding" or len(cells) < width:
                raise self._source.truncation(line, why="short_row")
            if len(cells) == width and not feed.damage:
                return self._last(line, cells, feed.taken[-1])
        if feed.damage == "encoding":
            return self._rejected(line, cells, "", "The row is not UTF-8. Save the file as UTF-8.")
        if feed.damage == "nul":
            return self._rejected(line, cells, "", "The row holds a NUL character. Take it out.")
        found = f"This row has {len(cells)} cells, the header {width}."
        return self._rejected(line, cells, "", f"{found} Put cells that hold the separator in quotes.")

    def _last(self, line: int, cells: list[str], text: str) -> CsvRow:
        """Accept a last row without line end only where its last cell cannot be the beginning of a longer one."""
        at, last = len(cells) - 1, cells[-1]
        field = next((name for name, place in self.index.items() if place == at), None)
        quoted = '"' + last.replace('"', '""') + '"'
        if field is None or (last and text.endswith(quoted)) or last.casefold() in self._columns.closed.get(field, ()):
            return CsvRow(line, cells)
        if not last and field not in self._columns.identity:
            return CsvRow(line, cells, last_is_open=True)
        raise self._source.truncation(line, why="line_end")

    def _rejected(self, line: int, cells: list[str], column: str, reason: str) -> RejectedRow:
        fields = {
            name: _shown(cell) for name, cell in zip(self.header, cells, strict=False) if normalised(name) not in _OURS and name
        }
        if len(cells) > len(self.header):
            fields[SURPLUS] = _shown(self._delimiter.join(cells[len(self.header) :]))
        named = {field: self.index[field] for field in self._columns.identity if field in self.index}
        texts = [(field, cells[at].strip()) for field, at in named.items() if at < len(cells)]
        given = [(field, text) for field, text in texts if text not in {"", NOT_SENT}]
        clean = [(field, text) for field, text in given if _is_clean(text)]
        certain = len(cells) == len(self.header) and bool(clean) and clean == given
        certain = certain and all(is_name_of_user(field, text) for field, text in clean)
        keys = tuple(form for _, text in clean for form in forms_of_name(text))
        return RejectedRow(line, column, reason, fields, not certain, keys)


class _Feed:
    """Physical lines for `csv.reader`, and what it took of them for the present row.

    `damage` is `"encoding"` or `"nul"` when one of the lines taken has it; `open_ended` when the last line of the file has been
    taken and has no end; `exhausted` when more was asked for than there is.
    """

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self.taken: list[str] = []
        self.damage = ""
        self.open_ended = False
        self.exhausted = False

    def __iter__(self) -> Iterator[str]:
        for block in self._source.blocks():
            text, damaged = _decoded(block)
            for line in io.StringIO(text, newline="\n"):
                if damaged:
                    self._look(line)
                self.taken.append(line)
                self.open_ended = not line.endswith(("\n", "\r"))
                yield line
        self.exhausted = True

    def _look(self, line: str) -> None:
        if any("\udc80" <= char <= "\udcff" for char in line):
            self.damage = "encoding"
        elif "\0" in line:
            self.damage = self.damage or "nul"


def _decoded(block: bytes) -> tuple[str, bool]:
    """The text, and whether some line of it needs a look."""
    try:
        text = block.decode()
    except UnicodeDecodeError:
        return block.decode("utf-8", "surrogateescape"), True
    return text, "\0" in text


def _is_clean(text: str) -> bool:
    """Whether the text is there, and as it was written."""
    return bool(text) and "\0" not in text and _shown(text) == text


def _shown(text: str) -> str:
    """Text without what UTF-8 cannot carry."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _read_header(head: str, columns: Columns) -> tuple[int, str, tuple[str, ...]]:
    """How many lines stand before the header, the delimiter that finds the most known columns in it, and the header."""
    lines = io.StringIO(head, newline="\n").readlines()
    preamble = 0
    while preamble < len(lines) and (not lines[preamble].strip() or lines[preamble].casefold().startswith(_PREAMBLES)):
        preamble += 1
    known = {alias for aliases in columns.names.values() for alias in aliases}
    headers = [(delimiter, _split(lines[preamble:], delimiter)) for delimiter in _DELIMITERS]
    delimiter, header = max(headers, key=lambda pair: len(known.intersection(map(normalised, pair[1]))))
    return preamble, delimiter, header


def _split(lines: list[str], delimiter: str) -> tuple[str, ...]:
    try:
        return tuple(next(csv.reader(lines, delimiter=delimiter, strict=True), ()))
    except csv.Error:
        return ()

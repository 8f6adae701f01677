"""A directory export in LDIF, as ldapsearch, ldifde and change logs write it, read record by record.

Owns: the order of things in the file: version, entries, change records, remarks, and the last record, which may be cut.
Hands to: `ldif_entry` for what an entry says, `ldif_change` for changes. Source: RFC 2849.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ringfence.domain.directory.records import DirectoryRecord, RejectedRow
from ringfence.sources.anchors import anchor_of_bytes
from ringfence.sources.blocks import SourceFile
from ringfence.sources.formats import SourceFormat
from ringfence.sources.ldif_change import RENAMES, delete_record, modify_record, read_modification, rename_record
from ringfence.sources.ldif_entry import ATTRIBUTES, COLUMN_OF, NOTHING_CLEARED, TELLING, Scope, entry_record
from ringfence.sources.ldif_lines import (
    BrokenBase64Error,
    RawRecord,
    attribute_name,
    attribute_value,
    holds_only_added,
    named_attributes,
    names_entry,
    raw_records,
    text_of,
)
from ringfence.sources.ldif_search import SearchRemarks
from ringfence.sources.principal_names import is_principal_name
from ringfence.sources.unusable import UnusableRowError, refuse_hopeless

_REMARKS: Final = frozenset({b"control", b"matcheddn", b"pagedresults", b"ref", b"result", b"search", b"text"})
"""How records without a name begin: references and the end of a search."""

_NAMES: Final = frozenset({b"dn", b"ms-ds-consistencyguid", b"newrdn", b"newsuperior", b"objectguid", b"userprincipalname"})
_MATTERS: Final = ATTRIBUTES | _NAMES
_NO_ENTRY: Final = "This is no entry: it does not begin with dn:. Take it out, or export the entry again."
_OUT_OF_PLACE: Final = {
    b"dn": "Two entries follow each other without an empty line. Put one between them.",
    b"changetype": "The kind of change does not follow the dn. Put changetype: into the second line.",
}
_SPELLINGS: Final[dict[bytes, bytes]] = {}
"""What was made of names of attributes as files spell them: the one we read, or nothing. A directory has a few hundred."""

_MOST_SPELLINGS: Final = 4096
_USUAL_FOLD: Final = 72
"""Tools fold lines at 76 to 80 columns, so that a shorter line is not the first part of a folded one."""


class LdifDirectory:
    """Reads users from LDIF; `records()` starts at the top each time."""

    ignored_columns: tuple[str, ...] = ()

    def __init__(self, source: SourceFile) -> None:
        """Nothing is read yet."""
        self._source = source
        self._named: frozenset[bytes] | None = None
        self._exported = False
        self._shortest_fold = _USUAL_FOLD

    def records(self) -> Iterator[DirectoryRecord | RejectedRow]:
        """Yield users and changes; raises `InvalidError` as `files.open_directory` says."""
        if self._named is None:
            self._named = named_attributes(self._source, TELLING)
            self._exported = holds_only_added(self._source)
        return refuse_hopeless(self._source, SourceFormat.LDIF, self._rows(self._named))

    def _rows(self, named: frozenset[bytes]) -> Iterator[DirectoryRecord | RejectedRow]:
        remarks = SearchRemarks(self._source)
        holds_records = False
        for record in raw_records(self._source):
            lines = self._without_version(record)
            is_entry = bool(lines) and names_entry(lines[0])
            remarks.note(record, is_entry=is_entry)
            if not lines or (not is_entry and _is_remark(lines[0])):
                continue
            holds_records = True
            try:
                row: DirectoryRecord | RejectedRow | None = self._read(record, lines, named)
            except UnusableRowError as error:
                row = self._rejected(record, lines, error)
            if row is not None:
                yield row
        remarks.close()
        if not holds_records:
            raise self._source.refusal(SourceFormat.LDIF, line=1, why="empty")

    def _without_version(self, record: RawRecord) -> list[bytes]:
        lines = record.lines()
        if lines and lines[0][:8].lower() == b"version:":
            if lines[0][8:].strip() != b"1":
                raise self._source.refusal(expected="LDIF version 1", line=record.line, why="version")
            del lines[0]
        return lines

    def _read(self, record: RawRecord, lines: list[bytes], named: frozenset[bytes]) -> DirectoryRecord | None:
        if not record.ended:
            self._refuse_cut(record, lines)
        if b"\n " in record.text:
            self._shortest_fold = min(self._shortest_fold, _first_fold(record.text))
        return record_of(lines, record.name_line, Scope(named, record.ended, self._exported))

    def _refuse_cut(self, record: RawRecord, lines: list[bytes]) -> None:
        """Refuse a last record that may go on: a bare name, a line that may be folded, a rename to nowhere, half a change."""
        name = lines[-1].partition(b":")[0].lower()
        last = record.text.rpartition(b"\n")[2]
        if name in _MATTERS and len(last) >= self._shortest_fold:
            raise self._cut(record, "folded_line")
        change, rest = _change_type(lines[1:])
        if change is None and not rest:
            raise self._cut(record, "record")
        if change in RENAMES and not any(line[:12].lower() == b"newsuperior:" for line in rest):
            raise self._cut(record, "record")
        if change == "modify" and not read_modification(rest).closed:
            raise self._cut(record, "change")

    def _cut(self, record: RawRecord, why: str) -> Exception:
        return self._source.truncation(record.line + record.text.count(b"\n"), why=why)

    def _rejected(self, record: RawRecord, lines: list[bytes], error: UnusableRowError) -> RejectedRow:
        if isinstance(error, BrokenBase64Error) and not record.ended:
            raise self._cut(record, "base64") from error
        keys, certain = _keys(lines)
        text = record.text.decode("utf-8", "replace")
        return RejectedRow(record.line_of(error.column), error.column, error.reason, {"record": text}, not certain, keys)


def record_of(lines: list[bytes], line: int, scope: Scope) -> DirectoryRecord | None:
    """The record of an entry or a change, or None when it is no user's; raises `UnusableRowError`."""
    if not (lines and names_entry(lines[0])):
        raise UnusableRowError(column="", reason=_NO_ENTRY)
    dn = text_of(attribute_value(attribute_name(lines[0])[1], "dn"), "dn")
    change, rest = _change_type(lines[1:])
    if change is None:
        return entry_record(line, dn, _values(rest), scope)
    if change == "add":
        return entry_record(line, dn, _values(rest), NOTHING_CLEARED if scope.whole and not scope.exported else scope)
    if change == "delete":
        return delete_record(line, dn)
    if change in RENAMES:
        return rename_record(line, dn, rest)
    if change != "modify":
        raise UnusableRowError(column="changetype", reason="There is no such change. Use add, delete, modify, modrdn or moddn.")
    return modify_record(line, dn, read_modification(rest))


def _is_remark(line: bytes) -> bool:
    return line.partition(b":")[0].lower() in _REMARKS


def _first_fold(text: bytes) -> int:
    """The length of the first physical line that goes on in the next."""
    end = text.index(b"\n ")
    return end - text.rfind(b"\n", 0, end) - 1


def _change_type(lines: list[bytes]) -> tuple[str | None, list[bytes]]:
    """The kind of change and the lines behind it; None for a content record. Controls do not concern us."""
    at = 0
    while at < len(lines) and lines[at][:8].lower() == b"control:":
        at += 1
    if at == len(lines) or lines[at][:11].lower() != b"changetype:":
        return None, lines[at:]
    return text_of(attribute_value(lines[at][11:], "changetype"), "changetype").strip().casefold(), lines[at + 1 :]


def _values(lines: list[bytes]) -> dict[bytes, list[bytes]]:
    """The values of the attributes we read; the short way for spellings seen before, since most lines are not for us.

    A variant in some language counts where there is nothing else: it must not look as if the attribute had been cleared.
    """
    values: dict[bytes, list[bytes]] = {}
    variants: list[tuple[bytes, bytes]] = []
    for line in lines:
        spelling, _, rest = line.partition(b":")
        name = _SPELLINGS.get(spelling)
        if name is None or not rest or rest[:1] == b"<":
            name, rest = _placed(line)
            base = name.partition(b";")[0]
            if base != name and base in ATTRIBUTES:
                variants.append((base, attribute_value(rest, COLUMN_OF[base])))
                continue
            name = name if name in ATTRIBUTES else b""
            if len(_SPELLINGS) < _MOST_SPELLINGS:
                _SPELLINGS[spelling] = name
        if name:
            value = rest.lstrip(b" ") if rest[:1] != b":" else attribute_value(rest, COLUMN_OF[name])
            values.setdefault(name, []).append(value)
    for base, value in variants:
        values.setdefault(base, [value])
    return values


def _placed(line: bytes) -> tuple[bytes, bytes]:
    """Split a line, unless it is one that cannot stand here; raises `UnusableRowError`."""
    name, rest = attribute_name(line)
    if name in _OUT_OF_PLACE:
        raise UnusableRowError(column=name.decode(), reason=_OUT_OF_PLACE[name])
    return name, rest


def _keys(lines: list[bytes]) -> tuple[tuple[str, ...], bool]:
    """Whatever names of the user (or of several) can be read, and whether those are all there are."""
    keys: list[str] = []
    certain = True
    for line in lines:
        if line.partition(b":")[0].partition(b";")[0].lower() not in _NAMES:
            certain = certain and b":" in line
            continue
        try:
            name, rest = attribute_name(line)
            value = attribute_value(rest, "")
            text = anchor_of_bytes(value) if name.endswith(b"guid") else text_of(value, "")
        except UnusableRowError:
            certain = False
            continue
        certain = certain and (name != b"userprincipalname" or not text or is_principal_name(text))
        keys += [text] if text else []
    return tuple(keys), certain and bool(keys)

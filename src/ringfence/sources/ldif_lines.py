"""LDIF as text: records between blank lines, folded lines, comments, base64 values, and what one look at the file tells.

Owns: the syntax of RFC 2849, and of a search tool's remarks around it.
Does not own: what an attribute means (`ldif_entry`), what a change does (`ldif_change`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from ringfence.sources.blocks import LARGEST_WHOLE, SourceFile
from ringfence.sources.unusable import UnusableRowError

_CHANGE_TYPES: Final = re.compile(rb"^changetype:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_REQUESTING: Final = re.compile(rb"^# requesting: (.*)$", re.MULTILINE)


_NO_NAME: Final = "A line has no attribute name before a colon. Write it as name: value, or as name:: base64."
_ELSEWHERE: Final = "The value is in another file, and other files are never read. Export without that option."


class BrokenBase64Error(UnusableRowError):
    """A value that does not decode: a bad row, or the end of a file that was cut."""


class RawRecord(NamedTuple):
    """The text of one record, comments included: LF line ends, none at its end. `ended`: a blank line followed it."""

    line: int
    text: bytes
    ended: bool

    def lines(self) -> list[bytes]:
        """The logical lines: folded ones joined, comments dropped.

        ldapsearch writes a line end inside a name into its comment as it is, so what stands between a comment and the name of
        the entry is comment too.
        """
        text = unfolded(self.text)
        while text.startswith(b"#"):
            text = text.partition(b"\n")[2]
        lines = text.split(b"\n") if text else []
        if b"\n#" in text:
            lines = [line for line in lines if line[:1] != b"#"]
        if self.text.startswith(b"#") and lines and not names_entry(lines[0]):
            at = next((at for at, line in enumerate(lines) if names_entry(line)), 0)
            del lines[:at]
        return lines

    @property
    def remarks(self) -> bytes:
        """What stands before the record's name."""
        return b"" if names_entry(self.text) else self.text[: self.text.find(b"\ndn:") + 1]

    @property
    def name_line(self) -> int:
        """The number of the line with the record's name, else of its first."""
        return self.line + self.remarks.count(b"\n")

    def line_of(self, column: str) -> int:
        """The number of the first physical line that speaks of this attribute, else of the record's name."""
        found = re.search(rb"^" + re.escape(column.encode()) + rb"[:;]", self.text, re.MULTILINE | re.IGNORECASE)
        if not column or found is None:
            return self.name_line
        return self.line + self.text.count(b"\n", 0, found.start())


def names_entry(line: bytes) -> bool:
    """Whether an entry begins with this line."""
    return line[:3].lower() == b"dn:"


def unfolded(text: bytes) -> bytes:
    """Join the lines that were folded."""
    return text.replace(b"\n ", b"") if b"\n " in text else text


def attribute_name(line: bytes) -> tuple[bytes, bytes]:
    """Split a logical line into the attribute's name in lower case, without options, and what follows the colon.

    Language variants (`;lang-de`) are other attributes and keep their option. Raises `UnusableRowError` for another line.
    """
    name, colon, rest = line.partition(b":")
    if not colon or not name or name[:1] == b" ":
        raise UnusableRowError(column="", reason=_NO_NAME)
    if rest[:1] == b"<":
        shown = name.decode("utf-8", "replace")
        raise UnusableRowError(column=shown, reason=_ELSEWHERE)
    name = name.lower()
    if b";" in name:
        base, _, options = name.partition(b";")
        return (name if options.startswith(b"lang-") else base), rest
    return name, rest


def attribute_value(rest: bytes, column: str) -> bytes:
    """The value behind the colon, decoded when it is base64; raises `BrokenBase64Error`."""
    if rest[:1] != b":":
        return rest.lstrip(b" ")
    try:
        return base64.b64decode(rest[1:].strip(b" "), validate=True)
    except binascii.Error as error:
        raise BrokenBase64Error(column=column, reason="The base64 value does not decode. Export the entry again.") from error


def text_of(value: bytes, column: str) -> str:
    """The value as text; raises `UnusableRowError` when it is not UTF-8 or holds a NUL."""
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        raise UnusableRowError(column=column, reason="The value is not UTF-8. Export the entry again as UTF-8.") from error
    if "\0" in text:
        raise UnusableRowError(column=column, reason="The value holds a NUL character. Take it out.")
    return text


def raw_records(source: SourceFile) -> Iterator[RawRecord]:
    """Yield what stands between blank lines.

    Raises `InvalidError`: SOURCE_TRUNCATED when the last line has no end, SOURCE_FORMAT for a record over `LARGEST_WHOLE`.
    """
    at = 1
    held: list[bytes] = []
    for block in source.blocks():
        text = block.replace(b"\r\n", b"\n")
        if not (b"\n\n" in text or (held and text.startswith(b"\n"))):
            held.append(text)
            if sum(map(len, held)) > LARGEST_WHOLE:
                raise source.refusal(
                    expected=f"LDIF records of at most {LARGEST_WHOLE >> 20} MiB", line=at, why="record_too_long"
                )
            continue
        *parts, rest = b"".join((*held, text)).split(b"\n\n")
        for part in parts:
            record = part.lstrip(b"\n")
            at += len(part) - len(record)
            if record:
                yield RawRecord(at, record, ended=True)
            at += record.count(b"\n") + 2
        held = [rest] if rest else []
    rest = b"".join(held)
    if rest.strip(b"\n"):
        if not rest.endswith(b"\n"):
            raise source.truncation(at + rest.count(b"\n"), why="line_end")
        record = rest.strip(b"\n")
        yield RawRecord(at + len(rest) - len(rest.lstrip(b"\n")), record, ended=False)


def _begins_line(name: bytes, text: bytes) -> bool:
    """Whether some line of the text begins with this attribute, with or without options."""
    at = text.find(b"\n" + name)
    while at >= 0:
        at += len(name) + 1
        if text[at : at + 1] in (b":", b";"):
            return True
        at = text.find(b"\n" + name, at)
    return False


def holds_only_added(source: SourceFile) -> bool:
    """Whether every record of the file is `changetype: add`: ldifde writes an export in this form, no log looks like that."""
    seen = False
    for block in source.blocks():
        changes = _CHANGE_TYPES.findall(block)
        if not changes and not seen:
            break
        seen = True
        if any(change.strip().lower() != b"add" for change in changes):
            seen = False
            break
    source.position = 0
    return seen


def named_attributes(source: SourceFile, wanted: frozenset[bytes]) -> frozenset[bytes]:
    """Which of the wanted attributes (lower case) the file names anywhere, or its search asked for (`# requesting:`)."""
    missing = set(wanted)
    for block in source.blocks():
        text = unfolded(b"\n" + block.replace(b"\r\n", b"\n"))
        for asked in _REQUESTING.findall(text) if b"# requesting: " in text else ():
            missing.difference_update(asked.lower().split())
        text = text.lower()
        missing = {name for name in missing if not _begins_line(name, text)}
        if not missing:
            break
    source.position = 0
    return wanted - missing

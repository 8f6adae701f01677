"""JSON as documents: one a line, one array, or documents strung together; each as bytes with its line number.

Owns: where a document begins and ends, whether the file is whole, and what a document must be to be read: UTF-8, one object,
no key twice. Does not own: what the keys mean. Source: RFC 8259.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import UNSET, Raw, UnsetType

from ringfence.domain.directory.records import RejectedRow
from ringfence.sources.blocks import LARGEST_WHOLE, SourceFile
from ringfence.sources.column_names import field_of, is_name_of_user
from ringfence.sources.formats import SourceFormat
from ringfence.sources.unusable import UnusableRowError

_COMPLETE: Final = msgspec.json.Decoder(Raw)
_ARRAY: Final = msgspec.json.Decoder(list[Raw])
_BROKEN: Final = (ValueError, RecursionError)
"""What decoders raise: msgspec's errors and `UnicodeDecodeError` are `ValueError`s."""

_AT_BYTE: Final = re.compile(r"\(byte (\d+)\)")
_SPACE: Final = b" \t\r\n"


class Document(NamedTuple):
    """The bytes of one document and the line it begins in."""

    line: int
    text: bytes


class Envelope(msgspec.Struct, gc=False):
    """What Graph wraps around its answers: a collection, or the answers of a batch."""

    context: str = msgspec.field(name="@odata.context", default="")
    next_link: str = msgspec.field(name="@odata.nextLink", default="")
    value: list[Raw] | UnsetType = UNSET
    responses: list[Raw] | UnsetType = UNSET


_ENVELOPE: Final = msgspec.json.Decoder(Envelope)


def line_documents(source: SourceFile, block: bytes, line: int) -> Iterator[Document]:
    """Yield the lines of a block that are not blank; raises `InvalidError` (SOURCE_TRUNCATED) when the last was cut.

    A valid last line without line end is whole: an object cannot be cut and still be one.
    """
    for number, text in enumerate(block.split(b"\n"), line):
        if not text.strip(_SPACE):
            continue
        last = not block.endswith(b"\n") and number == line + block.count(b"\n")
        if last and text.lstrip(_SPACE).startswith(b"{") and not _is_complete(text):
            raise source.truncation(number, why="json")
        yield Document(number, text)


def documents(source: SourceFile) -> Iterator[Document]:
    """Yield the documents of a `.json` file: the elements of an array, a document a line, or documents strung together.

    All but lines are read whole. Raises `InvalidError`: SOURCE_TRUNCATED, or SOURCE_FORMAT for what is no JSON or too large.
    """
    blocks = source.blocks(LARGEST_WHOLE)
    first = next(blocks, b"")
    start = first.lstrip(_SPACE)
    if start.startswith(b"[") or not _is_complete(start.partition(b"\n")[0]):
        blocks.close()
        yield from _whole(source)
        return
    line = 1
    for block in chain((first,), blocks):
        yield from line_documents(source, block, line)
        line += block.count(b"\n")


def elements(document: Document, items: Sequence[Raw]) -> Iterator[Document]:
    """Yield the items of an array inside a document, each with the line it begins in."""
    at, line = 0, document.line
    for item in items:
        text = bytes(item)
        start = document.text.index(text, at)
        line += document.text.count(b"\n", at, start)
        yield Document(line, text)
        line += text.count(b"\n")
        at = start + len(text)


def envelope_of(document: Document) -> Envelope | None:
    """The envelope, or None when the document is no collection and no batch."""
    if b'"value"' not in document.text and b'"responses"' not in document.text:
        return None
    try:
        envelope = _ENVELOPE.decode(document.text)
    except _BROKEN:
        return None
    return None if envelope.value is UNSET and envelope.responses is UNSET else envelope


def object_of(document: Document) -> dict[str, Any]:
    """Decode a document; raises `UnusableRowError` when it is not one JSON object in UTF-8 whose keys differ."""
    try:
        document.text.decode()
        found = msgspec.json.decode(document.text)
    except UnicodeDecodeError as error:
        raise UnusableRowError(column="", reason="The row is not UTF-8. Save the file as UTF-8.") from error
    except _BROKEN as error:
        raise UnusableRowError(column="", reason="This is not valid JSON. Write one whole JSON object.") from error
    if not isinstance(found, dict):
        raise UnusableRowError(column="", reason="This is not a JSON object. Write each row as one object in braces.")
    if document.text.count(b'":') != len(found) and (twice := _key_given_twice(document.text)) is not None:
        raise UnusableRowError(column=twice, reason="This key is given twice. Keep one of them.")
    return found


def text_under(found: Mapping[str, Any], key: str) -> str | None:
    """The text under a key, `""` for null, None when the key is absent; raises `UnusableRowError` for another type."""
    value = found.get(key, _ABSENT)
    if value is _ABSENT:
        return None
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UnusableRowError(column=key, reason="This is not text. Put the value in quotes.")
    if "\0" in value:
        raise UnusableRowError(column=key, reason="The value holds a NUL character. Take it out.")
    return value


_ABSENT: Final = object()


def rejected_document(document: Document, error: UnusableRowError, names: Iterable[str]) -> RejectedRow:
    """The document as a rejected row; unreadable unless all that stands under the names (keys of the user) can be such names."""
    given = [(key, value) for key, value in _values_under(document.text, frozenset(names)) if value not in (None, "")]
    texts = [(key, value) for key, value in given if isinstance(value, str) and _is_clean(value)]
    certain = bool(texts) and len(texts) == len(given) and all(is_name_of_user(field_of(key), text) for key, text in texts)
    record = document.text.decode("utf-8", "replace").strip()
    keys = tuple(text for _, text in texts)
    return RejectedRow(document.line, error.column, error.reason, {"record": record}, not certain, keys)


def _values_under(text: bytes, names: frozenset[str]) -> list[tuple[str, object]]:
    """All that stands under these keys of the object, as often as they are given."""
    try:
        pairs = json.loads(text, object_pairs_hook=tuple)
    except _BROKEN:
        return []
    return [(key, value) for key, value in pairs if key in names] if isinstance(pairs, tuple) else []


def _is_clean(text: str) -> bool:
    """Whether the text is there, without halves of characters (which the standard library lets through) and NUL."""
    return bool(text) and "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _is_complete(text: bytes) -> bool:
    try:
        _COMPLETE.decode(text)
    except _BROKEN:
        return False
    return True


def _key_given_twice(text: bytes) -> str | None:
    """The first key that an object in the text gives twice."""
    twice: list[str] = []

    def look(pairs: list[tuple[str, object]]) -> None:
        names = [key for key, _ in pairs]
        if len(set(names)) != len(names):
            twice.extend(key for key in dict.fromkeys(names) if names.count(key) > 1)

    json.loads(text, object_pairs_hook=look)
    return twice[-1] if twice else None


def _whole(source: SourceFile) -> Iterator[Document]:
    """An array, or documents strung together over several lines each."""
    text = source.whole()
    start = len(text) - len(text.lstrip(_SPACE))
    if text[start : start + 1] == b"[":
        try:
            items = _ARRAY.decode(text)
        except _BROKEN as error:
            raise _refusal(source, text, 0, error) from error
        if not items:
            raise source.refusal(SourceFormat.JSON, line=1, why="empty")
        yield from elements(Document(1, text), items)
        return
    if _is_complete(text):
        yield Document(1 + text.count(b"\n", 0, start), text[start:])
        return
    yield from _strung(source, text)


def _strung(source: SourceFile, text: bytes) -> Iterator[Document]:
    """Documents one behind the other; the standard library tells where each ends."""
    decoder = json.JSONDecoder()
    characters = text.decode("utf-8", "surrogateescape")
    at, line = 0, 1
    while True:
        start = _behind_space(characters, at)
        if start == len(characters):
            return
        line += characters.count("\n", at, start)
        try:
            _, at = decoder.raw_decode(characters, start)
        except _BROKEN as error:
            rest = characters[start:].encode("utf-8", "surrogateescape")
            raise _refusal(source, rest, line - 1, error) from error
        yield Document(line, characters[start:at].encode("utf-8", "surrogateescape"))
        line += characters.count("\n", start, at)


_BLANKS: Final = re.compile(r"[ \t\r\n]*")


def _behind_space(characters: str, at: int) -> int:
    found = _BLANKS.match(characters, at)
    return at if found is None else found.end()


def _refusal(source: SourceFile, text: bytes, lines_before: int, error: Exception) -> Exception:
    """Say whether the text was cut or is no JSON, and where."""
    try:
        _COMPLETE.decode(text)
    except _BROKEN as found:
        error = found
    if "truncated" in str(error):
        return source.truncation(lines_before + 1 + text.rstrip().count(b"\n"), why="json")
    place = _AT_BYTE.search(str(error))
    line = lines_before + 1 + (text.count(b"\n", 0, int(place[1])) if place else 0)
    return source.refusal(SourceFormat.JSON, line=line, why="not_json")

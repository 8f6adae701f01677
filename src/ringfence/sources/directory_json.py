"""A directory export in Graph's user shape, one object a line, in an array or in Graph's pages, as `DirectoryRecord`s.

Owns: which key means what, row by row with every check. Hands to: `directory_shape` whole blocks of tidy rows, for speed.
Source: Graph's `user` resource and its delta answers; domain-rules A.2, H.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from ringfence.domain.directory.records import UNSENT, DirectoryRecord, RecordAction, RejectedRow, Unsent
from ringfence.sources.anchors import user_id_of
from ringfence.sources.blocks import SourceFile
from ringfence.sources.directory_shape import ShapedRows
from ringfence.sources.formats import SourceFormat
from ringfence.sources.json_documents import (
    Document,
    documents,
    elements,
    envelope_of,
    line_documents,
    object_of,
    rejected_document,
    text_under,
)
from ringfence.sources.principal_names import WRITE_PRINCIPAL_NAME, is_principal_name
from ringfence.sources.unusable import UnusableRowError, refuse_hopeless

_USER_TYPE: Final = "#microsoft.graph.user"
_IDENTITY: Final = ("userPrincipalName", "onPremisesImmutableId", "onPremisesDistinguishedName", "id")
_NO_NAME: Final = "Nothing here names a user. Give id, userPrincipalName or onPremisesImmutableId."
_MORE_PAGES: Final = "This page says that there are more (@odata.nextLink). Fetch them too; until then nobody is deleted."


class DirectoryJson:
    """Reads users from JSON Lines, or with `lines=False` from a `.json` file of any of the shapes above."""

    ignored_columns: tuple[str, ...] = ()

    def __init__(self, source: SourceFile, *, lines: bool) -> None:
        """Nothing is read yet."""
        self._source = source
        self._lines = lines
        self._last_page: Document | None = None

    def records(self) -> Iterator[DirectoryRecord | RejectedRow]:
        """Yield one record a user; raises `InvalidError` as `files.open_directory` says."""
        self._last_page = None
        expected = SourceFormat.JSON_LINES if self._lines else SourceFormat.JSON
        return refuse_hopeless(self._source, expected, self._rows())

    def _rows(self) -> Iterator[DirectoryRecord | RejectedRow]:
        for batch in self._blocks() if self._lines else map(self._document, documents(self._source)):
            yield from batch
        if self._last_page is not None:
            yield RejectedRow(self._last_page.line, "@odata.nextLink", _MORE_PAGES, {}, unreadable=True)

    def _blocks(self) -> Iterator[Iterable[DirectoryRecord | RejectedRow]]:
        """The rows of the file in batches: a tidy block, or one line."""
        shaped = ShapedRows()
        line = 1
        for block in self._source.blocks():
            rows = shaped.read(block, line)
            if rows is not None:
                yield rows
                line += len(rows)
                continue
            yield from map(self._document, line_documents(self._source, block, line))
            line += block.count(b"\n")

    def _document(self, document: Document) -> Iterator[DirectoryRecord | RejectedRow]:
        """A row, or a page of rows."""
        envelope = envelope_of(document)
        if envelope is None or not isinstance(envelope.value, list):
            row = row_of(document)
            if row is not None:
                yield row
            return
        self._last_page = document if envelope.next_link else None
        for element in elements(document, envelope.value):
            row = row_of(element)
            if row is not None:
                yield row


def row_of(document: Document) -> DirectoryRecord | RejectedRow | None:
    """The record of one user object, the rejected row, or None when it is no user."""
    try:
        found = object_of(document)
        if found.get("@odata.type", _USER_TYPE) != _USER_TYPE:
            return None
        return _record(document.line, found)
    except UnusableRowError as error:
        return rejected_document(document, error, _IDENTITY)


def _record(line: int, found: dict[str, Any]) -> DirectoryRecord:
    upn, anchor, dn, text_id = (text_under(found, name) or None for name in _IDENTITY)
    if upn and not is_principal_name(upn):
        raise UnusableRowError(column="userPrincipalName", reason=WRITE_PRINCIPAL_NAME)
    user_id = user_id_of(text_id, "id") if text_id else None
    if not (upn or user_id or anchor or dn):
        raise UnusableRowError(column="", reason=_NO_NAME)
    if "@removed" in found:
        return DirectoryRecord(line, RecordAction.DELETE, user_id, anchor, upn, dn)
    mails = _texts(found, "otherMails")
    phones = _texts(found, "businessPhones")
    enabled = _boolean(found, "accountEnabled")
    return DirectoryRecord(
        line,
        RecordAction.UPSERT,
        user_id,
        anchor,
        upn,
        dn,
        synced=_boolean(found, "onPremisesSyncEnabled"),
        display_name=_text(found, "displayName"),
        enabled=UNSENT if enabled is None else enabled,
        user_type=_text(found, "userType"),
        other_mails=UNSENT if mails is None else tuple(mails),
        mobile=_text(found, "mobilePhone"),
        office=UNSENT if phones is None else next(iter(phones), ""),
    )


def _text(found: dict[str, Any], key: str) -> str | Unsent:
    text = text_under(found, key)
    return UNSENT if text is None else text


def _boolean(found: dict[str, Any], key: str) -> bool | Unsent | None:
    if key not in found:
        return UNSENT
    value = found[key]
    if value is None or isinstance(value, bool):
        return value
    raise UnusableRowError(column=key, reason="This is neither true, false nor null. Write one of them, without quotes.")


def _texts(found: dict[str, Any], key: str) -> list[str] | None:
    """The texts of a list, empty for null and `""`, None when the key is absent."""
    value = found.get(key, ())
    if value == ():
        return None
    if value is None or value == "":
        return []
    if not isinstance(value, list):
        raise UnusableRowError(column=key, reason='This is not a list. Write ["first", "second"], or [] for none.')
    for element in value:
        text_under({key: element}, key)
        if element is None:
            raise UnusableRowError(column=key, reason="The list holds null. Take it out.")
    return value

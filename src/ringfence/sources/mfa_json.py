"""The strong-authentication state in JSON: flat rows with the columns of the CSV, or Graph's answers, as `MfaRecord`s.

Owns: telling the shapes apart, and taking batches and collections to pieces.
Hands to: `mfa_fields` (flat rows), `mfa_graph` (Graph's answers).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Raw

from ringfence.domain.directory.records import MfaRecord, RejectedRow
from ringfence.sources.blocks import SourceFile
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
from ringfence.sources.mfa_fields import FIELDS, METHODS, UPN, USER_ID, ParseNumber, flat_record
from ringfence.sources.mfa_graph import (
    PREFERENCE,
    REGISTERED,
    Owner,
    collection_records,
    phone_record,
    preference_record,
    registered_record,
    registration_record,
)
from ringfence.sources.unusable import UnusableRowError, refuse_hopeless

_NAMES: Final = (UPN, USER_ID, "userId")
_OK: Final = 200
_NOT_AN_ANSWER: Final = "This is neither a row with the columns of the CSV nor an answer of Graph that holds methods."


class _Answer(msgspec.Struct, gc=False):
    """One answer of a batch."""

    status: int = 0
    body: Raw = Raw(b"null")


_ANSWER: Final = msgspec.json.Decoder(_Answer)


class MfaJson:
    """Reads the state from JSON Lines, or with `lines=False` from a `.json` file of any of the shapes above."""

    ignored_columns: tuple[str, ...] = ()

    def __init__(self, source: SourceFile, parse_number: ParseNumber, *, lines: bool) -> None:
        """Nothing is read yet."""
        self._source = source
        self._rows_of = MfaDocuments(parse_number).rows
        self._lines = lines

    def records(self) -> Iterator[MfaRecord | RejectedRow]:
        """Yield one record a row or answer; raises `InvalidError` as `files.open_mfa` says."""
        expected = SourceFormat.JSON_LINES if self._lines else SourceFormat.JSON
        return refuse_hopeless(self._source, expected, self._rows())

    def _rows(self) -> Iterator[MfaRecord | RejectedRow]:
        for document in self._documents():
            yield from self._rows_of(document)

    def _documents(self) -> Iterator[Document]:
        if not self._lines:
            yield from documents(self._source)
            return
        line = 1
        for block in self._source.blocks():
            yield from line_documents(self._source, block, line)
            line += block.count(b"\n")


class MfaDocuments:
    """Takes single documents to pieces."""

    def __init__(self, parse_number: ParseNumber) -> None:
        """`parse_number` reads private numbers."""
        self._parse_number = parse_number

    def rows(self, document: Document) -> Iterator[MfaRecord | RejectedRow]:
        """Yield what a document says, one record a user and answer."""
        envelope = envelope_of(document)
        if envelope is not None and isinstance(envelope.responses, list):
            for answer in elements(document, envelope.responses):
                yield from self._batched(answer)
        elif envelope is not None and isinstance(envelope.value, list) and _is_report(envelope.value):
            for row in elements(document, envelope.value):
                yield from self._single(row)
        else:
            yield from self._single(document)

    def _batched(self, answer: Document) -> Iterator[MfaRecord | RejectedRow]:
        """One answer of a batch, if it is one."""
        try:
            decoded = _ANSWER.decode(answer.text)
        except (ValueError, RecursionError):
            decoded = _Answer()
        if decoded.status != _OK:
            reason = "This request of the batch was not answered with 200. Ask for it again."
            yield rejected_document(answer, UnusableRowError(column="status", reason=reason), ())
            return
        for body in elements(answer, [decoded.body]):
            yield from self.rows(body)

    def _single(self, document: Document) -> Iterator[MfaRecord | RejectedRow]:
        """A flat row, a row of a report, or an answer about one user."""
        try:
            found = object_of(document)
            for record in self._records(document.line, found, Owner(found)):
                has_more = record.registrations or record.listed
                yield record._replace(document=document.text.decode()) if has_more else record
        except UnusableRowError as error:
            yield rejected_document(document, error, _NAMES)

    def _records(self, line: int, found: dict[str, Any], owner: Owner) -> Iterator[MfaRecord]:
        if "value" in found:
            yield from collection_records(line, _items(found["value"]), owner, self._parse_number)
        elif REGISTERED in found:
            yield registration_record(line, found, owner)
        elif owner.is_part and owner.registers is not None:
            yield registered_record(line, found, owner, owner.registers)
        elif PREFERENCE in found:
            yield preference_record(line, found, owner)
        elif "phoneType" in found:
            yield phone_record(line, [found], owner, self._parse_number)
        elif not found.keys().isdisjoint(FIELDS[1:]):
            yield self._flat(line, found, owner)
        else:
            raise UnusableRowError(column="", reason=_NOT_AN_ANSWER)

    def _flat(self, line: int, found: dict[str, Any], owner: Owner) -> MfaRecord:
        sent = {UPN: owner.upn, USER_ID: owner.user_id}
        for field in FIELDS[1:]:
            if field != METHODS and (text := text_under(found, field)) is not None:
                sent[field] = text
        return flat_record(line, sent, _method_names(found), self._parse_number)


def _is_report(items: list[Raw]) -> bool:
    """Whether a collection is a report: one user a row."""
    return bool(items) and all(b'"' + REGISTERED.encode() + b'"' in bytes(item) for item in items[:1])


def _items(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise UnusableRowError(column="value", reason="This is not a list of methods. Export the answer of Graph as it is.")
    return value


def _method_names(found: dict[str, Any]) -> list[str] | None:
    """The names, as a list or joined by `;`; None when the key is absent."""
    names = found.get(METHODS, "")
    if names is None or isinstance(names, str):
        return None if METHODS not in found else [name for part in (names or "").split(";") if (name := part.strip())]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UnusableRowError(
            column=METHODS, reason='This is not a list of names. Write ["OneWaySMS"], or the names joined by ;.'
        )
    return names

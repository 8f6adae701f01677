"""A directory export in CSV under Graph's or Active Directory's column names, as `DirectoryRecord`s.

Owns: which column means what, and who is synced where no column says so. Source: domain-rules A.2, H.1, H.3; the column names
of Graph, of the portal's download, of csvde and of PowerShell.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ringfence.domain.directory.records import UNSENT, DirectoryRecord, RecordAction, RejectedRow, Unsent
from ringfence.sources.account_flags import is_enabled
from ringfence.sources.anchors import anchor_of_text, user_id_of
from ringfence.sources.blocks import SourceFile
from ringfence.sources.cells import BOOLEAN_WORDS, boolean, first_number, listed, number_text
from ringfence.sources.column_names import DIRECTORY_NAMES, normalised
from ringfence.sources.csv_table import RECORD, Columns, CsvTable
from ringfence.sources.mended import mended_rows
from ringfence.sources.object_classes import is_user
from ringfence.sources.principal_names import WRITE_PRINCIPAL_NAME, is_principal_name
from ringfence.sources.unusable import UnusableRowError

_IDENTITY: Final = ("upn", "id", "anchor", "consistency_guid", "guid", "dn")
_COLUMNS: Final = Columns(
    DIRECTORY_NAMES, _IDENTITY, {"synced": BOOLEAN_WORDS, "enabled": BOOLEAN_WORDS, "user_type": frozenset({"guest", "member"})}
)
_ON_PREMISES: Final = frozenset(
    {"objectguid", "distinguishedname", "dn", "samaccountname", "telephonenumber", "msdsconsistencyguid"}
)
"""Columns only an on-premises directory has; without a word about syncing, their users are synced."""

_OF_OTHER_FILES: Final = frozenset({"defaultmethod", "fingerprint", "methods", "rule"})
"""Columns of the exports of MFA methods, and of files that Ringfence writes about numbers."""
_EXPECTED: Final = "CSV with a column of the directory, such as displayName or mobilePhone, not an export of methods,"

_USER_TYPES: Final = {"guest": "Guest", "member": "Member"}
_EMPTY: Final = "This column is empty, and no other names the user. Fill in userPrincipalName, id or the source anchor."


class DirectoryCsv:
    """Reads users from CSV; `ignored_columns` are those of the header that mean nothing here."""

    def __init__(self, source: SourceFile) -> None:
        """Read the header; raises `InvalidError` (SOURCE_FORMAT) for a file that tells of users' methods or numbers instead."""
        self._table = CsvTable(source, _COLUMNS)
        if not self._table.names.isdisjoint(_OF_OTHER_FILES) and self._table.index.keys() <= set(_IDENTITY):
            raise source.refusal(_EXPECTED, line=1, why="not_a_directory")
        self.ignored_columns = tuple(name for name in self._table.ignored if normalised(name) not in _ON_PREMISES)
        self._index = self._table.index
        infers = not self._table.is_ours and not self._table.names.isdisjoint(_ON_PREMISES) and "synced" not in self._index
        self._synced_unless_told: bool | Unsent = True if infers else UNSENT

    def records(self) -> Iterator[DirectoryRecord | RejectedRow]:
        """Yield one record a row; raises `InvalidError` as `files.open_directory` says."""
        for row in self._table.rows():
            if isinstance(row, RejectedRow):
                yield self._explicit(row)
                continue
            sent = self._table.sent(row)
            if RECORD in sent and not any(sent.get(field) for field in _IDENTITY):
                yield from mended_rows(row.line, sent[RECORD])
                continue
            try:
                record = self._record(row.line, sent)
            except UnusableRowError as error:
                yield self._explicit(self._table.rejected(row, error.column, error.reason))
                continue
            if record is not None:
                yield record

    def _explicit(self, row: RejectedRow) -> RejectedRow:
        """The row with what its file says by its columns alone: they may not all stand in the file it goes to."""
        if self._synced_unless_told is UNSENT or RECORD in row.fields:
            return row
        return row._replace(fields={**row.fields, "onPremisesSyncEnabled": "true"})

    def _record(self, line: int, sent: dict[str, str]) -> DirectoryRecord | None:
        if "classes" in sent and not is_user(tuple(sent["classes"].split(";"))):
            return None
        upn, dn = sent.get("upn", "").strip() or None, sent.get("dn", "").strip() or None
        if upn and not is_principal_name(upn):
            raise UnusableRowError(column=self._table.column("upn"), reason=WRITE_PRINCIPAL_NAME)
        user_id, anchor = self._user_id(sent), self._anchor(sent)
        if not (upn or user_id or anchor or dn):
            raise UnusableRowError(
                column=next((self._table.column(field) for field in _IDENTITY if field in self._index), RECORD), reason=_EMPTY
            )
        return DirectoryRecord(
            line,
            RecordAction.UPSERT,
            user_id,
            anchor,
            upn,
            dn,
            synced=self._synced(sent),
            display_name=sent.get("display_name", UNSENT),
            enabled=self._enabled(sent),
            user_type=_user_type(sent),
            other_mails=self._other_mails(sent),
            mobile=number_text(sent["mobile"]) if "mobile" in sent else UNSENT,
            office=self._office(sent),
        )

    def _office(self, sent: dict[str, str]) -> str | Unsent:
        """Graph's `businessPhones` is a list, of which the first counts (A5); the directory's own attribute is one number."""
        if "business_phones" in sent:
            return first_number(sent["business_phones"], self._table.column("business_phones"))
        return number_text(sent["telephone"]) if "telephone" in sent else UNSENT

    def _user_id(self, sent: dict[str, str]) -> bytes | None:
        text = sent.get("id", "").strip()
        return user_id_of(text, self._table.column("id")) if text else None

    def _anchor(self, sent: dict[str, str]) -> str | None:
        if anchor := sent.get("anchor", "").strip():
            return anchor
        for field in ("consistency_guid", "guid"):
            if text := sent.get(field, "").strip():
                return anchor_of_text(text, self._table.column(field))
        return None

    def _other_mails(self, sent: dict[str, str]) -> tuple[str, ...] | Unsent:
        if "other_mails" not in sent:
            return UNSENT
        return tuple(listed(sent["other_mails"], self._table.column("other_mails")))

    def _synced(self, sent: dict[str, str]) -> bool | Unsent | None:
        if "synced" in self._index:
            return boolean(sent["synced"], self._table.column("synced")) if "synced" in sent else UNSENT
        return self._synced_unless_told

    def _enabled(self, sent: dict[str, str]) -> bool | Unsent:
        if "enabled" in sent:
            told = boolean(sent["enabled"], self._table.column("enabled"))
            return UNSENT if told is None else told
        return is_enabled(sent.get("flags", ""), self._table.column("flags"))


def _user_type(sent: dict[str, str]) -> str | Unsent:
    if "user_type" not in sent:
        return UNSENT
    text = sent["user_type"].strip()
    return _USER_TYPES.get(text.casefold(), text)

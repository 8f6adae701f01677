"""Records that were read but cannot be used, turned back into rows that can be mended and imported again."""

from __future__ import annotations

import json
import uuid

from ringfence.domain.directory.records import UNSENT, DirectoryRecord, RejectedRow, Unsent


def refused_row(row: DirectoryRecord, column: str, reason: str) -> RejectedRow:
    """A record that was read but cannot be used, as a rejected row."""
    names = {
        "id": None if row.user_id is None else str(uuid.UUID(bytes=row.user_id)),
        "userPrincipalName": row.upn,
        "onPremisesImmutableId": row.anchor,
        "distinguishedName": row.dn,
    }
    keys = {name: value for name, value in names.items() if value}
    sent = {
        "displayName": row.display_name,
        "userType": row.user_type,
        "accountEnabled": row.enabled,
        "onPremisesSyncEnabled": row.synced,
        "otherMails": row.other_mails,
        "mobilePhone": row.mobile,
        "businessPhones": _list_of(row.office),
    }
    fields = {**keys, **{name: _cell(value) for name, value in sent.items() if value is not UNSENT}}
    return RejectedRow(row.line, column, reason, fields, keys=tuple(keys.values()))


def _cell(value: object) -> str:
    """A value as our own CSV reader reads it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ";".join(value) if isinstance(value, tuple) else str(value or "")


def _list_of(office: str | Unsent) -> str | Unsent:
    """The office number as the one element of a list, for a number of the directory may hold what separates elements."""
    return json.dumps([office]) if office is not UNSENT and ";" in office else office

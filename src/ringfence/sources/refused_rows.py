"""Records that were read and refused later, turned back into rows of our own CSV, to be mended and imported again.

What is written here is read back by `directory_csv` and `mfa_csv` as it was; a property test holds writer and readers together.
"""

from __future__ import annotations

import uuid

from ringfence.domain.directory.records import UNSENT, DirectoryRecord, MfaRecord
from ringfence.sources.csv_table import RECORD
from ringfence.sources.mfa_fields import ALTERNATE, DEFAULT, EMAIL, METHODS, MOBILE, OFFICE, STATE, UPN, USER_ID


def fields_of(record: DirectoryRecord | MfaRecord) -> dict[str, str]:
    """The cells of a record by column; what was not sent has none."""
    return _of_user(record) if isinstance(record, DirectoryRecord) else _of_state(record)


def _of_user(row: DirectoryRecord) -> dict[str, str]:
    """Single values that a change adds or deletes are left out: a row tells whole attributes, and would clear the others."""
    names = {
        "id": None if row.user_id is None else str(uuid.UUID(bytes=row.user_id)),
        "userPrincipalName": row.upn,
        "onPremisesImmutableId": row.anchor,
        "distinguishedName": row.dn,
    }
    sent = {
        "displayName": row.display_name,
        "userType": row.user_type,
        "accountEnabled": row.enabled,
        "onPremisesSyncEnabled": row.synced,
        "otherMails": row.other_mails,
        "mobilePhone": row.mobile,
        "telephoneNumber": row.office,
    }
    kept = {name: value for name, value in names.items() if value}
    return {**kept, **{name: _cell(value) for name, value in sent.items() if value is not UNSENT}}


def _of_state(row: MfaRecord) -> dict[str, str]:
    if row.document:
        return {RECORD: row.document}
    fields = {UPN: row.upn or ""}
    if row.user_id is not None:
        fields[USER_ID] = str(uuid.UUID(bytes=row.user_id))
    if row.methods is not UNSENT:
        fields[METHODS] = ";".join(method.name for method in row.methods)
    if row.default is not UNSENT:
        fields[DEFAULT] = "" if row.default is None else row.default.name
    texts = {MOBILE: row.mobile, ALTERNATE: row.alternate, OFFICE: row.office, EMAIL: row.email}
    fields.update({name: value for name, value in texts.items() if value is not UNSENT})
    if row.state is not UNSENT:
        fields[STATE] = row.state.name
    return fields


def _cell(value: object) -> str:
    """A value as our own CSV reader reads it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ";".join(value) if isinstance(value, tuple) else str(value or "")

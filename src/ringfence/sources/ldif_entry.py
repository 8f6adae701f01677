"""What an entry says of a user: the attributes we read, and `DirectoryRecord`s made of them.

Owns: which attribute means what, which entries are users, and when an absent attribute is *cleared* rather than *not sent*.
Source: domain-rules A.2 (pairs), H.3 (anchor), H.4 (attribute flow).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from ringfence.domain.directory.records import UNSENT, DirectoryRecord, RecordAction, Unsent
from ringfence.sources.account_flags import is_enabled
from ringfence.sources.anchors import anchor_of_bytes, anchor_of_guid
from ringfence.sources.ldif_lines import text_of
from ringfence.sources.object_classes import is_user
from ringfence.sources.principal_names import WRITE_PRINCIPAL_NAME, is_principal_name
from ringfence.sources.unusable import UnusableRowError

Values = Mapping[bytes, list[bytes]]
"""Values by attribute name in lower case; an empty list: the attribute is named and has none."""

_COLUMNS: Final = (
    "cn",
    "displayName",
    "groupType",
    "isCriticalSystemObject",
    "isDeleted",
    "mobile",
    "mS-DS-ConsistencyGuid",
    "objectClass",
    "objectGUID",
    "otherMailbox",
    "sAMAccountName",
    "telephoneNumber",
    "uid",
    "userAccountControl",
    "userPrincipalName",
)
COLUMN_OF: Final = {name.lower().encode(): name for name in _COLUMNS}
"""The attributes we read, lower case -> as written."""

ATTRIBUTES: Final = frozenset(COLUMN_OF)
CHANGEABLE: Final = frozenset(
    {b"displayname", b"mobile", b"othermailbox", b"telephonenumber", b"useraccountcontrol", b"userprincipalname"}
)
"""What a change record may change of a user we keep."""

_OF_ACCOUNTS: Final = (b"userprincipalname", b"samaccountname", b"uid", b"ms-ds-consistencyguid", b"objectguid")
_PHONES: Final = (b"mobile", b"telephonenumber")
TELLING: Final = frozenset({b"displayname", b"objectclass", b"othermailbox", *_OF_ACCOUNTS, *_PHONES})
"""Attributes of which it matters whether the file names them anywhere."""


class Scope(NamedTuple):
    """What is known beside the entry.

    The attributes that the file names; whether the entry is all there (a blank line ended it); and whether the file, of
    `changetype: add` alone, is an export.
    """

    named: frozenset[bytes]
    whole: bool
    exported: bool = False

    def cleared(self, name: bytes) -> bool:
        """Whether an entry that lacks this attribute has none."""
        return self.whole and name in self.named

    def settled(self, name: bytes) -> bool:
        """Whether an entry that lacks this attribute does not have it cut off either."""
        return self.whole or name not in self.named


NOTHING_CLEARED: Final = Scope(frozenset(), whole=True)
"""For an entry that a log adds: what it does not name is not sent."""


def entry_record(line: int, dn: str, values: Values, scope: Scope) -> DirectoryRecord | None:
    """The record of a content entry, or None when it is no user; raises `UnusableRowError`."""
    if not _is_wanted(values, scope):
        return None
    upn, anchor = _upn(values), _anchor(values, scope)
    if _first_text(values, b"isdeleted").casefold() == "true":
        return DirectoryRecord(line, RecordAction.DELETE, anchor=anchor, upn=upn, dn=dn, synced=True)
    return DirectoryRecord(
        line,
        RecordAction.UPSERT,
        anchor=anchor,
        upn=upn,
        dn=dn,
        synced=True,
        display_name=_display_name(values, scope),
        enabled=is_enabled(_first_text(values, b"useraccountcontrol"), COLUMN_OF[b"useraccountcontrol"]),
        other_mails=_other_mails(values, scope),
        mobile=_text(values, b"mobile", scope),
        office=_text(values, b"telephonenumber", scope),
    )


def change_record(line: int, dn: str, changes: Values) -> DirectoryRecord:
    """The record of a modification; the dn names the user, and a changed userPrincipalName is the new one."""
    scope = Scope(frozenset(changes), whole=True)
    return DirectoryRecord(
        line,
        RecordAction.MODIFY,
        upn=_upn(changes),
        dn=dn,
        synced=True,
        display_name=_text(changes, b"displayname", scope),
        enabled=is_enabled(_first_text(changes, b"useraccountcontrol"), COLUMN_OF[b"useraccountcontrol"]),
        other_mails=_other_mails(changes, scope),
        mobile=_text(changes, b"mobile", scope),
        office=_text(changes, b"telephonenumber", scope),
    )


def _is_wanted(values: Values, scope: Scope) -> bool:
    """By object class; where the export left that out, by the names only accounts have.

    Built-in accounts without a user principal name are passed over, as the real sync passes over built-in accounts.
    """
    if _first_text(values, b"iscriticalsystemobject").casefold() == "true" and not values.get(b"userprincipalname"):
        return False
    if classes := values.get(b"objectclass"):
        return is_user(tuple([name.decode("utf-8", "replace") for name in classes]))
    if b"grouptype" in values or _first_text(values, b"samaccountname").endswith("$"):
        return False
    if any(values.get(name) for name in (*_OF_ACCOUNTS, *_PHONES)):
        return True
    return scope.named.isdisjoint((b"objectclass", *_OF_ACCOUNTS))


def _first_text(values: Values, name: bytes) -> str:
    """The first value's text, `""` when there is none."""
    got = values.get(name)
    return text_of(got[0], COLUMN_OF[name]) if got else ""


def _text(values: Values, name: bytes, scope: Scope) -> str | Unsent:
    if not values.get(name) and not scope.cleared(name):
        return UNSENT
    return _first_text(values, name)


def _upn(values: Values) -> str | None:
    upn = _first_text(values, b"userprincipalname").strip()
    if upn and not is_principal_name(upn):
        raise UnusableRowError(column=COLUMN_OF[b"userprincipalname"], reason=WRITE_PRINCIPAL_NAME)
    return upn or None


def _anchor(values: Values, scope: Scope) -> str | None:
    consistency, guid = values.get(b"ms-ds-consistencyguid"), values.get(b"objectguid")
    if consistency and consistency[0]:
        return anchor_of_bytes(consistency[0])
    if guid and guid[0] and scope.settled(b"ms-ds-consistencyguid"):
        return anchor_of_guid(guid[0], COLUMN_OF[b"objectguid"])
    return None


def _display_name(values: Values, scope: Scope) -> str | Unsent:
    if values.get(b"displayname") or not values.get(b"cn") or not scope.settled(b"displayname"):
        return _text(values, b"displayname", scope)
    return _first_text(values, b"cn")


def _other_mails(values: Values, scope: Scope) -> tuple[str, ...] | Unsent:
    if not values.get(b"othermailbox") and not scope.cleared(b"othermailbox"):
        return UNSENT
    return tuple(filter(None, (text_of(value, COLUMN_OF[b"othermailbox"]) for value in values.get(b"othermailbox", ()))))

"""Names of a user that are bytes: the object id of the cloud, and the source anchor of an on-premises directory.

Source: domain-rules H.3. The anchor is the base64 of `mS-DS-ConsistencyGuid`, else of the 16 bytes of `objectGUID` as the
directory stores them (the first three groups of the written GUID in reverse byte order).
"""

from __future__ import annotations

import base64
import re
import uuid
from typing import Final

from ringfence.sources.unusable import UnusableRowError

_GUID_BYTES: Final = 16
_HEX_LITERAL: Final = re.compile(r"[Xx]'([0-9A-Fa-f]*)'")
_GUID: Final = re.compile(r"\{?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?")


def is_guid(text: str) -> bool:
    """Whether the text is a GUID written out."""
    return _GUID.fullmatch(text) is not None


def user_id_of(text: str, column: str) -> bytes:
    """The 16 bytes of an object id written as a GUID; raises `UnusableRowError` when it is none."""
    if not is_guid(text):
        raise UnusableRowError(
            column=column, reason="This is not a GUID. Write the object id as 00000000-0000-0000-0000-000000000000."
        )
    return bytes.fromhex(text.strip("{}").replace("-", ""))


def anchor_of_guid(value: bytes, column: str) -> str:
    """The anchor of an `objectGUID` as LDAP tools hand it out: 16 raw bytes, or the GUID written out."""
    if len(value) == _GUID_BYTES:
        return base64.b64encode(value).decode()
    return anchor_of_text(value.decode("utf-8", "replace").strip(), column)


def anchor_of_bytes(value: bytes) -> str:
    """The anchor of an `mS-DS-ConsistencyGuid`."""
    return base64.b64encode(value).decode()


def anchor_of_text(text: str, column: str) -> str:
    """The anchor of a GUID in a table cell: written out, csvde's `X'…'`, or base64 already."""
    if literal := _HEX_LITERAL.fullmatch(text):
        digits = literal[1]
        if digits and len(digits) % 2 == 0:
            return base64.b64encode(bytes.fromhex(digits)).decode()
    elif is_guid(text):
        return base64.b64encode(uuid.UUID(text).bytes_le).decode()
    elif _is_base64_of_guid(text):
        return text
    raise UnusableRowError(
        column=column, reason="This is not a GUID. Export it written out, as base64 of its 16 bytes, or as X'hex digits'."
    )


def is_anchor_text(text: str) -> bool:
    """Whether the text is a GUID in one of the forms of `anchor_of_text`."""
    try:
        anchor_of_text(text, "")
    except UnusableRowError:
        return False
    return True


def forms_of_name(text: str) -> tuple[str, ...]:
    """A user's name as given, and as an anchor when it is a GUID in another form."""
    try:
        anchor = anchor_of_text(text, "")
    except UnusableRowError:
        return (text,)
    return tuple(dict.fromkeys((text, anchor)))


def _is_base64_of_guid(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == _GUID_BYTES
    except ValueError:
        return False

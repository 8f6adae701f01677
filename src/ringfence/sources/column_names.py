"""What the columns of exports are called, by field: the normalised names that mean it, the best first.

Source: domain-rules A.2, A.3, H.3; the column names of Graph, of the portal's download, of csvde and of PowerShell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ringfence.sources.anchors import is_anchor_text, is_guid
from ringfence.sources.mfa_fields import FIELDS, UPN, USER_ID
from ringfence.sources.principal_names import is_principal_name

DIRECTORY_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "upn": ("userprincipalname", "upn"),
    "id": ("id", "objectid"),
    "anchor": ("onpremisesimmutableid", "immutableid", "sourceanchor"),
    "consistency_guid": ("msdsconsistencyguid",),
    "guid": ("objectguid",),
    "dn": ("distinguishedname", "dn", "onpremisesdistinguishedname"),
    "display_name": ("displayname", "name"),
    "mobile": ("mobilephone", "mobile"),
    "business_phones": ("businessphones",),
    "telephone": ("telephonenumber", "officephone"),
    "synced": ("onpremisessyncenabled", "dirsyncenabled", "directorysynced"),
    "enabled": ("accountenabled", "enabled"),
    "flags": ("useraccountcontrol",),
    "user_type": ("usertype",),
    "other_mails": ("othermails",),
    "classes": ("objectclass",),
}

MFA_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    **{field: (field.casefold(),) for field in FIELDS},
    UPN: ("userprincipalname", "upn"),
    USER_ID: ("id", "userid", "objectid"),
}

_FIELDS: Final = {name: field for names in (MFA_NAMES, DIRECTORY_NAMES) for field, known in names.items() for name in known}


_FORMS: Final[Mapping[str, Callable[[str], bool]]] = {
    "anchor": lambda text: " " not in text,
    "consistency_guid": is_anchor_text,
    "dn": lambda text: "=" in text,
    "guid": is_anchor_text,
    "id": is_guid,
    "upn": is_principal_name,
    UPN: is_principal_name,
    USER_ID: is_guid,
}


def is_name_of_user(field: str, text: str) -> bool:
    """Whether a text can be what a field that names users holds; one that cannot says nothing for certain about anybody."""
    return field in _FORMS and _FORMS[field](text)


def field_of(name: str) -> str:
    """What a column is about, however its name is spelled: the same for all names of one field, else the name normalised."""
    plain = normalised(name)
    return _FIELDS.get(plain, plain)


def normalised(name: str) -> str:
    """A column name as compared: lower case, without spaces, underscores and hyphens."""
    return name.casefold().translate(_NOISE)


_NOISE: Final = dict.fromkeys(map(ord, " _-\t\xa0\ufeff"))

"""Registered methods other than numbers, e-mail and password: what is stored of each.

Sources: Graph's resource types (surface b1), domain-rules D.7, D.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum, unique
from typing import NamedTuple


@unique
class MethodKind(IntEnum):
    """The kind of a registered method; the value is what the database stores."""

    FIDO2 = 1
    MICROSOFT_AUTHENTICATOR = 2
    PLATFORM_CREDENTIAL = 3
    SOFTWARE_OATH = 4
    TEMPORARY_ACCESS_PASS = 5
    WINDOWS_HELLO = 6

    @property
    def noun(self) -> str:
        """As audit records name it: `temporary access pass`."""
        return _NOUNS.get(self, self.name.lower().replace("_", " "))


_NOUNS = {
    MethodKind.FIDO2: "passkey (FIDO2)",
    MethodKind.MICROSOFT_AUTHENTICATOR: "Microsoft Authenticator",
    MethodKind.SOFTWARE_OATH: "software OATH",
    MethodKind.WINDOWS_HELLO: "Windows Hello for Business",
}


class StatedMethod(NamedTuple):
    """A registered method as another system states it; `created_at` is None, and texts are empty, where it does not say."""

    method_id: str
    kind: MethodKind
    created_at: datetime | None = None
    display_name: str = ""
    details: Mapping[str, object] = {}


class Registration(NamedTuple):
    """One registered method.

    `method_id` is the id on the wire (opaque text). `details` are the kind's further attributes. `secret_hash` is a slow hash
    (a temporary access pass); `starts_at` and `expires_at` bound its use, `used_at` is its first use.
    """

    method_id: str
    kind: MethodKind
    created_at: datetime
    display_name: str = ""
    details: Mapping[str, object] = {}
    secret_hash: str | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    used_at: datetime | None = None
    version: int = 1

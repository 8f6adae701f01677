"""Registered applications (OAuth clients) as the token service sees them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Application(NamedTuple):
    """One application of one tenant.

    `app_id` (the client id) and `object_id` (its service principal) are 16 bytes. `secret_hash` is SHA-256 of a 256-bit random
    secret; a public application has none. `permissions` are application permissions (the `roles` claim), `delegated` the scopes
    it may ask for a person. `certificate` is PEM, for `private_key_jwt`.
    """

    app_id: bytes
    object_id: bytes
    name: str
    created_at: datetime
    secret_hash: bytes | None = None
    is_public: bool = False
    redirect_uris: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    delegated: tuple[str, ...] = ()
    certificate: str | None = None

"""What the use cases of this room are given: the services, and what proves who somebody is."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable
from dataclasses import dataclass

from ringfence.application.ports.secrets import AssertionReader, PasswordHasher, SigningKeys, TokenReader, TokenSigner
from ringfence.application.services import Services
from ringfence.domain.signin.challenge import Channel


@dataclass(frozen=True, slots=True)
class Identity:
    """The ports of the token service, joined to one deployment."""

    services: Services
    passwords: PasswordHasher
    keys: SigningKeys
    signer: TokenSigner
    reader: TokenReader
    assertions: AssertionReader
    fingerprint: Callable[[bytes], bytes]
    """A keyed fingerprint of 16 bytes, that nobody without the key file can make."""
    channels: frozenset[Channel] = frozenset()
    """What the deployment has senders for."""


SECRET_BYTES = 32
_ID_BYTES = 16


def new_secret() -> str:
    """A random secret of 256 bits, base64url."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_of(secret: str) -> bytes:
    """What is kept of a secret of 256 bits: SHA-256."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def bound_secret(user_id: bytes) -> str:
    """A random secret that says whose it is, so that the user is known before it is looked up."""
    return urlsafe_b64encode(user_id + secrets.token_bytes(SECRET_BYTES)).decode().rstrip("=")


def bound_user(secret: str) -> bytes | None:
    """The user id in a `bound_secret`, or None when it is none."""
    try:
        raw = urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    except (Error, ValueError):
        return None
    return raw[:_ID_BYTES] if len(raw) == _ID_BYTES + SECRET_BYTES else None

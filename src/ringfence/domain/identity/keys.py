"""The keys that sign tokens, as values: public half readable by everyone, private half sealed.

How a key is made, sealed and opened is `ringfence.crypto.tokens`; which one signs now is the use cases' decision.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol


class SealedSigningKey(NamedTuple):
    """A signing key as it is stored.

    `kid` is the key's thumbprint (RFC 7638, SHA-256). `private_sealed` opens only under the key `sealing_key_id` of the key file
    and only as this `kid`. `public_jwk` is the JSON text of the public JWK with `kid`, `use` and `alg`, as a JWKS lists it.
    """

    kid: str
    sealing_key_id: int
    private_sealed: bytes
    public_jwk: str
    created_at: datetime


class VerifyingKey(NamedTuple):
    """The public half: `public_jwk` is the JSON text of a JWK."""

    kid: str
    public_jwk: str


class SigningKey(Protocol):
    """An open signing key; only the signer it was made for looks inside."""

    @property
    def kid(self) -> str:
        """The id that tokens name it by."""

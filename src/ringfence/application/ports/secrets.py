"""What needs a hash or a signing key: passwords, tokens, client assertions. Implementations are `ringfence.crypto`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ringfence.domain.identity.keys import SealedSigningKey, SigningKey, VerifyingKey


class PasswordHasher(Protocol):
    """Makes and checks password hashes, a few at a time.

    A password is the characters that were given in their NFC form, UTF-8, never trimmed; at most 256 of them.
    """

    def hash(self, password: str) -> str:
        """A hash that names its own parameters.

        Raises `ValueError` for more than 256 characters or one that is no character (a lone surrogate), and `UnavailableError`
        (SERVICE_BUSY) when too many are hashed at once.
        """

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is the one that was hashed; a password that cannot be hashed is not.

        None stands for a user who is unknown or has no password: the same work is done and the answer is False. Raises
        `UnavailableError` (SERVICE_BUSY) when too many are hashed at once.
        """

    def needs_rehash(self, password_hash: str) -> bool:
        """Whether it was made with other parameters than today's."""


class TokenSigner(Protocol):
    """Signs tokens: JWS compact form, RS256."""

    def sign(self, claims: Mapping[str, object], key: SigningKey) -> str:
        """The token with these claims, and the key's `kid` in its header."""


class TokenReader(Protocol):
    """Checks who signed a token, and nothing else: `exp`, `nbf`, `aud` and `iss` are the caller's."""

    def read(self, token: str, keys: Sequence[VerifyingKey]) -> Mapping[str, object] | None:
        """The claims, or None for anything but an RS256 token of one of these keys (by `kid`); never raises."""


class AssertionReader(Protocol):
    """Checks that a client assertion (private_key_jwt) was signed with the key of a certificate; the claims are the caller's."""

    def read_assertion(self, assertion: str, certificate_pem: str) -> Mapping[str, object] | None:
        """The claims, or None for anything but an RS256 or PS256 assertion of this RSA certificate; never raises.

        Where the header names a certificate (`x5t`, `x5t#S256`) it has to be this one.
        """


class SigningKeys(Protocol):
    """Makes signing keys, and opens them again."""

    def make(self, key_id_of_sealing: int, now: datetime) -> SealedSigningKey:
        """A new key, sealed under this key of the key file; raises `UnavailableError` (KEY_LOST) when that is not there."""

    def open(self, sealed: SealedSigningKey) -> SigningKey:
        """The key, ready to sign; raises `UnavailableError` (KEY_LOST, KEY_WRONG) when it cannot be opened."""

    def believed(self, stored: Sequence[SealedSigningKey]) -> list[SealedSigningKey]:
        """Those of these keys, in their order, that were made here: the private half opens, and the public one is its.

        So nobody can have a key believed by writing to the database alone. Raises `UnavailableError` (KEY_MISSING,
        KEY_UNREADABLE) when the key file cannot be read.
        """

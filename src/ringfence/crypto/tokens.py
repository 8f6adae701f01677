"""Signing keys and tokens: RS256, RSA of 2048 bits, private keys sealed under the key file.

Owns: how keys are made, sealed, opened, and how tokens and client assertions are signed and checked. Does not own: which key
signs, what a token says, and whether it is still valid.
Sources: RFC 7515, RFC 7519, RFC 8725 (one algorithm, chosen by us and never by the token), RFC 7523 for assertions.

Signing takes 0.2 ms, nearly all of it RSA (joserfc costs 3 to 6 % of it, so it does the assembling); checking 0.04 ms.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.util import urlsafe_b64decode

from ringfence.crypto.key_file import FileKeys
from ringfence.domain.errors import ErrorCode, UnavailableError
from ringfence.domain.identity.keys import SealedSigningKey, SigningKey, VerifyingKey

ALGORITHM: Final = "RS256"
"""What every client of Entra checks; Entra signs with nothing else."""
LONGEST: Final = 16 * 1024

_BITS: Final = 2048
_SEALED_FOR: Final = b"token signing"
_NONCE: Final = 12
_OURS: Final = frozenset({"alg", "kid", "typ"})
"""All that a header of ours has. So `crit`, `jwk`, `jku`, `x5u` and `b64` are refused without being looked at."""
_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class OpenSigningKey:
    """`SigningKey`: a private key in memory."""

    __slots__ = ("kid", "private")

    def __init__(self, kid: str, private: RSAKey) -> None:
        """Keep both; nothing shows the key."""
        self.kid = kid
        self.private = private


class SealedSigningKeys:
    """`SigningKeys` over a key file: AES-256-GCM under a key derived from the file's, bound to the `kid`."""

    def __init__(self, keys: FileKeys) -> None:
        """Take sealing keys from this file as they are needed."""
        self._keys = keys
        self._ours: frozenset[SealedSigningKey] = frozenset()

    def make(self, key_id_of_sealing: int, now: datetime) -> SealedSigningKey:
        """A new key, sealed under this key of the key file."""
        cipher = self._cipher(key_id_of_sealing)
        key = self._generated()
        kid = key.thumbprint()
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + cipher.encrypt(nonce, key.as_der(private=True), kid.encode())
        return SealedSigningKey(kid, key_id_of_sealing, sealed, _public_jwk(key), now)

    def believed(self, stored: Sequence[SealedSigningKey]) -> list[SealedSigningKey]:
        """Those that were made here. Each is opened once; that its sealing key is still in the file is looked up every time."""
        held = self._keys.key_ids()
        standing = [key for key in stored if key.sealing_key_id in held]
        self._ours = frozenset(key for key in standing if key in self._ours or self._is_ours(key))
        return [key for key in standing if key in self._ours]

    def _is_ours(self, sealed: SealedSigningKey) -> bool:
        try:
            opened = self.open(sealed)
        except UnavailableError:
            return False
        return opened.private.thumbprint() == sealed.kid and _public_jwk(opened.private) == sealed.public_jwk

    def open(self, sealed: SealedSigningKey) -> OpenSigningKey:
        """The key, ready to sign."""
        nonce, rest = sealed.private_sealed[:_NONCE], sealed.private_sealed[_NONCE:]
        try:
            der = self._cipher(sealed.sealing_key_id).decrypt(nonce, rest, sealed.kid.encode())
        except (InvalidTag, ValueError) as error:  # ValueError: cut too short to have a nonce
            raise UnavailableError(ErrorCode.KEY_WRONG, path=str(self._keys.path), key_id=sealed.sealing_key_id) from error
        return OpenSigningKey(sealed.kid, self._imported(der))

    def _generated(self) -> RSAKey:
        """A private key; most of the time that `make` takes."""
        return RSAKey.generate_key(_BITS)

    def _imported(self, der: bytes) -> RSAKey:
        """The private key in these bytes; most of the time that `open` takes."""
        return RSAKey.import_key(der)

    def _cipher(self, key_id: int) -> AESGCM:
        key = self._keys.key(key_id)
        if key is None:
            raise UnavailableError(ErrorCode.KEY_LOST, path=str(self._keys.path), key_id=key_id)
        return AESGCM(HKDF(hashes.SHA256(), length=32, salt=None, info=_SEALED_FOR).derive(key))


class Rs256Signer:
    """`TokenSigner` for the keys of `SealedSigningKeys`."""

    def sign(self, claims: Mapping[str, object], key: SigningKey) -> str:
        """The token with these claims; raises `TypeError` for a key of another make."""
        if not isinstance(key, OpenSigningKey):
            message = "this signer signs with the keys that SealedSigningKeys opens"
            raise TypeError(message)
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, dict(claims), key.private, algorithms=[ALGORITHM])


class Rs256Reader:
    """`TokenReader`."""

    def read(self, token: str, keys: Sequence[VerifyingKey]) -> Mapping[str, object] | None:
        """The claims of an RS256 token by one of these keys, or None."""
        if len(token) > LONGEST or _COMPACT.fullmatch(token) is None:
            return None
        try:
            key = _named_key(_header(token), keys)
            return None if key is None else jwt.decode(token, _public_key(key.public_jwk), algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError, TypeError, LookupError, RecursionError):  # RecursionError: JSON of brackets in brackets
            return None


def _header(token: str) -> object:
    return json.loads(urlsafe_b64decode(token.partition(".")[0].encode()))


def _named_key(header: object, keys: Sequence[VerifyingKey]) -> VerifyingKey | None:
    if not isinstance(header, dict) or not header.keys() <= _OURS or header.get("alg") != ALGORITHM:
        return None
    return next((key for key in keys if key.kid == header.get("kid")), None)


@lru_cache(maxsize=64)
def _public_key(public_jwk: str) -> RSAKey:
    """The key in a JWK; kept, because reading it costs as much as the check itself."""
    numbers = json.loads(public_jwk)
    return RSAKey.import_key({"kty": numbers["kty"], "n": numbers["n"], "e": numbers["e"]})


def _public_jwk(key: RSAKey) -> str:
    """As a JWKS lists it."""
    public = key.as_dict(private=False)
    numbers = {name: public[name] for name in ("kty", "n", "e")}
    return json.dumps({"kid": key.thumbprint(), "use": "sig", "alg": ALGORITHM, **numbers})

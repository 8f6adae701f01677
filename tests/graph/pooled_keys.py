"""Signing keys that are quick to make: sealed and opened like all others, but made once in a process, not once in a test."""

from __future__ import annotations

from functools import cache

from joserfc.jwk import RSAKey

from ringfence.crypto.key_file import FileKeys
from ringfence.crypto.tokens import SealedSigningKeys


class PooledSigningKeys(SealedSigningKeys):
    """The first key of each deployment is the same, and so is the second; those of one deployment differ."""

    def __init__(self, keys: FileKeys) -> None:
        """Seal under the keys of this file."""
        super().__init__(keys)
        self._made = 0

    def _generated(self) -> RSAKey:
        self._made += 1
        return _key(self._made)

    def _imported(self, der: bytes) -> RSAKey:
        return _from(der)


@cache
def _key(_number: int) -> RSAKey:
    return RSAKey.generate_key(2048)


@cache
def _from(der: bytes) -> RSAKey:
    return RSAKey.import_key(der)

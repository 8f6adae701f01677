"""Sealing the seeds of one-time codes: AES-256-GCM, bound to tenant, user and method.

The key is derived by HKDF from the one in the key file that the seed is kept under. Sources: house rules 6.6; lessons 1 (stolen
seeds).
"""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ringfence.application.ports.mfa import SeedPlace
from ringfence.crypto.key_file import FileKeys
from ringfence.domain.errors import ErrorCode, UnavailableError

_MADE_FOR: Final = b"seeds of one-time codes"
_NONCE: Final = 12


class SealedSeeds:
    """Seeds under the keys of a key file. A sealed seed is a nonce of 12 bytes, then the ciphertext with its tag."""

    def __init__(self, keys: FileKeys) -> None:
        """Take keys from this file as they are needed."""
        self._keys = keys
        self._ciphers: dict[int, AESGCM] = {}

    def seal(self, seed: bytes, key_id: int, place: SeedPlace) -> bytes:
        """Seal a seed; no two are alike. Raises `UnavailableError` (KEY_LOST)."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher(key_id).encrypt(nonce, seed, _bound_to(place))

    def unseal(self, sealed: bytes, key_id: int, place: SeedPlace) -> bytes:
        """The seed; raises `UnavailableError` (KEY_LOST, KEY_WRONG) for one that was sealed otherwise, or for somebody else."""
        try:
            return self._cipher(key_id).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound_to(place))
        except InvalidTag as error:
            raise UnavailableError(ErrorCode.KEY_WRONG, path=str(self._keys.path), key_id=key_id) from error

    def _cipher(self, key_id: int) -> AESGCM:
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            key = self._keys.key(key_id)
            if key is None:
                raise UnavailableError(ErrorCode.KEY_LOST, path=str(self._keys.path), key_id=key_id)
            derived = HKDF(hashes.SHA256(), length=32, salt=None, info=_MADE_FOR).derive(key)
            cipher = self._ciphers[key_id] = AESGCM(derived)
        return cipher


def _bound_to(place: SeedPlace) -> bytes:
    return b"%d:%b:%b" % (place.tenant_id, place.user_id, place.method_id.encode())

"""The secret that a code which is sent is made of: keyed BLAKE2b under a key that HKDF derives from one of the key file.

So neither the code nor anything it could be tried against lies in the database: who reads that alone learns no code.
"""

from __future__ import annotations

import hashlib
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ringfence.crypto.key_file import FileKeys
from ringfence.domain.errors import ErrorCode, UnavailableError

SIZE: Final = 16
"""Bytes of a secret."""
_MADE_FOR: Final = b"codes that are sent"


class SentCodes:
    """Makes secrets under the keys of a key file."""

    def __init__(self, keys: FileKeys) -> None:
        """Take keys from this file as they are needed."""
        self._keys = keys
        self._derived: dict[int, bytes] = {}

    def secret(self, key_id: int, content: bytes) -> bytes:
        """The secret of this content; raises `UnavailableError` (KEY_LOST)."""
        derived = self._derived.get(key_id)
        if derived is None:
            key = self._keys.key(key_id)
            if key is None:
                raise UnavailableError(ErrorCode.KEY_LOST, path=str(self._keys.path), key_id=key_id)
            derived = self._derived[key_id] = HKDF(hashes.SHA256(), length=32, salt=None, info=_MADE_FOR).derive(key)
        return hashlib.blake2b(content, digest_size=SIZE, key=derived).digest()

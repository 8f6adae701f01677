"""Keyed fingerprints: to tell that something came again without keeping what it was.

Keyed BLAKE2b under a key that HKDF derives from the oldest key of the key file, which a rotation leaves in place. After
`key forget` there is another oldest one, and what came before looks new.
"""

from __future__ import annotations

import hashlib
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ringfence.crypto.key_file import FileKeys
from ringfence.domain.errors import ErrorCode, UnavailableError

SIZE: Final = 16
"""Bytes of a fingerprint."""
_MADE_FOR: Final = b"fingerprints"


class KeyedFingerprints:
    """Makes fingerprints of 16 bytes; the key is read when the first one is made."""

    def __init__(self, keys: FileKeys) -> None:
        """Take the key from this file."""
        self._keys = keys
        self._key: bytes | None = None

    def __call__(self, content: bytes) -> bytes:
        """The fingerprint; raises `UnavailableError` (KEY_MISSING) when there is no key."""
        if self._key is None:
            self._key = self._derive()
        return hashlib.blake2b(content, digest_size=SIZE, key=self._key).digest()

    def _derive(self) -> bytes:
        oldest = next((key for one in self._keys.key_ids() if (key := self._keys.key(one)) is not None), None)
        if oldest is None:
            raise UnavailableError(ErrorCode.KEY_MISSING, path=str(self._keys.path))
        return HKDF(hashes.SHA256(), length=32, salt=None, info=_MADE_FOR).derive(oldest)

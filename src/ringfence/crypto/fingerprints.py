"""Keyed fingerprints: to tell that something came again without keeping what it was.

Keyed BLAKE2b under a key of the key file's own, which neither `key rotate` nor `key forget` changes: app passwords and links in
mails hold on.
"""

from __future__ import annotations

import hashlib
from typing import Final

from ringfence.crypto.key_file import FileKeys

SIZE: Final = 16
"""Bytes of a fingerprint."""


class KeyedFingerprints:
    """Makes fingerprints of 16 bytes; the key is read when the first one is made."""

    def __init__(self, keys: FileKeys) -> None:
        """Take the key from this file."""
        self._keys = keys
        self._key: bytes | None = None

    def __call__(self, content: bytes) -> bytes:
        """The fingerprint; raises `UnavailableError` (KEY_MISSING) when there is no key."""
        if self._key is None:
            self._key = self._keys.fingerprint_key()
        return hashlib.blake2b(content, digest_size=SIZE, key=self._key).digest()

"""The file of sealing keys, kept outside the database.

JSON: `{"ringfence": "sealing keys", "keys": [{"id": 1, "key": "<base64 of 64 bytes>"}]}`, mode 0600. It is replaced as a
whole (write, fsync, rename), so that it is never half-written, and read again whenever a key is missing, so that a running
process learns of a rotation.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
import tempfile
from pathlib import Path
from typing import Final

from ringfence.domain.errors import ConflictError, ErrorCode, UnavailableError

KEY_BYTES: Final = 64
"""AES-256 in SIV mode takes two keys of 32 bytes."""

_MARK: Final = "sealing keys"


class FileKeys:
    """`KeyFile` on disk."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is read yet."""
        self.path = path
        self._keys: dict[int, bytes] = {}

    def create(self) -> None:
        """Make the file with no key in it; raises `ConflictError` (KEY_EXISTS) when there is one."""
        if self.path.exists():
            raise ConflictError(ErrorCode.KEY_EXISTS, path=str(self.path))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._write({})

    def key(self, key_id: int) -> bytes | None:
        """The key with this id, read again from the file when it is not known yet."""
        if key_id not in self._keys:
            self._keys = self._read()
        return self._keys.get(key_id)

    def key_ids(self) -> tuple[int, ...]:
        """The ids of the keys in the file, oldest first."""
        self._keys = self._read()
        return tuple(sorted(self._keys))

    def add_key(self) -> int:
        """Make a new key, write it durably and return its id."""
        keys = self._read()
        key_id = max(keys, default=0) + 1
        self._write({**keys, key_id: secrets.token_bytes(KEY_BYTES)})
        return key_id

    def drop_key(self, key_id: int) -> None:
        """Take a key out of the file."""
        keys = self._read()
        keys.pop(key_id, None)
        self._write(keys)

    def _read(self) -> dict[int, bytes]:
        try:
            text = self.path.read_bytes()
        except FileNotFoundError as error:
            raise UnavailableError(ErrorCode.KEY_MISSING, path=str(self.path)) from error
        except OSError as error:
            raise UnavailableError(ErrorCode.KEY_UNREADABLE, path=str(self.path), reason=error.strerror) from error
        try:
            document = json.loads(text)
            keys = {int(entry["id"]): base64.b64decode(entry["key"], validate=True) for entry in document["keys"]}
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            raise UnavailableError(
                ErrorCode.KEY_UNREADABLE, path=str(self.path), reason="it is not a Ringfence key file"
            ) from error
        if document.get("ringfence") != _MARK or any(len(key) != KEY_BYTES for key in keys.values()):
            raise UnavailableError(ErrorCode.KEY_UNREADABLE, path=str(self.path), reason="it is not a Ringfence key file")
        return keys

    def _write(self, keys: dict[int, bytes]) -> None:
        document = {
            "ringfence": _MARK,
            "keys": [{"id": one, "key": base64.b64encode(keys[one]).decode()} for one in sorted(keys)],
        }
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                json.dump(document, file, indent=1)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        finally:
            Path(name).unlink(missing_ok=True)
        _sync_folder(self.path.parent)
        self._keys = dict(keys)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

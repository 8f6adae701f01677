"""The file of sealing keys, kept outside the database.

JSON: `{"ringfence": "sealing keys", "keys": [{"id": 1, "key": "<base64 of 64 bytes>"}]}`, mode 0600. It is replaced as a
whole (write, fsync, rename), so that it is never half-written, and read again whenever a key is missing, so that a running
process learns of a rotation.

Writers take turns: each holds `<file>.lock` (flock, so a process that dies lets go) and reads the file again before it
writes. A rotation holds `<file>.rotation.lock` from its beginning to its end. Neither file is ever removed. A process that
is killed while it writes leaves its draft, which holds keys, beside the file; the next writer removes it.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import fcntl
import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ringfence.domain.errors import ConflictError, ErrorCode, UnavailableError

KEY_BYTES: Final = 64
"""AES-256 in SIV mode takes two keys of 32 bytes."""

_MARK: Final = "sealing keys"
_DRAFT_ENDING: Final = "[a-z0-9_]{8}"
"""What `tempfile.mkstemp` puts behind the prefix of a draft; an editor's or another key file's drafts look different."""


class FileKeys:
    """`KeyFile` on disk."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is read yet."""
        self.path = path
        self._keys: dict[int, bytes] = {}

    def create(self) -> None:
        """Make the file with no key in it; raises `ConflictError` (KEY_EXISTS) when there is one by then."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._writing(), self._draft({}) as draft:
            try:
                self.path.hardlink_to(draft)
            except FileExistsError as error:
                raise ConflictError(ErrorCode.KEY_EXISTS, path=str(self.path)) from error
            _sync_folder(self.path.parent)

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
        with self._writing():
            return self._add_to(self._read())

    def add_first_key(self) -> None:
        """Make a key unless the file holds one already."""
        with self._writing():
            keys = self._read()
            if not keys:
                self._add_to(keys)

    def drop_key(self, key_id: int) -> None:
        """Take a key out of the file, if it is there."""
        with self._writing():
            keys = self._read()
            if keys.pop(key_id, None) is not None:
                self._write(keys)

    @contextlib.contextmanager
    def rotating(self) -> Iterator[None]:
        """Keep other rotations out until the end; raises `ConflictError` (KEY_ROTATING) when one is running."""
        with self._lock_file(".rotation.lock") as descriptor:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ConflictError(ErrorCode.KEY_ROTATING) from error
            yield

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Wait for a turn to write, and clear away what a killed writer left."""
        with self._lock_file(".lock") as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._sweep()
            yield

    @contextlib.contextmanager
    def _lock_file(self, ending: str) -> Iterator[int]:
        """A file beside the key file, open; closing it lets go of its lock."""
        try:
            descriptor = os.open(f"{self.path}{ending}", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise UnavailableError(ErrorCode.KEY_UNREADABLE, path=str(self.path), reason=error.strerror) from error
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _sweep(self) -> None:
        """Remove drafts; they are nobody's, for whoever writes one holds the lock."""
        draft = re.compile(re.escape(self._draft_prefix) + _DRAFT_ENDING)
        for entry in self.path.parent.iterdir():
            if draft.fullmatch(entry.name):
                entry.unlink(missing_ok=True)

    def _add_to(self, keys: dict[int, bytes]) -> int:
        key_id = max(keys, default=0) + 1
        self._write({**keys, key_id: secrets.token_bytes(KEY_BYTES)})
        return key_id

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
        with self._draft(keys) as draft:
            draft.replace(self.path)
        _sync_folder(self.path.parent)
        self._keys = dict(keys)

    @property
    def _draft_prefix(self) -> str:
        return f".{self.path.name}."

    @contextlib.contextmanager
    def _draft(self, keys: dict[int, bytes]) -> Iterator[Path]:
        """A file beside the key file with these keys, on disk; it is gone afterwards unless it was put in place."""
        document = {
            "ringfence": _MARK,
            "keys": [{"id": one, "key": base64.b64encode(keys[one]).decode()} for one in sorted(keys)],
        }
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=self._draft_prefix)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                json.dump(document, file, indent=1)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""The file of sealing keys, kept outside the database.

JSON: `{"ringfence": "sealing keys", "keys": [{"id": 1, "key": "<base64 of 64 bytes>"}]}`, mode 0600, and once a key was dropped
`"fingerprints": "<base64 of 32 bytes>"`: the key of fingerprints, until then derived of the oldest key. It is replaced as a whole
(write, fsync, rename), so that it is never half-written, and read again whenever a key is missing, so that a running
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
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from ringfence.domain.errors import ConflictError, ErrorCode, UnavailableError

KEY_BYTES: Final = 64
"""AES-256 in SIV mode takes two keys of 32 bytes."""
FINGERPRINT_KEY_BYTES: Final = 32

_MARK: Final = "sealing keys"
_MADE_FOR: Final = b"fingerprints"
_DRAFT_ENDING: Final = "[a-z0-9_]{8}"
"""What `tempfile.mkstemp` puts behind the prefix of a draft; an editor's or another key file's drafts look different."""


class _Content(NamedTuple):
    """What the file holds."""

    keys: dict[int, bytes]
    fingerprints: bytes | None = None


class FileKeys:
    """`KeyFile` on disk."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is read yet."""
        self.path = path
        self._keys: dict[int, bytes] = {}

    def create(self) -> None:
        """Make the file with no key in it; raises `ConflictError` (KEY_EXISTS) when there is one by then."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._writing(), self._draft(_Content({})) as draft:
            try:
                self.path.hardlink_to(draft)
            except FileExistsError as error:
                raise ConflictError(ErrorCode.KEY_EXISTS, path=str(self.path)) from error
            _sync_folder(self.path.parent)

    def key(self, key_id: int) -> bytes | None:
        """The key with this id, read again from the file when it is not known yet."""
        if key_id not in self._keys:
            self._keys = self._read().keys
        return self._keys.get(key_id)

    def key_ids(self) -> tuple[int, ...]:
        """The ids of the keys in the file, oldest first."""
        self._keys = self._read().keys
        return tuple(sorted(self._keys))

    def fingerprint_key(self) -> bytes:
        """The key of fingerprints, 32 bytes, always the same; raises `UnavailableError` (KEY_MISSING) when there is no key."""
        content = self._read()
        if content.fingerprints is None and not content.keys:
            raise UnavailableError(ErrorCode.KEY_MISSING, path=str(self.path))
        return content.fingerprints or _fingerprint_key_of(content.keys)

    def add_key(self) -> int:
        """Make a new key, write it durably and return its id."""
        with self._writing():
            return self._add_to(self._read())

    def add_first_key(self) -> None:
        """Make a key unless the file holds one already."""
        with self._writing():
            content = self._read()
            if not content.keys:
                self._add_to(content)

    def drop_key(self, key_id: int) -> None:
        """Take a key out of the file, if it is there; fingerprints stay as they are."""
        with self._writing():
            keys, fingerprints = self._read()
            if key_id in keys:
                left = {one: key for one, key in keys.items() if one != key_id}
                self._write(_Content(left, fingerprints or _fingerprint_key_of(keys)))

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

    def _add_to(self, content: _Content) -> int:
        key_id = max(content.keys, default=0) + 1
        self._write(content._replace(keys={**content.keys, key_id: secrets.token_bytes(KEY_BYTES)}))
        return key_id

    def _read(self) -> _Content:
        try:
            text = self.path.read_bytes()
        except FileNotFoundError as error:
            raise UnavailableError(ErrorCode.KEY_MISSING, path=str(self.path)) from error
        except OSError as error:
            raise UnavailableError(ErrorCode.KEY_UNREADABLE, path=str(self.path), reason=error.strerror) from error
        try:
            document = json.loads(text)
            keys = {int(entry["id"]): base64.b64decode(entry["key"], validate=True) for entry in document["keys"]}
            fingerprints = base64.b64decode(document["fingerprints"], validate=True) if "fingerprints" in document else None
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            raise UnavailableError(
                ErrorCode.KEY_UNREADABLE, path=str(self.path), reason="it is not a Ringfence key file"
            ) from error
        is_sized = all(len(key) == KEY_BYTES for key in keys.values()) and len(fingerprints or b"") in {0, FINGERPRINT_KEY_BYTES}
        if document.get("ringfence") != _MARK or not is_sized:
            raise UnavailableError(ErrorCode.KEY_UNREADABLE, path=str(self.path), reason="it is not a Ringfence key file")
        return _Content(keys, fingerprints or None)

    def _write(self, content: _Content) -> None:
        with self._draft(content) as draft:
            draft.replace(self.path)
        _sync_folder(self.path.parent)
        self._keys = dict(content.keys)

    @property
    def _draft_prefix(self) -> str:
        return f".{self.path.name}."

    @contextlib.contextmanager
    def _draft(self, content: _Content) -> Iterator[Path]:
        """A file beside the key file with these keys, on disk; it is gone afterwards unless it was put in place."""
        keys = [{"id": one, "key": base64.b64encode(key).decode()} for one, key in sorted(content.keys.items())]
        document: dict[str, object] = {"ringfence": _MARK, "keys": keys}
        if content.fingerprints is not None:
            document["fingerprints"] = base64.b64encode(content.fingerprints).decode()
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


def _fingerprint_key_of(keys: Mapping[int, bytes]) -> bytes:
    """HKDF (RFC 5869) with SHA-256 over the oldest key."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - few commands need it
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - as above

    return HKDF(hashes.SHA256(), length=FINGERPRINT_KEY_BYTES, salt=None, info=_MADE_FOR).derive(keys[min(keys)])


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Fingerprints: the same for the same, and nobody without the key file makes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.crypto.fingerprints import SIZE, KeyedFingerprints
from ringfence.crypto.key_file import FileKeys
from ringfence.domain.errors import ErrorCode, UnavailableError


def _keys(path: Path, count: int = 1) -> FileKeys:
    keys = FileKeys(path)
    keys.create()
    for _ in range(count):
        keys.add_key()
    return keys


def test_the_same_content_has_the_same_fingerprint(tmp_path: Path) -> None:
    """In every process, of 16 bytes; another content has another."""
    keys = _keys(tmp_path / "a.key")
    first, second = KeyedFingerprints(keys), KeyedFingerprints(FileKeys(keys.path))
    assert (first(b"a"), True, SIZE) == (second(b"a"), first(b"a") != first(b"b"), len(first(b"a")))


def test_another_key_file_makes_others(tmp_path: Path) -> None:
    """Else they could be made by guessing."""
    one, other = (KeyedFingerprints(_keys(tmp_path / name)) for name in ("a.key", "b.key"))
    assert one(b"a") != other(b"a")


def test_a_rotation_leaves_them_as_they_are(tmp_path: Path) -> None:
    """A new key is added behind the oldest."""
    keys = _keys(tmp_path / "a.key")
    before = KeyedFingerprints(keys)(b"a")
    keys.add_key()
    assert before == KeyedFingerprints(keys)(b"a")


def test_a_key_that_is_forgotten_leaves_them_as_they_are(tmp_path: Path) -> None:
    """Also of the second one, and in a process that begins after it; else app passwords would be void."""
    keys = _keys(tmp_path / "a.key", 3)
    before = KeyedFingerprints(keys)(b"a")
    for one in (1, 2):
        keys.drop_key(one)
        assert before == KeyedFingerprints(FileKeys(keys.path))(b"a")
    assert (4, before) == (keys.add_key(), KeyedFingerprints(FileKeys(keys.path))(b"a"))


def test_without_a_key_there_are_none(tmp_path: Path) -> None:
    """Told with the file's path."""
    keys = _keys(tmp_path / "a.key", 0)
    with pytest.raises(UnavailableError) as caught:
        KeyedFingerprints(keys)(b"a")
    assert (ErrorCode.KEY_MISSING, {"path": str(keys.path)}) == (caught.value.code, caught.value.facts)

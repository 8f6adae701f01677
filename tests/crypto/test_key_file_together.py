"""Several writers of one key file: none undoes what another did, and what a killed one left is cleared away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ringfence.crypto.key_file import FileKeys
from ringfence.domain.errors import ConflictError, ErrorCode

WRITERS, EACH = 6, 5


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A key file without keys."""
    FileKeys(tmp_path / "ringfence.key").create()
    return tmp_path / "ringfence.key"


def test_no_key_is_lost(path: Path) -> None:
    """Keys added at the same time have ids of their own and are all in the file, each as its writer knows it."""

    def add(_writer: int) -> dict[int, bytes | None]:
        keys = FileKeys(path)
        return {key_id: keys.key(key_id) for key_id in (keys.add_key() for _ in range(EACH))}

    with ThreadPoolExecutor(WRITERS) as threads:
        made = list(threads.map(add, range(WRITERS)))
    expected = {key_id: key for one in made for key_id, key in one.items()}
    held = FileKeys(path)
    assert (WRITERS * EACH, expected) == (len(expected), {key_id: held.key(key_id) for key_id in held.key_ids()})


def test_one_first_key(path: Path) -> None:
    """Of many who want there to be a first key, one makes it."""
    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(lambda _: FileKeys(path).add_first_key(), range(WRITERS)))
    assert (1,) == FileKeys(path).key_ids()


def test_one_maker(tmp_path: Path) -> None:
    """Of many who make the file at the same time, one does; the others are told that it is there."""

    def create(_maker: int) -> ErrorCode | None:
        try:
            FileKeys(tmp_path / "ringfence.key").create()
        except ConflictError as error:
            return error.code
        return None

    with ThreadPoolExecutor(WRITERS) as threads:
        told = list(threads.map(create, range(WRITERS)))
    assert (1, WRITERS - 1) == (told.count(None), told.count(ErrorCode.KEY_EXISTS))


def test_dropping_beside_adding(path: Path) -> None:
    """A key taken out while others are added is gone, and the others are there."""
    first = FileKeys(path).add_key()
    with ThreadPoolExecutor(2) as threads:
        dropping = threads.submit(FileKeys(path).drop_key, first)
        added = [FileKeys(path).add_key() for _ in range(EACH)]
        dropping.result()
    assert tuple(added) == FileKeys(path).key_ids()


def test_drafts_of_the_killed_are_removed(path: Path) -> None:
    """A draft that a killed writer left holds keys, so the next writer removes it; other files are nobody's business."""
    draft, other = path.parent / ".ringfence.key.a1b2c3d4", path.parent / ".ringfence.key.backup"
    draft.write_text("keys")
    other.write_text("mine")
    FileKeys(path).add_key()
    assert (False, True) == (draft.exists(), other.exists())

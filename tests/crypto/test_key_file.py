"""The file of sealing keys: private, whole at any time, and refused when it is anything else."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ringfence.crypto.key_file import KEY_BYTES, FileKeys
from ringfence.domain.errors import ConflictError, ErrorCode, UnavailableError


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    """A new key file."""
    made = FileKeys(tmp_path / "ringfence.key")
    made.create()
    return made


def test_nobody_else_may_read_it(keys: FileKeys) -> None:
    """Mode 0600, after every write (the issue: a key file with mode 0600)."""
    keys.add_key()
    assert 0o600 == stat.S_IMODE(keys.path.stat().st_mode)


def test_keys_are_numbered_and_found_again(keys: FileKeys) -> None:
    """Another process finds what was added, 64 bytes each, all different."""
    first, second = keys.add_key(), keys.add_key()
    other = FileKeys(keys.path)
    found = [other.key(first) or b"", other.key(second) or b""]
    assert ((1, 2), [KEY_BYTES, KEY_BYTES], 2) == (other.key_ids(), [len(key) for key in found], len(set(found)))


def test_a_dropped_key_is_gone_from_the_file(keys: FileKeys) -> None:
    """And its number is not given to the next one while a higher one exists."""
    first, second = keys.add_key(), keys.add_key()
    keys.drop_key(first)
    assert ((second,), None, 3) == (keys.key_ids(), FileKeys(keys.path).key(first), keys.add_key())


def test_a_running_process_learns_of_a_new_key(keys: FileKeys) -> None:
    """A key that is not known yet is looked for in the file again."""
    running = FileKeys(keys.path)
    before = running.key(1)
    keys.add_key()
    assert (None, keys.key(1)) == (before, running.key(1))


def test_a_file_that_exists_is_never_made_anew(keys: FileKeys) -> None:
    """Making it again would lose the keys."""
    keys.add_key()
    with pytest.raises(ConflictError) as caught:
        keys.create()
    assert (ErrorCode.KEY_EXISTS, (1,)) == (caught.value.code, keys.key_ids())


def test_a_file_that_appears_meanwhile_is_left(keys: FileKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    """However late it comes: here it was not there yet when somebody looked."""
    keys.add_key()
    monkeypatch.setattr(Path, "exists", lambda *_, **__: False)
    with pytest.raises(ConflictError):
        FileKeys(keys.path).create()
    assert (1,) == keys.key_ids()


def test_the_first_key_is_made_once(keys: FileKeys) -> None:
    """Whoever comes second takes the one that is there."""
    for _ in range(2):
        FileKeys(keys.path).add_first_key()
    assert (1,) == keys.key_ids()


def _names(keys: FileKeys) -> set[str]:
    return {entry.name for entry in keys.path.parent.iterdir()}


def test_a_write_that_fails_leaves_the_file(keys: FileKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is replaced as a whole or not at all, and no draft stays behind."""
    keys.add_key()
    before = keys.path.read_bytes()
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        keys.add_key()
    kept = {"ringfence.key", "ringfence.key.lock"}
    assert (before, kept) == (keys.path.read_bytes(), {path.name for path in keys.path.parent.iterdir()})


def _in_child(work: Callable[[], object]) -> int:
    """Start a forked process that does the work and ends; return its id."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return child


def test_writers_lose_no_key(keys: FileKeys) -> None:
    """Four processes that add five keys each leave twenty, for each reads the file again when its turn comes."""

    def add() -> None:
        for _ in range(5):
            FileKeys(keys.path).add_key()

    children = [_in_child(add) for _ in range(4)]
    assert [0] * 4 == [os.waitpid(child, 0)[1] for child in children]
    assert tuple(range(1, 21)) == keys.key_ids()


def test_makers_agree_on_one_file(tmp_path: Path) -> None:
    """Of four processes that make the file at once, all end with the same first key."""
    keys = FileKeys(tmp_path / "ringfence.key")

    def make() -> None:
        with contextlib.suppress(ConflictError):
            FileKeys(keys.path).create()
        FileKeys(keys.path).add_first_key()

    children = [_in_child(make) for _ in range(4)]
    assert [0] * 4 == [os.waitpid(child, 0)[1] for child in children]
    assert (1,) == keys.key_ids()


@pytest.mark.parametrize("held", [".lock", ".rotation.lock"])
def test_nobody_else_may_read_a_lock_file(keys: FileKeys, held: str) -> None:
    """Mode 0600, like the file itself."""
    with keys.rotating():
        keys.add_key()
    assert 0o600 == stat.S_IMODE(Path(f"{keys.path}{held}").stat().st_mode)


def test_a_second_rotation_is_refused(keys: FileKeys) -> None:
    """At once, and only while the first runs; keys are added and dropped inside it."""
    with keys.rotating():
        keys.drop_key(keys.add_key())
        with pytest.raises(ConflictError) as caught, FileKeys(keys.path).rotating():
            pass
    with FileKeys(keys.path).rotating():
        assert ErrorCode.KEY_ROTATING is caught.value.code


def test_a_rotation_that_is_killed_lets_go(keys: FileKeys) -> None:
    """The lock goes with the process."""

    def die() -> None:
        with keys.rotating():
            os.kill(os.getpid(), signal.SIGKILL)

    _, status = os.waitpid(_in_child(die), 0)
    with keys.rotating():
        assert signal.SIGKILL == os.WTERMSIG(status)


def test_the_draft_of_a_killed_writer_is_swept(keys: FileKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between writing and putting in place, it leaves a draft with keys; the next write removes it."""

    def die() -> None:
        monkeypatch.setattr(Path, "replace", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        keys.add_key()

    os.waitpid(_in_child(die), 0)
    left = _names(keys) - {"ringfence.key", "ringfence.key.lock"}
    keys.add_key()
    assert (1, {"ringfence.key", "ringfence.key.lock"}) == (len(left), _names(keys))


@pytest.mark.parametrize(
    "name", [".ringfence.key.swp", ".ringfence.key.2.abcdefgh", ".ringfencexkey.abcdefgh", "ringfence.key.abcdefgh"]
)
def test_what_is_no_draft_of_ours_stays(keys: FileKeys, name: str) -> None:
    """An editor's file, another key file's draft, somebody's copy."""
    keys.path.with_name(name).touch()
    keys.add_key()
    assert name in _names(keys)


_KEY = '{"id": 1, "key": "' + "A" * 86 + '=="}'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\x00",
        b"[]",
        b"{}",
        b'"sealing keys"',
        b'{"ringfence": "sealing keys"}',
        b'{"ringfence": "sealing keys", "keys": [{"id": 1}]}',
        b'{"ringfence": "sealing keys", "keys": [{"id": 1, "key": "not base64"}]}',
        b'{"ringfence": "sealing keys", "keys": [{"id": 1, "key": "c2hvcnQ="}]}',
        f'{{"ringfence": "another file", "keys": [{_KEY}]}}'.encode(),
        f'{{"ringfence": "sealing keys", "keys": [{_KEY}'.encode(),
    ],
    ids=["empty", "binary", "list", "object", "text", "no keys", "no key", "not base64", "short key", "foreign", "cut"],
)
def test_anything_else_is_refused(tmp_path: Path, content: bytes) -> None:
    """A damaged or foreign file is told as such, never read half."""
    path = tmp_path / "ringfence.key"
    path.write_bytes(content)
    with pytest.raises(UnavailableError) as caught:
        FileKeys(path).key_ids()
    assert ErrorCode.KEY_UNREADABLE is caught.value.code


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """So that nobody takes it for a wrong key."""
    with pytest.raises(UnavailableError) as caught:
        FileKeys(tmp_path / "none").key_ids()
    assert ErrorCode.KEY_MISSING is caught.value.code


def test_the_form_is_documented_json(keys: FileKeys) -> None:
    """`{"ringfence": "sealing keys", "keys": [{"id", "key"}]}`, as the module says."""
    keys.add_key()
    document = json.loads(keys.path.read_text("ascii"))
    assert ("sealing keys", [{"id", "key"}]) == (document["ringfence"], [set(key) for key in document["keys"]])

"""`ringfence key rotate` and `ringfence key forget`, and what a lost or wrong key does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ringfence.application import rotate_key
from ringfence.crypto.key_file import FileKeys
from tests.cli.command_line import CommandLine
from tests.cli.conftest import At


def _keys(cli: CommandLine) -> list[int]:
    """The ids in the key file."""
    return [key["id"] for key in json.loads((cli.folder / "ringfence.key").read_text("utf-8"))["keys"]]


def test_everything_reads_the_same_after_a_rotation(at: At) -> None:
    """Numbers, statuses, and the audit in full."""
    cli = at("copied")
    questions = ("numbers plan --details", "audit export --reveal", "phone list sam@contoso.example --reveal")
    before = [cli.done(*question.split()) for question in questions]
    cli.done("key", "rotate")
    assert before == [cli.done(*question.split()) for question in questions]


def test_it_says_what_it_did(at: At) -> None:
    """Users, the new key, the old one."""
    cli = at("copied")
    assert "Sealed 13 users under key 2. Key 1 is retired.\n" == cli.done("key", "rotate")
    assert {"primaryKey": 3, "retiredKey": 2, "users": 13, "resumed": False} == cli.json("key", "rotate")


def test_an_interrupted_rotation_goes_on(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle: everything stays readable, and the next call finishes it."""
    cli = at("copied")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rotate_key, "_move", interrupted)
        assert 130 == cli("key", "rotate").code
    assert ([1, 2], "+1 4255550100") == (_keys(cli), cli.pair("kim")["authentication"])
    said = "Sealed 13 users under key 2, going on with an interrupted rotation. Key 1 is retired.\n"
    assert (said, [1, 2]) == (cli.done("key", "rotate"), _keys(cli))


def test_the_old_key_leaves_the_file_when_somebody_says_so(at: At) -> None:
    """A backup or a copy of the database may be under it, so a rotation leaves it there."""
    cli = at("copied")
    cli.done("key", "rotate")
    kept = _keys(cli)
    assert ([1, 2], "Erased from the key file: key 1.\n", [2]) == (kept, cli.done("key", "forget"), _keys(cli))


def test_several_keys_are_forgotten_at_once(at: At) -> None:
    """All that this database has retired."""
    cli = at("copied")
    cli.done("key", "rotate")
    cli.done("key", "rotate")
    assert ({"forgottenKeys": [1, 2]}, [3]) == (cli.json("key", "forget"), _keys(cli))


def test_nothing_to_forget(at: At) -> None:
    """It says so, exit 0, and the key in use stays."""
    cli = at("copied")
    said = "The key file holds no key that this database has retired. Nothing was erased.\n"
    assert (said, {"forgottenKeys": []}, [1]) == (cli.done("key", "forget"), cli.json("key", "forget"), _keys(cli))


def test_forgetting_is_warned_of(at: At) -> None:
    """The help says what becomes unreadable."""
    words = " ".join(at("")("key", "forget", "--help").out.split())
    assert "backups and other databases" in words
    assert "unreadable" in words


def test_a_copy_of_the_database_stays_readable(at: At) -> None:
    """To try a rotation on a copy, with the same key file, does nothing to the original."""
    cli = at("copied")
    before = cli.done("audit", "export", "--reveal")
    shutil.copyfile(cli.folder / "ringfence.db", cli.folder / "copy.db")
    cli.done("key", "rotate", "--database", "copy.db")
    assert before == cli.done("audit", "export", "--reveal")


def test_a_second_rotation_is_refused(at: At) -> None:
    """Exit 4, at once."""
    cli = at("copied")
    with FileKeys(cli.folder / "ringfence.key").rotating():
        answer = cli("key", "rotate")
    assert (4, "ringfence: Another rotation is running; wait for it.\n", [1]) == (answer.code, answer.err, _keys(cli))


def test_a_key_file_that_appears_during_init_is_used(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two `init` at once, with a database each: the second takes the key that the first one made meanwhile."""
    cli = at("initialised")
    exists = Path.exists
    with monkeypatch.context() as patch:
        patch.setattr(Path, "exists", lambda path: path.name != "ringfence.key" and exists(path))
        cli.done("init", "--database", "other.db")
    assert ([1], 0, 0) == (_keys(cli), cli("user", "list").code, cli("user", "list", "--database", "other.db").code)


def test_the_old_file_opens_nothing_any_more(at: At) -> None:
    """Exit 4, and which key is not in it."""
    cli = at("copied")
    old = (cli.folder / "ringfence.key").read_bytes()
    cli.done("key", "rotate")
    (cli.folder / "ringfence.key").write_bytes(old)
    answer = cli("user", "list")
    assert (4, True) == (answer.code, "Key 2, which the database is sealed with, is not in the key file" in answer.err)


@pytest.mark.parametrize("words", [("user", "list"), ("numbers", "plan"), ("phone", "set", "kim@contoso.example", "mobile", "x")])
@pytest.mark.parametrize("fate", ["lost", "wrong", "damaged"])
def test_without_the_right_key_every_command_is_refused(fate: str, words: tuple[str, ...], at: At) -> None:
    """Exit 4 before anything is read: never a half-readable database."""
    cli = at("copied")
    key = cli.folder / "ringfence.key"
    key.rename(cli.folder / "right.key")
    if fate == "wrong":
        cli.done("init", "--database", "other.db")
    elif fate == "damaged":
        key.write_text("{}")
    answer = cli(*words)
    assert (4, "", True) == (answer.code, answer.out, answer.err.startswith("ringfence: ") and str(key) in answer.err)

"""`ringfence user create|set-password|delete|restore`."""

from __future__ import annotations

import io
import re
import sys

import pytest

from tests.cli.command_line import CommandLine
from tests.cli.conftest import At

_KAI, _KIM = "kai@contoso.example", "kim@contoso.example"
_TEMPORARY = re.compile(r"[A-Z][a-z]{3}-[a-z]{4}-[2-9]{6}")


def _type_in(patch: pytest.MonkeyPatch, content: bytes) -> None:
    patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), "utf-8"))


def _credentials(cli: CommandLine) -> list[tuple[str, int]]:
    return cli.sql("SELECT password_hash, must_change FROM credentials")


def test_a_user_is_created_with_a_temporary_password(at: At) -> None:
    """Shown this once, stored as a hash, to be changed."""
    cli = at("initialised")
    made = cli.json("user", "create", _KAI)
    [(hashed, must_change)] = _credentials(cli)
    assert (True, True, 1) == (made["mustChange"], hashed.startswith("$argon2id$"), must_change)
    assert _TEMPORARY.fullmatch(made["password"])
    assert [] == [line for line in cli.dump() if made["password"] in line]


def test_a_new_user_is_in_the_cloud_alone(at: At) -> None:
    """Named by what stands before the @ unless a name is given."""
    cli = at("initialised")
    cli.done("user", "create", _KAI, "--no-password")
    cli.done("user", "create", _KIM, "--display-name", "Kim Akers", "--no-password")
    users = cli.json("user", "list", "--cloud-only")["users"]
    assert [("kai", None), ("Kim Akers", None)] == [(one["displayName"], one["onPremisesSyncEnabled"]) for one in users]


def test_without_a_password_none_is_stored(at: At) -> None:
    """Null in the answer."""
    cli = at("initialised")
    made = cli.json("user", "create", _KAI, "--no-password")
    assert (None, False, []) == (made["password"], made["mustChange"], _credentials(cli))


@pytest.mark.parametrize("must_change", [(), ("--must-change",)], ids=["to keep", "to change"])
@pytest.mark.parametrize("words", [("create", _KAI), ("set-password", _KIM)], ids=["create", "set-password"])
def test_a_password_is_read_from_stdin(
    words: tuple[str, ...], must_change: tuple[str, ...], at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, whatever its end; it is not repeated."""
    cli = at("imported")
    _type_in(monkeypatch, b"Gr\xc3\xbcner Tee 7\r\nmore\n")
    answer = cli.json("user", *words, "--password-stdin", *must_change)
    assert (None, bool(must_change), [int(bool(must_change))]) == (
        answer["password"],
        answer["mustChange"],
        [must for _, must in _credentials(cli)],
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "A password has 8 to 256"), (b"password\n", "A password has 8 to 256"), (b"\xff" * 9, "the password is not UTF-8")],
    ids=["nothing", "weak", "no text"],
)
@pytest.mark.parametrize("words", [("create", _KAI), ("set-password", _KIM)], ids=["create", "set-password"])
def test_a_password_that_will_not_do_is_refused(
    words: tuple[str, ...], content: bytes, says: str, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2, and nothing is stored."""
    cli = at("imported")
    before = cli.dump()
    _type_in(monkeypatch, content)
    answer = cli("user", *words, "--password-stdin")
    assert (2, "", True, before) == (answer.code, answer.out, says in answer.err, cli.dump())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--password-stdin", "--no-password"), "give --password-stdin or --no-password, not both"),
        (("--no-password", "--must-change"), "without a password there is none to change"),
    ],
    ids=["both", "none to change"],
)
def test_options_that_contradict_each_other_are_refused(words: tuple[str, ...], says: str, at: At) -> None:
    """Exit 2."""
    answer = at("initialised")("user", "create", _KAI, *words)
    assert (2, True) == (answer.code, says in answer.err)


def test_a_password_is_replaced_by_a_temporary_one(at: At) -> None:
    """Another each time."""
    cli = at("imported")
    made = [cli.json("user", "set-password", _KIM)["password"] for _ in range(2)]
    assert ([True, True], 2) == ([bool(_TEMPORARY.fullmatch(one)) for one in made], len(set(made)))


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("create", _KIM), 4, f"There is a user {_KIM} already."),
        (("create", "kai"), 2, "A user principal name looks like"),
        (("set-password", "nobody"), 2, "There is no user nobody."),
        (("delete", "nobody"), 2, "There is no user nobody."),
        (("restore", _KIM), 2, f"There is no user {_KIM}."),
    ],
    ids=["taken", "no name", "unknown", "unknown, delete", "not deleted"],
)
def test_refusals_are_told(words: tuple[str, ...], code: int, says: str, at: At) -> None:
    """With their exit codes, nothing on stdout."""
    answer = at("imported")("user", *words)
    assert (code, "", True) == (answer.code, answer.out, says in answer.err)


def test_a_deleted_user_can_be_restored(at: At) -> None:
    """By id, with everything kept."""
    cli = at("copied")
    before = cli.json("user", "show", _KIM, "--reveal")
    assert f"User {_KIM} is deleted.\n" == cli.done("user", "delete", _KIM)
    assert [before["id"]] == [one["id"] for one in cli.json("user", "list", "--deleted")["users"]]
    assert f"User {_KIM} is restored.\n" == cli.done("user", "restore", before["id"])
    assert before == cli.json("user", "show", _KIM, "--reveal")

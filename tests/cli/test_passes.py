"""`ringfence user create-pass|list-passes|delete-pass`: the same passes as the Graph API's."""

from __future__ import annotations

import pytest

from tests.cli.conftest import At

_KIM = "kim@contoso.example"


def test_a_pass_is_shown_once_and_stored_as_a_hash(at: At) -> None:
    """By the policy's defaults."""
    cli = at("imported")
    made = cli.json("user", "create-pass", _KIM)
    assert (8, True, "EnabledByPolicy") == (len(made["pass"]), made["isUsable"], made["reason"])
    assert [] == [text for text in (cli.done("user", "list-passes", _KIM), *cli.dump()) if made["pass"] in text]


def test_how_long_from_when_and_how_often(at: At) -> None:
    """As it is asked for, within the policy."""
    cli = at("imported")
    words = ("--minutes", "90", "--once", "--starts-at", "2030-01-01T08:00Z")
    made = cli.json("user", "create-pass", _KIM, *words)
    assert ("2030-01-01T08:00:00Z", "2030-01-01T09:30:00Z", True, "NotYetValid") == tuple(
        made[name] for name in ("startsAt", "expiresAt", "isUsableOnce", "reason")
    )
    assert "2030-01-01T08:00:00Z  2030-01-01T09:30:00Z  once   NotYetValid" in cli.done("user", "list-passes", _KIM)


def test_another_pass_takes_the_place_of_the_first(at: At) -> None:
    """A user has one at most."""
    cli = at("imported")
    first, second = (cli.json("user", "create-pass", _KIM)["id"] for _ in range(2))
    assert [second] == [one["id"] for one in cli.json("user", "list-passes", _KIM)["passes"]] != [first]


def test_a_pass_is_deleted(at: At) -> None:
    """And said so; without one there is nothing to delete (exit 2)."""
    cli = at("imported")
    told = cli.done("user", "create-pass", _KIM)
    assert "shown this once" in told
    assert f"The temporary access pass of {_KIM} is deleted.\n" == cli.done("user", "delete-pass", _KIM)
    assert "No temporary access pass.\n" == cli.done("user", "list-passes", _KIM)
    assert 0 != cli("user", "delete-pass", _KIM).code


@pytest.mark.parametrize(
    ("words", "code"),
    [((_KIM, "--minutes", "1"), 2), ((_KIM, "--starts-at", "soon"), 2), (("nobody@contoso.example",), 2)],
    ids=["too short", "no instant", "nobody"],
)
def test_what_is_refused(words: tuple[str, ...], code: int, at: At) -> None:
    """Nothing is made."""
    cli = at("imported")
    assert code == cli("user", "create-pass", *words).code
    assert [] == cli.json("user", "list-passes", _KIM)["passes"]

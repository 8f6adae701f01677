"""`ringfence numbers explain`: both numbers, who wrote which when, and per method which number would be contacted, and why."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.command_line import NOW, CommandLine
from tests.cli.conftest import At

_KIM, _MAX, _SAM = "kim@contoso.example", "max@contoso.example", "sam@contoso.example"


def test_a_pair_before_the_copy(at: At) -> None:
    """No authentication number, nobody wrote it, C6 matches."""
    pair = at("opened").pair("kim")
    assert ("+1 4255550100", None, None, "to_copy", "C6") == tuple(
        pair[name] for name in ("public", "authentication", "origin", "status", "rule")
    )


def test_a_pair_after_the_copy(at: At) -> None:
    """Who wrote it, when, and in which run."""
    cli = at("copied")
    pair = cli.pair("kim")
    run = cli.run_of("copy")
    instant = NOW.isoformat().replace("+00:00", "Z")
    assert ("+1 4255550100", "copy", instant, "Ringfence copy task", run, "copied", "C7") == tuple(
        pair[name] for name in ("authentication", "origin", "writtenAt", "writtenBy", "run", "status", "rule")
    )


_METHODS: dict[str, tuple[str, str, list[tuple[Any, ...]]]] = {
    "public stands in, in full": (
        "opened",
        _KIM,
        [
            ("OneWaySMS", True, "+1 4255550100", "public", "E4"),
            ("TwoWayVoiceMobile", False, "+1 4255550100", "public", "E4"),
            ("TwoWayVoiceOffice", False, "+1 4255550180x123", "public", "E4"),
        ],
    ),
    "authentication, masked, without extension": (
        "copied",
        _KIM,
        [
            ("OneWaySMS", True, "+X XXXXXXX00", "authentication", "E1"),
            ("TwoWayVoiceMobile", False, "+X XXXXXXX00", "authentication", "E1"),
            ("TwoWayVoiceOffice", False, "+X XXXXXXX80", "authentication", "E1"),
        ],
    ),
    "no usable number, and an app": (
        "opened",
        _MAX,
        [("PhoneAppOTP", True, None, "none", None), ("OneWaySMS", False, None, "none", "E5")],
    ),
}


@pytest.mark.parametrize(("stage", "user", "expected"), _METHODS.values(), ids=_METHODS)
def test_what_each_method_contacts(stage: str, user: str, expected: list[tuple[Any, ...]], at: At) -> None:
    """Number, source and row of A.5; private numbers masked, public ones never."""
    methods = at(stage).json("numbers", "explain", user)["methods"]
    names = ("type", "isDefault", "contacts", "source", "rule")
    assert expected == [tuple(method[name] for name in names) for method in methods]


@pytest.mark.parametrize(
    ("words", "expected"), [((), "+X XXXXXXX99"), (("--reveal",), "+44 7700900199")], ids=["masked", "in full"]
)
def test_the_alternate_number(words: tuple[str, ...], expected: str, at: At) -> None:
    """It has no public side."""
    assert expected == at("opened").json("numbers", "explain", _SAM, *words)["alternateMobile"]


@pytest.mark.parametrize("name", ["KIM@contoso.example", "id"], ids=["any case", "id"])
def test_a_user_may_be_named(name: str, at: At) -> None:
    """By user principal name, or by id."""
    cli = at("opened")
    wanted = cli.json("user", "show", _KIM)["id"] if name == "id" else name
    assert _KIM == cli.json("numbers", "explain", wanted)["user"]


def test_a_user_nobody_knows_is_refused(at: At) -> None:
    """Exit 2."""
    answer = at("opened")("numbers", "explain", "nobody@contoso.example")
    assert (2, "ringfence: There is no user nobody@contoso.example.\n") == (answer.code, answer.err)


@pytest.mark.parametrize(
    ("user", "line"),
    [
        (_KIM, "kim@contoso.example (synced)"),
        (_KIM, "OneWaySMS (default)  +X XXXXXXX00  authentication  E1: The authentication number is set."),
        (_MAX, "PhoneAppOTP (default)  (an app or token)"),
        (_MAX, "OneWaySMS              (no number)        none    E5: There is no usable number."),
        ("nora@contoso.example", "No method entries: the user would be sent to registration."),
        ("cleo@contoso.example", "cleo@contoso.example (cloud only)"),
        (_SAM, "  authentication  +X XXXXXXX99, import 2021-02-15T12:00:00Z, Ringfence MFA import"),
        (_KIM, "mobile: copied; it follows the directory"),
        ("dora@contoso.example", "mobile: diverged"),
        ("dora@contoso.example", "  C8: The numbers differ: never overwrite."),
        (_KIM, "  public          +1 4255550180x123"),
        ("nora@contoso.example", "  authentication  (none)"),
    ],
    ids=[
        "user",
        "method",
        "app",
        "no number",
        "no methods",
        "cloud only",
        "alternate",
        "status",
        "status, stays",
        "rule",
        "public",
        "none",
    ],
)
def test_a_line_for_people(user: str, line: str, at: At) -> None:
    """The same in words."""
    assert line in at("copied").done("numbers", "explain", user).splitlines()


def _delete_all_but_sam(cli: CommandLine) -> None:
    few = cli.write("few.csv", "userPrincipalName,onPremisesSyncEnabled", f"{_SAM},true")
    cli.done("import", "directory", "--full", few)


def test_the_pairs_of_a_deleted_user_have_no_status(at: At) -> None:
    """A14: nothing is copied, nothing follows."""
    cli = at("opened")
    _delete_all_but_sam(cli)
    answer = cli.json("numbers", "explain", _KIM)
    assert (True, [(None, "A14", False)] * 2) == (
        answer["deleted"],
        [(pair["status"], pair["rule"], pair["follows"]) for pair in answer["pairs"].values()],
    )


def test_the_methods_of_a_deleted_user_contact_nobody(at: At) -> None:
    """Whatever numbers there are."""
    cli = at("copied")
    _delete_all_but_sam(cli)
    methods = cli.json("numbers", "explain", _KIM)["methods"]
    assert {(None, "none", "A14")} == {(method["contacts"], method["source"], method["rule"]) for method in methods}


def test_a_deleted_user_in_words(at: At) -> None:
    """Deleted, why, and no method is taken for an app."""
    cli = at("copied")
    _delete_all_but_sam(cli)
    lines = cli.done("numbers", "explain", _KIM).splitlines()
    assert {
        "kim@contoso.example (deleted, synced)",
        "mobile: deleted",
        "  A14: Deleted users are neither contacted nor copied.",
        "OneWaySMS (default)  (no number)  none    A14: Deleted users are neither contacted nor copied.",
    } <= set(lines)

"""`ringfence audit list|export`: the records of F.3."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.command_line import CHANGES, CommandLine
from tests.cli.conftest import At

_SAM = "sam@contoso.example"


def _records(cli: CommandLine, *words: str) -> list[dict[str, Any]]:
    """What `audit export` writes, as it comes: oldest first."""
    return [json.loads(line) for line in cli.done("audit", "export", *words).splitlines()]


def test_a_mirrored_number_has_two_records_and_one_correlation(at: At) -> None:
    """What is told, and old and new values (T11)."""
    cli = at("copied")
    cli.done("import", "directory", CHANGES)
    rule = {"key": "rule", "value": "M3"}
    mirrored = [record for record in _records(cli, "--user", _SAM) if rule in record["additionalDetails"]]
    assert [
        ("Authentication Methods", "Admin updated security info"),
        ("Core Directory", "Update user"),
    ] == [(record["loggedByService"], record["activityDisplayName"]) for record in mirrored]
    assert 1 == len({record["correlationId"] for record in mirrored})
    assert {"Ringfence mirror task"} == {record["initiatedBy"]["app"]["displayName"] for record in mirrored}


@pytest.mark.parametrize(("option", "number"), [("", "+X XXXXXXX02"), ("--reveal", "+44 7700900102")], ids=["masked", "in full"])
def test_private_numbers_in_records(option: str, number: str, at: At) -> None:
    """Masked unless --reveal; the public number of the same import in full either way."""
    cli = at("copied")
    cli.done("import", "directory", CHANGES)
    text = cli.done("audit", "export", "--user", _SAM, *option.split())
    assert (True, True) == (f'\\"PhoneNumber\\": \\"{number}\\"' in text, '\\"+44 7700 900102\\"' in text)


def test_an_export_to_a_file_is_the_same(at: At) -> None:
    """JSON Lines, and a remark on stderr how many."""
    cli = at("copied")
    printed = cli.done("audit", "export")
    answer = cli("audit", "export", "audit.jsonl")
    assert (0, "", printed) == (answer.code, answer.out, (cli.folder / "audit.jsonl").read_text("utf-8"))
    assert f"{len(printed.splitlines())} records written to audit.jsonl\n" == answer.err


def test_a_list_is_newest_first_and_limited(at: At) -> None:
    """The other way round than an export."""
    cli = at("copied")
    cli.clock.instant = cli.clock.instant.replace(hour=13)
    cli.done("phone", "set", "nora@contoso.example", "mobile", "+1 4255550109")
    [record] = cli.json("audit", "list", "--limit", "1")["records"]
    assert "nora@contoso.example" == record["targetResources"][0]["userPrincipalName"]


@pytest.mark.parametrize(
    ("words", "some"),
    [(("--since", "2021-02-15"), True), (("--until", "2021-02-15"), False), (("--since", "2021-02-16"), False)],
    ids=["since", "until", "since later"],
)
def test_records_of_a_time(words: tuple[str, ...], some: bool, at: At) -> None:  # noqa: FBT001 - a parameter of the table
    """From an instant on, and before one."""
    assert some is bool(at("copied").json("audit", "list", *words)["records"])


def test_records_of_a_user(at: At) -> None:
    """--user."""
    records = at("copied").json("audit", "list", "--user", _SAM)["records"]
    assert {_SAM} == {record["targetResources"][0]["userPrincipalName"] for record in records}


def test_a_table_for_people(at: At) -> None:
    """When, what, whose, which number, by whom, by which rule."""
    cli = at("copied")
    cli.done("import", "directory", CHANGES)
    line = (
        "2021-02-15T12:00:00Z  Authentication Methods  Admin updated security info  sam@contoso.example  +X XXXXXXX02  "
        "Ringfence mirror task  rule M3, pair mobile, sourceAttribute mobilePhone"
    )
    assert line.split() in [shown.split() for shown in cli.done("audit", "list", "--user", _SAM).splitlines()]


def test_no_records_are_said_in_words(at: At) -> None:
    """An empty table says nothing."""
    assert "No records.\n" == at("initialised").done("audit", "list")


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("sam", "rule M3, pair mobile, sourceAttribute mobilePhone, PhoneNumber +X XXXXXXX01 -> +X XXXXXXX02"),
        ("emil", "rule C6, pair mobile, sourceAttribute mobilePhone, PhoneNumber (none) -> +X XXXXXXX02"),
        ("fred", "rule mobile M4, Mobile +1 4255550107 -> (none)"),
        ("dora", "rule mobile M6, Mobile +1 4255550104 -> +1 4255550114"),
        ("paul", "rule mobile M7, Mobile +1 4255550106 -> +1 4255550116"),
        ("tina", "rule mobile M5, Mobile +1 4255550108 -> 4255550109"),
    ],
)
def test_the_list_says_what_changed_and_why_a_number_stayed(user: str, expected: str, at: At) -> None:
    """Old and new values, and the rule that decided about the authentication number, also where it was left alone."""
    cli = at("copied")
    cli.done("import", "directory", CHANGES)
    assert f" {expected}\n" in cli.done("audit", "list", "--user", f"{user}@contoso.example")


def test_the_list_says_what_became_of_the_entries(at: At) -> None:
    """Deleting a number takes its entries along (T3)."""
    cli = at("copied")
    cli.done("phone", "delete", "kim@contoso.example", "office")
    expected = "methods TwoWayVoiceMobile TwoWayVoiceOffice OneWaySMS (default) -> TwoWayVoiceMobile OneWaySMS (default)\n"
    assert expected in cli.done("audit", "list", "--user", "kim@contoso.example")


def test_a_change_is_told_though_it_looks_the_same_masked(at: At) -> None:
    """Two numbers may end alike."""
    cli = at("copied")
    cli.done("phone", "set", "kim@contoso.example", "mobile", "+1 4255551100")
    assert "PhoneNumber +X XXXXXXX00 -> +X XXXXXXX00" in cli.done("audit", "list", "--user", "kim@contoso.example")

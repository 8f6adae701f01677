"""`ringfence numbers contacts`: the file of before held against what is contacted now."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import At

_METHOD = re.compile("OneWaySMS|TwoWayVoice(?:Mobile|Office)")
_BEFORE = ("numbers", "contacts", "--users", "before.csv")
_AGAINST = ("numbers", "contacts", "--against", "before.csv")


def _name(user: str) -> str:
    return f"{user}@contoso.example"


def test_it_counts_entries_by_where_their_number_comes_from(at: At) -> None:
    """The example company before its copy."""
    assert {"authentication": 4, "none": 3, "public": 5} == at("opened").json("numbers", "contacts")["contacts"]


def test_each_line_says_what_explain_says(at: At) -> None:
    """The same number, set and rule for each method of each user (A.5)."""
    cli = at("opened")
    cli.done(*_BEFORE, "--reveal")
    lines = cli.table("before.csv")
    told = {(line["userPrincipalName"], line["method"]): (line["contacts"], line["source"], line["rule"]) for line in lines}
    explained = {}
    for user in {line["userPrincipalName"] for line in lines}:
        for method in cli.json("numbers", "explain", user, "--reveal")["methods"]:
            if method["rule"]:
                explained[user, method["type"]] = (method["contacts"] or "", method["source"], method["rule"])
    assert explained == told


def test_public_numbers_are_shown_and_authentication_numbers_masked(at: At) -> None:
    """As everywhere."""
    cli = at("opened")
    cli.done(*_BEFORE)
    shown = {(line["userPrincipalName"], line["method"]): line["contacts"] for line in cli.table("before.csv")}
    assert "+1 4255550100" == shown[_name("kim"), "OneWaySMS"]
    assert "+X XXXXXXX01" == shown[_name("sam"), "TwoWayVoiceMobile"]


def test_a_copy_changes_nobodys_number(at: At) -> None:
    """The promise of the announcement (S4), proved on the files a person has."""
    cli = at("opened")
    cli.done(*_BEFORE)
    cli.done("numbers", "copy")
    assert [] == cli.json(*_AGAINST)["differences"]


@pytest.mark.parametrize(
    ("words", "difference"),
    [
        (("phone", "set", _name("kim"), "mobile", "+1 4255550999"), ("kim", "OneWaySMS", "another")),
        (("phone", "delete", _name("kim"), "office"), ("kim", "TwoWayVoiceOffice", "no longer")),
        (("phone", "set", _name("nora"), "mobile", "+1 4255550999"), ("nora", "OneWaySMS", "newly")),
        (("phone", "set", _name("emil"), "mobile", "+1 4255550999"), ("emil", "OneWaySMS", "newly")),
    ],
    ids=["another", "no longer", "newly with an entry", "newly with a number"],
)
def test_a_difference_is_told_with_exit_code_1(words: tuple[str, ...], difference: tuple[str, str, str], at: At) -> None:
    """Who, by which method, and what became of the number."""
    cli = at("copied")
    cli.done(*_BEFORE)
    cli.done(*words)
    answer = cli(*_AGAINST, "--json")
    found = [(one["user"], one["method"], one["change"]) for one in answer.json["differences"]]
    assert (1, True) == (answer.code, (_name(difference[0]), *difference[1:]) in found)


def test_whoever_is_deleted_is_contacted_no_longer(at: At) -> None:
    """Also when it is the last in the file."""
    cli = at("copied")
    cli.done(*_BEFORE)
    users = {line["userPrincipalName"] for line in cli.table("before.csv") if line["source"] != "none"}
    cli.sql("UPDATE users SET deleted_at = 1")
    assert users == {one["user"] for one in cli(*_AGAINST, "--json").json["differences"]}


def test_what_the_end_of_the_window_does_can_be_seen_beforehand(at: At) -> None:
    """--at: without a copy, everybody on the public number would be contacted no longer (A23)."""
    cli = at("opened")
    cli.done(*_BEFORE)
    told = cli(*_AGAINST, "--at", "2021-05-01", "--json").json
    assert ({"authentication": 4, "none": 8, "public": 0}, 5) == (told["contacts"], len(told["differences"]))


def test_words_for_people(at: At) -> None:
    """The sentence at the end says whether all is well."""
    cli = at("opened")
    cli.done(*_BEFORE)
    assert cli.done(*_AGAINST).endswith("As in before.csv: nobody is contacted at another number.\n")
    cli.clock.instant = datetime(2021, 5, 1, tzinfo=UTC)
    answer = cli(*_AGAINST)
    assert (1, True) == (answer.code, answer.out.endswith("Not as in before.csv: 5 method entries differ.\n"))


def test_another_key_is_told(at: At) -> None:
    """Fingerprints under two keys say nothing about each other: exit 4, and no false alarm."""
    cli = at("copied")
    cli.done(*_BEFORE)
    cli.clock.instant += timedelta(minutes=1)
    cli.done("key", "rotate")
    answer = cli(*_AGAINST)
    assert (4, True) == (answer.code, "under another key" in answer.err)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lines: lines[1:],
        lambda lines: [*lines, lines[1]],
        lambda lines: [lines[0], lines[1] + ",more"],
        lambda lines: [lines[0], _METHOD.sub("Telegraph", lines[1])],
        lambda lines: [lines[0], "x" + lines[1]],
        lambda lines: [lines[0], _METHOD.sub("PhoneAppOTP", lines[1])],
        lambda _: [],
    ],
    ids=["no header", "out of order", "too wide", "unknown method", "no id", "an app", "empty"],
)
def test_another_file_is_refused(spoil: object, at: At) -> None:
    """Exit 2 with the line, whatever is wrong."""
    cli = at("copied")
    cli.done(*_BEFORE)
    path = cli.folder / "before.csv"
    assert callable(spoil)
    path.write_text("".join(f"{line}\n" for line in spoil(path.read_text("utf-8").splitlines())), "utf-8")
    answer = cli(*_AGAINST)
    assert (2, True) == (answer.code, "the file that numbers contacts --users wrote" in answer.err)


def test_a_missing_file_is_told(at: At) -> None:
    """Exit 2, and no file is made."""
    answer = at("copied")(*_AGAINST)
    assert (2, "ringfence: before.csv cannot be read: No such file or directory.\n") == (answer.code, answer.err)

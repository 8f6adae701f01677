"""`ringfence phone list|set|delete` and `ringfence user show|list`."""

from __future__ import annotations

import os
import pwd

import pytest

from tests.cli.conftest import At

_KIM, _NORA, _SAM = "kim@contoso.example", "nora@contoso.example", "sam@contoso.example"


def test_phones_are_listed_with_who_wrote_them(at: At) -> None:
    """Masked, to the second."""
    assert [
        "type             number        origin  written at            written by",
        "mobile           +X XXXXXXX01  import  2021-02-15T12:00:00Z  Ringfence MFA import",
        "alternateMobile  +X XXXXXXX99  import  2021-02-15T12:00:00Z  Ringfence MFA import",
    ] == at("copied").done("phone", "list", _SAM).splitlines()


def test_phones_of_one_type_are_listed(at: At) -> None:
    """`phone list USER [TYPE]`."""
    assert ["mobile"] == [phone["type"] for phone in at("copied").json("phone", "list", _SAM, "mobile")["phones"]]


def test_no_phones_are_said_in_words(at: At) -> None:
    """An empty table says nothing."""
    assert "No authentication numbers.\n" == at("copied").done("phone", "list", _NORA)


@pytest.mark.parametrize(
    ("phone_type", "number", "entries", "default"),
    [
        ("mobile", "+1 4255550109", ["TwoWayVoiceMobile", "OneWaySMS"], "OneWaySMS"),
        ("office", "+1 4255550109x12", ["TwoWayVoiceOffice"], "TwoWayVoiceOffice"),
    ],
    ids=["mobile", "office"],
)
def test_a_number_is_set_with_its_method_entries(phone_type: str, number: str, entries: list[str], default: str, at: At) -> None:
    """And the first of them becomes the default, since there was none."""
    cli = at("copied")
    assert f"The {phone_type} number of {_NORA} is set.\n" == cli.done("phone", "set", _NORA, phone_type, number)
    assert number == cli.json("phone", "list", _NORA, "--reveal")["phones"][0]["number"]
    user = cli.json("user", "show", _NORA)
    assert (entries, default) == (user["methods"], user["defaultMethod"])


def test_the_same_number_again_changes_nothing(at: At) -> None:
    """And says so."""
    cli = at("copied")
    assert True is cli.json("phone", "set", _NORA, "mobile", "+1 4255550109")["changed"]
    assert "The mobile number of nora@contoso.example was the same already.\n" == cli.done(
        "phone", "set", _NORA, "mobile", "+1 (425) 555-0109"
    )


def test_an_alternate_number_follows_a_mobile(at: At) -> None:
    """`alternate` is as good as `alternateMobile`."""
    cli = at("copied")
    cli.done("phone", "set", _KIM, "alternate", "+1 4255550109")
    assert "TwoWayVoiceAlternateMobile" in cli.json("user", "show", _KIM)["methods"]


def test_a_number_is_deleted_with_its_method_entries(at: At) -> None:
    """T3: nothing of the pair stays configured."""
    cli = at("copied")
    assert "The office number of kim@contoso.example is deleted.\n" == cli.done("phone", "delete", _KIM, "office")
    assert ["TwoWayVoiceMobile", "OneWaySMS"] == cli.json("user", "show", _KIM)["methods"]


@pytest.mark.parametrize("number", ["4255550100", "+1 4255550100x1", "+999 4255550100", "+1 425555", "+1"])
def test_a_number_that_is_none_is_refused(number: str, at: At) -> None:
    """Exit 2, and nothing changed."""
    cli = at("copied")
    before = cli.dump()
    assert (2, before) == (cli("phone", "set", _NORA, "mobile", number).code, cli.dump())


@pytest.mark.parametrize("words", [("set", _NORA, "fax", "+1 4255550100"), ("delete", _NORA, "fax"), ("list", _NORA, "fax")])
def test_a_type_that_is_none_is_refused(words: tuple[str, ...], at: At) -> None:
    """Exit 2, and which types there are."""
    answer = at("copied")("phone", *words)
    assert (2, True) == (answer.code, "fax is no type of phone; write mobile, office or" in answer.err)


def test_the_audit_names_the_person_at_the_keyboard(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the operating system's user; a variable that anybody may set has no say."""
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "somebody else")
    cli = at("copied")
    cli.done("phone", "set", _NORA, "mobile", "+1 4255550109")
    name = pwd.getpwuid(os.getuid()).pw_name
    assert f"Ringfence command line ({name})" == cli.json("phone", "list", _NORA)["phones"][0]["writtenBy"]


def test_a_person_without_a_name_may_set_numbers(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers run under users that the system has no name for."""
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)
    cli = at("copied")
    cli.done("phone", "set", _NORA, "mobile", "+1 4255550109")
    assert "Ringfence command line (user 2147483641)" == cli.json("phone", "list", _NORA)["phones"][0]["writtenBy"]


def test_a_user_is_shown(at: At) -> None:
    """Profile, public numbers in full, private ones masked, entries and default."""
    user = at("copied").json("user", "show", _SAM)
    assert (True, "+44 7700 900101", {"mobile": "+X XXXXXXX01", "office": None, "alternateMobile": "+X XXXXXXX99"}) == (
        user["onPremisesSyncEnabled"],
        user["mobilePhone"],
        user["authenticationPhones"],
    )
    assert ("NpndpXV7Vl+aqOcmc8Bmew==", ["TwoWayVoiceMobile"], "enforced") == (
        user["onPremisesImmutableId"],
        user["methods"],
        user["perUserMfaState"],
    )


def test_a_user_is_shown_to_people(at: At) -> None:
    """An attribute a line, words as Graph writes them."""
    lines = [line.split(maxsplit=1) for line in at("copied").done("user", "show", _SAM).splitlines()]
    assert ["accountEnabled", "true"] in lines
    assert ["authenticationPhones", "mobile +X XXXXXXX01, alternateMobile +X XXXXXXX99"] in lines


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("--cloud-only",), ["cleo", "gus_fabrikam.example#EXT#"]),
        (("--synced", "--limit", "2"), ["dora", "emil"]),
        (("--starts-with", "ki"), ["kim"]),
        (("--after", "sam@contoso.example"), ["tina"]),
        (("--deleted",), []),
    ],
    ids=["cloud-only", "synced", "starts with", "after", "deleted"],
)
def test_users_are_listed_by_name(words: tuple[str, ...], names: list[str], at: At) -> None:
    """A page at a time."""
    users = at("copied").json("user", "list", *words)["users"]
    assert names == [user["userPrincipalName"].rpartition("@")[0] for user in users]


def test_formerly_synced_users_are_listed(at: At) -> None:
    """Those that a sync cycle has let go."""
    cli = at("copied")
    head = "userPrincipalName,onPremisesSyncEnabled"
    cli.done("import", "directory", cli.write("let-go.csv", head, f"{_SAM},false"))
    assert [_SAM] == [user["userPrincipalName"] for user in cli.json("user", "list", "--formerly-synced")["users"]]


@pytest.mark.parametrize("other", ["--synced", "--cloud-only"])
def test_a_user_is_in_one_state(other: str, at: At) -> None:
    """Two of them are refused: exit 2."""
    answer = at("copied")("user", "list", "--formerly-synced", other)
    assert (2, True) == (answer.code, "give one of --synced," in answer.err)


def test_a_full_page_says_how_to_go_on(at: At) -> None:
    """In words, and as `next` for programs."""
    cli = at("copied")
    assert "More: --after dora@contoso.example" == cli.done("user", "list", "--limit", "2").splitlines()[-1]
    assert ("dora@contoso.example", None) == tuple(cli.json("user", "list", "--limit", n)["next"] for n in ("2", "14"))


def test_no_users_are_said_in_words(at: At) -> None:
    """An empty table says nothing."""
    assert "No users.\n" == at("initialised").done("user", "list")

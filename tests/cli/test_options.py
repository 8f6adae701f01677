"""Options that may stand anywhere, their environment variables, the tenant, and instants."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ringfence.cli.main import global_options_first
from tests.cli.conftest import At


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["numbers", "plan", "--json"], ["--json", "numbers", "plan"]),
        (["--json", "numbers", "plan"], ["--json", "numbers", "plan"]),
        (["numbers", "--tenant", "a", "plan"], ["--tenant", "a", "numbers", "plan"]),
        (["numbers", "plan", "--tenant=a", "--database=b"], ["--tenant=a", "--database=b", "numbers", "plan"]),
        (["user", "show", "--", "--json"], ["user", "show", "--", "--json"]),
        (["numbers", "plan", "--json", "--tenant"], ["--json", "--tenant"]),
        (["numbers", "plan", "--tenants", "a"], ["numbers", "plan", "--tenants", "a"]),
    ],
    ids=["flag behind", "flag before", "value between", "equals sign", "behind --", "value missing", "another option"],
)
def test_global_options_move_to_the_front(words: list[str], expected: list[str]) -> None:
    """They keep their order and their values; nothing else moves."""
    assert expected == global_options_first(words)


def test_an_option_without_its_value_is_named(at: At) -> None:
    """Exit 2, and about that option; the command is not taken for its value."""
    answer = at("initialised")("key", "rotate", "--tenant")
    assert (2, "", True) == (answer.code, answer.out, "Option '--tenant' requires an argument." in answer.err)


@pytest.mark.parametrize("place", [0, 1, 2], ids=["before", "between", "after"])
@pytest.mark.parametrize("option", [("--json",), ("--tenant", "contoso.example"), ("--tenant=contoso.example",)], ids=str)
def test_an_option_may_stand_before_and_after_the_command(option: tuple[str, ...], place: int, at: At) -> None:
    """`ringfence --json numbers plan` is `ringfence numbers plan --json`."""
    words = ["numbers", "plan"]
    words[place:place] = option
    assert 0 == at("initialised")(*words).code


@pytest.mark.parametrize("form", ["elsewhere.db", "sqlite:///elsewhere.db"], ids=["path", "URL"])
def test_a_database_may_be_named_on_the_line(form: str, at: At) -> None:
    """--database goes before RINGFENCE_DATABASE, as a path or as a URL."""
    cli = at("")
    cli.done("init", "--database", form)
    assert (True, False) == ((cli.folder / "elsewhere.db").exists(), (cli.folder / "ringfence.db").exists())


def test_a_key_file_may_be_named_on_the_line(at: At) -> None:
    """--key-file goes before RINGFENCE_KEY_FILE."""
    cli = at("")
    cli.done("init", "--key-file", "elsewhere.key")
    assert (True, False) == ((cli.folder / "elsewhere.key").exists(), (cli.folder / "ringfence.key").exists())


def test_everything_lies_under_var_by_default(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without variables and options: ./var/ringfence.db and ./var/ringfence.key."""
    cli = at("")
    monkeypatch.delenv("RINGFENCE_DATABASE")
    monkeypatch.delenv("RINGFENCE_KEY_FILE")
    cli.done("init")
    assert {"ringfence.db", "ringfence.key"} <= {path.name for path in Path("var").iterdir()}


def test_a_sole_tenant_is_the_default(at: At) -> None:
    """Nobody has to name it."""
    assert 0 == at("initialised")("user", "list").code


@pytest.mark.parametrize("as_json", [False, True], ids=["words", "JSON"])
def test_one_of_several_tenants_has_to_be_named(as_json: bool, at: At) -> None:  # noqa: FBT001 - a parameter of the table
    """Exit 2, and the message says which there are."""
    cli = at("initialised")
    cli.done("init", "--tenant", "fabrikam.example")
    answer = cli("user", "list", *(["--json"] if as_json else []))
    assert (2, "") == (answer.code, answer.out)
    assert "say which with --tenant: contoso.example, fabrikam.example." in answer.err


def test_a_named_tenant_is_the_one_worked_on(at: At) -> None:
    """What is imported for one tenant is not the other's."""
    cli = at("imported")
    cli.done("init", "--tenant", "fabrikam.example")
    counts = [cli.json("numbers", "plan", "--tenant", name)["users"] for name in ("contoso.example", "fabrikam.example")]
    assert [13, 0] == counts


def test_the_environment_names_the_tenant(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """RINGFENCE_TENANT is as good as --tenant."""
    cli = at("imported")
    cli.done("init", "--tenant", "fabrikam.example")
    monkeypatch.setenv("RINGFENCE_TENANT", "fabrikam.example")
    assert 0 == cli.json("numbers", "plan")["users"]


def test_a_tenant_may_be_named_by_its_directory_id(at: At) -> None:
    """As everywhere in Microsoft's tools."""
    cli = at("imported")
    directory_id = cli.json("init")["tenantId"]
    assert 13 == cli.json("numbers", "plan", "--tenant", directory_id)["users"]


_INSTANTS = {
    "day": ("2021-02-01", "2021-02-01T00:00:00Z"),
    "minute": ("2021-02-01T00:00Z", "2021-02-01T00:00:00Z"),
    "second": ("2021-02-01T06:07:08Z", "2021-02-01T06:07:08Z"),
    "another zone": ("2021-02-01T01:00+01:00", "2021-02-01T00:00:00Z"),
    "no zone is UTC": ("2021-02-01T00:00", "2021-02-01T00:00:00Z"),
}


@pytest.mark.parametrize(("text", "expected"), _INSTANTS.values(), ids=_INSTANTS)
def test_an_instant_is_read_and_shown_in_utc(text: str, expected: str, at: At) -> None:
    """Both forms of the contract, and what else ISO 8601 offers."""
    assert expected == at("initialised").json("numbers", "plan", "--at", text)["at"]


@pytest.mark.parametrize(
    "text", ["yesterday", "2021-02-30", "01.02.2021", "", "9999-12-31T23:59-01:00", "0001-01-01T00:00+01:00"]
)
def test_what_is_no_instant_is_refused(text: str, at: At) -> None:
    """Exit 2, the text repeated, and how to write it."""
    answer = at("initialised")("numbers", "plan", "--at", text)
    assert (2, f"ringfence: Not a date: {text}. Write 2021-02-01 or 2021-02-01T00:00Z.\n") == (answer.code, answer.err)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("numbers cpoy", "No such command 'cpoy'."),
        ("user show", "Missing argument 'USER'."),
        ("transition open --start 2021-02-01", "Invalid value: give --start and --end, or --preset entra-2021"),
        ("audit list --limit none", "Invalid value for '--limit'"),
    ],
    ids=["command", "argument", "options", "value"],
)
def test_wrong_usage_is_told_in_json_too(line: str, says: str, at: At) -> None:
    """A script that asks for JSON finds the error where it finds all others: on stderr, exit 2, stdout empty."""
    answer = at("imported").type(f"{line} --json")
    told = json.loads(answer.err)["error"]
    assert (2, "", "usage", True) == (answer.code, answer.out, told["code"], told["message"].startswith(says))

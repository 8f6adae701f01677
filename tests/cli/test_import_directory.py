"""`ringfence import directory`: counts, dry run, rejected rows, exit codes. What the rows mean is tested with the use case."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.cli.command_line import CHANGES, DIRECTORY, CommandLine
from tests.cli.conftest import At

_HEAD = "userPrincipalName,displayName,mobilePhone,businessPhones,onPremisesSyncEnabled"
_GOOD = "ann@contoso.example,Ann,+1 4255550170,,true"
_BAD = "bob@contoso.example,Bob,+1 4255550171,,maybe"


def test_it_says_in_a_line_what_it_did(at: At) -> None:
    """Rows read, users by what happened to them, numbers by what was written."""
    assert "13 rows read. Users: 13 added.\n" == at("initialised").done("import", "directory", *DIRECTORY)
    assert "6 rows read. Users: 6 updated. Numbers: 1 mirrored, 1 copied, 1 cleared.\n" == at("copied").done(
        "import", "directory", CHANGES
    )


def test_one_row_is_no_rows(at: At) -> None:
    """Singular and plural."""
    cli = at("initialised")
    assert "1 row read. Users: 1 added.\n" == cli.done("import", "directory", cli.write("one.csv", _HEAD, _GOOD))


def test_again_changes_nothing(at: At) -> None:
    """A sync cycle without news."""
    cli = at("copied")
    cli.done("import", "directory", CHANGES)
    assert "6 rows read. Users: 6 unchanged.\n" == cli.done("import", "directory", CHANGES)


def test_the_diff_of_a_dry_run_is_by_person(at: At) -> None:
    """Who, what was and will be, and by which rule the authentication number goes along or stays."""
    lines = at("copied").done("import", "directory", CHANGES, "--dry-run").splitlines()
    assert [
        "sam@contoso.example updated: mobilePhone +44 7700 900101 -> +44 7700 900102",
        "    mobile M3: Same as the old public number, and in use for MFA: carry the new number over.",
        "fred@contoso.example updated: mobilePhone +1 4255550107 -> (none)",
        "    mobile M4: The public number was deleted: the authentication number stays.",
    ] == lines[2:6]
    assert "Dry run, nothing was written: 6 rows read. Users: 6 updated. Numbers: 1 mirrored, 1 copied, 1 cleared." == lines[-1]


def test_the_diff_of_a_dry_run_as_json(at: At) -> None:
    """The same for programs: changes first, then the counts."""
    answer = at("copied").json("import", "directory", CHANGES, "--dry-run")
    assert {
        "user": "sam@contoso.example",
        "effect": "updated",
        "changed": {"mobilePhone": {"from": "+44 7700 900101", "to": "+44 7700 900102"}},
        "rules": {"mobile": "M3"},
    } == answer["changes"][1]
    assert (None, True, 6, 1) == (answer["run"], answer["dryRun"], answer["updated"], answer["mirrored"])


def test_the_diff_of_a_new_person_is_what_there_will_be(at: At) -> None:
    """Nothing was before; and a line end in a name ends no line."""
    cli = at("initialised")
    file = cli.write("users.csv", _HEAD, 'ann@contoso.example,"Ann\nLee",+1 4255550170,,true')
    told, _ = cli.done("import", "directory", file, "--dry-run").splitlines()
    name = "Ann\N{REPLACEMENT CHARACTER}Lee"
    profile = f"displayName {name}, syncState synced, accountEnabled true, mobilePhone +1 4255550170"
    assert f"ann@contoso.example added: {profile}" == told


@pytest.mark.parametrize("full", [(), ("--full", "--allow-deletes", "600")], ids=["delta", "full"])
def test_a_dry_run_writes_nothing(full: tuple[str, ...], at: At) -> None:
    """Not a byte of the database, and no file of rejected rows."""
    cli = at("copied")
    file = cli.write("users.csv", _HEAD, _GOOD, _BAD)
    before = cli.dump()
    answer = cli("import", "directory", file, "--dry-run", *full)
    assert (1, before) == (answer.code, cli.dump())
    assert False is (cli.folder / "users.csv.rejected.csv").exists()


def test_a_dry_run_tells_rejected_rows(at: At) -> None:
    """On stderr, with file, line, column and reason."""
    cli = at("initialised")
    answer = cli("import", "directory", cli.write("users.csv", _HEAD, _GOOD, _BAD), "--dry-run")
    assert "users.csv, line 3, onPremisesSyncEnabled: " in answer.err


def test_rejected_rows_go_to_a_file_beside_the_source(at: At) -> None:
    """Line, column, reason and the row; the rest proceeds; exit 1."""
    cli = at("initialised")
    answer = cli("import", "directory", cli.write("users.csv", _HEAD, _GOOD, _BAD))
    assert (1, "2 rows read, 1 rejected. Users: 1 added.\n") == (answer.code, answer.out)
    assert f"Rejected rows: {cli.folder}/users.csv.rejected.csv\n" == answer.err
    [row] = cli.table("users.csv.rejected.csv")
    assert ("3", "onPremisesSyncEnabled", "bob@contoso.example") == (row["line"], row["column"], row["userPrincipalName"])


def test_rejected_rows_can_be_mended_and_imported_again(at: At) -> None:
    """The file has the source's columns, so it is a source; and its own rejects have gone when it is whole."""
    cli = at("initialised")
    cli("import", "directory", cli.write("users.csv", _HEAD, _GOOD, _BAD))
    mended = cli.folder / "users.csv.rejected.csv"
    mended.write_text(mended.read_text("utf-8").replace("maybe", "true"), "utf-8")
    assert "1 row read. Users: 1 added.\n" == cli.done("import", "directory", str(mended))
    assert "+1 4255550171" == cli.pair("bob")["public"]


@pytest.mark.parametrize("kind", ["same", "dot", "link", "hard link"])
def test_a_file_given_twice_is_refused(kind: str, at: At) -> None:
    """Under whatever name: exit 2, and nothing happens."""
    cli = at("initialised")
    file = Path(cli.write("users.csv", _HEAD, _GOOD))
    (cli.folder / "link.csv").symlink_to(file)
    (cli.folder / "hard.csv").hardlink_to(file)
    again = {"same": str(file), "dot": "./users.csv", "link": "link.csv", "hard link": "hard.csv"}[kind]
    before = cli.dump()
    answer = cli("import", "directory", str(file), again)
    assert (2, "", before) == (answer.code, answer.out, cli.dump())
    assert "is the same file as" in " ".join(answer.err.replace("│", " ").split())


def _block(cli: CommandLine) -> None:
    """Let nothing be written beside users.csv, whoever runs the tests."""
    (cli.folder / "users.csv.rejected.csv").mkdir()


def test_rejected_rows_go_elsewhere_when_they_must(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source in a folder that nobody may write to: its rows are kept, and the user is told where."""
    cli = at("initialised")
    (cli.folder / "spare").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(cli.folder / "spare"))
    _block(cli)
    answer = cli("import", "directory", cli.write("users.csv", _HEAD, _GOOD, _BAD))
    [kept] = (cli.folder / "spare").glob("*/users.csv.rejected.csv")
    assert (1, f"Rejected rows: {kept}") == (answer.code, answer.err.splitlines()[-1])
    assert f"{cli.folder}/users.csv.rejected.csv cannot be written" in answer.err


def test_a_clean_import_needs_no_place_for_rejected_rows(at: At) -> None:
    """Exit 0, and not a word."""
    cli = at("initialised")
    _block(cli)
    answer = cli("import", "directory", cli.write("users.csv", _HEAD, _GOOD))
    assert (0, "") == (answer.code, answer.err)


def test_without_any_place_for_rejected_rows_nothing_is_written(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 4, before the first row is in."""
    cli = at("initialised")
    monkeypatch.setattr(tempfile, "tempdir", str(cli.folder / "absent"))
    _block(cli)
    file, before = cli.write("users.csv", _HEAD, _GOOD, _BAD), cli.dump()
    answer = cli("import", "directory", file)
    assert (4, before) == (answer.code, cli.dump())
    assert f"neither to {file}.rejected.csv (Is a directory) nor to" in answer.err


def test_an_import_without_rejects_takes_the_old_file_away(at: At) -> None:
    """Nobody mends rows that are in by now."""
    cli = at("initialised")
    cli("import", "directory", cli.write("users.csv", _HEAD, _BAD))
    cli.done("import", "directory", cli.write("users.csv", _HEAD, _GOOD))
    assert False is (cli.folder / "users.csv.rejected.csv").exists()


def test_the_rejected_files_are_named_in_json(at: At) -> None:
    """With exit 1, and every count."""
    cli = at("initialised")
    answer = cli("import", "directory", cli.write("users.csv", _HEAD, _GOOD, _BAD), "--json")
    assert (1, [f"{cli.folder}/users.csv.rejected.csv"], 1) == (
        answer.code,
        answer.json["rejectedFiles"],
        answer.json["rejected"],
    )


def test_a_full_import_deletes_who_is_missing(at: At) -> None:
    """Softly, and only synced users: the cloud's own stay."""
    cli = at("copied")
    answer = cli.done("import", "directory", "--full", cli.write("users.csv", _HEAD, _GOOD))
    assert "1 row read. Users: 1 added, 11 deleted.\n" == answer
    assert {"ann@contoso.example", "cleo@contoso.example", "gus_fabrikam.example#EXT#@contoso.example"} == {
        user["userPrincipalName"] for user in cli.json("user", "list")["users"]
    }


def test_an_unreadable_row_disables_deletes(at: At) -> None:
    """Nobody knows whose row it was; the answer says so."""
    cli = at("copied")
    file = cli.write("users.csv", _HEAD, _GOOD, ",Nobody,+1 4255550172,,true")
    answer = cli("import", "directory", "--full", file)
    assert (1, "2 rows read, 1 rejected. Users: 1 added.\n") == (answer.code, answer.out)
    assert answer.err.startswith("A row could not be read, so nobody was deleted.\n")


@pytest.mark.parametrize(
    ("words", "kind"),
    [(("--full",), "users would be deleted"), ((), "public numbers would be cleared")],
    ids=["deletes", "clears"],
)
@pytest.mark.parametrize(("lost", "code"), [(500, 0), (501, 3)], ids=["500", "501"])
def test_the_guard_stops_more_than_500(lost: int, code: int, words: tuple[str, ...], kind: str, at: At) -> None:
    """501 deletes, or 501 cleared numbers, stop everything before anything is written: exit 3."""
    cli = at("initialised")
    everybody = [f"u{number}@contoso.example,U,{{}},,true" for number in range(lost)]
    cli.done("import", "directory", cli.write("all.csv", _HEAD, *(row.format("+1 4255550100") for row in everybody)))
    rest = [] if words else [row.format("") for row in everybody]
    file = cli.write("rest.csv", _HEAD, _GOOD, *rest)
    before = cli.dump()
    answer = cli("import", "directory", file, *words)
    assert (code, code == 3) == (answer.code, before == cli.dump())
    assert (f"501 {kind}, more than 500" in answer.err) is (code == 3)
    assert 0 == cli("import", "directory", file, *words, "--allow-deletes", "501").code


def test_a_guard_is_a_json_error_too(at: At) -> None:
    """On stderr, with the stable code; stdout stays empty."""
    cli = at("copied")
    answer = cli("import", "directory", "--full", cli.write("users.csv", _HEAD, _GOOD), "--allow-deletes", "10", "--json")
    assert (3, "") == (answer.code, answer.out)
    assert '{"error": {"code": "guard.deletes", "message": "Stopped before anything was written: 11 users' in answer.err


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("cut.ldif", ("dn: CN=Ann,DC=contoso,DC=example", "objectClass: user", "userPrincipalName:: a")),
        ("cut.jsonl", ('{"userPrincipalName": "ann@contoso.example"}', '{"userPrincipalName": "bob@cont')),
        ("other.ldif", ("this is a letter, not an export",)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_not_whole_changes_nothing(name: str, lines: tuple[str, ...], at: At) -> None:
    """Not even its good rows, nor those of another file of the same import: exit 2."""
    cli = at("initialised")
    before = cli.dump()
    cut = cli.folder / name
    cut.write_text("\n".join(lines), "utf-8")
    answer = cli("import", "directory", cli.write("good.csv", _HEAD, _GOOD), str(cut))
    assert (2, "", before) == (answer.code, answer.out, cli.dump())
    assert "Nothing was changed." in answer.err

"""`ringfence numbers copy|undo|runs`."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from tests.cli.command_line import CHANGES, NOW, CommandLine
from tests.cli.conftest import At

_AFTER = datetime(2021, 5, 1, tzinfo=UTC)
_NOBODY = "6f1c0a52-58a3-4d0f-9a5e-0c3f2b7f4c1d"


def _contacted(cli: CommandLine) -> list[tuple[str, str]]:
    """What Kim's methods contact."""
    methods = cli.json("numbers", "explain", "kim@contoso.example", "--reveal")["methods"]
    return [(method["type"], method["contacts"]) for method in methods]


def test_it_says_how_many_and_under_which_run(at: At) -> None:
    """The id is for undo."""
    said = at("opened").done("numbers", "copy")
    assert said.startswith("Copied 4 numbers. Run ")
    assert 8 == uuid.UUID(said.split()[-1]).version


@pytest.mark.parametrize("as_json", [False, True], ids=["words", "JSON"])
def test_a_second_time_writes_nothing(as_json: bool, at: At) -> None:  # noqa: FBT001 - a parameter of the table
    """Not even a run (A22)."""
    cli = at("copied")
    before = cli.dump()
    if as_json:
        assert {"run": None, "copied": 0, "reason": None} == cli.json("numbers", "copy")
    else:
        assert "Copied 0 numbers.\n" == cli.done("numbers", "copy")
    assert before == cli.dump()


@pytest.mark.parametrize(
    ("stage", "instant", "says"),
    [
        ("imported", None, "No transition was opened yet"),
        ("opened", datetime(2021, 1, 31, tzinfo=UTC), "The transition has not begun"),
        ("opened", _AFTER, "The transition is over"),
    ],
    ids=["none", "before", "after"],
)
def test_outside_a_window_nothing_is_copied(stage: str, instant: datetime | None, says: str, at: At) -> None:
    """C2, C9; it is no error, but said."""
    cli = at(stage)
    cli.clock.instant = instant or cli.clock.instant
    answer = cli("numbers", "copy")
    assert (0, "Copied 0 numbers.\n", True) == (answer.code, answer.out, says in answer.err)


def test_undo_takes_back_what_the_copy_wrote(at: At) -> None:
    """The database's numbers are as before, and the sentence says that the next copy would repeat it."""
    cli = at("copied")
    said = cli.done("numbers", "undo", cli.run_of("copy")).splitlines()
    assert said[0].startswith("Took back 4 numbers, kept 0. Run ")
    assert ["The next copy would repeat it. At the end of the transition whoever has no number is left behind."] == said[1:]
    assert 4 == cli.json("numbers", "copy")["copied"]


def test_method_entries_stay(at: At) -> None:
    """So the public number stands in again: nobody is contacted at another number than before."""
    cli = at("copied")
    before = _contacted(cli)
    cli.done("numbers", "undo", cli.run_of("copy"))
    assert before == _contacted(cli)


def _change_since(cli: CommandLine) -> str:
    """Have three of four copied numbers change, each in another way; return the run."""
    head = "userPrincipalName,mobilePhone,businessPhones,onPremisesSyncEnabled"
    run = cli.run_of("copy")
    cli.done("phone", "set", "kim@contoso.example", "mobile", "+1 4255550109")
    unsynced = "olga@contoso.example,,+1 4255550181x201,false"
    cleared = "ines@contoso.example,,,true"
    cli.done("import", "directory", cli.write("changes.csv", head, unsynced, cleared))
    return run


def test_undo_lists_the_rest(at: At) -> None:
    """Each number that is kept, with the reason."""
    cli = at("copied")
    said = cli.done("numbers", "undo", _change_since(cli))
    assert [
        "kept: ines@contoso.example mobile, the public number has changed since",
        "kept: kim@contoso.example mobile, the authentication number has changed since",
        "kept: olga@contoso.example office, the user is not synced any more",
    ] == sorted(said.splitlines()[:3])
    assert "Took back 1 number, kept 3. Run " in said


def test_undo_lists_the_rest_as_json(at: At) -> None:
    """The same for programs."""
    cli = at("copied")
    undone = cli.json("numbers", "undo", _change_since(cli))
    kept = {"user": "olga@contoso.example", "pair": "office", "reason": "not_synced"}
    assert (1, 3, True) == (undone["takenBack"], len(undone["kept"]), kept in undone["kept"])


def test_undo_again_finds_nothing(at: At) -> None:
    """And promises nothing about the next copy."""
    cli = at("copied")
    run = cli.run_of("copy")
    cli.done("numbers", "undo", run)
    said = cli.done("numbers", "undo", run)
    assert (True, 1) == (said.startswith("Took back 0 numbers, kept 0. Run "), len(said.splitlines()))


def test_a_copy_within_an_import_is_undone_by_the_imports_run(at: At) -> None:
    """M2: Emil's first number was copied when it was imported."""
    cli = at("copied")
    run = cli.json("import", "directory", CHANGES)["run"]
    assert 1 == cli.json("numbers", "undo", run)["takenBack"]
    assert None is cli.pair("emil")["authentication"]


@pytest.mark.parametrize("closed", [False, True], ids=["ended", "closed"])
def test_undo_is_refused_after_the_end(closed: bool, at: At) -> None:  # noqa: FBT001 - a parameter of the table
    """No public number would stand in any more: exit 4, and nothing is taken back."""
    cli = at("copied")
    run = cli.run_of("copy")
    if closed:
        cli.done("transition", "close")
    cli.clock.instant = cli.clock.instant if closed else _AFTER
    before = cli.dump()
    assert (4, before) == (cli("numbers", "undo", run).code, cli.dump())


@pytest.mark.parametrize("run", ["x", _NOBODY, ""], ids=["no id", "unknown", "empty"])
def test_what_is_no_run_is_not_undone(run: str, at: At) -> None:
    """Exit 2, the id as it was typed, and where to find one."""
    answer = at("copied")("numbers", "undo", run)
    assert (2, f"ringfence: There is no copy run {run}. List the runs: ringfence numbers runs\n") == (answer.code, answer.err)


@pytest.mark.parametrize("kind", ["import_mfa", "undo"])
def test_only_what_copied_can_be_undone(kind: str, at: At) -> None:
    """An import of methods copies nothing, and an undo is not undone."""
    cli = at("copied")
    cli.done("numbers", "undo", cli.run_of("copy"))
    assert 2 == cli("numbers", "undo", cli.run_of(kind)).code


def test_runs_are_listed_newest_first(at: At) -> None:
    """Imports, copies and undos, with what they did."""
    cli = at("copied")
    cli.clock.instant = cli.clock.instant.replace(hour=13)
    run = cli.run_of("copy")
    cli.done("numbers", "undo", run)
    newest, *_ = cli.json("numbers", "runs")["runs"]
    assert ("undo", run, {"taken_back": 4}) == (newest["kind"], newest["label"], newest["counts"])
    assert f"undo              {run}" in cli.done("numbers", "runs").splitlines()[1]


def test_runs_can_be_limited(at: At) -> None:
    """--limit."""
    assert 1 == len(at("copied").json("numbers", "runs", "--limit", "1")["runs"])


def test_no_runs_are_said_in_words(at: At) -> None:
    """An empty table says nothing."""
    assert "No runs yet.\n" == at("initialised").done("numbers", "runs")


@pytest.mark.parametrize(
    ("stage", "instant", "reason"),
    [
        ("imported", NOW, "before_window"),
        ("opened", datetime(2021, 1, 31, tzinfo=UTC), "before_window"),
        ("opened", datetime(2021, 5, 1, tzinfo=UTC), "window_closed"),
    ],
    ids=["no transition", "too early", "too late"],
)
def test_json_says_why_nothing_is_copied(stage: str, instant: datetime, reason: str, at: At) -> None:
    """In the words of the statuses."""
    cli = at(stage)
    cli.clock.instant = instant
    assert {"run": None, "copied": 0, "reason": reason} == cli.json("numbers", "copy")

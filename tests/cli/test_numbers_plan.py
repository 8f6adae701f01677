"""`ringfence numbers plan|report|rules`: counts by outcome, the file with a line for each user and pair."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ringfence.domain.numbers.tables import TABLES, Status
from tests.cli.conftest import At

_COLUMNS = "userPrincipalName,pair,public,authentication,status,rule"
_AFTER = datetime(2021, 5, 1, tzinfo=UTC)


def test_the_plan_counts_pairs_by_outcome(at: At) -> None:
    """The example company, as README and story show it."""
    outcomes = at("opened").json("numbers", "plan")["outcomes"]
    assert {
        "not_synced": 4,
        "not_configured": 12,
        "no_number": 1,
        "invalid_format": 1,
        "to_copy": 4,
        "in_sync": 3,
        "diverged": 1,
    } == {status: count for status, count in outcomes.items() if count}


def test_every_status_is_counted(at: At) -> None:
    """Zeros too, so that a script finds each key."""
    assert {status.value for status in Status} == set(at("opened").json("numbers", "plan")["outcomes"])


def test_the_plan_counts_users(at: At) -> None:
    """Two pairs for each."""
    answer = at("opened").json("numbers", "plan")
    assert (13, 26) == (answer["users"], sum(answer["outcomes"].values()))


@pytest.mark.parametrize(
    ("at_instant", "outcomes"),
    [
        ("2021-01-31", {"not_synced": 4, "before_window": 22}),
        ("2021-05-01", {"not_synced": 4, "left_behind": 4, "window_closed": 18}),
    ],
    ids=["before", "after"],
)
def test_the_plan_can_be_for_another_time(at_instant: str, outcomes: dict[str, int], at: At) -> None:
    """--at: what the same data would mean then."""
    answer = at("opened").json("numbers", "plan", "--at", at_instant)
    assert (f"{at_instant}T00:00:00Z", outcomes) == (answer["at"], {name: n for name, n in answer["outcomes"].items() if n})


@pytest.mark.parametrize("command", ["plan", "report"])
def test_they_write_nothing(command: str, at: At) -> None:
    """Not a byte of the database."""
    cli = at("opened")
    before = cli.dump()
    cli.done("numbers", command, "--users", "users.csv")
    assert before == cli.dump()


@pytest.mark.parametrize("command", ["plan", "report"])
def test_the_file_has_the_columns_of_the_contract(command: str, at: At) -> None:
    """UTF-8 without BOM, one header."""
    cli = at("opened")
    cli.done("numbers", command, "--users", "users.csv")
    assert f"{_COLUMNS}\n".encode() == (cli.folder / "users.csv").read_bytes()[: len(_COLUMNS) + 1]


@pytest.mark.parametrize("command", ["plan", "report"])
def test_the_file_has_a_line_for_each_user_and_pair(command: str, at: At) -> None:
    """Of all users, also of those without a number."""
    cli = at("opened")
    cli.done("numbers", command, "--users", "users.csv")
    users = {user["userPrincipalName"] for user in cli.json("user", "list")["users"]}
    rows = [(row["userPrincipalName"], row["pair"]) for row in cli.table("users.csv")]
    assert sorted((user, pair) for user in users for pair in ("mobile", "office")) == rows


@pytest.mark.parametrize(
    "line",
    [
        "kim@contoso.example,mobile,+1 4255550100,,to_copy,C6",
        "kim@contoso.example,office,+1 4255550180x123,,to_copy,C6",
        "dora@contoso.example,mobile,+1 4255550104,+X XXXXXXX99,diverged,C8",
        "emil@contoso.example,mobile,,,no_number,C4",
        "max@contoso.example,mobile,206.555.0142,,invalid_format,C5",
        "cleo@contoso.example,mobile,+1 4255550120,,not_synced,C1",
    ],
    ids=lambda line: line.split(",")[0],
)
def test_a_line_of_the_file(line: str, at: At) -> None:
    """`+` stands as it is; what there is none of is empty; the private number is masked."""
    cli = at("opened")
    cli.done("numbers", "plan", "--users", "users.csv")
    assert line in (cli.folder / "users.csv").read_text("utf-8").splitlines()


def test_the_file_can_show_private_numbers(at: At) -> None:
    """--reveal."""
    cli = at("opened")
    cli.done("numbers", "report", "--users", "users.csv", "--reveal")
    numbers = {row["userPrincipalName"]: row["authentication"] for row in cli.table("users.csv") if row["pair"] == "mobile"}
    assert "+1 4255550199" == numbers["dora@contoso.example"]


def test_the_file_agrees_with_the_counts(at: At) -> None:
    """Both come from one picture."""
    cli = at("copied")
    outcomes = cli.json("numbers", "plan", "--users", "users.csv")["outcomes"]
    statuses = [row["status"] for row in cli.table("users.csv")]
    assert outcomes == {status: statuses.count(status) for status in outcomes}


def test_a_file_that_was_there_is_replaced_whole(at: At) -> None:
    """Nothing of the old one stays, and no draft lies about."""
    cli = at("opened")
    cli.write("users.csv", *("old" for _ in range(1000)))
    cli.done("numbers", "plan", "--users", "users.csv")
    assert (False, []) == ("old" in (cli.folder / "users.csv").read_text("utf-8"), list(cli.folder.glob(".*.part")))


def test_details_tell_each_pair(at: At) -> None:
    """--details: user, pair, the row that matched, and whether the pair will follow the directory from now on."""
    cli = at("opened")
    assert "kim@contoso.example\tmobile\tC6\tto_copy\tfollows" in cli.done("numbers", "plan", "--details").splitlines()
    pairs = cli.json("numbers", "plan", "--details")["pairs"]
    kim = {"user": "kim@contoso.example", "pair": "mobile", "rule": "C6", "status": "to_copy", "follows": True}
    assert (26, True) == (len(pairs), kim in pairs)


def test_the_table_is_read_by_people(at: At) -> None:
    """A row for each rule that matched, with a bar, and why; no blanks at the ends of lines."""
    lines = at("opened").done("numbers", "plan").splitlines()
    assert "Plan for 2021-02-15T12:00:00Z: 13 users" == lines[0]
    assert "to_copy         C6        4  ██████████                            4  Will be copied." in lines
    assert [] == [line for line in lines if line != line.rstrip()]


def test_the_plan_remarks(at: At) -> None:
    """Dropped extensions (A2), and who would be left behind (A23)."""
    assert [
        "1 public mobile number has an extension, which is dropped.",
        "4 pairs would be left behind at the window's end without a copy.",
    ] == at("opened")("numbers", "plan").err.splitlines()


@pytest.mark.parametrize("command", ["plan", "report"])
@pytest.mark.parametrize(
    ("stage", "instant", "says"),
    [
        ("imported", None, "No transition was opened yet: ringfence transition open"),
        ("opened", datetime(2021, 1, 31, tzinfo=UTC), "The transition has not begun, so nothing is copied yet."),
        ("opened", _AFTER, "The transition is over, so nothing is copied any more."),
    ],
    ids=["none", "before", "after"],
)
def test_outside_a_window_they_say_so(stage: str, instant: datetime | None, says: str, command: str, at: At) -> None:
    """Else an administrator would wonder why nothing is to be copied."""
    cli = at(stage)
    cli.clock.instant = instant or cli.clock.instant
    assert says in cli("numbers", command).err


def test_without_users_it_says_what_to_do(at: At) -> None:
    """Not an empty table."""
    answer = at("initialised").done("numbers", "plan")
    assert "Plan for 2021-02-15T12:00:00Z: 0 users. Import some: ringfence import directory FILE\n" == answer


def test_the_report_looks_ahead(at: At) -> None:
    """How many would be left behind at the end, before and after the copy."""
    cli = at("opened")
    before = cli.done("numbers", "report").splitlines()[-1]
    cli.done("numbers", "copy")
    assert (
        "Left behind at the window's end (2021-05-01T00:00:00Z) if nothing is copied: 4",
        "Left behind at the window's end (2021-05-01T00:00:00Z) if nothing is copied: 0",
    ) == (before, cli.done("numbers", "report").splitlines()[-1])


def test_the_report_lists_who_was_left_behind(at: At) -> None:
    """After the end: configured, a valid public number, never copied (A23)."""
    cli = at("opened")
    cli.clock.instant = _AFTER
    assert 4 == cli.json("numbers", "report", "--users", "users.csv")["statuses"]["left_behind"]
    left = [row for row in cli.table("users.csv") if row["status"] == "left_behind"]
    assert {("kim", "mobile"), ("kim", "office"), ("olga", "office"), ("ines", "mobile")} == {
        (row["userPrincipalName"].partition("@")[0], row["pair"]) for row in left
    }


def test_the_rules_are_printed_for_people_programs_and_documents(at: At) -> None:
    """Every row of every table, in all three forms; no database is needed."""
    cli = at("")
    wanted = {row.id for table in TABLES for row in table.rows}
    as_json = {row["id"] for table in cli.json("numbers", "rules")["tables"] for row in table["rows"]}
    words = {line.split()[0] for line in cli.done("numbers", "rules").splitlines() if line}
    markdown = {line.split()[1] for line in cli.done("numbers", "rules", "--markdown").splitlines() if line.startswith("| ")}
    assert (wanted, set(), set()) == (as_json, wanted - words, wanted - markdown)


def test_a_transition_can_be_planned_before_it_is_opened(at: At) -> None:
    """--window: what opening it would mean, at its first instant, and what at its end."""
    window = ("--window", "2021-02-01/2021-05-01")
    cli = at("imported")
    before = cli.dump()
    planned = cli.json("numbers", "plan", *window)
    ended = cli.json("numbers", "plan", *window, "--at", "2021-05-01")
    assert ("2021-02-01T00:00:00Z", 4, 4) == (planned["at"], planned["outcomes"]["to_copy"], ended["outcomes"]["left_behind"])
    assert before == cli.dump()


@pytest.mark.parametrize(
    ("window", "says"),
    [
        ("2021-02-01", "a window has a start and an end"),
        ("2021-02-01/", "Not a date"),
        ("2021-05-01/2021-02-01", "is not before the end"),
    ],
    ids=["one date", "no end", "wrong order"],
)
def test_a_window_that_is_none_cannot_be_planned(window: str, says: str, at: At) -> None:
    """Exit 2."""
    answer = at("imported")("numbers", "plan", "--window", window)
    assert (2, True) == (answer.code, says in answer.err)

"""`ringfence transition open|show|close`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import At

_PRESET = ("--preset", "entra-2021")
_DATES = ("--start", "2021-02-01", "--end", "2021-05-01")


@pytest.mark.parametrize("words", [_PRESET, _DATES, ("--start", "2021-02-01T00:00Z", "--end", "2021-05-01T00:00Z")], ids=str)
def test_it_is_opened_by_preset_or_by_dates(words: tuple[str, ...], at: At) -> None:
    """The preset is the historic window (A18)."""
    expected = "Transition from 2021-02-01T00:00:00Z to 2021-05-01T00:00:00Z: open.\n"
    assert expected == at("imported").done("transition", "open", *words)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "give --start and --end, or --preset entra-2021"),
        (("--start", "2021-02-01"), "give --start and --end, or --preset entra-2021"),
        ((*_DATES, *_PRESET), "give --start and --end, or --preset entra-2021"),
        (("--preset", "entra-1999"), "there is no preset entra-1999; known: entra-2021"),
        (("--start", "2021-05-01", "--end", "2021-02-01"), "The start 2021-05-01T00:00:00Z is not before the end"),
        (("--start", "2021-02-01", "--end", "2021-02-01"), "is not before the end 2021-02-01T00:00:00Z."),
        (("--start", "soon", "--end", "later"), "Not a date: soon."),
    ],
    ids=["nothing", "half", "both", "unknown preset", "wrong order", "empty window", "no dates"],
)
def test_a_window_that_is_none_is_refused(words: tuple[str, ...], says: str, at: At) -> None:
    """Exit 2, and nothing is open."""
    cli = at("imported")
    answer = cli("transition", "open", *words)
    assert (2, True) == (answer.code, says in " ".join(answer.err.replace("│", " ").split()))
    assert None is cli.json("transition", "show")["transition"]


def test_opening_the_same_one_again_changes_nothing(at: At) -> None:
    """Scripts may repeat themselves."""
    cli = at("opened")
    assert False is cli.json("transition", "open", *_DATES)["changed"]


def test_a_second_one_needs_the_first_to_be_closed(at: At) -> None:
    """Exit 4; after `close` it is opened."""
    cli = at("opened")
    other = ("transition", "open", "--start", "2021-02-01", "--end", "2021-06-01")
    assert (4, True) == (cli(*other).code, "Close it first: ringfence transition close" in cli(*other).err)
    cli.done("transition", "close")
    cli.clock.instant += timedelta(minutes=1)
    assert 0 == cli(*other).code


def test_one_in_the_past_is_opened_with_a_remark(at: At) -> None:
    """It is no error: reports tell who was left behind. But nothing will happen any more."""
    cli = at("imported")
    cli.clock.instant = datetime(2026, 1, 1, tzinfo=UTC)
    answer = cli("transition", "open", *_PRESET)
    assert answer.out.endswith(": ended.\n")
    assert answer.err.endswith("It is in the past, so nothing will be copied or mirrored.\n")


@pytest.mark.parametrize("words", [("transition", "open", *_PRESET), ("transition", "close")], ids=["open a past one", "close"])
def test_it_says_how_many_are_left_behind(words: tuple[str, ...], at: At) -> None:
    """Four pairs of the example company are rung on the public number until then (A23)."""
    cli = at("imported" if words[1] == "open" else "opened")
    cli.clock.instant = datetime(2026, 1, 1, tzinfo=UTC) if words[1] == "open" else cli.clock.instant
    answer = cli(*words)
    assert (0, True) == (answer.code, answer.err.startswith("Left behind: 4 pairs have a method entry and only a public number"))


def test_nobody_is_left_behind_after_a_copy(at: At) -> None:
    """Then there is nothing to be told."""
    assert 0 == at("copied").json("transition", "close")["leftBehind"]


@pytest.mark.parametrize(
    ("instant", "state"),
    [
        (datetime(2021, 1, 31, 23, 59, 59, tzinfo=UTC), "not begun"),
        (datetime(2021, 2, 1, tzinfo=UTC), "open"),
        (datetime(2021, 4, 30, 23, 59, 59, tzinfo=UTC), "open"),
        (datetime(2021, 5, 1, tzinfo=UTC), "ended"),
    ],
    ids=["before", "first instant", "last second", "end"],
)
def test_its_state_depends_on_the_time(instant: datetime, state: str, at: At) -> None:
    """The start belongs to it, the end does not (A18)."""
    cli = at("opened")
    cli.clock.instant = instant
    assert state == cli.json("transition", "show")["transition"]["state"]


def test_closed_it_counts_as_ended(at: At) -> None:
    """And `show` says when that was."""
    cli = at("opened")
    assert cli.done("transition", "close").endswith(": ended.\n")
    assert "2021-02-15T12:00:00Z" == cli.json("transition", "show")["transition"]["closedAt"]


@pytest.mark.parametrize(("stage", "says"), [("imported", "No transition was opened yet"), ("opened", "there is nothing left")])
def test_what_is_not_open_is_not_closed(stage: str, says: str, at: At) -> None:
    """Exit 4: never opened, or closed already."""
    cli = at(stage)
    if stage == "opened":
        cli.done("transition", "close")
    answer = cli("transition", "close")
    assert (4, True) == (answer.code, says in answer.err)


def test_earlier_ones_are_shown_too(at: At) -> None:
    """The present one first in the table; apart in JSON."""
    cli = at("opened")
    cli.done("transition", "close")
    cli.clock.instant += timedelta(minutes=1)
    cli.done("transition", "open", "--start", "2021-02-01", "--end", "2021-07-01")
    shown = cli.json("transition", "show")
    assert ("2021-07-01T00:00:00Z", ["2021-05-01T00:00:00Z"]) == (
        shown["transition"]["end"],
        [one["end"] for one in shown["earlier"]],
    )
    assert ["2021-07-01", "2021-05-01"] == [line.split()[1][:10] for line in cli.done("transition", "show").splitlines()[1:]]


def test_none_is_said_in_words(at: At) -> None:
    """An empty table says nothing."""
    assert "No transition was opened yet.\n" == at("imported").done("transition", "show")

"""The example company meets every row of B.2 and B.3, each somebody whose name is here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ringfence.domain.numbers.tables import COPY, MIRROR, Status
from tests.cli.command_line import EXAMPLES
from tests.demo.chapters import Chapters

_COPY = {
    "C1": ("open", "cleo", "mobile"),
    "C2": ("before", "kim", "mobile"),
    "C3": ("open", "nora", "mobile"),
    "C4": ("open", "emil", "mobile"),
    "C5": ("open", "max", "mobile"),
    "C6": ("open", "kim", "office"),
    "C7": ("open", "sam", "mobile"),
    "C8": ("open", "dora", "mobile"),
    "C9": ("after the end", "kim", "mobile"),
}
_MIRROR = {
    "M1": ("after the end", "sam"),
    "M2": ("a working day", "emil"),
    "M3": ("a working day", "sam"),
    "M4": ("a working day", "fred"),
    "M5": ("a working day", "tina"),
    "M6": ("a working day", "dora"),
    "M7": ("a working day", "paul"),
    "M8": ("the day after", "fred"),
}


def test_every_row_is_somebodys() -> None:
    """Rows of the table of copies, and the rows of B.3 (A12 to A17 are not rows of B.3)."""
    assert [row.id for row in COPY.rows] == list(_COPY)
    assert sorted(row.id for row in MIRROR.rows if row.id.startswith("M")) == list(_MIRROR)


@pytest.mark.parametrize("rule", _COPY)
def test_a_row_of_the_copy_table_is_met(rule: str, chapters: Chapters) -> None:
    """B.2, by `numbers plan`."""
    chapter, user, pair = _COPY[rule]
    assert rule == chapters.copy[chapter][user, pair]


@pytest.mark.parametrize("rule", _MIRROR)
def test_a_row_of_the_mirror_table_is_met(rule: str, chapters: Chapters) -> None:
    """B.3, by a dry run; M2 asks the copy table, so its row is named there: C6."""
    chapter, user = _MIRROR[rule]
    assert {"M2": "C6"}.get(rule, rule) == chapters.mirror[chapter][user, "mobile"]


def test_before_the_start_nothing_is_carried_over(chapters: Chapters) -> None:
    """M1 for whoever changes then."""
    assert {"M1"} == set(chapters.mirror["before"].values())


def _announced(path: Path) -> dict[tuple[str, str], str]:
    """The rule that a comment names before each change of a file."""
    text = path.read_text("utf-8")
    found = re.findall(r"^# (M\d)[^\n]*\ndn: CN=(\w+)", text, re.MULTILINE)
    return {(name.lower(), "mobile"): rule for rule, name in found}


@pytest.mark.parametrize(
    ("chapter", "name"),
    [("a working day", "4-changes.ldif"), ("the day after", "5-more-changes.ldif"), ("after the end", "6-after-the-end.ldif")],
)
def test_a_comment_in_a_file_names_the_right_rule(chapter: str, name: str, chapters: Chapters) -> None:
    """Who reads the files reads the truth."""
    announced = {who: {"M2": "C6"}.get(rule, rule) for who, rule in _announced(EXAMPLES / name).items()}
    assert announced == chapters.mirror[chapter]


def test_every_status_is_seen(chapters: Chapters) -> None:
    """All of G, at one point of the story or another."""
    assert {status.value for status in Status} == set().union(*chapters.statuses.values())


def test_nobody_is_contacted_at_another_number_after_the_copy(chapters: Chapters) -> None:
    """The promise of the announcement, for every method of everybody in the company."""
    assert chapters.contacts["open"] == chapters.contacts["copied"]


def test_opening_the_transition_changes_no_contacted_number(chapters: Chapters) -> None:
    """Nor does the beginning."""
    assert chapters.contacts["before"] == chapters.contacts["open"]


def test_closing_the_transition_changes_no_contacted_number_here(chapters: Chapters) -> None:
    """All that was in use has been copied, so nobody is left behind."""
    assert chapters.contacts["the day after"] == chapters.contacts["after the end"]


def test_who_follows_is_contacted_at_the_new_number(chapters: Chapters) -> None:
    """Sam's, and Tina's in spite of a typo in between; Dora's stays."""
    contacts = chapters.contacts["the day after"]
    assert ("+44 7700900102", "+1 4255550109", "+1 4255550199") == (
        contacts["sam", "TwoWayVoiceMobile"],
        contacts["tina", "OneWaySMS"],
        contacts["dora", "OneWaySMS"],
    )


@pytest.mark.slow
def test_the_story_is_the_same_on_postgresql(chapters: Chapters, chapters_on_postgresql: Chapters) -> None:
    """Every rule, status and contacted number, at every point."""
    assert chapters == chapters_on_postgresql

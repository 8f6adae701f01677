"""docs/copy-and-mirror.md publishes the logic: its tables are the rows that the program walks."""

from __future__ import annotations

import re
from typing import Final

import pytest

from ringfence.cli.rules import markdown_table
from ringfence.domain.numbers.tables import TABLES
from tests.docs.documents import ROOT, RULES, tables_in, with_tables

_TEXT: Final = RULES.read_text("utf-8")
_AGAIN: Final = "docs/copy-and-mirror.md is behind the rules; write it anew: .venv/bin/python -m tests.docs.rewrite"


def test_every_table_is_published() -> None:
    """Copy, mirror, baseline, effective number, status."""
    assert {table.name for table in TABLES} == set(tables_in(_TEXT)), _AGAIN


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_published_table_is_the_programs(table: object) -> None:
    """Row by row, word by word."""
    [wanted] = [one for one in TABLES if one is table]
    assert markdown_table(wanted) == tables_in(_TEXT)[wanted.name], _AGAIN


def test_rewriting_changes_nothing_else() -> None:
    """What stands between the tables is written by hand."""
    broken = re.sub(r"^\| [A-Z]\d.*\n", "", _TEXT, flags=re.MULTILINE)
    assert (True, _TEXT) == (broken != _TEXT, with_tables(broken))


def test_the_worked_cases_are_those_of_the_test() -> None:
    """The page names a test file, which is there, and shows all thirteen cases of B.6."""
    [named] = re.findall(r"Each is a test \(`([^`]+)`\)", _TEXT)
    cases = _TEXT.partition("## Worked cases")[2].partition("\n## ")[0]
    assert (True, 13) == ((ROOT / named).exists(), len(re.findall(r"^\| (?!before|---)", cases, re.MULTILINE)))

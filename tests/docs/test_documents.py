"""README and docs: what they tell people to type exists, and what they link to is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from tests.cli import grammar
from tests.docs.documents import DOCUMENTS, ROOT, blocks, command_lines, links, name_of, paths_named

_README: Final = (ROOT / "README.md").read_text("utf-8")
_COMMANDS: Final = sorted({(name_of(path), line) for path in DOCUMENTS for line in command_lines(path.read_text("utf-8"))})
_LINKS: Final = sorted({(path, link) for path in DOCUMENTS for link in links(path.read_text("utf-8")) if "://" not in link})
_NAMED: Final = sorted({(name_of(path), name) for path in DOCUMENTS for name in paths_named(path.read_text("utf-8"))})
_ROOMS: Final = (ROOT, ROOT / "src" / "ringfence")
_GENERATED: Final = {"FILE.rejected.csv", "plan.csv"}
_DECISIONS: Final = sorted((ROOT / "docs" / "decisions").glob("*.md"))


@pytest.mark.parametrize("command", ["./dev run", "./dev test"])
def test_the_readme_has_the_two_commands(command: str) -> None:
    """Each on a line of its own, to be copied."""
    assert re.search(rf"^{re.escape(command)}( |$)", _README, re.MULTILINE)


def test_the_readmes_test_command_is_what_ci_runs() -> None:
    """The build server types what a contributor types."""
    assert "./dev test" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_readme_says_what_it_is_in_five_lines() -> None:
    """The first paragraph."""
    first = _README.split("\n\n")[1]
    assert len(first.splitlines()) <= 5


@pytest.mark.parametrize(("document", "line"), _COMMANDS, ids=lambda value: str(value)[:60])
def test_a_command_line_shown_can_be_typed(document: str, line: str) -> None:
    """Commands, options and arguments that exist; in running text a command may stand alone."""
    assert document
    grammar.check(line, path_alone_is_enough=True)


@pytest.mark.parametrize(("path", "link"), _LINKS, ids=lambda value: value if isinstance(value, str) else value.name)
def test_a_link_leads_somewhere(path: Path, link: str) -> None:
    """To a file or folder of this repository."""
    assert (path.parent / link).exists()


@pytest.mark.parametrize(("document", "name"), _NAMED, ids=str)
def test_a_file_named_is_there(document: str, name: str) -> None:
    """From the root, from the package, or by its bare name somewhere in either."""
    found = any((room / name).exists() for room in _ROOMS) or ("/" not in name and any((ROOT / "src").rglob(name)))
    assert found or name in _GENERATED, document


@pytest.mark.parametrize("decision", _DECISIONS, ids=lambda path: path.name)
def test_a_decision_has_title_date_decision_and_reason(decision: Path) -> None:
    """And the number of its file."""
    text = decision.read_text("utf-8")
    number = int(decision.name[:4])
    patterns = (rf"\A# {number}\. \S", r"^Date: \d{4}-\d\d-\d\d$", r"^\*\*Decision\.\*\* \S", r"^\*\*Reason\.\*\* \S")
    assert [] == [pattern for pattern in patterns if not re.search(pattern, text, re.MULTILINE)]


def test_decisions_are_numbered_without_gaps() -> None:
    """So that the next one finds its number."""
    assert list(range(1, len(_DECISIONS) + 1)) == [int(path.name[:4]) for path in _DECISIONS]


@pytest.mark.parametrize("wanted", ["ARCHITECTURE.md", "copy-and-mirror.md", "divergences.md", "glossary.md", "decisions"])
def test_the_readme_leads_to_every_document(wanted: str) -> None:
    """Where to go next."""
    assert f"docs/{wanted}" in links(_README)


def test_the_search_finds_command_lines() -> None:
    """Else the tests above would say nothing."""
    text = "a `ringfence numbers\nplan` b\n```\n$ ringfence user list\nringfence: no\n```\n"
    assert ["ringfence user list", "ringfence numbers plan"] == command_lines(text)


def test_the_cloud_of_the_cli_is_the_one_that_is_tested() -> None:
    """What docs/clients.md has people save is the file that tests/clients runs CLI for Microsoft 365 with."""
    cloud = (ROOT / "tests" / "clients" / "m365" / "cloud.mjs").read_text("utf-8")
    shown = [block for block in blocks((ROOT / "docs" / "clients.md").read_text("utf-8")) if "CloudType" in block]
    assert [cloud.partition("\n\n")[2]] == shown

"""The documents, and what they show: command lines, links, tables of rules."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from ringfence.cli.rules import markdown_table
from ringfence.domain.numbers.tables import TABLES
from ringfence.domain.signin.requirement import printed

ROOT: Final = Path(__file__).parents[2]
RULES: Final = ROOT / "docs" / "copy-and-mirror.md"
REQUIREMENTS: Final = ROOT / "docs" / "second-factor.md"
DOCUMENTS: Final = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

_TABLE: Final = re.compile(r"(?<=<!-- table: )(?P<name>\w+)(?P<mark> -->\n)(?P<rows>.*?)(?=<!-- end -->)", re.DOTALL)
_REQUIREMENTS: Final = re.compile(r"(?<=<!-- requirements -->\n).*?(?=<!-- end -->)", re.DOTALL)
_FENCE: Final = re.compile(r"^```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_SPAN: Final = re.compile(r"`([^`]+)`")
_LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def name_of(path: Path) -> str:
    """A document's path from the root, to be shown."""
    return path.relative_to(ROOT).as_posix()


def tables_in(text: str) -> dict[str, str]:
    """The tables of rules that a document holds, by name."""
    return {found["name"]: found["rows"].strip() for found in _TABLE.finditer(text)}


def with_tables(text: str) -> str:
    """The document with its tables as the program prints them."""
    printed = {table.name: markdown_table(table) for table in TABLES}
    return _TABLE.sub(lambda found: f"{found['name']}{found['mark']}{printed[found['name']]}\n", text)


def with_requirements(text: str) -> str:
    """The document with the table of requirements as the program has it."""
    return _REQUIREMENTS.sub(lambda _: printed(), text)


def blocks(text: str) -> list[str]:
    """The fenced blocks of a document."""
    found: list[str] = _FENCE.findall(text)
    return found


def command_lines(text: str) -> list[str]:
    """Every `ringfence …` that a document shows, in blocks and in running text."""
    typed = [line.strip().removeprefix("$ ") for block in blocks(text) for line in block.splitlines()]
    named = [" ".join(span.split()) for span in _SPAN.findall(_FENCE.sub("", text))]
    return [line for line in (*typed, *named) if line.startswith("ringfence ")]


def links(text: str) -> list[str]:
    """Where the links of a document lead, without places within a page."""
    return [target.partition("#")[0] for target in _LINK.findall(_FENCE.sub("", text)) if not target.startswith("#")]


def paths_named(text: str) -> list[str]:
    """Files that a document names in running text: `a/b.py` and the like."""
    return [span for span in _SPAN.findall(_FENCE.sub("", text)) if re.fullmatch(r"[\w./-]+\.(py|md|toml|lock|ldif|csv)", span)]

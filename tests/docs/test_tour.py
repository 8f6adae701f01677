"""The README's five-minute tour is real: typed in order, each command answers what the README shows.

Ids and instants differ each time; `…` stands for what was left out.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

import pytest

from tests.cli.conftest import At
from tests.docs.documents import ROOT, blocks

_WHEN: Final = datetime(2026, 11, 24, 4, 54, 3, tzinfo=UTC)
"""In the window that the README opens."""

_CHANGING: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z")


def _tour() -> list[tuple[str, str]]:
    """The commands of the README with what it shows below each."""
    shown = [block for block in blocks((ROOT / "README.md").read_text("utf-8")) if block.startswith("$ ")]
    typed = [part.partition("\n") for block in shown for part in re.split(r"^\$ ", block, flags=re.MULTILINE) if part]
    return [(line.removeprefix("ringfence "), answer) for line, _, answer in typed]


def _pattern(answer: str) -> str:
    """A regular expression for an answer as the README shows it."""
    lines = _CHANGING.sub("ID", answer).splitlines()
    return "".join("(?:.*\n)*" if line == "…" else re.escape(line).replace("…", ".*") + "\n" for line in lines)


@pytest.mark.parametrize(
    ("shown", "said", "same"),
    [
        ("a 1\n", "a 1\n", True),
        ("a 1\n", "a 2\n", False),
        ("a\n", "a\nb\n", False),
        ("…\nb\n…\n", "a\nb\nc\nd\n", True),
        ("…\nb\n…\n", "a\nc\n", False),
        ("C7: …\n", "C7: because\n", True),
    ],
    ids=["equal", "unequal", "more", "left out", "missing", "rest left out"],
)
def test_what_is_left_out_may_be_anything(shown: str, said: str, same: bool) -> None:  # noqa: FBT001 - a parameter of the table
    """And what is shown may not."""
    assert same is bool(re.fullmatch(_pattern(shown), said))


def test_the_tour_can_be_taken(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """From init to explain, in the order of the README, with its answers."""
    cli = at("")
    cli.clock.instant = _WHEN
    (cli.folder / "examples").symlink_to(ROOT / "examples")
    monkeypatch.delenv("RINGFENCE_DATABASE")
    monkeypatch.delenv("RINGFENCE_KEY_FILE")
    differing = []
    for line, answer in _tour():
        told = cli.type(line)
        said = _CHANGING.sub("ID", told.out + told.err)
        if not re.fullmatch(_pattern(answer), said):
            differing.append((line, answer, said))
    assert [] == differing
    assert len(_tour()) >= 8

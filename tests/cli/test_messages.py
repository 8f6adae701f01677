"""Every error code has words and an exit code, and each place that raises it gives the facts that the words mention."""

from __future__ import annotations

import ast
import string
from pathlib import Path
from typing import Final, NamedTuple

import pytest

import ringfence
from ringfence.cli.messages import MESSAGES
from ringfence.domain.errors import ErrorCode

_PACKAGE: Final = Path(ringfence.__file__).parent
_MAY_BE_ABSENT: Final = {"line"}
"""Facts whose words are left out as a whole."""

_GIVEN_BY: Final = {"_error": {"path"}}
"""Facts that a function of `sources/blocks.py` adds for its callers."""


class Raised(NamedTuple):
    """A place where a code is raised, with the facts given there."""

    place: str
    code: ErrorCode
    facts: frozenset[str]


def _raised(path: Path) -> list[Raised]:
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        facts = frozenset({word.arg or "" for word in node.keywords} | _GIVEN_BY.get(name, set()))
        for code in filter(_is_code, node.args):
            place = f"{path.relative_to(_PACKAGE).as_posix()}:{node.lineno}"
            found.append(Raised(place, ErrorCode[getattr(code, "attr", "")], facts))
    return found


def _is_code(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ErrorCode"


def _places() -> list[Raised]:
    return [raised for path in sorted(_PACKAGE.rglob("*.py")) if path.name != "messages.py" for raised in _raised(path)]


def _mentioned(code: ErrorCode) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(MESSAGES[code][1]) if name} - _MAY_BE_ABSENT


@pytest.mark.parametrize("code", ErrorCode)
def test_every_code_has_words_and_an_exit_code(code: ErrorCode) -> None:
    """A sentence, and one of 2 (bad input), 3 (guard), 4 (state)."""
    exit_code, words = MESSAGES[code]
    assert (True, True) == (exit_code in {2, 3, 4}, words[0].isupper() or words.startswith("{"))


@pytest.mark.parametrize("raised", _places(), ids=lambda raised: f"{raised.code.value} {raised.place.rpartition('/')[2]}")
def test_the_facts_that_the_words_mention_are_given(raised: Raised) -> None:
    """No message has a hole."""
    assert set() == _mentioned(raised.code) - raised.facts


def test_the_search_finds_places() -> None:
    """Else the test above would say nothing."""
    assert {"KEY_WRONG", "SOURCE_TRUNCATED", "USER_UNKNOWN"} <= {raised.code.name for raised in _places()}


@pytest.mark.parametrize("code", ErrorCode)
def test_every_code_is_used(code: ErrorCode) -> None:
    """A word of the vocabulary that nothing says any more has to go."""
    texts = (path.read_text("utf-8") for path in _PACKAGE.rglob("*.py") if path.name not in {"messages.py", "errors.py"})
    assert any(f"ErrorCode.{code.name}" in text for text in texts)


@pytest.mark.parametrize("code", ErrorCode)
def test_no_message_ends_without_a_stop_or_a_command(code: ErrorCode) -> None:
    """People read sentences; what can be typed stands at the end, without a stop behind it."""
    words = MESSAGES[code][1]
    assert words.endswith((".", ")")) or "ringfence " in words

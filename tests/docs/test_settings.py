"""Settings and answers: each is documented, and what is documented is there."""

from __future__ import annotations

import ast
import re
from typing import Final

import pytest

from ringfence import settings
from ringfence.domain.numbers.policy import NumberPolicy
from tests.cli.conftest import At
from tests.docs.documents import ROOT

_PACKAGE: Final = ROOT / "src" / "ringfence"
_VARIABLE: Final = re.compile(r"RINGFENCE_[A-Z_]+[A-Z]")
_DIVERGENCES: Final = (ROOT / "docs" / "divergences.md").read_text("utf-8")
_PLACES: Final = {"RINGFENCE_DATABASE", "RINGFENCE_KEY_FILE", "RINGFENCE_TENANT"}
_SERVER: Final = {f"RINGFENCE_{name}" for name in ("HOSTS", "LISTEN", "PUBLIC_URL", "TLS_CERT", "TLS_FOLDER", "TLS_KEY")}
_SERVING: Final = {"RINGFENCE_DEMO", "RINGFENCE_METRICS", "RINGFENCE_SENDERS", "RINGFENCE_THREADS"}
_DOCUMENTED: Final = set(_VARIABLE.findall(settings.__doc__ or ""))


def _read() -> set[str]:
    """The variables that settings.py reads: constants of its code, not of its docstring."""
    tree = ast.parse((_PACKAGE / "settings.py").read_text("utf-8"))
    texts = (node.value for part in tree.body[1:] for node in ast.walk(part) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and _VARIABLE.fullmatch(text)}


def test_every_variable_read_is_documented_and_vice_versa() -> None:
    """The table at the top of settings.py."""
    assert _DOCUMENTED == _read()


def test_no_other_module_speaks_of_a_variable_that_is_none() -> None:
    """In help texts and messages."""
    texts = (path.read_text("utf-8") for path in _PACKAGE.rglob("*.py"))
    assert set() == {variable for text in texts for variable in _VARIABLE.findall(text)} - _DOCUMENTED


def test_no_document_speaks_of_a_variable_that_is_none() -> None:
    """Nor in README and docs."""
    texts = (path.read_text("utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")))
    assert set() == {variable for text in texts for variable in _VARIABLE.findall(text)} - _DOCUMENTED


@pytest.mark.parametrize("name", NumberPolicy._fields if hasattr(NumberPolicy, "_fields") else NumberPolicy.__annotations__)
def test_every_switch_is_among_the_divergences(name: str) -> None:
    """With its variable; the default of each is a decision."""
    assert f"`RINGFENCE_{name.upper()}`" in _DIVERGENCES


@pytest.mark.parametrize("variable", sorted(_PLACES))
def test_every_place_is_in_the_help(variable: str, at: At) -> None:
    """Where things lie is asked there."""
    assert variable in at("").done("--help")


@pytest.mark.parametrize("variable", sorted(_SERVER))
def test_every_variable_of_the_server_is_in_the_help_of_status(variable: str, at: At) -> None:
    """Which shows what comes of them."""
    assert variable in at("").done("status", "--help")


@pytest.mark.parametrize("variable", sorted(_SERVING))
def test_every_variable_of_serving_alone_is_in_the_help_of_serve(variable: str, at: At) -> None:
    """Nothing of it is shown elsewhere."""
    assert variable in at("").done("serve", "--help")


def test_every_variable_is_a_switch_or_a_place() -> None:
    """So nothing escapes the tests above."""
    assert _DOCUMENTED == _PLACES | _SERVER | _SERVING | {f"RINGFENCE_{name.upper()}" for name in NumberPolicy.__annotations__}


@pytest.mark.parametrize("number", range(1, 27))
def test_every_answer_is_among_the_divergences(number: int) -> None:
    """Domain-rules B.4: A1 to A26."""
    assert re.search(rf"\bA{number}\b", _DIVERGENCES)


_TESTS: Final = {
    path: path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py") if path.parent != ROOT / "tests" / "docs"
}


@pytest.mark.parametrize("number", range(1, 27))
def test_every_answer_is_named_in_a_test(number: int) -> None:
    """Who changes one finds what holds it."""
    assert any(re.search(rf"\bA{number}\b", text) for text in _TESTS.values())

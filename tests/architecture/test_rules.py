"""The house rules hold for the code as it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pytest

from tests.architecture import budgets, doors, effects, rooms
from tests.architecture.allowances import Finding, allowances, complaints
from tests.architecture.modules import PACKAGE, ROOT, Module, our_modules

pytestmark = pytest.mark.slow  # `./dev check` runs them

FINDERS: list[tuple[str, Callable[[Iterable[Module]], Iterator[Finding]]]] = [
    ("rooms", rooms.table_breaches),
    ("packages", rooms.foreign_breaches),
    ("ring", rooms.rings),
    ("function length", budgets.over_budget),
    ("parameters", budgets.over_budget),
    ("branches", budgets.over_budget),
    ("annotations", budgets.over_budget),
    ("clock", effects.clock_reads),
    ("environment", effects.environment_reads),
    ("catch-all", effects.catch_alls),
    ("domain effects", effects.domain_effects),
]
FOLDERS = ("src", "tests", "bench")


@pytest.mark.parametrize(("rule", "find"), FINDERS, ids=[rule for rule, _ in FINDERS])
def test_the_code_keeps(rule: str, find: Callable[[Iterable[Module]], Iterator[Finding]]) -> None:
    """Every module of `src/ringfence` keeps the rule, up to the exceptions in `allowed.toml`, each of which is still needed."""
    assert [] == complaints(rule, find(our_modules()), allowances())


def test_files_are_short() -> None:
    """No Python file of sources, tests or measures has more than 400 lines."""
    assert [] == complaints("file length", budgets.long_files(ROOT, FOLDERS), allowances())


def test_most_functions_are_shorter_still() -> None:
    """95 of 100 functions have at most 30 lines."""
    lengths = [function.length for module in our_modules() for function in budgets.functions(module)]
    assert budgets.percentile_95(lengths) <= budgets.LENGTH_P95


def test_every_door_has_its_page() -> None:
    """Each package says what it owns, what it does not own, and to whom it hands."""
    assert [] == complaints("door", doors.bare_doors(PACKAGE), allowances())


def test_names_say_what_is_inside() -> None:
    """No module is called utils, helpers, common, manager or base."""
    assert [] == complaints("name", doors.empty_names(ROOT, FOLDERS), allowances())


def test_allowances_name_rules_that_exist() -> None:
    """An allowance for a misspelt rule would never be found stale."""
    known = {rule for rule, _ in FINDERS} | {"file length", "door", "name"}
    assert set() == {entry.rule for entry in allowances()} - known


def test_allowances_give_a_reason() -> None:
    """An exception without a reason is no exception."""
    assert [] == [entry.where for entry in allowances() if len(entry.reason.split()) < 3]

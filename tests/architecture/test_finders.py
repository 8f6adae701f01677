"""Each finder finds what it is for: code that breaks a rule, planted here, is named, and code that keeps it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture import budgets, doors, effects, rooms
from tests.architecture.allowances import Allowance, Finding, complaints
from tests.architecture.modules import Module, parse


def _where(module: str, code: str) -> Module:
    return parse(f"ringfence.{module}", code)


ROOMS = {
    "domain-to-application": ("domain.audit", "from ringfence.application import ports", "ringfence.application"),
    "application-to-storage": ("application.plan", "import ringfence.storage.tables", "ringfence.storage.tables"),
    "storage-to-a-use-case": ("storage.work", "from ringfence.application.plan import plan", "ringfence.application.plan"),
    "inside-a-function": ("crypto.seal", "def f():\n    from ringfence.storage import tables", "ringfence.storage"),
    "under-type-checking": ("sources.csv", "if TYPE_CHECKING:\n    import ringfence.crypto", "ringfence.crypto"),
    "by-name": ("cli.phone", "import_module('ringfence.storage.engine')", "ringfence.storage.engine"),
    "relative": ("domain.numbers.pairs", "from ...storage import engine", "ringfence.storage"),
    "surface-to-surface": ("demo.story", "from ringfence.cli import main", "ringfence.cli"),
    "surface-to-bootstrap": ("cli.phone", "from ringfence import bootstrap", "ringfence"),
}


@pytest.mark.parametrize(("module", "code", "target"), ROOMS.values(), ids=ROOMS)
def test_an_import_across_rooms_is_found(module: str, code: str, target: str) -> None:
    """An import that the table of rooms lacks is found wherever in the file it hides."""
    found = [finding.what for finding in rooms.table_breaches([_where(module, code)])]
    assert [f"line {code.count(chr(10)) + 1} imports {target}"] == found


def test_the_root_is_no_way_round() -> None:
    """`from ringfence import bootstrap` is an import of bootstrap."""
    modules = [_where("cli.phone", "from ringfence import bootstrap"), _where("bootstrap", "")]
    assert ["line 1 imports ringfence.bootstrap"] == [finding.what for finding in rooms.table_breaches(modules)]


def test_a_room_outside_the_table_is_found() -> None:
    """A new folder has no rights until the table gives it some."""
    assert ["ringfence.extras.thing"] == [finding.where for finding in rooms.table_breaches([_where("extras.thing", "")])]


ROOMS_KEPT = {
    "use-case-to-rule": ("application.plan", "from ringfence.domain.numbers.pairs import Pair"),
    "storage-to-ports": ("storage.work", "from ringfence.application.ports import UnitOfWork"),
    "surface-to-use-case": ("cli.phone", "from ringfence.application.phones import set_phone"),
    "entry-to-bootstrap": ("cli.main", "from ringfence.bootstrap import bootstrap"),
    "bootstrap-to-all": ("bootstrap", "from ringfence.storage.engine import connect\nfrom ringfence.crypto.keys import load"),
}


@pytest.mark.parametrize(("module", "code"), ROOMS_KEPT.values(), ids=ROOMS_KEPT)
def test_an_import_in_the_table_passes(module: str, code: str) -> None:
    """The finder does not refuse what the table allows."""
    assert [] == list(rooms.table_breaches([_where(module, code)]))


PACKAGES = {
    "sql-outside-storage": ("application.plan", "import sqlalchemy"),
    "sqlite-outside-storage": ("sources.csv", "import sqlite3"),
    "sql-in-bootstrap": ("bootstrap", "from sqlalchemy import create_engine"),
    "framework-in-domain": ("domain.values", "from rich.table import Table"),
    "numbers-library-elsewhere": ("domain.numbers.canonical", "import phonenumbers"),
    "clock-in-domain": ("domain.values", "import time"),
    "randomness-in-domain": ("domain.values", "def f():\n    from random import choice"),
    "environment-in-domain": ("domain.values", "import os.path"),
}


@pytest.mark.parametrize(("module", "code"), PACKAGES.values(), ids=PACKAGES)
def test_a_package_out_of_place_is_found(module: str, code: str) -> None:
    """A foreign package in a room that does not stand on it, or an effect in the domain, is found."""
    assert [f"ringfence.{module}"] == [finding.where for finding in rooms.foreign_breaches([_where(module, code)])]


def test_packages_in_their_place_pass() -> None:
    """Each room may use what the table says it stands on, and the standard library."""
    modules = [
        _where("storage.engine", "import sqlite3, sqlalchemy.engine\nfrom alembic import op"),
        _where("domain.numbers.metadata", "import re\nfrom phonenumbers import phonemetadata"),
    ]
    assert [] == list(rooms.foreign_breaches(modules))


RINGS = {
    "plain": ("from ringfence.domain.b import x", "import ringfence.domain.a"),
    "inside-functions": ("def f():\n    from ringfence.domain import b", "def g():\n    from ringfence.domain import a"),
    "relative": ("from . import b", "from .a import x"),
}


@pytest.mark.parametrize(("first", "second"), RINGS.values(), ids=RINGS)
def test_a_ring_is_found(first: str, second: str) -> None:
    """Two modules that import each other are a ring, also when the import stands inside a function."""
    [finding] = rooms.rings([_where("domain.a", first), _where("domain.b", second)])
    assert {"ringfence.domain.a", "ringfence.domain.b"} == set(finding.what.split(" <- "))


def test_a_chain_is_no_ring() -> None:
    """A module may be reached on two ways as long as none leads back."""
    chain = ["from ringfence.domain import b, c", "from ringfence.domain import c", ""]
    assert [] == list(rooms.rings([_where(f"domain.{name}", code) for name, code in zip("abc", chain, strict=True)]))


BUDGETS = {
    "length": ("def f() -> None:\n" + "    x = 1\n" * 40, "function length", 41),
    "parameters": ("def f(a: int, b: int, c: int, d: int, e: int, *, f: int, **g: int) -> None: ...", "parameters", 7),
    "branches": ("def f() -> None:\n    while x:\n" + "        y = 1 if x else 2\n" * 10, "branches", 11),
    "no-return-annotation": ("def f(): ...", "annotations", 1),
    "no-parameter-annotation": ("class C:\n    def m(self, a, *b, **c) -> None: ...", "annotations", 3),
    "inner-function": ("def f() -> None:\n    def g(a): ...", "annotations", 2),
}


@pytest.mark.parametrize(("code", "rule", "value"), BUDGETS.values(), ids=BUDGETS)
def test_a_function_over_budget_is_found(code: str, rule: str, value: int) -> None:
    """A function over a limit is found, with the rule and what was measured."""
    assert [(rule, value)] == [(finding.rule, finding.value) for finding in budgets.over_budget([_where("domain.a", code)])]


BUDGETS_KEPT = {
    "docstring-aside": 'def f() -> None:\n    """One.\n' + "\n" * 20 + '    """\n' + "    x = 1\n" * 39,
    "decorators-aside": "@a(\n" + "    1,\n" * 20 + ")\ndef f() -> None:\n" + "    x = 1\n" * 39,
    "self-not-counted": "class C:\n    def m(self, a: int, b: int, c: int, d: int, e: int, f: int) -> None: ...",
    "branches-of-inner-functions-are-theirs": "def f() -> None:\n" + ("    def g() -> None:\n" + "        if x: ...\n" * 8) * 2,
}


@pytest.mark.parametrize("code", BUDGETS_KEPT.values(), ids=BUDGETS_KEPT)
def test_a_function_at_its_limit_passes(code: str) -> None:
    """What the limits leave out is left out: docstring, decorators, self, functions inside."""
    assert [] == list(budgets.over_budget([_where("domain.a", code)]))


def test_a_method_is_named_by_its_class() -> None:
    """An allowance can name one method."""
    assert ["ringfence.a:C.m"] == [f.where for f in budgets.functions(_where("a", "class C:\n    def m(self) -> None: ..."))]


def test_the_percentile_is_the_one_that_was_meant() -> None:
    """Of 1 to 100, ninety-five do not exceed 95; by hand."""
    assert 95 == budgets.percentile_95(range(1, 101))


def test_a_long_file_is_found(tmp_path: Path) -> None:
    """401 lines are one too many, 400 are not."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "long.py").write_text("x\n" * 401)
    (tmp_path / "src" / "full.py").write_text("x\n" * 400)
    assert [("src/long.py", 401)] == [(f.where, f.value) for f in budgets.long_files(tmp_path, ["src", "bench"])]


CLOCK = {
    "now": "from datetime import UTC, datetime\nx = datetime.now(UTC)",
    "now-renamed": "import datetime as dt\nx = dt.datetime.now(dt.UTC)",
    "today": "import datetime\nx = datetime.date.today()",
    "monotonic": "import time\nx = time.monotonic()",
    "as-a-default": "from time import perf_counter as tick\ndef f(clock=tick): ...",
    "inside-a-function": "def f():\n    import time\n    return time.time_ns()",
    "by-the-database": "x = 'INSERT INTO t VALUES (CURRENT_TIMESTAMP)'",
    "by-sqlite": '''x = f"SELECT datetime('now') {y}"''',
    "by-sqlalchemy": "import sqlalchemy as sa\nx = sa.func.now()",
}


@pytest.mark.parametrize("code", CLOCK.values(), ids=CLOCK)
def test_a_clock_read_is_found(code: str) -> None:
    """The clock is read at the surface alone: any other read is found, whatever it is called and whoever reads it."""
    assert ["ringfence.storage.a"] == [finding.where for finding in effects.clock_reads([_where("storage.a", code)])]


def test_a_surface_may_read_the_clock() -> None:
    """The rooms that must read the clock once are let alone, and so is prose about it."""
    modules = [_where("cli.main", CLOCK["now"]), _where("storage.a", '"""Never CURRENT_TIMESTAMP."""\nnow = 1\nx = f(now=now)')]
    assert [] == list(effects.clock_reads(modules))


ENVIRONMENT = {
    "environ": "import os\nx = os.environ['A']",
    "environ-renamed": "from os import environ as e\nx = e.get('A')",
    "getenv": "import os\nx = os.getenv('A')",
    "typer": "import typer\nx = typer.Option(envvar='RINGFENCE_TENANT')",
}


@pytest.mark.parametrize("code", ENVIRONMENT.values(), ids=ENVIRONMENT)
def test_a_read_of_the_environment_is_found(code: str) -> None:
    """Only the settings read the environment."""
    modules = [_where("cli.main", code), _where("settings", code)]
    assert ["ringfence.cli.main"] == [finding.where for finding in effects.environment_reads(modules)]


CATCH_ALLS = {
    "bare": "try: ...\nexcept: ...",
    "exception": "try: ...\nexcept Exception: ...",
    "among-others": "try: ...\nexcept (ValueError, BaseException) as e: ...",
    "by-another-name": "import builtins\ntry: ...\nexcept builtins.Exception: ...",
    "suppressed": "import contextlib\nwith contextlib.suppress(Exception): ...",
}


@pytest.mark.parametrize("code", CATCH_ALLS.values(), ids=CATCH_ALLS)
def test_a_catch_all_is_found(code: str) -> None:
    """Only the outermost handlers catch everything."""
    modules = [_where("cli.phone", code), _where("cli.main", code)]
    assert ["ringfence.cli.phone"] == [finding.where for finding in effects.catch_alls(modules)]


@pytest.mark.parametrize("code", ["open('a')", "from uuid import uuid4\nuuid4()", "import uuid\nuuid.uuid1()", "print(1)"])
def test_an_effect_in_the_domain_is_found(code: str) -> None:
    """The domain opens no file, prints nothing and makes no random id; other rooms may."""
    modules = [_where("domain.a", code), _where("sources.a", code)]
    assert ["ringfence.domain.a"] == [finding.where for finding in effects.domain_effects(modules)]


@pytest.mark.parametrize("page", [None, "", '"""All about numbers."""', '"""Owns: a.\n\nDoes not own: b.\n"""'])
def test_a_bare_door_is_found(tmp_path: Path, page: str | None) -> None:
    """A package without `__init__.py`, or whose page leaves out one of the three, is found."""
    package = tmp_path / "ringfence"
    package.mkdir()
    (package / "numbers.py").touch()
    if page is not None:
        (package / "__init__.py").write_text(page)
    assert ["ringfence"] == [finding.where for finding in doors.bare_doors(package)]


@pytest.mark.parametrize("name", ["utils.py", "number_helpers.py", "common/__init__.py", "base.py", "run_manager.py"])
def test_a_name_that_says_nothing_is_found(tmp_path: Path, name: str) -> None:
    """Such a name is found as a module, as a package, and as part of a name."""
    path = tmp_path / "src" / name
    path.parent.mkdir(parents=True)
    path.touch()
    assert [f"src/{name}"] == [finding.where for finding in doors.empty_names(tmp_path, ["src"])]


def _allow(value: int) -> list[Allowance]:
    return [Allowance("function length", "ringfence.a:f", value, "a reason of its own")]


def test_an_allowance_excuses_what_it_measures() -> None:
    """A breach with an entry of the same value is excused."""
    assert [] == complaints("function length", [Finding("function length", "ringfence.a:f", "45 lines", 45)], _allow(45))


def test_an_allowance_may_not_grow() -> None:
    """A breach worse than its entry is named."""
    found = [Finding("function length", "ringfence.a:f", "46 lines", 46)]
    assert ["ringfence.a:f: 46 lines"] == complaints("function length", found, _allow(45))


@pytest.mark.parametrize("found", [[], [Finding("function length", "ringfence.a:f", "44 lines", 44)]], ids=["gone", "better"])
def test_a_stale_allowance_is_found(found: list[Finding]) -> None:
    """An entry that no longer fits must be lowered or removed: the list only shrinks."""
    [complaint] = complaints("function length", found, _allow(45))
    assert complaint.startswith("allowed.toml: function length at ringfence.a:f is ")

"""Where code reaches outside itself: clock, environment, randomness, files, and handlers that catch everything."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Final

from tests.architecture.allowances import Finding
from tests.architecture.modules import Module, dotted, references, texts

READS_CLOCK: Final = frozenset({"graph", "api", "oauth", "web", "http", "cli", "demo", "bootstrap"})
"""The surfaces and what they share, which read the clock once and pass it down, and the place that joins the parts."""

READS_ENVIRONMENT: Final = "ringfence.settings"

OUTERMOST: Final = frozenset(
    {
        "ringfence.cli.main",
        "ringfence.delivery.drain",
        "ringfence.graph.dispatch",
        "ringfence.graph.surface",
        "ringfence.http.gate",
        "ringfence.http.worker",
    }
)
"""Modules with the outermost handler of a surface or worker: the only ones that may catch everything."""

_CLOCK: Final = frozenset(
    {"datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"}
    | {
        f"time.{name}{unit}"
        for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time")
        for unit in ("", "_ns")
    }
    | {f"time.{name}" for name in ("asctime", "clock_gettime", "ctime", "gmtime", "localtime", "strftime")}
)
_SQL_CLOCK: Final = re.compile(r"\bcurrent_(timestamp|date|time)\b|\bnow\(\)|\bclock_timestamp\(|['\"]now['\"]", re.IGNORECASE)
_SQL_CLOCK_NAMES: Final = re.compile(r"(^|\.)func\.(now|current_\w+|clock_timestamp|localtime\w*)$")
_ENVIRONMENT: Final = re.compile(r"^os\.(environb?|getenvb?|putenv|unsetenv|path\.expandvars)$")
_EVERYTHING: Final = frozenset({"Exception", "BaseException"})
_NOT_IN_DOMAIN: Final = re.compile(r"^(open|input|print|uuid\.uuid[14]|builtins\.(open|input|print))$")


def clock_reads(modules: Iterable[Module]) -> Iterator[Finding]:
    """Find reads of the clock, in Python or left to the database, outside the rooms that may."""
    for module in modules:
        if module.room in READS_CLOCK:
            continue
        for name, line in references(module):
            if name in _CLOCK or _SQL_CLOCK_NAMES.search(name):
                yield Finding("clock", module.name, f"line {line} reads the clock: {name}")
        for text, line in texts(module):
            if _SQL_CLOCK.search(text):
                yield Finding("clock", module.name, f"line {line} lets the database read its clock: {text[:60]!r}")


def environment_reads(modules: Iterable[Module]) -> Iterator[Finding]:
    """Find reads of environment variables outside the settings, those that Typer would do (`envvar=`) included."""
    for module in modules:
        if module.name == READS_ENVIRONMENT:
            continue
        for name, line in references(module):
            if _ENVIRONMENT.match(name):
                yield Finding("environment", module.name, f"line {line} uses {name}")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.keyword) and node.arg == "envvar":
                yield Finding("environment", module.name, f"line {node.value.lineno} gives envvar=")


def catch_alls(modules: Iterable[Module]) -> Iterator[Finding]:
    """Find handlers of everything outside the outermost ones: bare, `Exception`, and `suppress(Exception)`."""
    for module in modules:
        if module.name not in OUTERMOST:
            for node in ast.walk(module.tree):
                if _catches_everything(node):
                    yield Finding("catch-all", module.name, f"line {getattr(node, 'lineno', 0)} catches everything")


def _catches_everything(node: ast.AST) -> bool:
    if isinstance(node, ast.ExceptHandler):
        return node.type is None or _names_everything([node.type])
    return isinstance(node, ast.Call) and (dotted(node.func) or "").endswith("suppress") and _names_everything(node.args)


def _names_everything(types: Iterable[ast.expr]) -> bool:
    flat = [inner for kind in types for inner in (kind.elts if isinstance(kind, ast.Tuple) else [kind])]
    return any((dotted(kind) or "").rpartition(".")[2] in _EVERYTHING for kind in flat)


def domain_effects(modules: Iterable[Module]) -> Iterator[Finding]:
    """Find files, terminals and random ids in the domain; modules that bring effects are `rooms.NOT_IN_DOMAIN`."""
    for module in modules:
        for name, line in references(module) if module.room == "domain" else ():
            if _NOT_IN_DOMAIN.match(name):
                yield Finding("domain effects", module.name, f"line {line} uses {name}")

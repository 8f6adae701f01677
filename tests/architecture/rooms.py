"""Who may import whom: the table of rooms, and the ring that must not be.

Every import counts: at the top, inside a function, under TYPE_CHECKING (nothing here needs one to break a ring), and by name
through `importlib.import_module`.
"""

from __future__ import annotations

import ast
import graphlib
import sys
from collections.abc import Iterable, Iterator
from typing import Final

from tests.architecture.allowances import Finding
from tests.architecture.modules import Module, source_module

_PORTS: Final = frozenset({"domain", "application.ports"})
_SURFACE: Final = frozenset({"application", "domain", "http"})

MAY_IMPORT: Final[dict[str, frozenset[str]]] = {
    "": frozenset(),
    "__main__": frozenset({"cli"}),
    "domain": frozenset(),
    "application": frozenset({"domain"}),
    "storage": _PORTS,
    "crypto": _PORTS,
    "sources": _PORTS,
    "delivery": _PORTS,
    "graph": _SURFACE,
    "api": _SURFACE,
    "oauth": _SURFACE,
    "web": _SURFACE,
    "cli": _SURFACE,
    "demo": _SURFACE,
    "http": frozenset({"application", "domain"}),
    "settings": frozenset({"domain"}),
    "logs": frozenset({"domain"}),
}
"""For each room (a folder or file below `ringfence`) what it may import besides itself."""

JOINS_ALL: Final = frozenset({"bootstrap", "serving"})
"""The two places that choose and join concrete parts, a deployment and the web application on it: they may import every other."""

ENTRY_POINTS: Final = frozenset({"ringfence.cli.main", "ringfence.demo.story"})
"""Where a program begins, so where somebody must ask for the joined parts: these two may import what follows."""

ASKED_FOR_AT_ENTRY: Final = frozenset({"bootstrap", "serving", "settings", "logs"})

STANDS_ON: Final[dict[str, frozenset[str]]] = {
    "storage": frozenset({"alembic", "msgspec", "psycopg", "sqlalchemy"}),
    "crypto": frozenset({"argon2", "cryptography", "joserfc"}),
    "sources": frozenset({"ldap3", "msgspec"}),
    "delivery": frozenset({"baresip", "smpp34", "urllib3"}),
    "cli": frozenset({"msgspec", "rich", "typer"}),
    "graph": frozenset({"falcon", "msgspec"}),
    "api": frozenset({"falcon", "msgspec"}),
    "oauth": frozenset({"falcon", "jinja2", "msgspec", "segno"}),
    "http": frozenset({"falcon", "granian", "msgspec", "prometheus_client"}),
    "demo": frozenset({"falcon", "jinja2"}),
    "logs": frozenset({"structlog"}),
}
"""Other people's packages by room; none where the room is not named."""

STANDS_ON_ALONE: Final = {"ringfence.domain.numbers.metadata": frozenset({"phonenumbers"})}
"""The one file of the domain that may use more than the standard library."""

NOT_IN_DOMAIN: Final = frozenset(
    {
        "asyncio",
        "http",
        "io",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "random",
        "secrets",
        "select",
        "shutil",
        "signal",
        "smtplib",
        "socket",
        "sqlite3",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "urllib",
    }
)
"""Modules of the standard library that bring a clock, randomness or I/O."""

SQL_ONLY_IN: Final = "storage"


def imported(module: Module, known: frozenset[str]) -> Iterator[tuple[str, int]]:
    """Yield the module behind every import with its line; `from a import b` is `a.b` when that is a module, else `a`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((name.name, node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = source_module(module, node)
            for name in node.names:
                full = f"{origin}.{name.name}"
                yield full if full in known else origin, node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (
                (arg.value, node.lineno) for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            )


def table_breaches(modules: Iterable[Module]) -> Iterator[Finding]:
    """Find imports between our own rooms that the table does not have, and rooms that are not in it."""
    modules = tuple(modules)
    known = frozenset(module.name for module in modules)
    for module in modules:
        if module.room not in MAY_IMPORT and module.room not in JOINS_ALL:
            yield Finding("rooms", module.name, f"the room {module.room!r} is not in the table")
            continue
        for target, line in imported(module, known):
            if target.partition(".")[0] == "ringfence" and not _may_import(module, target):
                yield Finding("rooms", module.name, f"line {line} imports {target}")


def _may_import(module: Module, target: str) -> bool:
    inner = target.partition(".")[2]
    room = inner.partition(".")[0]
    if module.room == room or module.room in JOINS_ALL or (module.name in ENTRY_POINTS and room in ASKED_FOR_AT_ENTRY):
        return True
    return any(inner == allowed or inner.startswith(f"{allowed}.") for allowed in MAY_IMPORT[module.room])


def foreign_breaches(modules: Iterable[Module]) -> Iterator[Finding]:
    """Find other people's packages where they do not belong, and the standard library's effects in the domain."""
    for module in modules:
        allowed = STANDS_ON.get(module.room, frozenset()) | STANDS_ON_ALONE.get(module.name, frozenset())
        for target, line in imported(module, frozenset()):
            top = target.partition(".")[0]
            if top in {"ringfence", *allowed} or (module.room in JOINS_ALL and top not in {"sqlite3", *STANDS_ON[SQL_ONLY_IN]}):
                continue
            if top not in sys.stdlib_module_names or _is_effect(module, top):
                yield Finding("packages", module.name, f"line {line} imports {target}")


def _is_effect(module: Module, top: str) -> bool:
    return (module.room == "domain" and top in NOT_IN_DOMAIN) or (top == "sqlite3" and module.room != SQL_ONLY_IN)


def rings(modules: Iterable[Module]) -> Iterator[Finding]:
    """Find a ring of imports; one at a time, since breaking it may break others."""
    modules = tuple(modules)
    known = frozenset(module.name for module in modules)
    graph = {m.name: {target for target, _ in imported(m, known) if target in known and target != m.name} for m in modules}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        ring: list[str] = error.args[1]
        yield Finding("ring", ring[0], " <- ".join(ring))

"""The sources as syntax trees, and the names in them resolved to what was imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
SOURCES: Final = ROOT / "src"
PACKAGE: Final = SOURCES / "ringfence"


@dataclass(frozen=True)
class Module:
    """One module: its dotted name, its tree, and whether it is a package's `__init__`."""

    name: str
    tree: ast.Module
    is_package: bool = False

    @property
    def room(self) -> str:
        """The first folder (or file) below `ringfence`; empty for the package itself."""
        return self.name.split(".")[1] if "." in self.name else ""


def parse(name: str, text: str, *, is_package: bool = False) -> Module:
    """Return the module of a text, as the tests of the finders plant it."""
    return Module(name, ast.parse(text), is_package)


@cache
def our_modules() -> tuple[Module, ...]:
    """Return every module of `src/ringfence`."""
    return tuple(_read(path) for path in sorted(PACKAGE.rglob("*.py")))


def _read(path: Path) -> Module:
    parts = path.relative_to(SOURCES).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    return parse(".".join(parts[:-1] if is_package else parts), path.read_text("utf-8"), is_package=is_package)


def source_module(module: Module, node: ast.ImportFrom) -> str:
    """Return the absolute name of the module that a `from … import` names."""
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    kept = parts[: len(parts) - node.level + module.is_package]
    return ".".join([*kept, *([node.module] if node.module else [])])


def aliases(module: Module) -> dict[str, str]:
    """Return what each imported name stands for, wherever in the module it is imported."""
    found: dict[str, str] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                found[name.asname or name.name.partition(".")[0]] = name.name if name.asname else name.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            origin = source_module(module, node)
            found |= {name.asname or name.name: f"{origin}.{name.name}" for name in node.names}
    return found


def references(module: Module) -> Iterator[tuple[str, int]]:
    """Yield every name or dotted chain of names with its line, its root replaced by what was imported under that name."""
    known = aliases(module)
    for node in ast.walk(module.tree):
        chain = dotted(node)
        if chain is not None and isinstance(node, ast.Name | ast.Attribute):
            root, dot, rest = chain.partition(".")
            yield known.get(root, root) + dot + rest, node.lineno


def dotted(node: ast.AST) -> str | None:
    """Return `a.b.c` for a chain of names, None for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (left := dotted(node.value)) is not None:
        return f"{left}.{node.attr}"
    return None


def texts(module: Module) -> Iterator[tuple[str, int]]:
    """Yield every text that the code uses (no docstring or other text standing alone) with its line."""
    alone = {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value, node.lineno

"""What a function and a file may measure, and that all is annotated."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.architecture.allowances import Finding
from tests.architecture.modules import Module

LENGTH: Final = 40
LENGTH_P95: Final = 30
PARAMETERS: Final = 6
BRANCHES: Final = 10
FILE_LINES: Final = 400

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_BRANCH: Final = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.match_case)


@dataclass(frozen=True)
class Function:
    """One function, measured: lines without decorators and docstring, branches without those of functions inside it."""

    where: str
    length: int
    parameters: int
    branches: int
    unannotated: tuple[str, ...]


def functions(module: Module) -> Iterator[Function]:
    """Yield every function and method of the module, inner ones too."""
    yield from _inside(module.tree, f"{module.name}:", in_class=False)


def _inside(parent: ast.AST, prefix: str, *, in_class: bool) -> Iterator[Function]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, _Function):
            yield _measure(node, prefix, is_method=in_class and "staticmethod" not in map(ast.unparse, node.decorator_list))
            yield from _inside(node, f"{prefix}{node.name}.", in_class=False)
        elif isinstance(node, ast.ClassDef):
            yield from _inside(node, f"{prefix}{node.name}.", in_class=True)
        else:
            yield from _inside(node, prefix, in_class=in_class)


def _measure(node: _Function, prefix: str, *, is_method: bool) -> Function:
    named = [*node.args.posonlyargs, *node.args.args][is_method:] + node.args.kwonlyargs
    rest = [arg for arg in (node.args.vararg, node.args.kwarg) if arg is not None]
    unannotated = [arg.arg for arg in (*named, *rest) if arg.annotation is None]
    if node.returns is None:
        unannotated.append("return")
    return Function(
        f"{prefix}{node.name}",
        _lines(node) - (_lines(node.body[0]) if ast.get_docstring(node) is not None else 0),
        len(named) + len(rest),
        sum(isinstance(inner, _BRANCH) for inner in _own_nodes(node)),
        tuple(unannotated),
    )


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    for inner in ast.iter_child_nodes(node):
        if not isinstance(inner, _Function):
            yield inner
            yield from _own_nodes(inner)


def over_budget(modules: Iterable[Module]) -> Iterator[Finding]:
    """Find functions over a limit, and parameters or returns without annotation."""
    for module in modules:
        for f in functions(module):
            for rule, value, limit in (
                ("function length", f.length, LENGTH),
                ("parameters", f.parameters, PARAMETERS),
                ("branches", f.branches, BRANCHES),
                ("annotations", len(f.unannotated), 0),
            ):
                if value > limit:
                    yield Finding(rule, f.where, f"{value} ({rule}; at most {limit}) {' '.join(f.unannotated)}".rstrip(), value)


def percentile_95(values: Sequence[int]) -> int:
    """Return the smallest value that at least 95 of 100 do not exceed; 0 for none."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1] if values else 0


def long_files(root: Path, folders: Iterable[str]) -> Iterator[Finding]:
    """Find Python files with too many lines; `where` is the path from the root."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            lines = len(path.read_text("utf-8").splitlines())
            if lines > FILE_LINES:
                where = path.relative_to(root).as_posix()
                yield Finding("file length", where, f"{lines} lines (at most {FILE_LINES})", lines)

"""A page at every door, and names that say what is inside."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from tests.architecture.allowances import Finding

_PARTS: Final = {"Owns": r"\bowns\b", "Does not own": r"\bdoes not own\b", "Hands to": r"\bhands\b"}
_SAYS_NOTHING: Final = frozenset({"base", "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"})


def bare_doors(package: Path) -> Iterator[Finding]:
    """Find folders with Python files whose `__init__.py` is missing or does not say owns, does not own, hands to."""
    for folder in sorted({path.parent for path in package.rglob("*.py")}):
        door = folder / "__init__.py"
        page = ast.get_docstring(ast.parse(door.read_text("utf-8"))) if door.is_file() else None
        missing = [part for part, pattern in _PARTS.items() if not re.search(pattern, page or "", re.IGNORECASE)]
        if missing:
            yield Finding(
                "door", folder.relative_to(package.parent).as_posix(), f"the page at the door lacks: {', '.join(missing)}"
            )


def empty_names(root: Path, folders: Iterable[str]) -> Iterator[Finding]:
    """Find modules and packages named by no noun of the field."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            name = (path.parent if path.name == "__init__.py" else path).stem
            if _SAYS_NOTHING & set(name.lower().split("_")):
                yield Finding("name", path.relative_to(root).as_posix(), f"{name!r} says nothing about what is inside")

"""Which operations of Microsoft's OpenAPI files are served: the page docs/graph-coverage.md is made of this.

`python -m tests.graph.coverage` writes the page anew.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from ringfence.graph.permissions import Scheme, permissions_for
from ringfence.graph.resources import all_routes
from ringfence.graph.routes import Router

PAGE: Final = Path(__file__).parents[2] / "docs" / "graph-coverage.md"
IMPLEMENTED: Final = "implemented"
REFUSED: Final = "refused as the real service does"
NOT_YET: Final = "not yet"
OUR_OWN: Final = frozenset({("post", "/$batch")})
"""Served in front of the table of routes."""

_DATA: Final = Path(__file__).with_name("data")
_VERBS: Final = ("get", "post", "put", "patch", "delete")
_PARAMETER: Final = re.compile(r"\{[^}]*\}")
_INTRO: Final = """# What of Graph is served

Every operation of Microsoft's model of authentication methods, users, policies, reports and logs, and what Ringfence does.
*Refused as the real service does*: SDKs have it, yet no permission exists for it, so nobody may call it. Made by
`python -m tests.graph.coverage` from the table of routes; a test holds it to the code.
"""


class Operation(NamedTuple):
    """One verb on one path of a version, with its standing and its OpenAPI object."""

    version: str
    verb: str
    path: str
    standing: str
    detail: dict[str, Any]


def specification(version: str) -> dict[str, Any]:
    """The OpenAPI document of a version."""
    document: dict[str, Any] = json.loads((_DATA / f"openapi-{version}.json").read_text("utf-8"))
    return document


def operations(version: str) -> Iterator[Operation]:
    """Every operation of a version."""
    router = Router(all_routes())
    for path, verbs in sorted(specification(version)["paths"].items()):
        for verb in _VERBS:
            if verb in verbs:
                yield Operation(version, verb, path, _standing(router, version, (verb, path), verbs[verb]), verbs[verb])


def _standing(router: Router, version: str, operation: tuple[str, str], detail: dict[str, Any]) -> str:
    verb, path = operation
    is_allowed = any(permissions_for(verb.upper(), path, scheme) for scheme in Scheme)
    if operation in OUR_OWN or (is_allowed and router.serves(version, verb.upper(), concrete(path))):
        return IMPLEMENTED
    return REFUSED if detail.get("x-permission-metadata") == "none" else NOT_YET


def concrete(path: str) -> str:
    """A path with something in place of its parameters, `/me` as somebody's."""
    filled = _PARAMETER.sub("x", re.sub(r"=(\{[^}]*\}|@\w+)", "=1", path.lstrip("/")))
    return re.sub(r"^me(?=/|$)", "users/x", filled)


def page() -> str:
    """The page."""
    parts = [_INTRO]
    for version in ("v1.0", "beta"):
        found = list(operations(version))
        counts = Counter(one.standing for one in found)
        told = ", ".join(f"{counts[standing]} {standing}" for standing in (IMPLEMENTED, REFUSED, NOT_YET))
        rows = "".join(f"| `{one.verb.upper()} {one.path}` | {one.standing} |\n" for one in found)
        parts.append(f"\n## {version}\n\n{told}.\n\n| operation | standing |\n|---|---|\n{rows}")
    return "".join(parts)


def main() -> None:
    """Write the page, and say whether that changed anything."""
    before = PAGE.read_text("utf-8") if PAGE.exists() else ""
    PAGE.write_text(page(), "utf-8")
    sys.stdout.write(f"{PAGE.name}: {'as it was' if before == page() else 'rewritten'}\n")


if __name__ == "__main__":
    main()

"""The table of routes and the way through it: segments in any case, qualified or not, with or without empty parentheses.

A route is data: verb, template, permission key, action, handler. The documents and the coverage page are made from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from ringfence.domain.policy.authority import Action
from ringfence.graph.call import Answer, Call
from ringfence.graph.errors import Family
from ringfence.graph.odata.arguments import parse_segment, read_aliases

VERSIONS: Final = ("v1.0", "beta")
BETA: Final = ("beta",)

_COUNT: Final = "$count"
_OF_USER: Final = "users/{user}/authentication/"

Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One operation. `template` is like `users/{user}/authentication/phoneMethods/{method}`.

    `action` names the second gate for delegated calls; None where a scope alone is enough.
    """

    verb: str
    template: str
    handler: Handler
    action: Action | None = None
    family: Family = Family.METHODS
    versions: tuple[str, ...] = VERSIONS
    permission: str | None = None
    """The path's key in the permission data where it is not the template's own."""

    counts: bool = False
    """Whether only the number of items is asked for."""

    @property
    def is_whole(self) -> bool:
        """Whether it is the list of somebody's methods, which is never paged, so that its items can be counted."""
        return self.verb == "GET" and self.template.startswith(_OF_USER) and self.template.endswith("ethods")

    @property
    def key(self) -> str:
        """The path's key in the permission data: lower case, every parameter `{id}`."""
        if self.permission is not None:
            return self.permission
        parts = ("{id}" if part.startswith("{") else part.lower() for part in self.template.split("/"))
        return "/" + "/".join(parts)


@dataclass(slots=True)
class _Node:
    literal: dict[str, _Node] = field(default_factory=dict)
    """By segment, as the template spells it and without its case."""
    parameter: tuple[str, _Node] | None = None
    routes: dict[str, dict[str, Route]] = field(default_factory=dict)
    """By version and verb."""


@dataclass(frozen=True, slots=True)
class Found:
    """The routes of a path by verb, and what stood in its parameters and in a function's parentheses."""

    routes: Mapping[str, Route]
    arguments: Mapping[str, str]


@cache
def _counting(route: Route) -> Route:
    """The route that counts what another lists: one for each, since routes are told apart by being the same object."""
    return replace(route, counts=True)


def _is_value(part: str) -> bool:
    """Whether a segment may be an id or a name: not one of OData's own, and no call of a function."""
    return bool(part) and not part.startswith("$") and not part.endswith(")")


class Router:
    """A trie over the segments."""

    def __init__(self, routes: Iterable[Route]) -> None:
        """Build it; two routes for one verb, version and template are a mistake."""
        self.routes = tuple(routes)
        self._top = _Node()
        for route in self.routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        node = self._top
        for part in route.template.split("/"):
            if part.startswith("{"):
                if node.parameter is None:
                    node.parameter = part[1:-1], _Node()
                node = node.parameter[1]
            else:
                following = node.literal.setdefault(part.casefold(), _Node())
                node.literal[part] = following
                node = following
        for version in route.versions:
            if node.routes.setdefault(version, {}).setdefault(route.verb, route) is not route:
                message = f"two routes for {route.verb} {route.template}"
                raise ValueError(message)

    def serves(self, version: str, verb: str, path: str) -> bool:
        """Whether there is an answer for this verb on this path."""
        found = self.find(version, path)
        return found is not None and verb in found.routes

    def find(self, version: str, path: str, query: str = "") -> Found | None:
        """What a path below the version leads to; None when to nothing.

        `query` has the values of parameter aliases. Raises `ODataError` for a malformed function call.
        """
        parts = path.strip("/").split("/")
        aliases = read_aliases(query) if "@" in query else {}
        found = self._walk(version, parts, aliases)
        if found is not None or parts[-1].casefold() != _COUNT:
            return found
        counted = self._walk(version, parts[:-1], aliases)
        route = None if counted is None else counted.routes.get("GET")
        if counted is None or route is None or not route.is_whole:
            return None
        return Found({"GET": _counting(route)}, counted.arguments)

    def _walk(self, version: str, parts: Sequence[str], aliases: Mapping[str, str]) -> Found | None:
        node = self._top
        arguments: dict[str, str] = {}
        for part in parts:
            following = node.literal.get(part) or node.literal.get(part.casefold())
            if following is None and ("(" in part or part[:16].casefold() == "microsoft.graph."):
                name, given = parse_segment(part, aliases)
                following = node.literal.get(name.casefold())
                if following is not None:
                    arguments.update({key: str(value) for key, value in given.items()})
            if following is None and node.parameter is not None and _is_value(part):
                arguments[node.parameter[0]] = part
                following = node.parameter[1]
            if following is None:
                return None
            node = following
        routes = node.routes.get(version)
        return Found(routes, arguments) if routes else None

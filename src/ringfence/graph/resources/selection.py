"""`$select`: which properties an answer shows. The id is always among them. Source: surface d1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ringfence.graph.call import Call
from ringfence.graph.errors import Family, bad_request


def spelled(select: Sequence[str], known: Iterable[str], kind: str, family: Family = Family.DIRECTORY) -> tuple[str, ...]:
    """The properties asked for as the type spells them, all for `*`; raises `GraphError` for one that it does not have."""
    names = {name.casefold(): name for name in known}
    if "*" in select:
        return tuple(names.values())
    for name in select:
        if name.casefold() not in names:
            message = f"Could not find a property named '{name[:64]}' on type 'microsoft.graph.{kind}'."
            raise bad_request(message, family)
    return tuple(dict.fromkeys(names[name.casefold()] for name in select))


def projection(select: Sequence[str], names: Sequence[str]) -> str:
    """What stands behind the resource in the context: the properties asked for, if any were."""
    return f"({','.join(names)})" if select else ""


class Selection:
    """What `$select` of a call asks for, of a type whose documents are made whole."""

    def __init__(self, call: Call, known: Iterable[str], kind: str) -> None:
        """Raises `GraphError` for a property that the type does not have."""
        select = call.options.select
        self._names = spelled(select, known, kind, call.family) if select else None
        self.projection = projection(select, self._names or ())

    def of(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document with what is asked for, in the order asked for."""
        if self._names is None:
            return dict(document)
        return {name: document[name] for name in dict.fromkeys((*self._names, "id"))}

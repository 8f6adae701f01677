"""Which of several ways a number takes, for texts and calls alike.

Owns the choice by prefix. Does not own what is sent, nor what is done when one way fails (`chain`, `call_chain`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ringfence.domain.errors import ErrorCode, InvalidError


class Way(Protocol):
    """A sender or a caller."""

    async def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """End."""


AnyWay = TypeVar("AnyWay", bound=Way)


@dataclass(frozen=True, slots=True)
class Route(Generic[AnyWay]):
    """Numbers that begin with the prefix go to these, in order. It is digits, the country code first; "" is all."""

    prefix: str
    senders: Sequence[AnyWay]


class Routes(Generic[AnyWay]):
    """The route with the longest prefix counts, alone."""

    def __init__(self, routes: Sequence[Route[AnyWay]]) -> None:
        """Raises `InvalidError` for a prefix that is not digits, that stands twice, or that nobody serves."""
        for route in routes:
            if route.prefix and not (route.prefix.isascii() and route.prefix.isdecimal()):
                raise InvalidError(ErrorCode.SETTING_INVALID, setting="prefix of a route", value=route.prefix)
            if not route.senders:
                raise InvalidError(ErrorCode.SETTING_INVALID, setting=f"route of {route.prefix!r}", value="without a sender")
        if len({route.prefix for route in routes}) < len(routes):
            raise InvalidError(ErrorCode.SETTING_INVALID, setting="prefix of a route", value="there twice")
        self._routes = sorted(routes, key=lambda route: len(route.prefix), reverse=True)
        self._ways = list({id(way): way for route in routes for way in route.senders}.values())

    async def start(self) -> None:
        """Start everyone once, together."""
        await asyncio.gather(*(way.start() for way in self._ways))

    async def stop(self) -> None:
        """Stop everyone."""
        await asyncio.gather(*(way.stop() for way in self._ways))

    def of(self, digits: str) -> Sequence[AnyWay]:
        """Who serves a number, in order; nobody, where no prefix fits."""
        return next((route.senders for route in self._routes if digits.startswith(route.prefix)), ())

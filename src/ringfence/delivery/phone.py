"""What our side of a telephone can do: lines, and legs of calls on them. The SIP stack stands behind it.

Owns the words in which a call tells what happens to it. Does not own what is said or decided in it.
"""

from __future__ import annotations

import asyncio
from enum import Enum, unique
from typing import NamedTuple, Protocol


class Ringing(NamedTuple):
    """The phone rings."""


class Answered(NamedTuple):
    """Somebody took the call, and voice can flow."""


class Key(NamedTuple):
    """A key was pressed: a digit, `*`, `#`, or a letter from A to D."""

    key: str


class Closed(NamedTuple):
    """It is over. `status` is what the other side answered a call with that it did not take; `is_ours`: we hung up."""

    status: int | None
    is_ours: bool


LegEvent = Ringing | Answered | Key | Closed


class Leg(Protocol):
    """One call. Its events end with `Closed`; what is asked of it after that does nothing."""

    @property
    def events(self) -> asyncio.Queue[LegEvent]:
        """What happened and was not looked at yet."""

    async def play(self, audio: bytes) -> None:
        """Speak 16-bit samples, 8,000 a second; returns when they were heard. Cancelled, it falls silent at once."""

    async def dial_on(self, digits: str) -> None:
        """Press keys ourselves."""

    async def hang_up(self) -> None:
        """End the call, ringing or taken."""


@unique
class Standing(Enum):
    """What a trunk thinks of us."""

    ABSENT = "absent"
    """It does not answer."""
    READY = "ready"
    REFUSED = "refused"
    """It answers, and not to our credentials."""


class Line(Protocol):
    """An account that calls can be made from."""

    @property
    def standing(self) -> Standing:
        """As last heard; ready where nothing has to be registered."""

    async def register(self) -> None:
        """Try to register, where that is wanted; returns once the trunk has answered, or has had its time to."""

    async def dial(self, number: str) -> Leg | None:
        """Begin a call; None when nothing went out."""

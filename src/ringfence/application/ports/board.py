"""The phones of a demonstration, as the store keeps them: the texts that arrived, and the calls that ring or rang.

Numbers and texts are stored as they are, codes too, for the board shows them: rows exist in a demonstration alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, unique
from typing import Protocol

from ringfence.application.ports.calls import CallEnd


@dataclass(frozen=True, slots=True)
class BoardText:
    """A text on one phone, whose number is canonical; number and text stay out of `repr`."""

    text_id: bytes
    number: str = field(repr=False)
    text: str = field(repr=False)
    arrived_at: datetime
    expires_at: datetime


@unique
class CallState(IntEnum):
    """Where a call stands; the value is what the database stores."""

    RINGING = 1
    ANSWERED = 2
    ENDED = 3


@dataclass(frozen=True, slots=True)
class BoardCall:
    """A call to one phone. `keys` are those pressed so far; `fraud_code` is None where nothing reports fraud.

    `end` is set in ENDED alone: by the phone's owner at first, then by whoever called.
    """

    call_id: bytes
    number: str = field(repr=False)
    rang_at: datetime
    expires_at: datetime
    fraud_code: str | None = "0"
    must_confirm_fraud: bool = False
    state: CallState = CallState.RINGING
    keys: str = ""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    end: CallEnd | None = None


class BoardStore(Protocol):
    """Texts and calls of the board, of the whole deployment."""

    def add_text(self, text: BoardText) -> None:
        """Store one; the same one that comes again takes its own place."""

    def add_call(self, call: BoardCall) -> None:
        """Store one that rings; the same one that comes again rings anew."""

    def texts(self, since: datetime, limit: int) -> Sequence[BoardText]:
        """The newest that arrived since, newest first."""

    def calls(self, since: datetime, limit: int) -> Sequence[BoardCall]:
        """The newest that rang since, newest first."""

    def call(self, call_id: bytes) -> BoardCall | None:
        """One call; in a write nobody else changes it until the commit."""

    def save_call(self, call: BoardCall) -> None:
        """Store how it stands."""

    def has_before(self, before: datetime) -> bool:
        """Whether anything is there from before an instant."""

    def forget_before(self, before: datetime) -> int:
        """Remove what is from before an instant; return how many rows."""

"""The state table of a challenge: from a state, by a move, to the next state. An illegal move is a missing key.

Sources: domain-rules D.4 (calls), D.5 (texts), D.10 (results); lessons 1 (a stage skipped by an empty request).
"""

from __future__ import annotations

from enum import IntEnum, unique
from typing import Final


@unique
class State(IntEnum):
    """Where a challenge stands; the value is what the database stores."""

    APPROVED = 1
    CREATED = 2
    DELIVERED = 3
    DENIED = 4
    EXPIRED = 5
    FAILED = 6
    LOCKED = 7
    REPLACED = 8
    SENT = 9

    @property
    def is_open(self) -> bool:
        """Whether an answer may still be given."""
        return self in _OPEN


@unique
class Move(IntEnum):
    """What happens to a challenge; the value is what the database stores."""

    ANSWER = 1
    """The right code, or the key that approves."""
    DECLINE = 2
    """The person says no, or hangs up."""
    DELIVER = 3
    """A receipt says that the text arrived, or somebody answers the call."""
    EXPIRE = 4
    """Its time is over."""
    GIVE_UP = 5
    """It cannot be delivered."""
    LOCK = 6
    """The method was locked after too many wrong codes."""
    REPLACE = 7
    """Another challenge of the same person and method takes its place."""
    RESEND = 8
    """It is sent once more, with another code."""
    SEND = 9
    """The network took it."""


_OPEN: Final = frozenset({State.CREATED, State.DELIVERED, State.SENT})

TRANSITIONS: Final[dict[tuple[State, Move], State]] = {
    # A text may be read before its sender hears that the network took it, and a token's code is never sent at all.
    (State.CREATED, Move.ANSWER): State.APPROVED,
    (State.CREATED, Move.DECLINE): State.DENIED,
    (State.CREATED, Move.DELIVER): State.DELIVERED,
    (State.CREATED, Move.EXPIRE): State.EXPIRED,
    (State.CREATED, Move.GIVE_UP): State.FAILED,
    (State.CREATED, Move.LOCK): State.LOCKED,
    (State.CREATED, Move.REPLACE): State.REPLACED,
    (State.CREATED, Move.RESEND): State.CREATED,
    (State.CREATED, Move.SEND): State.SENT,
    (State.SENT, Move.ANSWER): State.APPROVED,
    (State.SENT, Move.DECLINE): State.DENIED,
    (State.SENT, Move.DELIVER): State.DELIVERED,
    (State.SENT, Move.EXPIRE): State.EXPIRED,
    (State.SENT, Move.GIVE_UP): State.FAILED,
    (State.SENT, Move.LOCK): State.LOCKED,
    (State.SENT, Move.REPLACE): State.REPLACED,
    (State.SENT, Move.RESEND): State.CREATED,
    (State.DELIVERED, Move.ANSWER): State.APPROVED,
    (State.DELIVERED, Move.DECLINE): State.DENIED,
    (State.DELIVERED, Move.EXPIRE): State.EXPIRED,
    (State.DELIVERED, Move.LOCK): State.LOCKED,
    (State.DELIVERED, Move.REPLACE): State.REPLACED,
    (State.DELIVERED, Move.RESEND): State.CREATED,
}


def next_state(state: State, move: Move) -> State | None:
    """The state after a move; None where the move is not allowed."""
    return TRANSITIONS.get((state, move))


def drawing() -> str:
    """The table as a state diagram (Mermaid)."""
    lines = [f"    [*] --> {State.CREATED.name.lower()}"]
    lines += [
        f"    {state.name.lower()} --> {after.name.lower()}: {move.name.lower()}" for (state, move), after in TRANSITIONS.items()
    ]
    lines += [f"    {state.name.lower()} --> [*]" for state in State if not state.is_open]
    return "\n".join(("stateDiagram-v2", *lines, ""))

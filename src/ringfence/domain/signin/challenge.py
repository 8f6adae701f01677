"""A challenge: what somebody is asked for as a second proof, bound to user, method, purpose and asking application.

Sources: domain-rules D.5 (180 seconds), D.10 (results).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, IntEnum, unique
from typing import Final, NamedTuple

from ringfence.domain.signin.transitions import State

LIFE: Final = timedelta(seconds=180)
"""How long an answer is waited for."""
KEPT: Final = timedelta(days=1)
"""How long a challenge that is over can be asked for."""
LONGEST_PURPOSE: Final = 64


@unique
class ChallengeMethod(IntEnum):
    """How the answer is given; the value is what the database stores."""

    OATH = 1
    """A code of an app or a token (TOTP)."""

    @property
    def wire_name(self) -> str:
        """Graph's word for it, as in `userPreferredMethodForSecondaryAuthentication`."""
        return self.name.lower()


class Challenge(NamedTuple):
    """One challenge. `user_id` is of nobody where no user has the name that was asked for; then no answer is ever right."""

    challenge_id: bytes
    user_id: bytes
    app_id: bytes
    login: str
    """The name that was asked for, as it may be logged."""
    method: ChallengeMethod
    purpose: str
    state: State
    created_at: datetime
    expires_at: datetime
    is_anybody: bool
    """Whether there is such a user."""


def state_at(challenge: Challenge, now: datetime) -> State:
    """Where it stands: one whose time is over has expired, whether or not anybody noted it."""
    return State.EXPIRED if challenge.state.is_open and now >= challenge.expires_at else challenge.state


@unique
class AnswerResult(Enum):
    """What becomes of an answer, in Microsoft's words (D.10)."""

    ALREADY_USED = "code already used"
    APPROVED = "completed in the cloud"
    EXPIRED = "never entered code"
    INCORRECT_CODE = "incorrect code"
    LOCKED = "incorrect code too many times"
    OVER = "duplicate attempt"


class Verdict(NamedTuple):
    """What became of an answer, and until when the method is locked if it is."""

    result: AnswerResult
    locked_until: datetime | None = None

"""Users who are blocked for MFA: all is denied for 90 days, or until somebody unblocks them. Source: domain-rules D.6."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, unique
from typing import Final, NamedTuple

LASTS: Final = timedelta(days=90)
LONGEST_REASON: Final = 256


class Lifting(NamedTuple):
    """Who lifted a block, when and why."""

    at: datetime
    by: str
    reason: str


class Block(NamedTuple):
    """One block of a user, past or present."""

    user_id: bytes
    at: datetime
    until: datetime
    by: str
    reason: str
    lifted: Lifting | None = None


def is_in_force(block: Block, now: datetime) -> bool:
    """Whether it denies now."""
    return block.lifted is None and now < block.until


@unique
class FraudOutcome(Enum):
    """What a fraud report led to."""

    BLOCKED = "the user is blocked"
    IGNORED = "fraud alerts are off"
    NOTED = "no action taken"

"""Notices: what a person is told of their own account by mail.

Owns which there are, how long one is worth sending, and which of them bring a link to say "that was not me".
Sources: domain-rules F.1, D.6; lessons 1 (AuthQuake, TAP abuse, Uber).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import IntEnum, unique
from typing import Final, NamedTuple

LIFE: Final = timedelta(days=1)
"""How long sending it is tried."""
LINK_LIFE: Final = timedelta(days=7)
KEPT: Final = timedelta(days=30)
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=2)
_MOST_DOUBLINGS: Final = 10


@unique
class NoticeKind(IntEnum):
    """What happened; the value is what the database stores."""

    METHOD_LOCKED = 1
    """Wrong codes locked it."""
    PASS_ISSUED = 2
    METHOD_REGISTERED = 3
    METHOD_CHANGED = 4
    METHOD_DELETED = 5
    USER_BLOCKED = 6
    FRAUD_REPORTED = 7
    """Told to those whom the tenant names, not to the user."""

    @property
    def has_link(self) -> bool:
        """Whether the mail lets its reader say that it was somebody else."""
        return self not in {NoticeKind.FRAUD_REPORTED, NoticeKind.USER_BLOCKED}


@unique
class NoticeState(IntEnum):
    """Where it stands; the value is what the database stores."""

    PENDING = 1
    CLAIMED = 2
    SENT = 3
    FAILED = 4
    """Refused, or too late."""
    DROPPED = 5
    """Nobody to send it to."""


@unique
class Thing(IntEnum):
    """What a notice is about, as its words name it."""

    APP = 1
    APP_PASSWORD = 2
    CALL = 3
    EMAIL = 4
    OTHER = 5
    PASS = 6
    PASSKEY = 7
    PHONE = 8
    TEXT = 9


class Notice(NamedTuple):
    """One notice. `facts` are short texts by name; `recipient` is None where it goes to the user it is about."""

    notice_id: bytes
    user_id: bytes
    kind: NoticeKind
    facts: Mapping[str, str]
    created_at: datetime
    recipient: str | None = None
    state: NoticeState = NoticeState.PENDING
    attempts: int = 0
    link_used_at: datetime | None = None

    @property
    def is_too_late_at(self) -> datetime:
        """From when on it is not sent any more."""
        return self.created_at + LIFE


def is_link_good(notice: Notice, now: datetime) -> bool:
    """Whether its link can still be used: once, for seven days."""
    return notice.kind.has_link and notice.link_used_at is None and now < notice.created_at + LINK_LIFE


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many tries: a minute, two, four, at most two hours."""
    doublings: int = 2 ** min(attempts, _MOST_DOUBLINGS)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)

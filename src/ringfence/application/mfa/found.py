"""Finding what a request speaks of: the user by name, the challenge by its public id."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from datetime import datetime
from typing import Final, NamedTuple

from ringfence.application.accounts import find_active_account
from ringfence.application.mfa.blocked_users import blocked_until
from ringfence.application.ports import UnitOfWork
from ringfence.domain.directory.user import Account, User
from ringfence.domain.errors import ConflictError, ErrorCode, NotFoundError
from ringfence.domain.signin.challenge import Challenge
from ringfence.domain.signin.transitions import Move, next_state

ID_BYTES: Final = 16


class Place(NamedTuple):
    """Which challenge, and which application asks for it."""

    tenant_id: int
    challenge_id: bytes
    app_id: bytes


def public_id(challenge: Challenge) -> str:
    """The id of a challenge on the wire, base64url: random, so that it tells nothing of the user."""
    return urlsafe_b64encode(challenge.challenge_id).decode().rstrip("=")


def place_of(tenant_id: int, app_id: bytes, public: str) -> Place:
    """The place that a public id names; raises `NotFoundError` (CHALLENGE_UNKNOWN) for what is none."""
    try:
        raw = urlsafe_b64decode(public + "=" * (-len(public) % 4))
    except (Error, ValueError):
        raw = b""
    if len(raw) != ID_BYTES:
        raise NotFoundError(ErrorCode.CHALLENGE_UNKNOWN)
    return Place(tenant_id, raw, app_id)


def find_challenge(unit: UnitOfWork, place: Place) -> Challenge:
    """The challenge, for the application that made it alone; raises `NotFoundError` (CHALLENGE_UNKNOWN)."""
    found = unit.challenges.find(place.tenant_id, place.challenge_id)
    if found is None or found.app_id != place.app_id:
        raise NotFoundError(ErrorCode.CHALLENGE_UNKNOWN)
    return found


def find_asked(unit: UnitOfWork, tenant_id: int, name: str) -> Account | None:
    """The account of this name that may sign in, or None."""
    if not name.isprintable():
        return None
    try:
        account = find_active_account(unit, tenant_id, name)
    except NotFoundError:
        return None
    return account if account.user.enabled else None


def find_user_of(unit: UnitOfWork, tenant_id: int, challenge: Challenge) -> User | None:
    """The user as things stand now: one that was disabled or deleted meanwhile answers nothing."""
    user = unit.directory.user(tenant_id, challenge.user_id)
    if user is None or not challenge.is_anybody or not user.enabled or user.deleted_at is not None:
        return None
    return user


def may_go_on(unit: UnitOfWork, tenant_id: int, user: User, began_at: datetime, now: datetime) -> bool:
    """Whether what a user began then may be finished: they may sign in, are not blocked, and no session was ended since."""
    if not user.enabled or user.deleted_at is not None or blocked_until(unit, tenant_id, user.user_id, now) is not None:
        return False
    ended_at = unit.identity.credential(tenant_id, user.user_id).sessions_valid_from
    return ended_at is None or began_at >= ended_at


def move(unit: UnitOfWork, tenant_id: int, challenge: Challenge, by: Move) -> Challenge:
    """Store the next state and return the challenge in it.

    Raises `ConflictError` (ROW_CHANGED) when it changed meanwhile, or there is none.
    """
    after = next_state(challenge.state, by)
    if after is None or not unit.challenges.move(tenant_id, challenge, after):
        raise ConflictError(ErrorCode.ROW_CHANGED)
    return challenge._replace(state=after)

"""The accidental-delete guard: too many deletes or cleared numbers at once stop everything before anything is written.

Source: domain-rules H.5 (threshold 500, *more than* the threshold stops the whole import); clearing numbers is under it too.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from ringfence.domain.errors import DeniedError, ErrorCode

THRESHOLD: Final = 500


class PendingLosses(NamedTuple):
    """What an import would take away: users it would delete, public numbers it would clear."""

    deletes: int = 0
    clears: int = 0


def check_full(rows: int) -> None:
    """Raise `DeniedError` when files that are said to hold everybody hold nobody: that is a broken export, not a directory."""
    if not rows:
        raise DeniedError(ErrorCode.GUARD_EMPTY)


def check_losses(pending: PendingLosses, allowed: int = THRESHOLD) -> None:
    """Raise `DeniedError` when more than `allowed` users would be deleted, or more than `allowed` numbers cleared."""
    if pending.deletes > allowed:
        raise DeniedError(ErrorCode.GUARD_DELETES, pending=pending.deletes, allowed=allowed)
    if pending.clears > allowed:
        raise DeniedError(ErrorCode.GUARD_CLEARS, pending=pending.clears, allowed=allowed)


def check_progress(done: PendingLosses, allowed: int, *, writes: bool) -> None:
    """Raise `DeniedError` when an import under way is about to take away more than was seen beforehand, and than is allowed.

    The first pass judges each row by what is stored; rows that build on earlier rows of the same import can do more.
    """
    if max(done) > allowed:
        raise DeniedError(ErrorCode.GUARD_MIDWAY, allowed=allowed, writes=writes)

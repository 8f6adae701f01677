"""What it means for a call that it ended before anybody took it.

Two things count: the status that the other side answered with, and whether a phone had begun to ring. Where none rang, the call
may be made again without ringing twice.
Source: RFC 3261, 21 (statuses); RFC 8197 and 8688 (607, 608); domain rules D.4.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ringfence.application.ports.calls import CallEnd, CallOutcome
from ringfence.application.ports.delivery import Later, LaterReason, RefusalReason, Refused

_AFTER_FAULT: Final = timedelta(seconds=5)
_CONFIGURATION: Final = Refused(RefusalReason.CONFIGURATION)
_DESTINATION: Final = Refused(RefusalReason.DESTINATION)
UNREACHABLE_TRUNK: Final = Later(_AFTER_FAULT, LaterReason.UNREACHABLE)

_ENDS: Final[dict[int, CallEnd]] = {
    408: CallEnd.UNREACHABLE,  # nothing was heard from the phone
    410: CallEnd.UNREACHABLE,  # gone
    480: CallEnd.UNREACHABLE,  # switched off
    486: CallEnd.BUSY,
    487: CallEnd.NO_ANSWER,  # ended before it was taken
    600: CallEnd.BUSY,
    603: CallEnd.DECLINED,
    607: CallEnd.DECLINED,  # unwanted
    608: CallEnd.DECLINED,  # by an intermediary for the person
}
_REFUSALS: Final[dict[int, Refused]] = {
    401: _CONFIGURATION,
    402: _CONFIGURATION,
    403: _CONFIGURATION,  # a trunk says so to a right that is lacking, for this country too; another account may have it
    404: _DESTINATION,
    407: _CONFIGURATION,
    415: _CONFIGURATION,
    416: _CONFIGURATION,
    420: _CONFIGURATION,
    484: _DESTINATION,
    488: _CONFIGURATION,  # no codec or encryption that both have
    604: _DESTINATION,
    606: _CONFIGURATION,
}
_THROTTLES: Final = frozenset({429, 503})


def outcome_untaken(status: int | None, *, has_rung: bool) -> CallOutcome:
    """Return the outcome of a call that ended with this status, or without one: then the connection failed."""
    if status in _ENDS:
        return _ENDS[status]
    if has_rung:
        return CallEnd.UNREACHABLE
    if status in _REFUSALS:
        return _REFUSALS[status]
    if status is None:
        return UNREACHABLE_TRUNK
    return Later(_AFTER_FAULT, LaterReason.THROTTLED if status in _THROTTLES else LaterReason.FAULT)

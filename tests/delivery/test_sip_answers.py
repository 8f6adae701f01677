"""Calls that nobody took."""

from __future__ import annotations

import datetime as dt

import pytest

from ringfence.application.ports.calls import CallEnd, CallOutcome
from ringfence.application.ports.delivery import Later, LaterReason, RefusalReason, Refused
from ringfence.delivery.sip_answers import outcome_untaken

_SOON = dt.timedelta(seconds=5)
CONFIGURATION, DESTINATION = Refused(RefusalReason.CONFIGURATION), Refused(RefusalReason.DESTINATION)

ANSWERS: dict[str, tuple[int | None, bool, CallOutcome]] = {
    "busy": (486, False, CallEnd.BUSY),
    "busy-everywhere": (600, True, CallEnd.BUSY),
    "declined": (603, True, CallEnd.DECLINED),
    "unwanted": (607, True, CallEnd.DECLINED),
    "switched-off": (480, False, CallEnd.UNREACHABLE),
    "unknown-number": (404, False, DESTINATION),
    "incomplete-number": (484, False, DESTINATION),
    "wrong-password": (401, False, CONFIGURATION),
    "wrong-password-at-a-proxy": (407, False, CONFIGURATION),
    "forbidden": (403, False, CONFIGURATION),
    "no-common-encryption": (488, False, CONFIGURATION),
    "throttled": (503, False, Later(_SOON, LaterReason.THROTTLED)),
    "fault": (500, False, Later(_SOON, LaterReason.FAULT)),
    "unheard-of": (699, False, Later(_SOON, LaterReason.FAULT)),
    "no-connection": (None, False, Later(_SOON, LaterReason.UNREACHABLE)),
    "fault-after-ringing": (500, True, CallEnd.UNREACHABLE),
    "unknown-number-after-ringing": (404, True, CallEnd.UNREACHABLE),
    "connection-lost-after-ringing": (None, True, CallEnd.UNREACHABLE),
}


@pytest.mark.parametrize(("status", "has_rung", "outcome"), ANSWERS.values(), ids=ANSWERS)
def test_answers(status: int | None, has_rung: bool, outcome: CallOutcome) -> None:  # noqa: FBT001 - a column
    """RFC 3261, 21; a call that rang is never called one that was not placed."""
    assert outcome == outcome_untaken(status, has_rung=has_rung)

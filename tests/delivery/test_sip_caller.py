"""Calls to real phones of another stack (SIPp), which also judge how we behave."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.application.ports.calls import CallEnd, CallOutcome, CallStage
from tests.delivery.telephones import Progress, account_at, call_to, outcome_of
from tests.servers.sipp import callee, hangs_up, never_takes_it, refuses, takes_it

pytestmark = pytest.mark.slow

FATES: dict[str, tuple[str, CallOutcome]] = {
    "pound": (takes_it("#"), CallEnd.APPROVED),
    "declined": (refuses("603 Decline", ring_ms=150), CallEnd.DECLINED),
    "busy": (refuses("486 Busy Here", ring_ms=150), CallEnd.BUSY),
    "no-answer": (never_takes_it(), CallEnd.NO_ANSWER),
    "no-key": (takes_it(), CallEnd.NO_KEY),
    "hung-up": (hangs_up(), CallEnd.HUNG_UP),
    "fraud": (takes_it("0", "#"), CallEnd.FRAUD),
    "another-key-then-pound": (takes_it("5", 1000, "#"), CallEnd.APPROVED),
}


@pytest.mark.parametrize(("scenario", "fate"), FATES.values(), ids=FATES)
def test_fates(tmp_path: Path, scenario: str, fate: CallOutcome) -> None:
    """What a person does is what comes back, and the phone saw a call by the book from beginning to end."""
    with callee(tmp_path, scenario) as phone:
        assert (fate, "") == (outcome_of(account_at(phone.port), call_to()), phone.verdict())


def test_progress(tmp_path: Path) -> None:
    """That it rings and that it is taken is told once each, in order."""
    call, progress = call_to(), Progress()
    with callee(tmp_path, takes_it("#")) as phone:
        outcome_of(account_at(phone.port), call, progress)
    assert [CallStage.RINGING, CallStage.ANSWERED] == progress.stages(call)

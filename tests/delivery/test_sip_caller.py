"""Calls to real phones of another stack (SIPp), which also judge how we behave."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from ringfence.application.ports.calls import CallEnd, CallOutcome, CallStage
from ringfence.application.ports.delivery import Later, LaterReason
from ringfence.delivery.call_chain import CallerChain
from ringfence.delivery.routes import Route
from ringfence.delivery.sip_account import Transport
from ringfence.delivery.sip_caller import SipCaller
from ringfence.delivery.sip_phone import SipPhone
from tests.delivery.messages import NOW
from tests.delivery.telephones import LOOPBACK, QUICK, Progress, ShortTones, account_at, call_to, caller, outcome_of
from tests.servers.sipp import callee, hangs_up, never_takes_it, refuses, takes_it, takes_it_at_once

pytestmark = pytest.mark.slow

FATES: dict[str, tuple[str, CallOutcome]] = {
    "pound": (takes_it("#"), CallEnd.APPROVED),
    "pound-without-a-ring": (takes_it_at_once("#"), CallEnd.APPROVED),
    "declined": (refuses("603 Decline", ring_ms=150), CallEnd.DECLINED),
    "busy": (refuses("486 Busy Here", ring_ms=150), CallEnd.BUSY),
    "no-answer": (never_takes_it(), CallEnd.NO_ANSWER),
    "no-key": (takes_it(), CallEnd.NO_KEY),
    "hung-up": (hangs_up(), CallEnd.HUNG_UP),
    "fraud": (takes_it("0", "#"), CallEnd.FRAUD),
    "zero-and-nothing-more": (takes_it("0"), CallEnd.NO_KEY),
    "another-key-then-pound": (takes_it("5", 2200, "#"), CallEnd.APPROVED),
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


def test_fraud_is_confirmed(tmp_path: Path) -> None:
    """Where a report blocks the account, `1` confirms it."""
    with callee(tmp_path, takes_it("0", "#", 300, "1")) as phone:
        assert CallEnd.FRAUD == outcome_of(account_at(phone.port), call_to(must_confirm_fraud=True))
        assert phone.verdict() == ""


def test_forty_at_once(tmp_path: Path) -> None:
    """Forty phones ring at the same time, and each is heard."""

    async def place() -> list[CallOutcome]:
        async with caller(account_at(phone.port)) as one:
            return await asyncio.gather(*(one.place(call_to(f"+1 42555501{number:02}"), NOW) for number in range(40)))

    with callee(tmp_path, takes_it("#"), calls=40) as phone:
        assert [CallEnd.APPROVED] * 40 == asyncio.run(place())
        assert phone.verdict() == ""


def test_accounts_share_a_stack(tmp_path: Path) -> None:
    """Two accounts of a process call over one stack, and the one goes on when the other is stopped."""

    async def place() -> list[CallOutcome]:
        stack = SipPhone(LOOPBACK)
        both = [SipCaller(account_at(phone.port), stack, ShortTones(), Progress().append, QUICK) for _ in range(2)]
        await asyncio.gather(*(one.start() for one in both))
        outcomes = await asyncio.gather(*(one.place(call_to(), NOW) for one in both))
        await both[0].stop()
        outcomes.append(await both[1].place(call_to(), NOW))
        await both[1].stop()
        return outcomes

    with callee(tmp_path, takes_it("#"), calls=3) as phone:
        assert [CallEnd.APPROVED] * 3 == asyncio.run(place())


def test_the_next_account_is_asked(tmp_path: Path) -> None:
    """Where the first trunk of a country is away, the second one rings the phone."""

    async def place() -> CallOutcome:
        stack, accounts = SipPhone(LOOPBACK), (account_at(1, transport=Transport.TCP), account_at(phone.port))
        chain = CallerChain([Route("1", [SipCaller(one, stack, ShortTones(), Progress().append, QUICK) for one in accounts])])
        await chain.start()
        outcome = await chain.place(call_to(), NOW)
        await chain.stop()
        return outcome

    with callee(tmp_path, takes_it("#")) as phone:
        assert CallEnd.APPROVED == asyncio.run(place())


def test_a_trunk_that_is_not_there() -> None:
    """Over TCP nobody listening is found out at once: nobody was rung, and it is for later."""
    outcome = outcome_of(account_at(1, transport=Transport.TCP), call_to())
    assert isinstance(outcome, Later)
    assert LaterReason.UNREACHABLE == outcome.reason


def test_no_number_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What the stack would log of a call names a number, so it logs nothing of it."""
    caplog.set_level(logging.DEBUG)
    with callee(tmp_path, refuses("404 Not Found")) as phone:
        outcome_of(account_at(phone.port), call_to("+1 4255550142"))
    assert "4255550142" not in caplog.text


def test_before_start_and_after_stop(tmp_path: Path) -> None:
    """A caller that is not running rings nobody, and says so; it can be started again."""

    async def place(port: int) -> list[type]:
        one = SipCaller(account_at(port), SipPhone(LOOPBACK), ShortTones(), Progress().append, QUICK)
        outcomes = [await one.place(call_to(), NOW)]
        for _ in range(2):
            await one.start()
            outcomes.append(await one.place(call_to(), NOW))
            await one.stop()
            outcomes.append(await one.place(call_to(), NOW))
        return [type(outcome) for outcome in outcomes]

    with callee(tmp_path, takes_it("#"), calls=2) as phone:
        assert [Later, CallEnd, Later, CallEnd, Later] == asyncio.run(place(phone.port))

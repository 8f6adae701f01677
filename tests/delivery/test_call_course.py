"""The course of a call, over a phone without a network."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import pytest

from ringfence.application.ports.calls import CallEnd, CallOutcome, CallStage, VoiceCall
from ringfence.application.ports.delivery import Later, LaterReason, RefusalReason, Refused
from ringfence.delivery.phone import Answered, Closed, LegEvent, Ringing, Standing
from ringfence.delivery.prompt_texts import Sentence as Say
from ringfence.delivery.sip_account import CallSpans
from ringfence.delivery.sip_caller import SipCaller
from ringfence.domain.errors import ErrorCode, UnavailableError
from tests.delivery.fake_phones import HANGS_UP, FakePhone, NamedSentences, Person
from tests.delivery.messages import NOW, until
from tests.delivery.telephones import Progress, account_at, call_to

_MS: Final = dt.timedelta(milliseconds=1)
_AT_ONCE: Final = CallSpans(*[_MS] * 7)
_SPANS: Final = CallSpans(60 * _MS, 10000 * _MS, 20 * _MS, _MS, 60 * _MS, _MS, _MS)
_ASK: Final = Say.GREETING_WITH_FRAUD
_AGAIN: Final = Say.RETRY_WITH_FRAUD


def place(phone: FakePhone, call: VoiceCall, progress: Progress | None = None, spans: CallSpans = _SPANS) -> CallOutcome:
    """Place one call and let the last sentence be said."""

    async def whole() -> CallOutcome:
        told = (progress if progress is not None else Progress()).append
        caller = SipCaller(account_at(5060), phone, NamedSentences(), told, spans)
        await caller.start()
        outcome = await caller.place(call, NOW)
        await until(lambda: all(leg.is_over for leg in phone.legs))
        await caller.stop()
        return outcome

    return asyncio.run(whole())


COURSES: dict[str, tuple[Person, dict[str, Any], CallEnd, list[str]]] = {
    "approved": ({_ASK: ["#"]}, {}, CallEnd.APPROVED, [_ASK, Say.APPROVED]),
    "approved-at-the-second-time": ({_ASK: ["", "#"]}, {}, CallEnd.APPROVED, [_ASK, _ASK, Say.APPROVED]),
    "nothing-pressed": ({}, {}, CallEnd.NO_KEY, [_ASK, _ASK, Say.DENIED]),
    "fraud": ({_ASK: ["0#"]}, {}, CallEnd.FRAUD, [_ASK, Say.FRAUD]),
    "other-then-approved": ({_ASK: ["7"], _AGAIN: ["#"]}, {}, CallEnd.APPROVED, [_ASK, _AGAIN, Say.APPROVED]),
    "digit-and-pound": ({_ASK: ["7#"]}, {}, CallEnd.NO_KEY, [_ASK, _AGAIN, _AGAIN, Say.DENIED]),
    "fraud-confirmed": (
        {_ASK: ["0#"], Say.CONFIRM_FRAUD: ["1"]},
        {"must_confirm_fraud": True},
        CallEnd.FRAUD,
        [_ASK, Say.CONFIRM_FRAUD, Say.FRAUD],
    ),
    "fraud-not-confirmed": (
        {_ASK: ["0#"]},
        {"must_confirm_fraud": True},
        CallEnd.NO_KEY,
        [_ASK, Say.CONFIRM_FRAUD, Say.CONFIRM_FRAUD, Say.DENIED],
    ),
    "fraud-off": (
        {Say.GREETING: ["0#"], Say.RETRY: ["#"]},
        {"is_fraud_reportable": False},
        CallEnd.APPROVED,
        [Say.GREETING, Say.RETRY, Say.APPROVED],
    ),
    "code-of-their-own": (
        {_ASK: ["0#"], _AGAIN: ["31#"]},
        {"fraud_code": "31", "language": "de"},
        CallEnd.FRAUD,
        [_ASK, _AGAIN, Say.FRAUD],
    ),
    "code-that-nobody-was-told": (
        {_ASK: ["31#"], _AGAIN: ["0#"]},
        {"fraud_code": "31"},
        CallEnd.FRAUD,
        [_ASK, _AGAIN, Say.FRAUD],
    ),
    "extension": (
        {Say.EXTENSION_BEFORE: ["#"], _ASK: ["#"]},
        {"number": "+1 4255550100x123"},
        CallEnd.APPROVED,
        [Say.EXTENSION_BEFORE, "keys 123", Say.EXTENSION_AFTER, _ASK, Say.APPROVED],
    ),
}


@pytest.mark.parametrize(("person", "fields", "end", "heard"), COURSES.values(), ids=COURSES)
def test_courses(person: Person, fields: dict[str, Any], end: CallEnd, heard: list[str]) -> None:
    """D.4: what is said to whom, and what the keys lead to; in the end we hang up."""
    phone = FakePhone(person)
    assert end == place(phone, call_to(**fields))
    assert [*heard, "hung up"] == phone.legs[0].heard


@pytest.mark.parametrize("at", [_ASK, Say.EXTENSION_BEFORE], ids=str)
def test_hanging_up_denies(at: Say) -> None:
    """Whoever hangs up has not approved, at whatever sentence, and nothing more is said."""
    phone = FakePhone({at: [HANGS_UP]})
    assert CallEnd.HUNG_UP == place(phone, call_to("+1 4255550100x123"))
    assert Say.DENIED not in phone.legs[0].heard


UNTAKEN: dict[str, tuple[Sequence[LegEvent], CallOutcome, list[CallStage]]] = {
    "no-answer": ([Ringing(), Ringing()], CallEnd.NO_ANSWER, [CallStage.RINGING]),
    "nothing-at-all": ([], CallEnd.NO_ANSWER, []),
    "declined": ([Ringing(), Closed(603, is_ours=False)], CallEnd.DECLINED, [CallStage.RINGING]),
    "unknown": ([Closed(404, is_ours=False)], Refused(RefusalReason.DESTINATION), []),
    "no-ringing": ([Answered()], CallEnd.NO_KEY, [CallStage.ANSWERED]),
}


@pytest.mark.parametrize(("told", "outcome", "stages"), UNTAKEN.values(), ids=UNTAKEN)
def test_untaken(told: Sequence[LegEvent], outcome: CallOutcome, stages: list[CallStage]) -> None:
    """Each stage is told once, and a phone that rings too long is let go."""
    phone, call, progress = FakePhone(told=told), call_to(), Progress()
    assert outcome == place(phone, call, progress)
    assert (stages, "hung up") == (progress.stages(call), phone.legs[0].heard[-1])


NOT_DIALLED: dict[str, tuple[VoiceCall, Refused]] = {
    "expired": (call_to(lasts=dt.timedelta()), Refused(RefusalReason.EXPIRED)),
    "emergency": (call_to("+1 9115550100"), Refused(RefusalReason.DESTINATION)),
}


@pytest.mark.parametrize(("call", "refusal"), NOT_DIALLED.values(), ids=NOT_DIALLED)
def test_not_dialled(call: VoiceCall, refusal: Refused) -> None:
    """What is too late, or must never ring, does not leave the house."""
    phone = FakePhone()
    assert refusal == place(phone, call)
    assert [] == phone.dialled


def test_the_attempt_is_over_in_time() -> None:
    """Somebody who presses wrong keys for ever is cut off, with nothing more said."""
    phone = FakePhone({_ASK: ["7"], _AGAIN: ["7"] * 1000})
    assert CallEnd.NO_KEY == place(phone, call_to(lasts=400 * _MS))
    assert [_AGAIN, "hung up"] == phone.legs[0].heard[-2:]


def test_standing_at_the_trunk() -> None:
    """A trunk that knows us not is a matter of configuration, one that is away is for later; neither is dialled."""
    phone = FakePhone()
    phone.standing = Standing.REFUSED
    assert Refused(RefusalReason.CONFIGURATION) == place(phone, call_to())
    phone.standing = Standing.ABSENT
    assert isinstance(away := place(phone, call_to()), Later)
    assert (LaterReason.UNREACHABLE, []) == (away.reason, phone.dialled)


def test_a_trunk_that_is_back() -> None:
    """A trunk that was away is asked again with each call, and the call goes through as soon as it knows us."""
    phone = FakePhone({_ASK: ["#"]})
    phone.standing, phone.next_standing = Standing.ABSENT, Standing.READY
    assert CallEnd.APPROVED == place(phone, call_to())


def test_nothing_went_out() -> None:
    """A call that the stack could not begin rang nobody."""
    phone = FakePhone()
    phone.is_silent = True
    assert isinstance(place(phone, call_to()), Later)


def test_nobody_is_rung_without_words() -> None:
    """A voice that fails is found out before a phone rings."""

    class Mute(NamedSentences):
        async def audio(self, *_: object) -> dict[Say, bytes]:
            raise UnavailableError(ErrorCode.PROGRAM_MISSING, program="", packages="")

    async def place_mute() -> None:
        phone = FakePhone()
        caller = SipCaller(account_at(5060), phone, Mute(), Progress().append, _AT_ONCE)
        await caller.start()
        assert Refused(RefusalReason.CONFIGURATION) == await caller.place(call_to(), NOW)
        assert [] == phone.dialled

    asyncio.run(place_mute())


async def _under_way(phone: FakePhone, most_calls: int = 1) -> tuple[SipCaller, asyncio.Task[CallOutcome]]:
    caller = SipCaller(account_at(5060, most_calls=most_calls), phone, NamedSentences(), Progress().append)
    await caller.start()
    placing = asyncio.create_task(caller.place(call_to(), NOW))
    await until(lambda: phone.legs)
    return caller, placing


def test_no_more_calls_than_the_trunk_has_lines() -> None:
    """One too many is for later, and rings nobody; once a line is free it goes."""

    async def two() -> None:
        phone = FakePhone(told=[Ringing()])
        caller, first = await _under_way(phone)
        later = await caller.place(call_to(), NOW)
        assert isinstance(later, Later)
        assert (LaterReason.THROTTLED, 1) == (later.reason, len(phone.dialled))
        phone.legs[0].events.put_nowait(Closed(486, is_ours=False))
        assert CallEnd.BUSY == await first

    asyncio.run(two())


STOPPED: dict[str, tuple[LegEvent, CallEnd]] = {"ringing": (Ringing(), CallEnd.NO_ANSWER), "taken": (Answered(), CallEnd.NO_KEY)}


@pytest.mark.parametrize(("told", "end"), STOPPED.values(), ids=STOPPED)
def test_stopping(told: LegEvent, end: CallEnd) -> None:
    """A stop ends calls under way as if their time were over, and afterwards nobody is rung."""

    async def stop() -> None:
        phone = FakePhone(told=[told])
        caller, placing = await _under_way(phone)
        await asyncio.sleep(0)
        await caller.stop()
        assert (end, 0) == (await placing, phone.users)
        assert isinstance(await caller.place(call_to(), NOW), Later)

    asyncio.run(stop())


def test_a_cancelled_call_is_hung_up() -> None:
    """Whoever no longer waits for a call leaves no phone ringing."""

    async def cancel() -> None:
        phone = FakePhone(told=[Ringing()])
        _caller, placing = await _under_way(phone)
        placing.cancel()
        await until(lambda: phone.legs[0].is_over)

    asyncio.run(cancel())

"""Calls over one account at a SIP trunk.

Owns a call's course from the dialling to the hanging up, and how long each part may take. Does not own the SIP stack
(`sip_phone`), what is said (`call_script`), how it sounds (`prompts`) or what a status means (`sip_answers`).
Source: domain rules D.4.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from ringfence.application.ports.calls import (
    DEFAULT_FRAUD_CODE,
    CallEnd,
    CallOutcome,
    CallProgress,
    CallStage,
    TakeProgress,
    VoiceCall,
)
from ringfence.application.ports.delivery import Later, LaterReason, RefusalReason, Refused
from ringfence.delivery.call_script import GOODBYES, Audio, CallScript, sentences_of
from ringfence.delivery.dialling import dialled_digits
from ringfence.delivery.phone import Answered, Closed, Leg, Line, Ringing, Standing
from ringfence.delivery.prompt_texts import Sentence
from ringfence.delivery.sip_account import CallSpans, SipAccount
from ringfence.delivery.sip_answers import UNREACHABLE_TRUNK, outcome_untaken
from ringfence.domain.errors import RingfenceError

_ENGAGED: Final = Later(timedelta(seconds=2), LaterReason.THROTTLED)
_GOODBYE_SECONDS: Final = 10


class Phone(Protocol):
    """What lines are opened on: `sip_phone.SipPhone`."""

    async def start(self) -> None:
        """Begin for one more user."""

    async def stop(self) -> None:
        """End for one user."""

    async def open(self, account: SipAccount) -> Line:
        """Return a line for an account."""


class Voice(Protocol):
    """What sentences sound like: `prompts.Prompts`."""

    async def audio(self, language: str, sentences: AbstractSet[Sentence]) -> Mapping[Sentence, bytes]:
        """Return 16-bit samples, 8,000 a second, for each. Raises `RingfenceError` when it cannot be made."""

    def is_recorded(self, language: str, sentence: Sentence) -> bool:
        """Whether a sentence is a recording of the organization's own."""


class SipCaller:
    """`VoiceCaller` over one account. Several may share a phone."""

    def __init__(
        self, account: SipAccount, phone: Phone, voice: Voice, take_progress: TakeProgress, spans: CallSpans | None = None
    ) -> None:
        """Not started."""
        self._account = account
        self._phone = phone
        self._voice = voice
        self._take_progress = take_progress
        self._spans = spans or CallSpans()
        self._line: Line | None = None
        self._legs: set[Leg] = set()
        self._placing = 0
        self._goodbyes: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start the phone for us, and register where the trunk wants that."""
        await self._phone.start()
        try:
            self._line = await self._phone.open(self._account)
        finally:
            if self._line is None:
                await self._phone.stop()

    async def stop(self) -> None:
        """Hang up, and let the phone go."""
        if self._line is None:
            return
        self._line = None
        for goodbye in self._goodbyes:
            goodbye.cancel()
        await asyncio.gather(*(leg.hang_up() for leg in self._legs), *self._goodbyes, return_exceptions=True)
        await self._phone.stop()

    async def place(self, call: VoiceCall, now: datetime) -> CallOutcome:
        """Ring, ask, and say how it ended; the last sentence is spoken after that."""
        digits = dialled_digits(call)
        if call.expires_at <= now:
            return Refused(RefusalReason.EXPIRED)
        if digits is None:
            return Refused(RefusalReason.DESTINATION)
        if self._line is None:
            return UNREACHABLE_TRUNK
        if self._placing >= self._account.most_calls:
            return _ENGAGED
        self._placing += 1
        try:
            return await self._known(self._line) or await self._dial(self._line, digits, call, call.expires_at - now)
        finally:
            self._placing -= 1

    async def _known(self, line: Line) -> CallOutcome | None:
        """Make sure that the trunk knows us, where it was away before; None when it does."""
        if line.standing is Standing.ABSENT:
            await line.register()
        match line.standing:
            case Standing.ABSENT:
                return UNREACHABLE_TRUNK
            case Standing.REFUSED:
                return Refused(RefusalReason.CONFIGURATION)
            case Standing.READY:
                return None

    async def _dial(self, line: Line, digits: str, call: VoiceCall, lasts: timedelta) -> CallOutcome:
        """Have the words ready before anybody is rung, then ring."""
        loop = asyncio.get_running_loop()
        until = loop.time() + min(self._spans.attempt, lasts).total_seconds()
        try:
            audio = await self._voice.audio(call.language, sentences_of(call))
        except RingfenceError:
            return Refused(RefusalReason.CONFIGURATION)
        leg = await line.dial(self._account.dial_prefix + digits)
        if leg is None:
            return UNREACHABLE_TRUNK
        self._legs.add(leg)
        outcome: CallOutcome | None = None
        try:
            outcome = await self._ring(leg, call, min(until, loop.time() + self._spans.ring.total_seconds()))
            if outcome is None:
                outcome = await self._converse(leg, self._with_code(call), audio, until)
        finally:
            goodbye = GOODBYES.get(outcome) if isinstance(outcome, CallEnd) else None
            self._end(leg, audio[goodbye] if goodbye and loop.time() < until else None)
        return outcome

    def _with_code(self, call: VoiceCall) -> VoiceCall:
        """The call with the code that its greeting names."""
        is_own = self._voice.is_recorded(call.language, Sentence.GREETING_WITH_FRAUD)
        return call if is_own else replace(call, fraud_code=DEFAULT_FRAUD_CODE)

    async def _ring(self, leg: Leg, call: VoiceCall, until: float) -> CallOutcome | None:
        """Wait for somebody to take it; None when somebody does."""
        has_rung = False
        try:
            async with asyncio.timeout_at(until):
                while True:
                    match await leg.events.get():
                        case Ringing() if not has_rung:
                            has_rung = True
                            self._take_progress(CallProgress(call.call_id, CallStage.RINGING))
                        case Answered():
                            self._take_progress(CallProgress(call.call_id, CallStage.ANSWERED))
                            return None
                        case Closed(status=status, is_ours=is_ours):
                            return CallEnd.NO_ANSWER if is_ours else outcome_untaken(status, has_rung=has_rung)
                        case _:
                            continue
        except TimeoutError:
            return CallEnd.NO_ANSWER

    async def _converse(self, leg: Leg, call: VoiceCall, audio: Audio, until: float) -> CallEnd:
        try:
            async with asyncio.timeout_at(until):
                return await CallScript(leg, call, audio, self._spans).run()
        except TimeoutError:
            return CallEnd.NO_KEY

    def _end(self, leg: Leg, goodbye: bytes | None) -> None:
        """Hang up, after a last sentence where there is one, with nobody waiting for it."""
        task = asyncio.get_running_loop().create_task(self._say_goodbye(leg, goodbye))
        self._goodbyes.add(task)
        task.add_done_callback(self._goodbyes.discard)

    async def _say_goodbye(self, leg: Leg, goodbye: bytes | None) -> None:
        try:
            if goodbye is not None:
                async with asyncio.timeout(_GOODBYE_SECONDS):
                    await leg.play(goodbye)
        except TimeoutError:
            return
        finally:
            await leg.hang_up()
            self._legs.discard(leg)

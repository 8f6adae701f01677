"""What is said in a call once it is taken, and what the keys that are pressed lead to.

Owns the order of the sentences: the extension first, the question twice, again after keys that mean nothing. Does not own what
keys mean (`domain.signin.call_keys`), how the phone is reached, or when the attempt is over.
Source: domain rules D.4.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from datetime import timedelta
from typing import Final

from ringfence.application.ports.calls import CallEnd, VoiceCall
from ringfence.delivery.phone import Closed, Key, Leg, LegEvent
from ringfence.delivery.prompt_texts import Sentence
from ringfence.delivery.sip_account import CallSpans
from ringfence.domain.signin.call_keys import NO_KEYS, Heard, KeyRules, keys_after_pause, next_keys

_TIMES: Final = 2
"""How often a question is put (D.4)."""
GOODBYES: Final = {
    CallEnd.APPROVED: Sentence.APPROVED,
    CallEnd.FRAUD: Sentence.FRAUD,
    CallEnd.NO_KEY: Sentence.DENIED,
}
"""The last sentence, where somebody is still there to hear it."""
_QUESTIONS: Final = {Heard.FRAUD_TO_CONFIRM: Sentence.CONFIRM_FRAUD, Heard.OTHER: None}
"""What is asked then; None is the first question, in other words."""
_ENDS: Final = {Heard.APPROVED: CallEnd.APPROVED, Heard.FRAUD: CallEnd.FRAUD}

Audio = Mapping[Sentence, bytes]


def sentences_of(call: VoiceCall) -> frozenset[Sentence]:
    """All that may be said in a call."""
    said = {_greeting(call), _again(call), *GOODBYES.values()}
    if call.is_fraud_reportable and call.must_confirm_fraud:
        said.add(Sentence.CONFIRM_FRAUD)
    if call.extension:
        said |= {Sentence.EXTENSION_AFTER, Sentence.EXTENSION_BEFORE}
    return frozenset(said)


class CallScript:
    """One call, from the moment it is taken."""

    def __init__(self, leg: Leg, call: VoiceCall, audio: Audio, spans: CallSpans) -> None:
        """Nothing was said yet."""
        self._leg = leg
        self._call = call
        self._audio = audio
        self._spans = spans
        self._saying: asyncio.Task[None] | None = None
        self._rules = KeyRules(call.fraud_code if call.is_fraud_reportable else None, call.must_confirm_fraud)

    async def run(self) -> CallEnd:
        """Ask until it is decided; whoever cancels this ends what is being said."""
        try:
            return (await self._end_before_put_through() if self._call.extension else None) or await self._ask()
        finally:
            await self._fall_silent()

    async def _end_before_put_through(self) -> CallEnd | None:
        """Dial the extension. Keys that are pressed meanwhile are somebody else's: the operator's, or the exchange's."""
        self._say(self._put_through())
        while (event := await self._next(None)) is not None:
            if isinstance(event, Closed):
                return _end_of(event)
        return None

    async def _put_through(self) -> None:
        await asyncio.sleep(self._spans.before_extension.total_seconds())
        await self._leg.play(self._audio[Sentence.EXTENSION_BEFORE])
        await self._leg.dial_on(self._call.extension)
        await asyncio.sleep(self._spans.after_extension.total_seconds())
        await self._leg.play(self._audio[Sentence.EXTENSION_AFTER])

    async def _ask(self) -> CallEnd:
        keys, heard = NO_KEYS, Heard.NOTHING_YET
        self._say(self._put(_greeting(self._call)))
        while heard not in _ENDS:
            event = await self._next(self._spans.key_pause if keys.entry else None)
            if isinstance(event, Closed):
                return _end_of(event)
            if isinstance(event, Key):
                await self._fall_silent()
                keys, heard = next_keys(self._rules, keys, event.key)
            elif event is None and not keys.entry:
                return CallEnd.NO_KEY
            elif event is None:
                keys, heard = keys_after_pause(keys)
            if heard in _QUESTIONS:
                self._say(self._put(_QUESTIONS[heard] or _again(self._call)))
                heard = Heard.NOTHING_YET
        return _ENDS[heard]

    async def _put(self, question: Sentence) -> None:
        for time in range(_TIMES):
            if time:
                await asyncio.sleep(self._spans.between_greetings.total_seconds())
            await self._leg.play(self._audio[question])
        await asyncio.sleep(self._spans.after_greetings.total_seconds())

    async def _next(self, pause: timedelta | None) -> LegEvent | None:
        """Return what happens next; None when nothing did until the pause was over, or until all was said."""
        event = asyncio.ensure_future(self._leg.events.get())
        others = [] if self._saying is None else [self._saying]
        try:
            await asyncio.wait(
                [event, *others], timeout=None if pause is None else pause.total_seconds(), return_when=asyncio.FIRST_COMPLETED
            )
            return event.result() if event.done() else None
        finally:
            event.cancel()

    def _say(self, words: Coroutine[None, None, None]) -> None:
        self._saying = asyncio.get_running_loop().create_task(words)

    async def _fall_silent(self) -> None:
        if self._saying is not None:
            self._saying.cancel()
            await asyncio.wait([self._saying])
            self._saying = None


def _end_of(closed: Closed) -> CallEnd:
    return CallEnd.NO_KEY if closed.is_ours else CallEnd.HUNG_UP


def _greeting(call: VoiceCall) -> Sentence:
    return Sentence.GREETING_WITH_FRAUD if call.is_fraud_reportable else Sentence.GREETING


def _again(call: VoiceCall) -> Sentence:
    return Sentence.RETRY_WITH_FRAUD if call.is_fraud_reportable else Sentence.RETRY

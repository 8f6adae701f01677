"""The senders of the phone board: texts and calls that go to a page instead of a network.

They stand on the database, for the page may be another process's: a call waits for the board by short looks at its row.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from ringfence.application.board import end_call, find_call, ring_phone, show_text
from ringfence.application.ports.board import BoardCall, BoardText
from ringfence.application.ports.calls import (
    DEFAULT_FRAUD_CODE,
    CallEnd,
    CallOutcome,
    CallProgress,
    CallStage,
    TakeProgress,
    VoiceCall,
)
from ringfence.application.ports.delivery import Accepted, RefusalReason, Refused, SendOutcome, TextMessage
from ringfence.demo.board_keys import decide_end, end_of_time
from ringfence.demo.demonstration import Demonstration

_LOOK_EVERY: Final = 0.2
"""Seconds."""


class BoardTexts:
    """`SmsSender` to the board; it sends no receipts."""

    def __init__(self, demonstration: Demonstration) -> None:
        """Send to its board."""
        self._services = demonstration.services

    async def start(self) -> None:
        """Nothing."""

    async def stop(self) -> None:
        """Nothing."""

    async def send(self, message: TextMessage, now: datetime) -> SendOutcome:
        """Let the text arrive at once."""
        if now >= message.expires_at:
            return Refused(RefusalReason.EXPIRED)
        if not message.is_text or "\x00" in message.text:
            return Refused(RefusalReason.CONTENT)
        text = BoardText(message.message_id, message.number, message.text, now, message.expires_at)
        await asyncio.to_thread(show_text, self._services, text)
        return Accepted(message.message_id.hex())


async def _pause() -> None:
    await asyncio.sleep(_LOOK_EVERY)


class BoardCaller:
    """`VoiceCaller` to the board."""

    def __init__(
        self, demonstration: Demonstration, take_progress: TakeProgress, pause: Callable[[], Awaitable[None]] = _pause
    ) -> None:
        """Ring its phones; `pause` is what lies between two looks at a call."""
        self._services = demonstration.services
        self._take_progress = take_progress
        self._pause = pause
        self._is_ending = False
        self._under_way = 0

    async def start(self) -> None:
        """Nothing."""

    async def stop(self) -> None:
        """End every call, as if its time were over."""
        self._is_ending = True
        while self._under_way:
            await self._pause()

    async def place(self, call: VoiceCall, now: datetime) -> CallOutcome:
        """Ring the phone, and say how it ended."""
        if now >= call.expires_at:
            return Refused(RefusalReason.EXPIRED)
        code = DEFAULT_FRAUD_CODE if call.is_fraud_reportable else None  # as the board's greeting names it
        shown = BoardCall(call.call_id, call.number, now, call.expires_at, code, call.must_confirm_fraud)
        self._under_way += 1
        try:
            if not await asyncio.to_thread(ring_phone, self._services, shown):
                return CallEnd.BUSY
            self._take_progress(CallProgress(call.call_id, CallStage.RINGING))
            end = await self._wait(call.call_id)
            await asyncio.to_thread(end_call, self._services, call.call_id, end, self._services.clock.now())
        finally:
            self._under_way -= 1
        return end

    async def _wait(self, call_id: bytes) -> CallEnd:
        is_answered = False
        while True:
            seen = await asyncio.to_thread(find_call, self._services, call_id)
            if seen is None:
                return CallEnd.NO_ANSWER  # cleared away
            if seen.answered_at is not None and not is_answered:
                is_answered = True
                self._take_progress(CallProgress(call_id, CallStage.ANSWERED))
            end = decide_end(seen, self._services.clock.now())
            if end is None and self._is_ending:
                end = end_of_time(seen)
            if end is not None:
                return end
            await self._pause()

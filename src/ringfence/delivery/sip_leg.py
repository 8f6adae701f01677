"""One call of the SIP stack, as a leg.

Owns the translation of the stack's events, and the pacing of audio. Source: RFC 4733 (keys), RFC 3551 (8,000 samples a second).
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

import baresip

from ringfence.delivery.phone import Answered, Closed, Key, LegEvent, Ringing

_BYTES_PER_SECOND: Final = 16000
_AUDIO_POLL: Final = 0.1
_FRAME: Final = 0.02
_LONGEST_SLEEP: Final = 1.0
"""Between two looks at the stack's buffer, which holds two seconds."""
_WORDS: Final[dict[baresip.Event, LegEvent]] = {
    baresip.Event.CALL_RINGING: Ringing(),
    baresip.Event.CALL_PROGRESS: Ringing(),
    baresip.Event.CALL_ESTABLISHED: Answered(),
}


class SipLeg:
    """`Leg` over a call of the stack."""

    def __init__(self, call: baresip.Call) -> None:
        """Nothing was heard of it yet."""
        self._call = call
        self._is_hung_up = False
        self.events: asyncio.Queue[LegEvent] = asyncio.Queue()
        self.is_over = False

    @property
    def handle(self) -> int:
        """The stack's name for it."""
        return int(self._call.handle)

    def take(self, event: baresip.StackEvent) -> None:
        """Hear an event of the stack."""
        if event.event is baresip.Event.CALL_CLOSED:
            status, _, _ = (event.text or "").partition(" ")
            self._close(int(status) if len(status) == 3 and status.isdecimal() else None)  # noqa: PLR2004 - as statuses are
        elif event.event is baresip.Event.CALL_DTMF_START and event.text:
            self.events.put_nowait(Key(event.text))
        elif event.event in _WORDS:
            self.events.put_nowait(_WORDS[event.event])

    def cut(self) -> None:
        """End it because the stack ends."""
        self._is_hung_up = True
        self._close(None)

    async def play(self, audio: bytes) -> None:
        """Speak, a buffer at a time; returns when the last sample has gone out."""
        rest = memoryview(audio)
        try:
            while not self.is_over and (ahead := self._write(rest)) is not None:
                taken, buffered = ahead
                rest = rest[taken:]
                if not rest and not buffered:
                    return
                await asyncio.sleep(min(buffered / _BYTES_PER_SECOND, _LONGEST_SLEEP) + _FRAME)
        except asyncio.CancelledError:
            with contextlib.suppress(baresip.BaresipError):
                self._call.audio.flush_tx()
            raise

    async def dial_on(self, digits: str) -> None:
        """Press keys ourselves."""
        with contextlib.suppress(baresip.BaresipError):
            await self._call.send_dtmf(digits)

    async def hang_up(self) -> None:
        """End the call."""
        if not self.is_over:
            self._is_hung_up = True
            with contextlib.suppress(baresip.BaresipError):
                await self._call.hangup()

    def _write(self, rest: memoryview) -> tuple[int, int] | None:
        """Give the stack what it takes now; the bytes taken, and those it has not sent. Without media for now, nothing is taken.

        None when the call has ended.
        """
        try:
            taken = self._call.audio.write(rest) if rest else 0
            return taken, self._call.audio.info().tx_buffered
        except (baresip.AudioNotActive, baresip.AudioRestarted):
            return None if self.is_over else (0, int(_AUDIO_POLL * _BYTES_PER_SECOND))

    def _close(self, status: int | None) -> None:
        if not self.is_over:
            self.is_over = True
            self.events.put_nowait(Closed(status, self._is_hung_up))

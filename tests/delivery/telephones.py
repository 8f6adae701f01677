"""Calls to place, and a caller between start and stop."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import itertools
from collections.abc import AsyncIterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from ringfence.application.ports.calls import CallOutcome, CallProgress, CallStage, VoiceCall
from ringfence.delivery.prompt_texts import Sentence
from ringfence.delivery.sip_account import CallSpans, Encryption, SipAccount, SipStack, Transport
from ringfence.delivery.sip_caller import SipCaller, Voice
from ringfence.delivery.sip_phone import SipPhone
from tests.delivery.messages import NOW

NUMBER: Final = "+1 4255550100"
_MS: Final = dt.timedelta(milliseconds=1)
QUICK: Final = CallSpans(
    ring=2500 * _MS,
    attempt=15000 * _MS,
    key_pause=1200 * _MS,
    between_greetings=50 * _MS,
    after_greetings=2500 * _MS,
    before_extension=50 * _MS,
    after_extension=50 * _MS,
)
LOOPBACK: Final = SipStack(interface="127.0.0.1", rtp_ports=(21000, 23998))
_numbers: Final = itertools.count(1)


def call_to(number: str = NUMBER, lasts: dt.timedelta = dt.timedelta(minutes=3), **fields: Any) -> VoiceCall:  # noqa: ANN401 - fields
    """A call that nobody placed before."""
    return VoiceCall(next(_numbers).to_bytes(16), number, fields.pop("language", "en"), NOW + lasts, **fields)


def account_at(port: int, **fields: Any) -> SipAccount:  # noqa: ANN401 - fields
    """An account at a trunk of loopback that asks for nothing."""
    right: dict[str, Any] = {"trunk": f"127.0.0.1:{port}", "caller_id": "+493012345", "transport": Transport.UDP}
    return SipAccount(**(right | {"encryption": Encryption.OFF} | fields))


class ShortTones:
    """Sentences that are no words: a tenth of a second each, or as long as asked."""

    def __init__(self, seconds: float = 0.1) -> None:
        """Of such a length."""
        self.seconds = seconds

    async def audio(self, language: str, sentences: AbstractSet[Sentence]) -> Mapping[Sentence, bytes]:
        """Something to hear for each."""
        assert language
        return dict.fromkeys(sentences, b"\x00\x10\x00\xf0" * int(self.seconds * 4000))

    def is_recorded(self, language: str, sentence: Sentence) -> bool:
        """None is."""
        return not (language and sentence)


class Progress(list[CallProgress]):
    """What was told, in order."""

    def stages(self, call: VoiceCall) -> list[CallStage]:
        """Those of one call."""
        return [told.stage for told in self if told.call_id == call.call_id]


@contextlib.asynccontextmanager
async def caller(
    account: SipAccount,
    progress: Progress | None = None,
    voice: Voice | None = None,
    spans: CallSpans = QUICK,
    stack: SipStack = LOOPBACK,
) -> AsyncIterator[SipCaller]:
    """A caller with a stack of its own."""
    one = SipCaller(
        account, SipPhone(stack), voice or ShortTones(), (progress if progress is not None else Progress()).append, spans
    )
    await one.start()
    try:
        yield one
    finally:
        await one.stop()


def outcome_of(account: SipAccount, call: VoiceCall, progress: Progress | None = None, **parts: Any) -> CallOutcome:  # noqa: ANN401 - parts
    """What becomes of one call."""

    async def place() -> CallOutcome:
        async with caller(account, progress, **parts) as one:
            return await one.place(call, NOW)

    return asyncio.run(place())

"""Processor time of 40 calls at once: SIPp's phones, a process of its own on loopback, listen for three seconds and press `#`."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Final

from bench.report import Measure
from ringfence.application.ports.calls import CallEnd
from tests.delivery.messages import NOW
from tests.delivery.telephones import ShortTones, account_at, call_to, caller
from tests.servers.sipp import callee, takes_it

_CALLS: Final = 40
_LISTEN_MS: Final = 3000
_SENTENCE_SECONDS: Final = 6.0


def measure_calls() -> Iterator[Measure]:
    """Processor seconds of our process, the SIP stack's start and stop included. Raises `RuntimeError` when a call fails."""
    with tempfile.TemporaryDirectory() as folder, callee(Path(folder), takes_it("#", listens_ms=_LISTEN_MS), _CALLS) as phone:
        yield Measure("calls", None, asyncio.run(_place(phone.port)), "s")


async def _place(port: int) -> float:
    began = process_time()
    async with caller(account_at(port), voice=ShortTones(_SENTENCE_SECONDS)) as one:
        outcomes = await asyncio.gather(*(one.place(call_to(f"+1 42555501{at:02}"), NOW) for at in range(_CALLS)))
    if set(outcomes) != {CallEnd.APPROVED}:
        raise RuntimeError(outcomes)
    return process_time() - began

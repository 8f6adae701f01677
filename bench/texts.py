"""How long 2,000 texts take to an SMSC over SMPP: a message centre on Node, a process of its own on loopback."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

from bench.report import Measure
from ringfence.application.ports.delivery import Accepted
from ringfence.delivery.smpp import SmppSender
from ringfence.delivery.smpp_account import SmppAccount
from tests.delivery.messages import NOW, text_to
from tests.servers.smsc import PASSWORD, USER, MessageCentre, message_centre

_TEXTS: Final = 2000
_ROUNDS: Final = 5


def measure_texts() -> Iterator[Measure]:
    """Seconds from the first text until the last is taken. Raises `RuntimeError` when one is not."""
    with tempfile.TemporaryDirectory() as folder, message_centre(Path(folder)) as centre:
        yield Measure("texts", None, median(asyncio.run(_rounds(centre))), "s", users=_TEXTS)


async def _rounds(centre: MessageCentre) -> list[float]:
    account = SmppAccount(host="127.0.0.1", port=centre.port, system_id=USER, password=PASSWORD, source="Ringfence")
    sender, clock = SmppSender(account, lambda _receipt: None), asyncio.get_running_loop().time
    await sender.start()
    took = []
    for number in range(_ROUNDS):
        messages = [text_to(f"+{44 + number} 77{one:05}001") for one in range(_TEXTS)]
        began = clock()
        outcomes = await asyncio.gather(*(sender.send(message, NOW) for message in messages))
        took.append(clock() - began)
        if not all(isinstance(outcome, Accepted) for outcome in outcomes):
            raise RuntimeError(outcomes)
    await sender.stop()
    return took

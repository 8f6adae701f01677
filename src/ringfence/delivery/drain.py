"""The worker that drains the outbox into the senders: in one event loop, so many messages at a time.

Owns the pace. Does not own what becomes of a message: the outbox stores that. A message is in hand from the moment it is taken
until what became of it is stored; a process that dies then leaves it to the outbox.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from ringfence.application.ports.calls import CallOutcome, CallProgress, CallStage, VoiceCall, VoiceCaller
from ringfence.application.ports.delivery import (
    DeliveryReceipt,
    RefusalReason,
    Refused,
    SendOutcome,
    SmsSender,
    TextMessage,
    Unknown,
)
from ringfence.application.ports.mail import MailMessage, MailSender
from ringfence.application.ports.notices import ROOM_FOR_CODES, MailOutbox, OutgoingCode, OutgoingMail
from ringfence.application.ports.outbox import CALL_LEASE, LEASE, Outbox, Outgoing

_POLL: Final = 0.1
"""Seconds between two looks into an empty outbox."""
_IN_HAND: Final = 100
"""Messages at a time."""
_MAILS_IN_HAND: Final = ROOM_FOR_CODES + 8
"""Mails at a time, beside the messages: a mail server that is slow keeps no text waiting, and notices no code by mail."""
_RECEIPT_KEPT: Final = timedelta(seconds=30)
"""How long a receipt is kept that came before its message was stored as sent."""
_LONGEST_SEND: Final = LEASE.total_seconds() - 5
"""Seconds that a text may be with the senders, several of them together."""
_LONGEST_END: Final = 20.0
"""Seconds for what is in hand at a stop: less than a process has before it is killed."""
_RETRY: Final = 1.0
"""Seconds of rest after something unexpected."""

Senders = tuple[SmsSender, VoiceCaller, MailSender]


class _Receipt(NamedTuple):
    """A receipt, and when it came."""

    receipt: DeliveryReceipt
    came_at: datetime


class _Finished(NamedTuple):
    """A message, what became of it, and when that was known."""

    outgoing: Outgoing
    outcome: SendOutcome | CallOutcome
    at: datetime


class Drain:
    """One worker over one outbox."""

    def __init__(
        self, outbox: Outbox, clock: Callable[[], datetime], note: Callable[[Exception], None], mails: MailOutbox | None = None
    ) -> None:
        """`note` is told of what nobody expected; the worker goes on after it. Without `mails` there are none."""
        self._mail_outbox = mails
        self._mails: dict[asyncio.Task[SendOutcome], OutgoingMail | OutgoingCode] = {}
        self._outbox = outbox
        self._clock = clock
        self._note = note
        self._running: dict[asyncio.Task[SendOutcome | CallOutcome], Outgoing] = {}
        self._calls: dict[bytes, Outgoing] = {}
        self._receipts: list[_Receipt] = []
        self._answered: list[Outgoing] = []
        self._finished: list[_Finished] = []
        self._finished_mails: list[tuple[OutgoingMail | OutgoingCode, SendOutcome]] = []

    def take_receipt(self, receipt: DeliveryReceipt) -> None:
        """For the senders: note a receipt; it is stored at the next turn."""
        self._receipts.append(_Receipt(receipt, self._clock()))

    def take_progress(self, progress: CallProgress) -> None:
        """For the callers: note that a phone was answered."""
        outgoing = self._calls.get(progress.call_id)
        if outgoing is not None and progress.stage is CallStage.ANSWERED:
            self._answered.append(outgoing)

    async def run(self, senders: Senders, stop: threading.Event) -> None:
        """Start the senders, and drain until told to stop; what is in hand then is finished."""
        for sender in senders:
            await sender.start()
        try:
            while not stop.is_set():
                await self._guarded(senders)
            while self._running or self._mails or self._finished:
                await self._turn_over()
        finally:
            for sender in senders:
                await sender.stop()

    async def _guarded(self, senders: Senders) -> None:
        try:
            await self._turn(senders)
        except Exception as error:  # noqa: BLE001 - the outermost handler of the worker: the next turn may go well
            self._note(error)
            await asyncio.sleep(_RETRY)

    async def _turn(self, senders: Senders) -> None:
        free = _IN_HAND - len(self._running) - len(self._finished)
        if free and self._outbox.waits(self._clock()):
            for outgoing in await asyncio.to_thread(self._outbox.take, self._clock(), free):
                self._begin(senders, outgoing)
        await self._take_mails(senders[2])
        await self._turn_over()

    async def _take_mails(self, sender: MailSender) -> None:
        free = _MAILS_IN_HAND - len(self._mails)
        if free and self._mail_outbox is not None and self._mail_outbox.waits(self._clock()):
            for mail in await asyncio.to_thread(self._mail_outbox.take, self._clock(), free):
                self._mails[asyncio.create_task(_mail(sender, mail.what, self._clock()))] = mail

    def _begin(self, senders: Senders, outgoing: Outgoing) -> None:
        texts, calls, _ = senders
        now, what = self._clock(), outgoing.what
        if isinstance(what, VoiceCall):
            self._calls[what.call_id] = outgoing
            task: asyncio.Task[SendOutcome | CallOutcome] = asyncio.create_task(calls.place(what, now))
        elif isinstance(what, MailMessage):
            task = asyncio.create_task(_mail(senders[2], what, now))
        else:
            task = asyncio.create_task(_send(texts, what, now))
        self._running[task] = outgoing

    async def _turn_over(self) -> None:
        """Wait a little for what is in hand, and store what is finished."""
        if self._running or self._mails:
            await asyncio.wait((*self._running, *self._mails), timeout=_POLL, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)  # those that end together are stored together
        else:
            await asyncio.sleep(_POLL)
        done = [task for task in self._running if task.done()]
        ended = [(self._running.pop(task), task) for task in done]
        for outgoing, _ in ended:
            if isinstance(outgoing.what, VoiceCall):
                self._calls.pop(outgoing.what.call_id, None)
        now = self._clock()
        self._finished += [_Finished(outgoing, task.result(), now) for outgoing, task in ended if self._went_through(task)]
        if self._finished:
            await self._settle()
        await self._store_answered()
        await self._store_mails()
        await self._store_receipts()

    async def _settle(self) -> None:
        """Store what became of messages. What was sent is not forgotten when that fails: it is tried again, each by itself.

        One whose claim has run out by then is not ours to tell of any more.
        """
        now = self._clock()
        try:
            await asyncio.to_thread(self._outbox.settle, [one[:2] for one in self._finished], now)
        except Exception as error:  # noqa: BLE001 - one that cannot be stored must not keep the others from it
            self._note(error)
        else:
            self._finished = []
            return
        for one in tuple(self._finished):
            try:
                await asyncio.to_thread(self._outbox.settle, [one[:2]], now)
            except Exception as error:  # noqa: BLE001 - as above
                self._note(error)
                if now - one.at < CALL_LEASE:
                    continue
            self._finished.remove(one)
        if self._finished:
            await asyncio.sleep(_RETRY)

    async def _store_mails(self) -> None:
        ended = [(self._mails.pop(task), task) for task in [task for task in self._mails if task.done()]]
        self._finished_mails += [(mail, task.result()) for mail, task in ended if self._went_through(task)]
        if self._finished_mails and self._mail_outbox is not None:
            await asyncio.to_thread(self._mail_outbox.settle, self._finished_mails, self._clock())
            self._finished_mails = []

    def _went_through(self, task: asyncio.Task[SendOutcome | CallOutcome] | asyncio.Task[SendOutcome]) -> bool:
        """Whether a sender came to an end; one that raised leaves its message to the outbox, whose claim runs out."""
        error = task.exception()
        if isinstance(error, Exception):
            self._note(error)
        return error is None

    async def _store_answered(self) -> None:
        while self._answered:
            await asyncio.to_thread(self._outbox.answered, self._answered[0].order)
            del self._answered[0]

    async def _store_receipts(self) -> None:
        now = self._clock()
        for one in tuple(self._receipts):
            is_taken = await asyncio.to_thread(self._outbox.receipt, one.receipt, now)
            if is_taken or now - one.came_at >= _RECEIPT_KEPT:
                self._receipts.remove(one)


async def _send(texts: SmsSender, message: TextMessage, now: datetime) -> SendOutcome:
    """Send, but no longer than the message is ours."""
    try:
        async with asyncio.timeout(_LONGEST_SEND):
            return await texts.send(message, now)
    except TimeoutError:
        return Unknown(None)


async def _mail(sender: MailSender, message: MailMessage, now: datetime) -> SendOutcome:
    """The same for a mail."""
    try:
        async with asyncio.timeout(_LONGEST_SEND):
            return await sender.send(message, now)
    except TimeoutError:
        return Unknown(None)


class NoMailer:
    """`MailSender` of a deployment that sends no mails."""

    async def start(self) -> None:
        """Nothing."""

    async def stop(self) -> None:
        """Nothing."""

    async def send(self, _message: MailMessage, _now: datetime) -> SendOutcome:
        """No mail goes out."""
        return Refused(RefusalReason.CONFIGURATION)


class NoCaller:
    """`VoiceCaller` of a deployment that cannot call."""

    async def start(self) -> None:
        """Nothing."""

    async def stop(self) -> None:
        """Nothing."""

    async def place(self, _call: VoiceCall, _now: datetime) -> CallOutcome:
        """No call goes out."""
        return Refused(RefusalReason.CONFIGURATION)


class DrainThread:
    """The worker in a thread of its own, beside everything else of its process."""

    def __init__(self, drain: Drain, senders: Senders) -> None:
        """Nothing runs yet."""
        self._drain = drain
        self._senders = senders
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ringfence-outbox", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is in hand within what a stop leaves for it, and end; what takes longer is left to the outbox."""
        self._stop.set()
        self._thread.join(_LONGEST_END)

    def _run(self) -> None:
        asyncio.run(self._drain.run(self._senders, self._stop))

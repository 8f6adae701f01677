"""Texts over SMPP 3.4, as a transceiver of an SMSC.

Owns what a submit_sm says, how many go unanswered at a time, and what each answer means for the message. Does not own the
link (`smpp_link`), the cutting (`sms_parts`) or the reading of receipts (`smpp_receipts`).
Source: SMPP 3.4, 4.4 (submit_sm), 5.1.3 (statuses), 5.2.12 (esm_class), 5.2.17 (registered_delivery), 7.1.1 (times).
"""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import smpp34

from ringfence.application.ports.delivery import (
    Accepted,
    DeliveryReceipt,
    Later,
    LaterReason,
    RefusalReason,
    Refused,
    SendOutcome,
    TakeReceipt,
    TextMessage,
    Unknown,
)
from ringfence.delivery.smpp_account import SmppAccount
from ringfence.delivery.smpp_link import Pauses, SmppLink
from ringfence.delivery.smpp_receipts import AwaitedParts, PartReceipts, read_receipt
from ringfence.delivery.sms_parts import Part, split_text

_TAKEN: Final = 0x00
_THROTTLES: Final = frozenset({0x14, 0x58})
"""Queue full, and throttled."""
_REFUSALS: Final = {
    0x01: RefusalReason.CONTENT,  # message length
    0x04: RefusalReason.CONFIGURATION,  # not allowed in this state
    0x0A: RefusalReason.CONFIGURATION,  # source address
    0x0B: RefusalReason.DESTINATION,  # destination address
    0x48: RefusalReason.CONFIGURATION,  # source's type of number
    0x49: RefusalReason.CONFIGURATION,  # source's numbering plan
}
_SYSTEM_ERROR: Final = 0x08
_STATUS: Final = re.compile(r"\(0x([0-9A-Fa-f]{8})\)")
"""How the client library writes a status in an exception."""
_USER_DATA_HEADER: Final = 0x40
_FINAL_RECEIPT: Final = 0x01
_INTERNATIONAL: Final = 1
_E164: Final = 1
_LONGEST_VALIDITY: Final = timedelta(days=27)
"""A relative time counts months too; this stays below one."""
_TRIES_OF_A_FURTHER_PART: Final = 3
_MUTE: Final = 3
"""Messages in a row without an answer after which the link is taken for dead."""


class _Draft(NamedTuple):
    number: str
    part: Part
    validity: str


class _Answer(NamedTuple):
    status: int
    reference: str


class SmppSender:
    """`SmsSender` over one account at an SMSC."""

    def __init__(self, account: SmppAccount, take_receipt: TakeReceipt) -> None:
        """Receipts go to `take_receipt`."""
        self._account = account
        self._take_receipt = take_receipt
        self._parts = PartReceipts()
        self._link = SmppLink(account, self._hear)
        self._window = asyncio.Semaphore(account.window)
        self._throttled = Pauses(account.patience)
        self._quiet_until = 0.0
        self._unanswered = 0

    async def start(self) -> None:
        """Bind, or begin trying to."""
        await self._link.start()

    async def stop(self) -> None:
        """Unbind."""
        await self._link.stop()

    async def send(self, message: TextMessage, now: datetime) -> SendOutcome:
        """Submit every part of the text; after the first one is taken, nothing but the end of all makes it `Accepted`."""
        if message.expires_at <= now:
            return Refused(RefusalReason.EXPIRED)
        parts = split_text(message.text, message.message_id[-1])
        if parts is None:
            return Refused(RefusalReason.CONTENT)
        validity = relative_time(message.expires_at - now)
        first, *others = (_Draft(message.digits, part, validity) for part in parts)
        awaited = AwaitedParts(len(parts))
        outcome = await self._begin(first, awaited)
        for draft in others if isinstance(outcome, Accepted) else ():
            if not await self._go_on(draft, awaited):
                return Unknown(awaited.references[0])
        return outcome

    async def _begin(self, draft: _Draft, awaited: AwaitedParts) -> SendOutcome:
        """Submit the first part, if the SMSC is there and wants it."""
        async with self._window:
            session = self._link.session
            if session is None:
                return self._absent()
            rest = self._quiet_until - asyncio.get_running_loop().time()
            if rest > 0:
                return Later(timedelta(seconds=rest), LaterReason.THROTTLED)
            answer = await self._submit_noted(session, draft, awaited)
        if answer is None:
            return Unknown(None)
        if answer.status == _TAKEN:
            return Accepted(answer.reference)
        return self._not_taken(answer.status)

    async def _go_on(self, draft: _Draft, awaited: AwaitedParts) -> bool:
        """Submit a further part, waiting out a throttle, since half a text is worth nothing; False when that failed."""
        pauses = Pauses(self._account.patience)
        for _ in range(_TRIES_OF_A_FURTHER_PART):
            async with self._window:
                session = self._link.session
                answer = None if session is None else await self._submit_noted(session, draft, awaited)
            if answer is not None and answer.status == _TAKEN:
                return True
            if answer is None or answer.status not in _THROTTLES:
                return False
            await asyncio.sleep(pauses.another().total_seconds())
        return False

    async def _submit_noted(self, session: smpp34.Smsc, draft: _Draft, awaited: AwaitedParts) -> _Answer | None:
        """Submit, and remember whose the reference is before any receipt is believed to be a stranger's."""
        serial = self._parts.submitting()
        try:
            answer = await self._submit(session, draft)
            if answer is not None and answer.status == _TAKEN:
                self._throttled.forget()
                self._parts.note(awaited, answer.reference)
            return answer
        finally:
            for receipt in self._parts.settled(serial):
                self._tell(receipt)

    async def _submit(self, session: smpp34.Smsc, draft: _Draft) -> _Answer | None:
        """Submit and wait for the answer; None when none comes, or the session ends before it does."""
        source, part = self._account.source_address, draft.part
        try:
            async with asyncio.timeout(self._account.patience.for_answer.total_seconds()):
                response = await session.submit_sm(
                    draft.number,
                    part.header + part.body,
                    source_addr=source.text,
                    source_addr_ton=source.type_of_number,
                    source_addr_npi=source.numbering_plan,
                    dest_addr_ton=_INTERNATIONAL,
                    dest_addr_npi=_E164,
                    esm_class=_USER_DATA_HEADER if part.header else 0,
                    registered_delivery=_FINAL_RECEIPT,
                    validity_period=draft.validity,
                    data_coding=part.coding,
                )
        except smpp34.SmppError as error:
            status = _nacked(error)
            if status is None:
                self._link.give_up(session)
            return None if status is None else _Answer(status, "")
        except TimeoutError:
            self._unanswered += 1
            if self._unanswered >= _MUTE:
                self._unanswered = 0
                self._link.give_up(session)
            return None
        self._unanswered = 0
        return _Answer(response.command_status, response.message_id or "")

    def _absent(self) -> SendOutcome:
        if self._link.is_refused:
            return Refused(RefusalReason.CONFIGURATION)
        return Later(self._link.pause, LaterReason.UNREACHABLE)

    def _not_taken(self, status: int) -> SendOutcome:
        if status in _THROTTLES:
            now = asyncio.get_running_loop().time()
            if now >= self._quiet_until:  # one pause for all that were under way together
                self._quiet_until = now + self._throttled.another().total_seconds()
            return Later(timedelta(seconds=self._quiet_until - now), LaterReason.THROTTLED)
        if status in _REFUSALS:
            return Refused(_REFUSALS[status])
        return Later(self._account.patience.first_pause, LaterReason.FAULT)

    def _hear(self, event: smpp34.DeliverSmEvent) -> None:
        parameters = {parameter.tag: parameter.value for parameter in event.tlvs}
        receipt = read_receipt(event.esm_class, event.short_message, parameters)
        whole = None if receipt is None else self._parts.take(receipt)
        if whole is not None:
            self._tell(whole)

    def _tell(self, receipt: DeliveryReceipt) -> None:
        """Not called from here: what it raises is the loop's to report, and must end neither the listening nor a sending."""
        asyncio.get_running_loop().call_soon(self._take_receipt, receipt)


def _nacked(error: smpp34.SmppError) -> int | None:
    """The status of a generic_nack, by which the SMSC says that it did not take the message; None when the session ended."""
    match = _STATUS.search(str(error))
    status = int(match[1], 16) if match else _SYSTEM_ERROR
    return None if status == _SYSTEM_ERROR else status  # which is also the library's word for a session that ended


def relative_time(span: timedelta) -> str:
    """A span as SMPP writes it: `YYMMDDhhmmss000R`, at least a second and below a month."""
    seconds = max(1, int(min(span, _LONGEST_VALIDITY).total_seconds()))
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"0000{day:02}{hour:02}{minute:02}{second:02}000R"

"""The link to an SMSC: bound again by itself whenever it is lost, after pauses that grow.

Owns the session, its listener and the pauses. Does not own what is sent over it. The client library asks every 30 seconds
whether the other side is there (enquire_link) and gives up a session that stays silent.
Source: SMPP 3.4, 2.2 (states), 2.7.2 (timers), 4.1.5 and 4.11 (enquire_link).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import smpp34

from ringfence.delivery.smpp_account import Patience, SmppAccount
from ringfence.delivery.smpp_bind import is_refused

_TO_SAY_GOODBYE: Final = timedelta(seconds=1)
_MOST_UNHEARD: Final = 10_000
"""Receipts that wait for us; beyond them the library tells the SMSC that we are full, and not every one tells again."""


class Pauses:
    """Spans that double from the first to the longest, until something goes well."""

    def __init__(self, patience: Patience) -> None:
        """The first one is next."""
        self._patience = patience
        self._next = patience.first_pause

    def another(self) -> timedelta:
        """The next pause."""
        pause = self._next
        self._next = min(pause * 2, self._patience.longest_pause)
        return pause

    def forget(self) -> None:
        """Begin again with the first."""
        self._next = self._patience.first_pause


class SmppLink:
    """Keeps one transceiver bound between `start` and `stop`."""

    def __init__(self, account: SmppAccount, hear: Callable[[smpp34.DeliverSmEvent], None]) -> None:
        """Not bound yet; `hear` gets every deliver_sm, and must not raise."""
        self._account = account
        self._hear = hear
        self._pauses = Pauses(account.patience)
        self._keeper: asyncio.Task[None] | None = None
        self._was_tried = asyncio.Event()
        self._is_lost = asyncio.Event()
        self.session: smpp34.Smsc | None = None
        self.is_refused = False
        """Whether the SMSC refused our account the last time."""
        self.pause = account.patience.first_pause
        """From the end of a session, or a try in vain, to the next try."""

    async def start(self) -> None:
        """Begin, and return after the first try."""
        if self._keeper is None:
            self._was_tried.clear()
            self._keeper = asyncio.create_task(self._keep())
            self._keeper.add_done_callback(lambda _: self._was_tried.set())  # stopped before the first try is over
            await self._was_tried.wait()

    async def stop(self) -> None:
        """Unbind, as far as the SMSC lets us."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper

    def give_up(self, session: smpp34.Smsc) -> None:
        """Take this session for lost, and bind anew."""
        if session is self.session:
            self.session = None
            self._is_lost.set()

    async def _keep(self) -> None:
        while True:
            client, session = await self._bound()
            if session is not None:
                self._pauses.forget()
            self.pause = self._pauses.another()
            self.session = session
            self._was_tried.set()
            try:
                if session is not None:
                    await self._listen(session)
            finally:
                self.session = None
                await _leave(client, session)
            await asyncio.sleep(self.pause.total_seconds())

    async def _bound(self) -> tuple[smpp34.Client, smpp34.Smsc | None]:
        account = self._account
        client = smpp34.Client(
            account.host,
            account.port,
            account.system_id,
            account.password,
            bind_type="TRX",
            tls=account.is_tls,
            window_size=account.window,
            inbound_capacity=_MOST_UNHEARD,
            connect_timeout_ms=round(account.patience.for_bind.total_seconds() * 1000),
        )
        # Refused the last time: ask first, for the library waits out its whole time on a refusal.
        if self.is_refused and await is_refused(account):
            return client, None
        session = None
        try:
            session = await client.connect()
        except (smpp34.SmppError, OSError):
            pass
        finally:
            if session is None:
                await client.stop()  # when we are stopped meanwhile, too
        self.is_refused = session is None and await is_refused(account)
        return client, session

    async def _listen(self, session: smpp34.Smsc) -> None:
        """Until the session ends or is given up."""
        self._is_lost.clear()
        lost = asyncio.create_task(self._is_lost.wait())
        heard = asyncio.create_task(self._hear_all(session))
        try:
            await asyncio.wait((lost, heard), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (lost, heard):
                task.cancel()

    async def _hear_all(self, session: smpp34.Smsc) -> None:
        while isinstance(event := await session.next(), smpp34.DeliverSmEvent):
            self._hear(event)


async def _leave(client: smpp34.Client, session: smpp34.Smsc | None) -> None:
    with contextlib.suppress(TimeoutError, smpp34.SmppError):
        async with asyncio.timeout(_TO_SAY_GOODBYE.total_seconds()):
            if session is not None and await client.is_alive():
                await session.unbind()
    await client.stop()

"""The one SIP stack of a process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import baresip
import pytest

from ringfence.delivery.sip_phone import SipPhone
from tests.delivery.messages import until
from tests.delivery.telephones import LOOPBACK, account_at

pytestmark = pytest.mark.slow  # the stack lingers at each end


class FakeRuntime:
    """A stack that only counts how often it runs."""

    running = 0
    on_dead: Callable[[], None] | None = None

    async def start(self, config: baresip.Config) -> None:
        """Count."""
        assert "sip_verify_server yes" in config.extra_config_text
        FakeRuntime.running += 1

    def subscribe(self, listener: Callable[[baresip.StackEvent], None]) -> None:
        """Tell nothing."""

    async def close(self) -> None:
        """Count back."""
        FakeRuntime.running -= 1


class FakeCall:
    """A call that somebody places to us."""

    was_rejected = False

    async def reject(self) -> None:
        """Remember, and be gone already, as it may."""
        self.was_rejected = True
        raise baresip.StaleHandleError


class FakeAgent:
    """An account of the stack that is rung at."""

    callbacks: list[Callable[[FakeCall], None]]

    @classmethod
    async def create(cls, *_: object, transfer_policy: str) -> FakeAgent:
        """One that nobody is transferred by."""
        assert "reject" == transfer_policy
        cls.callbacks = []
        return cls()

    def on_incoming(self, callback: Callable[[FakeCall], None]) -> None:
        """Keep it."""
        self.callbacks.append(callback)

    def on(self, listener: Callable[[baresip.StackEvent], None]) -> None:
        """Tell nothing."""


def test_we_are_not_to_be_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that comes in is turned away, on every line, and one that is gone by then harms nobody."""
    monkeypatch.setattr(baresip, "Runtime", FakeRuntime)
    monkeypatch.setattr(baresip, "UserAgent", FakeAgent)

    async def ring() -> bool:
        phone, call = SipPhone(LOOPBACK), FakeCall()
        await phone.start()
        await phone.open(account_at(5060))
        FakeAgent.callbacks[0](call)
        await until(lambda: call.was_rejected)
        await phone.stop()
        return call.was_rejected

    assert asyncio.run(ring())


def test_one_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts it first starts it, whoever stops it last stops it, and one stop too many does nothing."""
    monkeypatch.setattr(baresip, "Runtime", FakeRuntime)

    async def count() -> list[int]:
        phone, counts = SipPhone(LOOPBACK), []
        for step in (phone.start, phone.start, phone.stop, phone.stop, phone.stop, phone.start, phone.stop):
            await step()
            counts.append(FakeRuntime.running)
        return counts

    assert [1, 1, 1, 0, 0, 1, 0] == asyncio.run(count())


def test_death_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack that ended by itself is known to have, so that somebody can begin another process."""
    monkeypatch.setattr(baresip, "Runtime", FakeRuntime)

    async def die() -> list[bool]:
        phone = SipPhone(LOOPBACK)
        await phone.start()
        before = phone.has_died
        runtime = phone._runtime  # noqa: SLF001 - the stack tells it so
        assert runtime is not None
        runtime.on_dead()
        await phone.stop()
        return [before, phone.has_died]

    assert [False, True] == asyncio.run(die())

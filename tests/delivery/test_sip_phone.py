"""The one SIP stack of a process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import baresip
import pytest

from ringfence.delivery.sip_phone import SipPhone
from tests.delivery.telephones import LOOPBACK


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

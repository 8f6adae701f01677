"""The SIP stack behind `phone`: one for each process, shared by all accounts.

Owns the stack's configuration, its start and stop, and which event belongs to which call. It takes no calls: one that comes in
is turned away. Does not own the calls themselves (`sip_leg`), what a status means for a call, nor what is said in it.
Sources: RFC 3261; RFC 4568 (SRTP). The stack is baresip, in a thread of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from typing import Final

import baresip

from ringfence.delivery.phone import Leg, Standing
from ringfence.delivery.sip_account import Encryption, SipAccount, SipStack
from ringfence.delivery.sip_leg import SipLeg

_MEDIA: Final = {Encryption.MANDATORY: ("mediaenc=srtp-mand",), Encryption.OFFERED: ("mediaenc=srtp",), Encryption.OFF: ()}
_REGISTERED_FOR: Final = 300
_REGISTER_SECONDS: Final = 5
_REFUSALS: Final = frozenset({401, 403, 404, 407})
"""What a registrar answers to a user or a password that it does not know."""


_LINGER: Final = 0.5
"""For the other side to hear that its last answer came: a stack that goes at once leaves it repeating itself."""


class SipPhone:
    """The stack's one face. `start` and `stop` may be called by everyone who uses it; lines are opened in between."""

    def __init__(self, stack: SipStack) -> None:
        """Not started."""
        self._stack = stack
        self._runtime: baresip.Runtime | None = None
        self._users = 0
        self._turn = asyncio.Lock()
        self._legs: dict[int, SipLeg] = {}
        self._early: dict[int, list[baresip.StackEvent]] = {}
        self._dialling = 0
        self._has_died = False
        self._turned_away: set[asyncio.Task[None]] = set()

    @property
    def has_died(self) -> bool:
        """Whether the stack ended by itself: no call goes out any more, and only another process can help."""
        return self._has_died

    async def start(self) -> None:
        """Start the stack for its first user. Raises `baresip.BaresipError` when one died in this process before."""
        async with self._turn:
            if self._runtime is None:
                logging.getLogger("baresip").setLevel(logging.CRITICAL)  # below that it names whom it calls
                runtime = baresip.Runtime()
                runtime.on_dead = self._die
                interface, more = self._stack.interface, _directives(self._stack)
                await runtime.start(baresip.Config(net_interface=interface, max_concurrent_calls=None, extra_config_text=more))
                runtime.subscribe(self._hear)
                self._runtime = runtime
            self._users += 1

    async def stop(self) -> None:
        """Stop the stack after its last user; calls that are left are cut."""
        async with self._turn:
            self._users = max(0, self._users - 1)
            if self._users or self._runtime is None:
                return
            runtime, self._runtime = self._runtime, None
            for leg in self._legs.values():
                leg.cut()
            self._legs.clear()
            await asyncio.sleep(_LINGER)
            await runtime.close()

    async def open(self, account: SipAccount) -> SipLine:
        """Return a line for an account, after a first try to register where the trunk wants that."""
        assert self._runtime is not None, "started first"  # noqa: S101
        agent = await baresip.UserAgent.create(self._runtime, _stack_account(account), transfer_policy="reject")
        agent.on_incoming(self._turn_away)
        line = SipLine(self, account, agent)
        await line.register()
        return line

    async def dial(self, agent: baresip.UserAgent, uri: str) -> Leg | None:
        """Dial; None when nothing went out.

        The leg hears also what the stack told of it before it answered the dialling: a phone may be quicker than we are.
        """
        self._dialling += 1
        try:
            leg = SipLeg(await agent.dial(uri))
            for event in self._early.pop(leg.handle, ()):
                leg.take(event)
            if not leg.is_over:
                self._legs[leg.handle] = leg
        except baresip.BaresipError:
            return None
        else:
            return leg
        finally:
            self._dialling -= 1
            if not self._dialling:
                self._early.clear()

    def _hear(self, event: baresip.StackEvent) -> None:
        leg = self._legs.get(event.call)
        if leg is not None:
            leg.take(event)
            if leg.is_over:
                del self._legs[event.call]
        elif self._dialling and event.call:
            self._early.setdefault(event.call, []).append(event)

    def _die(self) -> None:
        self._has_died = True
        for leg in self._legs.values():
            leg.cut()
        self._legs.clear()

    def _turn_away(self, call: baresip.Call) -> None:
        task = asyncio.get_running_loop().create_task(_reject(call))
        self._turned_away.add(task)
        task.add_done_callback(self._turned_away.discard)


class SipLine:
    """`Line` over one account. The stack repeats a registration by itself, but ever more rarely where it fails."""

    def __init__(self, phone: SipPhone, account: SipAccount, agent: baresip.UserAgent) -> None:
        """Not registered."""
        self._phone = phone
        self._account = account
        self._agent = agent
        self._standing = Standing.ABSENT if account.is_registered else Standing.READY
        self._trying: asyncio.Task[None] | None = None
        agent.on(self._hear)

    @property
    def standing(self) -> Standing:
        """As last heard."""
        return self._standing

    async def register(self) -> None:
        """Register where the trunk wants that, one try for all who ask at a time; what comes of it is the standing."""
        if not self._account.is_registered:
            return
        if self._trying is None or self._trying.done():
            self._trying = asyncio.get_running_loop().create_task(self._try())
        await asyncio.shield(self._trying)

    async def _try(self) -> None:
        with contextlib.suppress(baresip.BaresipError):
            await self._agent.register(timeout=_REGISTER_SECONDS)

    async def dial(self, number: str) -> Leg | None:
        """Begin a call at the trunk."""
        account = self._account
        return await self._phone.dial(self._agent, f"sip:{number}@{account.trunk};transport={account.transport}")

    def _hear(self, event: baresip.StackEvent) -> None:
        if event.event is baresip.Event.REGISTER_OK:
            self._standing = Standing.READY
        elif event.event is baresip.Event.REGISTER_FAIL:
            status = (event.text or "").partition(" ")[0]
            is_refusal = status.isdecimal() and int(status) in _REFUSALS
            self._standing = Standing.REFUSED if is_refusal else Standing.ABSENT


def _directives(stack: SipStack) -> str:
    """Return what the stack's own settings do not name: ports for voice, how hosts are found, and whose certificates count.

    What it listens on it chooses itself, a port that nobody knows.
    """
    trusted = ssl.get_default_verify_paths()
    lines = [f"rtp_ports {stack.rtp_ports[0]}-{stack.rtp_ports[1]}", "sip_verify_server yes", "dns_getaddrinfo yes"]
    if stack.ca_file is not None:
        lines.append(f"sip_cafile {stack.ca_file}")
    else:
        lines += [f"sip_cafile {trusted.cafile}"] if trusted.cafile else []
        lines += [f"sip_capath {trusted.capath}"] if trusted.capath else []
    return "\n".join(lines) + "\n"


def _stack_account(account: SipAccount) -> baresip.Account:
    return baresip.Account(
        user=account.caller_id,
        domain=account.trunk,
        password=account.password,
        auth_user=account.auth_user or None,
        reg_interval=_REGISTERED_FOR if account.is_registered else 0,
        transport=account.transport.value,
        audio_codecs=account.codecs,
        extra_params=_MEDIA[account.encryption],
    )


async def _reject(call: baresip.Call) -> None:
    with contextlib.suppress(baresip.BaresipError):
        await call.reject()

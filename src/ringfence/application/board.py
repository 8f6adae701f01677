"""The phones of a demonstration: what arrives on them, what their owners do, and how they all look.

The board's senders write here, the page reads here and acts here; the two may be two processes, so nothing is kept in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum, unique
from itertools import islice
from typing import Final, NamedTuple

from ringfence.application.ports import ContactedPair, UnitOfWork
from ringfence.application.ports.board import BoardCall, BoardText, CallState
from ringfence.application.ports.calls import CallEnd
from ringfence.application.services import Services, in_transaction
from ringfence.application.transitions import present_transition
from ringfence.domain.errors import UnavailableError
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.transition import moment_of

KEPT: Final = timedelta(hours=1)
"""How long a text or a call stays."""
RING_TIME: Final = timedelta(seconds=30)
"""How long a phone rings; with `TALK_TIME` it is less than a worker may take over a call (`CALL_LEASE`)."""
TALK_TIME: Final = timedelta(seconds=45)
"""How long somebody may take over the keys."""
KEYS: Final = "123456789*0#"
_MOST_KEYS: Final = 64
_MOST_PAIRS: Final = 300
"""Pairs of users whose phones are shown: the board is for a company that fits on a screen."""
_MOST_ROWS: Final = 200
"""Texts, and calls, that are looked at."""


@unique
class PhoneAct(StrEnum):
    """What somebody does with a phone that rings, besides pressing keys."""

    ANSWER = "answer"
    DECLINE = "decline"
    HANG_UP = "hang-up"


_ACTS: Final[Mapping[tuple[CallState, PhoneAct], tuple[CallState, CallEnd | None]]] = {
    (CallState.RINGING, PhoneAct.ANSWER): (CallState.ANSWERED, None),
    (CallState.RINGING, PhoneAct.DECLINE): (CallState.ENDED, CallEnd.DECLINED),
    (CallState.ANSWERED, PhoneAct.HANG_UP): (CallState.ENDED, CallEnd.HUNG_UP),
}


class Owner(NamedTuple):
    """Whose phone it is, and which of theirs."""

    name: str
    upn: str
    pair: Pair


class Phone(NamedTuple):
    """A phone: a canonical number, whose it is (nobody's, if it is in no use now), and what came, newest first."""

    number: str
    owners: Sequence[Owner]
    texts: Sequence[BoardText]
    calls: Sequence[BoardCall]


def over_at(call: BoardCall) -> datetime:
    """When a call that nobody ends is over by itself."""
    until = call.rang_at + RING_TIME if call.answered_at is None else call.answered_at + TALK_TIME
    return min(until, call.expires_at)


def is_live(call: BoardCall, now: datetime) -> bool:
    """Whether a call rings or is spoken; one whose worker died is over in its time."""
    return call.state is not CallState.ENDED and now < over_at(call)


def show_text(services: Services, text: BoardText) -> None:
    """Let a text arrive."""
    in_transaction(services, lambda unit: unit.board.add_text(text))


def ring_phone(services: Services, call: BoardCall) -> bool:
    """Let a phone ring; False when the line is engaged by another call."""

    def work(unit: UnitOfWork) -> bool:
        others = unit.board.calls(call.rang_at - RING_TIME - TALK_TIME, _MOST_ROWS)
        is_busy = any(one.number == call.number and one.call_id != call.call_id and is_live(one, call.rang_at) for one in others)
        if not is_busy:
            unit.board.add_call(call)
        return not is_busy

    return in_transaction(services, work)


def find_call(services: Services, call_id: bytes) -> BoardCall | None:
    """How a call stands."""
    with services.store.look() as unit:
        return unit.board.call(call_id)


def end_call(services: Services, call_id: bytes, end: CallEnd, now: datetime) -> None:
    """Note how whoever called takes the call to have ended."""

    def work(unit: UnitOfWork) -> None:
        call = unit.board.call(call_id)
        if call is not None:
            unit.board.save_call(replace(call, state=CallState.ENDED, end=end, ended_at=call.ended_at or now))

    in_transaction(services, work)


def act_on_call(services: Services, call_id: bytes, act: PhoneAct, now: datetime) -> bool:
    """Answer, decline or hang up; False when the call is not in a state for it (any more)."""

    def change(call: BoardCall) -> BoardCall | None:
        found = _ACTS.get((call.state, act))
        if found is None:
            return None
        state, end = found
        if state is CallState.ANSWERED:
            return replace(call, state=state, answered_at=now)
        return replace(call, state=state, end=end, ended_at=now)

    return _change(services, call_id, change, now)


def press_key(services: Services, call_id: bytes, key: str, now: datetime) -> bool:
    """Press one of `KEYS`; False when nobody listens, or listens to no more."""

    def change(call: BoardCall) -> BoardCall | None:
        if call.state is not CallState.ANSWERED or len(key) != 1 or key not in KEYS or len(call.keys) >= _MOST_KEYS:
            return None
        return replace(call, keys=call.keys + key)

    return _change(services, call_id, change, now)


def _change(services: Services, call_id: bytes, change: Callable[[BoardCall], BoardCall | None], now: datetime) -> bool:
    def work(unit: UnitOfWork) -> bool:
        call = unit.board.call(call_id)
        changed = None if call is None or not is_live(call, now) else change(call)
        if changed is not None:
            unit.board.save_call(changed)
        return changed is not None

    return in_transaction(services, work)


def show_board(services: Services, now: datetime) -> list[Phone]:
    """All phones: first those that something came to, the newest first, then the rest by the names of their owners.

    So a phone stays where it is when the answer to a call makes it somebody's.
    """
    with services.store.snapshot() as unit:
        owners = _owners(services, unit, now)
        texts, calls = unit.board.texts(now - KEPT, _MOST_ROWS), unit.board.calls(now - KEPT, _MOST_ROWS)
    bare = {number.partition("x")[0] for number in owners}
    strangers = {one.number for one in calls} - owners.keys() | {one.number for one in texts} - bare
    named = sorted(owners, key=lambda number: (owners[number][0], number))
    phones = [
        Phone(
            number,
            owners.get(number, ()),
            [one for one in texts if one.number == number.partition("x")[0]],
            [one for one in calls if one.number == number],
        )
        for number in (*named, *sorted(strangers - owners.keys()))
    ]
    return sorted(phones, key=_last_came, reverse=True)


def _last_came(phone: Phone) -> float:
    """When something came to it last; phones that nothing came to keep their order behind the others."""
    came = [*(one.arrived_at for one in phone.texts), *(one.rang_at for one in phone.calls)]
    return max(came).timestamp() if came else 0.0


def _owners(services: Services, unit: UnitOfWork, now: datetime) -> Mapping[str, Sequence[Owner]]:
    """Whose the numbers are that are contacted."""
    found: dict[str, list[Owner]] = {}
    for tenant in unit.administration.tenants():
        moment = moment_of(present_transition(unit, tenant.tenant_id), now)
        pairs = list(islice(unit.numbers.contacts(tenant.tenant_id, moment), _MOST_PAIRS))
        accounts = unit.directory.load(tenant.tenant_id, list({pair.user_id for pair in pairs}))
        for pair in pairs:
            number = _number(services, tenant.tenant_id, pair)
            if number is not None:
                name = accounts[pair.user_id].user.display_name
                found.setdefault(number, []).append(Owner(name, pair.upn, pair.pair))
    return found


def _number(services: Services, tenant_id: int, pair: ContactedPair) -> str | None:
    if pair.sealed is None:
        return None
    try:
        return services.sealer.unseal(pair.sealed, pair.key_id, tenant_id, pair.user_id, pair.pair)
    except UnavailableError:  # a key that was forgotten
        return None


def forget_old_board(services: Services, now: datetime) -> int:
    """Remove what is older than an hour; return how many rows. Where there is nothing, nothing is written."""
    with services.store.look() as unit:
        if not unit.board.has_before(now - KEPT):
            return 0
    return in_transaction(services, lambda unit: unit.board.forget_before(now - KEPT))

"""Random stored states: users with any source of authority, entries, public and authentication numbers, deleted or not.

They are put into the store directly, since a property over states must not depend on how one gets there.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hypothesis import strategies as st

from ringfence.application.ports import UnitOfWork
from ringfence.application.services import in_transaction
from ringfence.domain.directory.records import SyncState
from ringfence.domain.directory.user import Account, NumberOrigin, PairState, PublicValue, User, Written
from ringfence.domain.numbers.canonical import parse_public_number
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.numbers.policy import PublicSource
from tests.application.reference import MEANING, NUMBERS
from tests.application.worlds import ANNOUNCED, World, upn_of


@dataclass(frozen=True)
class Half:
    """One pair in words: the directory's text and its writer, the old public number, the authentication number and its writer."""

    text: str
    source: PublicSource
    baseline: str | None
    authentication: str | None
    origin: NumberOrigin


@dataclass(frozen=True)
class State:
    """One user in words."""

    sync_state: SyncState
    entries: tuple[MethodType, ...]
    deleted: bool
    halves: tuple[Half, Half]
    alternate: str | None


_numbers = st.one_of(st.none(), st.sampled_from(NUMBERS))
HALVES: Final = st.builds(
    Half,
    text=st.sampled_from(sorted(MEANING)),
    source=st.sampled_from([PublicSource.SYNC, PublicSource.SYNC, PublicSource.ADMIN, PublicSource.SELF_SERVICE]),
    baseline=_numbers,
    authentication=st.one_of(st.none(), _numbers),
    origin=st.sampled_from(NumberOrigin),
)
STATES: Final = st.builds(
    State,
    sync_state=st.sampled_from([SyncState.SYNCED, SyncState.SYNCED, *SyncState]),
    entries=st.lists(st.sampled_from(MethodType), unique=True).map(tuple),
    deleted=st.sampled_from([False, False, False, True]),
    halves=st.tuples(HALVES, HALVES),
    alternate=_numbers,
)


def settle(world: World, states: list[State]) -> list[str]:
    """Store these users and return their names."""
    accounts = [_account(world, f"user{number}", state) for number, state in enumerate(states)]

    def store(unit: UnitOfWork) -> None:
        unit.directory.insert(world.tenant_id, accounts)

    in_transaction(world.services, store)
    return [f"user{number}" for number in range(len(states))]


def _account(world: World, name: str, state: State) -> Account:
    user_id = hashlib.blake2b(name.encode(), digest_size=16).digest()
    user = User(
        user_id,
        1,
        upn_of(name),
        ANNOUNCED,
        sync_state=state.sync_state,
        methods=frozenset(state.entries),
        default=state.entries[0] if state.entries else None,
        deleted_at=ANNOUNCED if state.deleted else None,
    )
    pairs = {pair: _pair(world, user, pair, half) for pair, half in zip((Pair.MOBILE, Pair.OFFICE), state.halves, strict=True)}
    if state.alternate is not None:
        sealed = _seal(world, user, Pair.ALTERNATE, state.alternate)
        pairs[Pair.ALTERNATE] = PairState(Pair.ALTERNATE, authentication=sealed, written=_written(NumberOrigin.ADMIN, ANNOUNCED))
    return Account(user, pairs)


def _pair(world: World, user: User, pair: Pair, half: Half) -> PairState:
    number, canonical = parse_public_number(half.text, pair)
    return PairState(
        pair,
        PublicValue(half.text, number, _seal(world, user, pair, canonical), half.source),
        _seal(world, user, pair, half.baseline),
        _seal(world, user, pair, half.authentication),
        None if half.authentication is None else _written(half.origin, ANNOUNCED),
    )


def _seal(world: World, user: User, pair: Pair, number: str | None) -> bytes | None:
    return None if number is None else world.services.sealer.seal(number, user.key_id, world.tenant_id, user.user_id, pair)


def _written(origin: NumberOrigin, at: datetime) -> Written:
    return Written(origin, at, "somebody")

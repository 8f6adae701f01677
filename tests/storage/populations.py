"""Random tenants for the tables of rules: few numbers, so that they are often equal, and every fact in every combination."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Final

from hypothesis import strategies as st

from ringfence.domain.directory.records import SyncState
from ringfence.domain.directory.user import Account, NumberOrigin, PairState, PublicValue, User, Written
from ringfence.domain.numbers.canonical import PublicState
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.numbers.policy import PublicSource
from tests.contract.accounts import BY_ADMIN, identifier
from tests.contract.clocks import IN_WINDOW

_READ_AS_NUMBER: Final = (PublicState.VALID, PublicState.EXTENSION_DROPPED)
_numbers: Final = st.sampled_from([None, None, None, b"A", b"B", b"C"])
_states: Final = st.sampled_from([*PublicState, PublicState.VALID, PublicState.VALID, PublicState.VALID])
_sources: Final = st.sampled_from([*PublicSource, PublicSource.SYNC, PublicSource.SYNC])
"""What makes a copy is more likely than the rest, so that most tenants have some."""


@st.composite
def _public_values(draw: st.DrawFn) -> PublicValue:
    state = draw(_states)
    sealed = draw(st.sampled_from([b"A", b"B", b"C"])) if state in _READ_AS_NUMBER else None
    return PublicValue("" if state is PublicState.EMPTY else f"text {sealed!r}", state, sealed, draw(_sources))


@st.composite
def _pair_states(draw: st.DrawFn, pair: Pair) -> PairState:
    number = draw(_numbers)
    written = Written(draw(st.sampled_from(NumberOrigin)), IN_WINDOW, "somebody", draw(st.sampled_from([None, identifier(500)])))
    return PairState(pair, draw(_public_values()), draw(_numbers), number, None if number is None else written)


@st.composite
def _accounts(draw: st.DrawFn, number: int) -> Account:
    methods = draw(st.frozensets(st.sampled_from(MethodType)))
    pairs = (Pair.MOBILE, Pair.OFFICE, *draw(st.sampled_from([(), (Pair.ALTERNATE,)])))
    user = User(
        identifier(number),
        key_id=draw(st.sampled_from([1, 2])),
        upn=f"{draw(st.sampled_from('zyx'))}{number}@contoso.example",
        created_at=IN_WINDOW,
        sync_state=draw(st.sampled_from([*SyncState, SyncState.SYNCED, SyncState.SYNCED])),
        methods=methods,
        default=draw(st.sampled_from(sorted(methods))) if methods else None,
        email=draw(st.sampled_from(["", "adele@contoso.example"])),
        deleted_at=draw(st.sampled_from([None, None, None, IN_WINDOW])),
    )
    return Account(user, {pair: draw(_pair_states(pair)) for pair in pairs})


_ORIGINS: Final = (NumberOrigin.ADMIN, NumberOrigin.COPY, NumberOrigin.MIRROR)


def every_kind() -> list[Account]:
    """Users with every combination of what the tables look at, two combinations each."""
    shown: list[tuple[PublicState, bytes | None]] = [(PublicState.EMPTY, None), (PublicState.MALFORMED, None)]
    shown += [(state, sealed) for state in _READ_AS_NUMBER for sealed in (b"A", b"B")]
    states = [
        (PublicValue(f"{state.name} {sealed!r}", state, sealed, source), baseline, number, written)
        for (state, sealed), source in product(shown, PublicSource)
        for baseline, number in product((None, b"A", b"B"), repeat=2)
        for written in ([None] if number is None else [Written(origin, IN_WINDOW, "somebody") for origin in _ORIGINS])
    ]
    people = [
        User(b"", 1, "", IN_WINDOW, sync_state=sync, methods=methods, default=min(methods, default=None), deleted_at=deleted)
        for sync in SyncState
        for methods in (frozenset[MethodType](), frozenset({MethodType.OneWaySMS}), frozenset({MethodType.TwoWayVoiceOffice}))
        for deleted in (None, IN_WINDOW)
    ]
    return [
        Account(
            user._replace(user_id=identifier(number), upn=f"user{number}@contoso.example"),
            {Pair.MOBILE: PairState(Pair.MOBILE, *mobile), Pair.OFFICE: PairState(Pair.OFFICE, *office)},
        )
        for number, (user, (mobile, office)) in enumerate(product(people, zip(states, reversed(states), strict=True)))
    ]


populations: Final = st.integers(0, 8).flatmap(lambda size: st.tuples(*map(_accounts, range(1, size + 1)))).map(list)
"""Up to eight users."""


def _user(**fields: object) -> Callable[[Account], Account]:
    return lambda one: one._replace(user=one.user._replace(**fields))  # type: ignore[arg-type]


def _pairs(change: Callable[[PairState], PairState]) -> Callable[[Account], Account]:
    return lambda one: one._replace(pairs={pair: change(state) for pair, state in one.pairs.items()})


def _public(**fields: object) -> Callable[[Account], Account]:
    return _pairs(lambda state: state._replace(public=state.public._replace(**fields)))  # type: ignore[arg-type]


CHANGES: Final[Mapping[str, Callable[[Account], Account]]] = {
    "nothing": lambda one: one,
    "deleted": _user(deleted_at=IN_WINDOW),
    "unsynced": _user(sync_state=SyncState.FORMERLY_SYNCED),
    "renamed": _user(display_name="new"),
    "entries removed": _user(methods=frozenset(), default=None),
    "number set": _pairs(lambda state: state._replace(authentication=b"C", written=BY_ADMIN)),
    "same number set": _pairs(lambda state: state._replace(written=BY_ADMIN)),
    "number deleted": _pairs(lambda state: state._replace(authentication=None, written=None)),
    "public changed": _public(text="other", state=PublicState.VALID, sealed=b"D"),
    "public cleared": _public(text="", state=PublicState.EMPTY, sealed=None),
    "public malformed": _public(text="?", state=PublicState.MALFORMED, sealed=None),
    "public by the user": _public(source=PublicSource.SELF_SERVICE),
}
"""What may happen to a user between a copy and its undo."""

changed_populations: Final = populations.flatmap(
    lambda population: st.tuples(
        st.just(population), st.lists(st.sampled_from(sorted(CHANGES)), min_size=len(population), max_size=len(population))
    )
)
"""Users, and for each of them the name of a change."""

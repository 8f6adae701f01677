"""Random values of everything the store keeps, for round trips: each field takes every kind of value it may have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from hypothesis import strategies as st

from ringfence.domain.audit import Activity, AuditRecord, Snapshot
from ringfence.domain.directory.records import PerUserState, SyncState
from ringfence.domain.directory.user import Account, NumberOrigin, PairState, PublicValue, User, Written
from ringfence.domain.numbers.canonical import PublicState
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.numbers.policy import PublicSource
from ringfence.domain.values import Actor, ActorKind
from tests.contract.accounts import identifier

instants: Final = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
texts: Final = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
"""Any text both engines can hold: PostgreSQL takes no NUL."""
identifiers: Final = st.binary(min_size=16, max_size=16)
sealed: Final = st.binary(min_size=1, max_size=40)
maybe_sealed: Final = st.none() | sealed
entries: Final = st.frozensets(st.sampled_from(MethodType))
names: Final = st.text("abcdefghijklmnopqrstuvwxyzäøß'.-_", min_size=1, max_size=20)
"""Names in one case, so that two different ones are two different keys."""


@st.composite
def users(draw: st.DrawFn, number: int) -> User:
    """A user whose every field has any value it may have; only id and names say which user it is."""
    methods = draw(entries)
    return User(
        user_id=identifier(number),
        key_id=draw(st.integers(1, 2**31 - 1)),
        upn=f"{draw(names)}{number}@contoso.example",
        created_at=draw(instants),
        display_name=draw(texts),
        user_type=draw(st.sampled_from(["Member", "Guest"])),
        enabled=draw(st.booleans()),
        sync_state=draw(st.sampled_from(SyncState)),
        anchor=draw(st.none() | st.just(f"anchor{number}==")),
        dn=draw(st.none() | names.map(lambda name: f"CN={name} {number},DC=contoso,DC=example")),
        other_mails=tuple(draw(st.lists(texts, max_size=3))),
        methods=methods,
        default=draw(st.sampled_from(sorted(methods))) if methods else None,
        mfa_state=draw(st.sampled_from(PerUserState)),
        email=draw(texts),
        deleted_at=draw(st.none() | instants),
    )


writings: Final = st.builds(Written, st.sampled_from(NumberOrigin), instants, texts, st.none() | identifiers)
public_values: Final = st.builds(PublicValue, texts, st.sampled_from(PublicState), maybe_sealed, st.sampled_from(PublicSource))


def pair_states(pair: Pair) -> st.SearchStrategy[PairState]:
    """A pair whose every field has any value it may have."""
    return st.builds(
        PairState, st.just(pair), public_values, maybe_sealed, maybe_sealed, st.none() | writings, st.integers(1, 2**31 - 2)
    )


@st.composite
def accounts(draw: st.DrawFn, number: int) -> Account:
    """A user with both pairs, and the alternate one or not."""
    pairs = [Pair.MOBILE, Pair.OFFICE, *draw(st.sampled_from([[], [Pair.ALTERNATE]]))]
    return Account(draw(users(number)), {pair: draw(pair_states(pair)) for pair in pairs})


actors: Final = st.builds(Actor, st.sampled_from(ActorKind), texts, st.none() | st.binary(min_size=16, max_size=16))


@st.composite
def entries_with_default(draw: st.DrawFn) -> tuple[frozenset[MethodType], MethodType | None]:
    """A set of entries with one of them as the default."""
    methods = draw(entries)
    return methods, draw(st.sampled_from(sorted(methods))) if methods else None


def with_number(state: Snapshot, pair: Pair, number: bytes | None) -> Snapshot:
    """The state with another number of one pair."""
    if pair is Pair.MOBILE:
        return state._replace(mobile=number)
    return state._replace(office=number) if pair is Pair.OFFICE else state._replace(alternate=number)


@st.composite
def audit_records(draw: st.DrawFn, user_id: bytes, part: int) -> AuditRecord:
    """A record as the domain makes them: at most one number differs between old and new, entries and email may too."""
    pair = draw(st.none() | st.sampled_from(Pair))
    new = Snapshot(draw(maybe_sealed), draw(maybe_sealed), draw(maybe_sealed), draw(texts))
    old = new._replace(email=draw(texts))
    if pair is not None:
        old = with_number(old, pair, draw(maybe_sealed))
    was, now = draw(entries_with_default()), draw(entries_with_default())
    if was != now:
        old, new = old._replace(methods=was[0], default=was[1]), new._replace(methods=now[0], default=now[1])
    return AuditRecord(
        user_id,
        correlation_id=draw(identifiers),
        part=part,
        at=draw(instants),
        activity=draw(st.sampled_from(Activity)),
        actor=draw(actors),
        reason=draw(texts),
        pair=pair,
        rule=draw(st.none() | texts),
        run_id=draw(st.none() | identifiers),
        old=old,
        new=new,
        details=draw(st.none() | st.dictionaries(texts, st.tuples(texts, texts), min_size=1, max_size=3)),
    )

"""Users and pairs in plain words, for the tests of the rules.

A number is sealed here by encoding it: all the rules need is that equal numbers give equal bytes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from ringfence.domain.directory.records import SyncState
from ringfence.domain.directory.user import Account, PairState, PublicValue, User
from ringfence.domain.numbers.canonical import parse_public_number
from ringfence.domain.numbers.facts import Event, Moment
from ringfence.domain.numbers.mirror import Commit, PublicWrite, write_public_number
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.numbers.policy import NumberPolicy, PublicSource
from ringfence.domain.numbers.standing import resolve_contact
from ringfence.domain.numbers.tables import Contact

A: Final = "+1 4255550100"
B: Final = "+1 4255550101"
OTHER: Final = "+1 4255550199"
NOW: Final = datetime(2021, 3, 15, tzinfo=UTC)
SMS: Final = MethodType.OneWaySMS
DEFAULT: Final = NumberPolicy()
AN_ORDINARY_CHANGE: Final = Commit(NOW, Moment.INSIDE, Event.CHANGE)


def sealed(number: str | None) -> bytes | None:
    """A number as the rules see it."""
    return None if number is None else number.encode()


def public(text: str, pair: Pair = Pair.MOBILE, source: PublicSource = PublicSource.SYNC) -> PublicValue:
    """A public number as written."""
    state, canonical = parse_public_number(text, pair)
    return PublicValue(text, state, sealed(canonical), source)


def state(text: str, authentication: str | None, pair: Pair = Pair.MOBILE) -> PairState:
    """A pair whose public number was written by sync and is the baseline too."""
    value = public(text, pair)
    return PairState(pair, value, value.sealed, sealed(authentication))


def user(**fields: Any) -> User:  # noqa: ANN401 - the fields of a User
    """A synced user who gets a text message, unless the fields say otherwise."""
    given = {"sync_state": SyncState.SYNCED, "methods": frozenset({SMS}), "default": SMS, **fields}
    return User(b"\x01" * 16, 1, "ada@contoso.example", NOW)._replace(**given)


def change(
    before: PairState,
    text: str,
    who: User | None = None,
    commit: Commit = AN_ORDINARY_CHANGE,
    policy: NumberPolicy = DEFAULT,
) -> PublicWrite:
    """Write a new public number."""
    return write_public_number(who or user(), before, public(text, before.pair), commit, policy)


def contact(who: User, before: PairState, moment: Moment, policy: NumberPolicy = DEFAULT) -> Contact:
    """Which number a text message would go to."""
    contacted = resolve_contact(Account(who, {before.pair: before}), SMS, moment, policy)
    assert contacted is not None
    return contacted.kind

"""Made-up users with both number sets, as the store takes and gives them. Sealed numbers are any bytes here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ringfence.domain.directory.records import SyncState
from ringfence.domain.directory.user import Account, NumberOrigin, PairState, PublicValue, User, Written
from ringfence.domain.numbers.canonical import PublicState
from ringfence.domain.numbers.pairs import MethodType, Pair
from tests.contract.clocks import IN_WINDOW

MOBILE_ENTRIES: Final = frozenset({MethodType.OneWaySMS, MethodType.TwoWayVoiceMobile})
BY_ADMIN: Final = Written(NumberOrigin.ADMIN, IN_WINDOW, "Adele Vance")


def identifier(number: int) -> bytes:
    """The `number`-th identifier, in order."""
    return number.to_bytes(16, "big")


def plain_user(number: int, **fields: Any) -> User:  # noqa: ANN401 - any field of a user
    """A synced user who is configured for SMS and voice calls on the mobile."""
    user = User(identifier(number), 1, f"user{number}@contoso.example", IN_WINDOW)
    user = user._replace(sync_state=SyncState.SYNCED, methods=MOBILE_ENTRIES, default=MethodType.OneWaySMS)
    return user._replace(**fields)


def public(sealed: bytes | None, text: str = "+1 4255550100") -> PublicValue:
    """A valid public number with this sealed form, or none at all."""
    return PublicValue() if sealed is None else PublicValue(text, PublicState.VALID, sealed)


def account(user: User, mobile: PairState | None = None, *others: PairState) -> Account:
    """An account with empty pairs but for those given."""
    empty = (PairState(Pair.MOBILE), PairState(Pair.OFFICE))
    given = [state for state in (mobile, *others) if state is not None]
    return Account(user, {state.pair: state for state in (*empty, *given)})


def mobile_pair(shown: bytes | None, private: bytes | None = None) -> PairState:
    """The mobile pair of somebody with this public number, which is the baseline too, and this authentication number."""
    return PairState(Pair.MOBILE, public(shown), shown, private, None if private is None else BY_ADMIN)


def to_copy(number: int) -> Account:
    """A user whose mobile number waits to be copied (C6)."""
    return account(plain_user(number), mobile_pair(b"public-%d" % number))


def unversioned(one: Account) -> Account:
    """The account without the versions, which count writes."""
    pairs: Mapping[Pair, PairState] = {pair: state._replace(version=0) for pair, state in one.pairs.items()}
    return Account(one.user._replace(version=0), pairs)

"""Method entries and the default: what setting and deleting an authentication number or an app does to them.

Sources: domain-rules A.2, A.3, T3, T5, T6, D.1. A non-empty set of entries has exactly one default.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, unique
from typing import Final, NamedTuple

from ringfence.domain.directory.user import Account, User
from ringfence.domain.methods.registrations import MethodKind
from ringfence.domain.numbers.pairs import PAIR_METHODS, PREFERENCE_ORDER, MethodType, Pair

ENTRY_OF_KIND: Final = {
    MethodKind.MICROSOFT_AUTHENTICATOR: MethodType.PhoneAppNotification,
    MethodKind.SOFTWARE_OATH: MethodType.PhoneAppOTP,
}
"""The entry that a user has by a registered method of the kind (A.3); the others have none."""


class Entries(NamedTuple):
    """The entries of a user and the default among them."""

    methods: frozenset[MethodType]
    default: MethodType | None


@unique
class Refusal(Enum):
    """Why a number may not be set or deleted, or an app not deleted."""

    ABSENT = "there is no such number"
    ALTERNATE_EXISTS = "the alternate number hangs on the mobile number"
    IS_DEFAULT = "it serves the default method while another method exists"
    MOBILE_REQUIRED = "an alternate number needs a mobile number"


def decide_registration(account: Account, pair: Pair) -> Entries | Refusal:
    """Entries after the number of `pair` is set: those of the pair come in, the first of them as the default if there is none."""
    if pair is Pair.ALTERNATE and account.pairs[Pair.MOBILE].authentication is None:
        return Refusal.MOBILE_REQUIRED
    user = account.user
    default = PAIR_METHODS[pair][0] if user.default is None else user.default
    return Entries(user.methods | frozenset(PAIR_METHODS[pair]), default)


def decide_deletion(account: Account, pair: Pair) -> Entries | Refusal:
    """Entries after the number of `pair` is deleted: those of the pair go with it.

    Refused while it serves the default method and a method entry of another pair or kind exists.
    """
    state = account.pairs.get(pair)
    if state is None or state.authentication is None:
        return Refusal.ABSENT
    alternate = account.pairs.get(Pair.ALTERNATE)
    if pair is Pair.MOBILE and alternate is not None and alternate.authentication is not None:
        return Refusal.ALTERNATE_EXISTS
    user = account.user
    left = user.methods - frozenset(PAIR_METHODS[pair])
    if user.default in PAIR_METHODS[pair]:
        return Refusal.IS_DEFAULT if left else Entries(left, None)
    return Entries(left, user.default)


def decide_app_registration(user: User, kind: MethodKind) -> Entries:
    """Entries after an app of `kind` is registered: its entry comes in, as the default if there is none."""
    entry = ENTRY_OF_KIND[kind]
    return Entries(user.methods | {entry}, entry if user.default is None else user.default)


def decide_method_deletion(user: User, kind: MethodKind, left: Iterable[MethodKind]) -> Entries | Refusal:
    """Entries after a registered method of `kind` is deleted, `left` being the kinds of the others: the last takes its entry.

    Refused, as with a number, while that entry is the default and another entry exists.
    """
    entry = ENTRY_OF_KIND.get(kind)
    if entry is None or entry not in user.methods or kind in left:
        return Entries(user.methods, user.default)
    others = user.methods - {entry}
    if user.default is entry:
        return Refusal.IS_DEFAULT if others else Entries(others, None)
    return Entries(others, user.default)


def preferred_default(methods: frozenset[MethodType], present: MethodType | None) -> MethodType | None:
    """The default of entries nobody named one for: the present one if it is among them, else the first in D.2's order."""
    if present in methods:
        return present
    return next((method for method in PREFERENCE_ORDER if method in methods), None)

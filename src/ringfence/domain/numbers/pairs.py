"""Pairs: which public attribute belongs to which authentication number, and which method types need it.

Source: domain-rules A.2 (pairs) and A.3 (method types and their numbers in logs).
"""

from __future__ import annotations

from enum import IntEnum, unique
from functools import cache
from typing import Final


@unique
class Pair(IntEnum):
    """A pair; the value is what the database stores.

    `ALTERNATE` has an authentication side only (A6: nothing public is tied to it).
    """

    MOBILE = 1
    OFFICE = 2
    ALTERNATE = 3

    @property
    def phone_type(self) -> str:
        """Microsoft's name of the authentication phone type: `mobile`, `office`, `alternateMobile`."""
        return _PHONE_TYPES[self]


_PHONE_TYPES: Final = {Pair.MOBILE: "mobile", Pair.OFFICE: "office", Pair.ALTERNATE: "alternateMobile"}

PUBLIC_PAIRS: Final = (Pair.MOBILE, Pair.OFFICE)
"""The pairs that have a public side, so the ones the copy and mirror tables speak of."""


def pair_of_phone_type(phone_type: str) -> Pair:
    """Return the pair named by Microsoft's phone type (any case); raises `KeyError` for another word."""
    return {name.casefold(): pair for pair, name in _PHONE_TYPES.items()}[phone_type.casefold()]


@unique
class MethodType(IntEnum):
    """A method entry's type; the value is Microsoft's code in logs (A.3) and the bit the database stores (`1 << value`)."""

    TwoWayVoiceMobile = 0
    TwoWayVoiceOffice = 2
    TwoWayVoiceAlternateMobile = 3
    OneWaySMS = 5
    PhoneAppNotification = 6
    PhoneAppOTP = 7

    @property
    def pair(self) -> Pair | None:
        """The pair whose number this method contacts, or None for an app or a token."""
        return _METHOD_PAIRS.get(self)


_METHOD_PAIRS: Final = {
    MethodType.OneWaySMS: Pair.MOBILE,
    MethodType.TwoWayVoiceMobile: Pair.MOBILE,
    MethodType.TwoWayVoiceOffice: Pair.OFFICE,
    MethodType.TwoWayVoiceAlternateMobile: Pair.ALTERNATE,
}

PAIR_METHODS: Final[dict[Pair, tuple[MethodType, ...]]] = {
    Pair.MOBILE: (MethodType.OneWaySMS, MethodType.TwoWayVoiceMobile),
    Pair.OFFICE: (MethodType.TwoWayVoiceOffice,),
    Pair.ALTERNATE: (MethodType.TwoWayVoiceAlternateMobile,),
}
"""The entries that setting a number adds, in the order in which the first becomes the default."""

RETIRED_METHODS: Final = {
    "TwoWaySms": MethodType.TwoWayVoiceMobile,
    "TwoWaySmsOtherMobile": MethodType.TwoWayVoiceAlternateMobile,
    "TwoWayVoiceOtherMobile": MethodType.TwoWayVoiceAlternateMobile,
}
"""Older names an export may hold and what they count as (D.1: two-way SMS users were switched to the call)."""

PREFERENCE_ORDER: Final = (
    MethodType.PhoneAppNotification,
    MethodType.PhoneAppOTP,
    MethodType.OneWaySMS,
    MethodType.TwoWayVoiceMobile,
    MethodType.TwoWayVoiceAlternateMobile,
    MethodType.TwoWayVoiceOffice,
)
"""System-preferred order (D.2) over the entry types: which one becomes the default when nobody says."""


def method_bits(methods: frozenset[MethodType]) -> int:
    """Pack a set of entry types into the integer the database stores."""
    return sum(1 << method for method in methods)


@cache
def methods_of_bits(bits: int) -> frozenset[MethodType]:
    """Unpack what `method_bits` packed."""
    return frozenset(method for method in MethodType if bits >> method & 1)


PAIR_BITS: Final = {pair: method_bits(frozenset(methods)) for pair, methods in PAIR_METHODS.items()}
"""Per pair the bits of the entry types that make it *configured*."""

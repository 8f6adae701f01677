"""Pairs, method types and their numbers (domain-rules A.2, A.3, D.1, D.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.numbers.pairs import (
    PAIR_BITS,
    PAIR_METHODS,
    PREFERENCE_ORDER,
    RETIRED_METHODS,
    MethodType,
    Pair,
    method_bits,
    methods_of_bits,
    pair_of_phone_type,
)


def test_codes_are_microsoft_s() -> None:
    """A.3: the numbering in logs, without the retired two-way SMS (1 and 4)."""
    expected = {
        0: "TwoWayVoiceMobile",
        2: "TwoWayVoiceOffice",
        3: "TwoWayVoiceAlternateMobile",
        5: "OneWaySMS",
        6: "PhoneAppNotification",
        7: "PhoneAppOTP",
    }
    assert expected == {method.value: method.name for method in MethodType}


def test_the_methods_of_a_pair() -> None:
    """A.2, T5: text goes to mobile only; office and alternate are voice only. The first of a pair becomes the default."""
    expected = {
        "mobile": ["OneWaySMS", "TwoWayVoiceMobile"],
        "office": ["TwoWayVoiceOffice"],
        "alternateMobile": ["TwoWayVoiceAlternateMobile"],
    }
    assert expected == {pair.phone_type: [method.name for method in methods] for pair, methods in PAIR_METHODS.items()}


def test_a_method_knows_its_pair() -> None:
    """The two directions agree; app and token have none."""
    for method in MethodType:
        assert [pair for pair in Pair if method in PAIR_METHODS[pair]] == ([] if method.pair is None else [method.pair])


def test_the_order_of_preference_is_complete() -> None:
    """D.2: push, code, then telephony: text, mobile call, alternate, office; every type has its place."""
    assert ["PhoneAppNotification", "PhoneAppOTP", "OneWaySMS"] == [method.name for method in PREFERENCE_ORDER[:3]]
    assert set(MethodType) == set(PREFERENCE_ORDER)
    assert len(MethodType) == len(PREFERENCE_ORDER)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TwoWaySms", "TwoWayVoiceMobile"),
        ("TwoWaySmsOtherMobile", "TwoWayVoiceAlternateMobile"),
        ("TwoWayVoiceOtherMobile", "TwoWayVoiceAlternateMobile"),
    ],
)
def test_retired_names(old: str, new: str) -> None:
    """D.1: users of two-way SMS were switched to the call; A.3: MSOnline spells code 3 in another way."""
    assert new == RETIRED_METHODS[old].name


@given(st.frozensets(st.sampled_from(MethodType)))
def test_bits_hold_any_set(methods: frozenset[MethodType]) -> None:
    """What is packed is unpacked; the bits of a pair tell whether it is configured."""
    bits = method_bits(methods)
    assert methods == methods_of_bits(bits)
    for pair in Pair:
        assert bool(bits & PAIR_BITS[pair]) == (not methods.isdisjoint(PAIR_METHODS[pair]))


@pytest.mark.parametrize("pair", Pair)
def test_phone_types_are_read_in_any_case(pair: Pair) -> None:
    """Microsoft's words, however typed."""
    assert pair is pair_of_phone_type(pair.phone_type.upper())
    with pytest.raises(KeyError):
        pair_of_phone_type(pair.phone_type + "s")

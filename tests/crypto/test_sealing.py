"""Sealing numbers: equal exactly where the rules compare, unreadable and unforgeable elsewhere."""

from __future__ import annotations

from typing import Final, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.crypto.key_file import FileKeys
from ringfence.crypto.sealing import AesSivSealer
from ringfence.domain.errors import ErrorCode, UnavailableError
from ringfence.domain.numbers.pairs import Pair

NUMBER: Final = "+1 4255550100"


class Place(NamedTuple):
    """What a seal is bound to."""

    key_id: int = 1
    tenant_id: int = 1
    user_id: bytes = b"u" * 16
    pair: Pair = Pair.MOBILE


@pytest.fixture(scope="module")
def sealer(tmp_path_factory: pytest.TempPathFactory) -> AesSivSealer:
    """A sealer with two keys."""
    keys = FileKeys(tmp_path_factory.mktemp("keys") / "ringfence.key")
    keys.create()
    keys.add_key()
    keys.add_key()
    return AesSivSealer(keys)


def test_equal_numbers_are_equal_bytes(sealer: AesSivSealer) -> None:
    """Same user, pair and key: SQL can compare them (house rules 6.6)."""
    assert sealer.seal(NUMBER, *Place()) == sealer.seal(NUMBER, *Place())


@pytest.mark.parametrize(
    "other",
    [Place(key_id=2), Place(tenant_id=2), Place(user_id=b"v" * 16), Place(pair=Pair.OFFICE)],
    ids=["key", "tenant", "user", "pair"],
)
def test_elsewhere_the_same_number_looks_different(sealer: AesSivSealer, other: Place) -> None:
    """Nobody sees that two users share a number."""
    assert sealer.seal(NUMBER, *Place()) != sealer.seal(NUMBER, *other)


@pytest.mark.parametrize(
    "other",
    [Place(key_id=2), Place(tenant_id=2), Place(user_id=b"v" * 16), Place(pair=Pair.OFFICE)],
    ids=["key", "tenant", "user", "pair"],
)
def test_a_seal_does_not_open_elsewhere(sealer: AesSivSealer, other: Place) -> None:
    """A value moved to another row, by hand or by mistake, is refused."""
    with pytest.raises(UnavailableError) as caught:
        sealer.unseal(sealer.seal(NUMBER, *Place()), *other)
    assert ErrorCode.KEY_WRONG is caught.value.code


@given(st.from_regex(r"\A\+[1-9][0-9]{0,2} [0-9]{4,14}(x[0-9]{1,10})?\Z"))
def test_round_trip(sealer: AesSivSealer, number: str) -> None:
    """What is sealed comes back, and the seal does not contain it."""
    sealed = sealer.seal(number, *Place())
    assert (number, False) == (sealer.unseal(sealed, *Place()), number.encode() in sealed)


@given(st.integers(min_value=0, max_value=28), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_is_noticed(sealer: AesSivSealer, place: int, change: int) -> None:
    """Any byte, any change."""
    sealed = bytearray(sealer.seal(NUMBER, *Place()))
    sealed[place] ^= change
    with pytest.raises(UnavailableError):
        sealer.unseal(bytes(sealed), *Place())


def test_a_key_is_known_by_its_check_value(sealer: AesSivSealer) -> None:
    """Each key makes its own, always the same."""
    assert (sealer.check_value(1) == sealer.check_value(1), sealer.check_value(1) != sealer.check_value(2)) == (True, True)


def test_a_key_that_is_not_in_the_file_is_lost(sealer: AesSivSealer) -> None:
    """Told with its number and the file's path, nothing else."""
    with pytest.raises(UnavailableError) as caught:
        sealer.seal(NUMBER, *Place(key_id=9))
    assert (ErrorCode.KEY_LOST, {"path", "key_id"}) == (caught.value.code, set(caught.value.facts))

"""Sealing seeds: they come back in their own place alone."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from ringfence.application.ports.mfa import SeedPlace
from ringfence.crypto.key_file import FileKeys
from ringfence.crypto.sealing import AesSivSealer
from ringfence.domain.errors import ErrorCode, UnavailableError

SEED: Final = bytes(range(20))
PLACE: Final = SeedPlace(1, b"u" * 16, "m")


@pytest.fixture
def sealer(tmp_path: Path) -> AesSivSealer:
    """A sealer with two keys."""
    keys = FileKeys(tmp_path / "ringfence.key")
    keys.create()
    keys.add_key()
    keys.add_key()
    return AesSivSealer(keys)


def test_it_comes_back(sealer: AesSivSealer) -> None:
    """Sealed twice it is not the same, and it is not in it."""
    one, other = sealer.seal_seed(SEED, 1, PLACE), sealer.seal_seed(SEED, 1, PLACE)
    assert (SEED, SEED, True, False) == (
        sealer.unseal_seed(one, 1, PLACE),
        sealer.unseal_seed(other, 1, PLACE),
        one != other,
        SEED in one,
    )


@pytest.mark.parametrize(
    ("key_id", "place", "code"),
    [
        pytest.param(2, PLACE, ErrorCode.KEY_WRONG, id="another key"),
        pytest.param(3, PLACE, ErrorCode.KEY_LOST, id="a key that is not there"),
        pytest.param(1, PLACE._replace(tenant_id=2), ErrorCode.KEY_WRONG, id="another tenant"),
        pytest.param(1, PLACE._replace(user_id=b"v" * 16), ErrorCode.KEY_WRONG, id="another user"),
        pytest.param(1, PLACE._replace(method_id="n"), ErrorCode.KEY_WRONG, id="another method"),
    ],
)
def test_nowhere_else(sealer: AesSivSealer, key_id: int, place: SeedPlace, code: ErrorCode) -> None:
    """A row that is moved to somebody else cannot be opened."""
    sealed = sealer.seal_seed(SEED, 1, PLACE)
    with pytest.raises(UnavailableError) as caught:
        sealer.unseal_seed(sealed, key_id, place)
    assert code is caught.value.code


@pytest.mark.parametrize("at", [0, 12, -1])
def test_it_cannot_be_changed(sealer: AesSivSealer, at: int) -> None:
    """Neither nonce nor text nor tag."""
    sealed = bytearray(sealer.seal_seed(SEED, 1, PLACE))
    sealed[at] ^= 1
    with pytest.raises(UnavailableError):
        sealer.unseal_seed(bytes(sealed), 1, PLACE)

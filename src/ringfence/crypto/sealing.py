"""Sealing numbers: AES-SIV, deterministic, bound to tenant, user and pair. How seeds are sealed stands in `crypto.seeds`.

Equal numbers of one user and pair under one key give equal bytes, so SQL can compare and copy them; equal numbers of two
users do not. Source: house rules 6.6; RFC 5297. The key id stands on the user, for all sealed values of a user are under one
key at any time.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from ringfence.application.ports.mfa import SeedPlace
from ringfence.crypto.key_file import FileKeys
from ringfence.crypto.seeds import SealedSeeds
from ringfence.crypto.sent_codes import SentCodes
from ringfence.domain.errors import ErrorCode, UnavailableError
from ringfence.domain.numbers.pairs import Pair

_CHECK: Final = b"ringfence sealing key check 1"


class AesSivSealer:
    """`Sealer` over a key file."""

    def __init__(self, keys: FileKeys) -> None:
        """Take keys from this file as they are needed."""
        self._keys = keys
        self._ciphers: dict[int, AESSIV] = {}
        self._seeds = SealedSeeds(keys)
        self._codes = SentCodes(keys)

    def seal(self, number: str, key_id: int, tenant_id: int, user_id: bytes, pair: Pair) -> bytes:
        """Seal a canonical number."""
        cipher = self._ciphers.get(key_id) or self._cipher(key_id)
        return cipher.encrypt(number.encode("ascii"), [b"%d:%d:%b" % (tenant_id, pair, user_id)])

    def unseal(self, sealed: bytes, key_id: int, tenant_id: int, user_id: bytes, pair: Pair) -> str:
        """The canonical number."""
        try:
            return self._cipher(key_id).decrypt(sealed, [b"%d:%d:" % (tenant_id, pair) + user_id]).decode("ascii")
        except InvalidTag as error:
            raise UnavailableError(ErrorCode.KEY_WRONG, path=str(self._keys.path), key_id=key_id) from error

    def seal_seed(self, seed: bytes, key_id: int, place: SeedPlace) -> bytes:
        """Seal a seed of one-time codes."""
        return self._seeds.seal(seed, key_id, place)

    def unseal_seed(self, sealed: bytes, key_id: int, place: SeedPlace) -> bytes:
        """The seed."""
        return self._seeds.unseal(sealed, key_id, place)

    def code_secret(self, key_id: int, content: bytes) -> bytes:
        """The secret that a code is made of."""
        return self._codes.secret(key_id, content)

    def check_value(self, key_id: int) -> bytes:
        """Bytes that only this key makes, to recognise it again."""
        return self._cipher(key_id).encrypt(_CHECK, [b"check"])

    def knows(self, key_id: int) -> bool:
        """Whether the key file holds this key."""
        return self._keys.key(key_id) is not None

    def _cipher(self, key_id: int) -> AESSIV:
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            key = self._keys.key(key_id)
            if key is None:
                raise UnavailableError(ErrorCode.KEY_LOST, path=str(self._keys.path), key_id=key_id)
            cipher = self._ciphers[key_id] = AESSIV(key)
        return cipher

"""The keys that sign tokens: which one signs now, which ones are still believed, and how the next one comes.

A key signs for `LIFE`; whoever then needs one makes the next. A key that no longer signs is published and believed for as long as
a token it signed may live. A private key whose sealing key is not the primary one any more is not used again: so `key rotate`
needs to reseal none of them.

The database alone makes nobody believe a key: its private half has to open under the key file, which lies elsewhere. So a key
is not believed any more either once the key it was sealed under is forgotten.
"""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from ringfence.application.identity.epochs import epoch_of
from ringfence.application.identity.parts import Identity
from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.identity import DEPLOYMENT
from ringfence.application.services import in_transaction
from ringfence.domain.identity.grants import ACCESS_LIFE
from ringfence.domain.identity.keys import SealedSigningKey, SigningKey, VerifyingKey

LIFE: Final = timedelta(days=30)
_LOOK_AGAIN: Final = timedelta(seconds=30)
"""How long a process relies on what it read; a key it does not know it looks up at once, and all when keys were forgotten."""
_BELIEVED: Final = 2 * ACCESS_LIFE


class _Read(NamedTuple):
    """What was read at one time: the keys that were made here, oldest first, and under what they stand."""

    keys: list[SealedSigningKey]
    primary: int
    """The sealing key that a signing key has to be under to sign."""
    at: datetime
    epoch: int
    """The deployment's, before the keys were read: it changes when keys are forgotten."""


class Keyring:
    """The keys as one process knows them. Safe for threads: what was read is replaced whole."""

    def __init__(self, identity: Identity) -> None:
        """Nothing is read yet."""
        self._identity = identity
        self._last: _Read | None = None
        self._signing: tuple[str, SigningKey] | None = None

    def signing_key(self, now: datetime) -> SigningKey:
        """The key to sign with, made if there is none."""
        read = self._present(now)
        newest = _newest(read.keys, read.primary, now) or self._make(now)
        signing = self._signing
        if signing is None or signing[0] != newest.kid:
            signing = self._signing = newest.kid, self._identity.keys.open(newest)
        return signing[1]

    def verifying_keys(self, now: datetime, kid: str | None = None) -> list[VerifyingKey]:
        """Every key that is believed; read again when `kid` is not among them or some time has passed."""
        read = self._present(now)
        if kid is not None and not any(key.kid == kid for key in read.keys):
            read = self._read(now)
        return [VerifyingKey(key.kid, key.public_jwk) for key in _standing(read.keys, now)]

    def _present(self, now: datetime) -> _Read:
        read = self._last
        if read is None or now - read.at >= _LOOK_AGAIN or read.epoch != epoch_of(self._identity.services, DEPLOYMENT):
            return self._read(now)
        return read

    def _read(self, now: datetime) -> _Read:
        epoch = epoch_of(self._identity.services, DEPLOYMENT)
        with self._identity.services.store.snapshot() as unit:
            stored, primary = unit.identity.signing_keys(), unit.administration.primary_key()
        read = self._last = _Read(self._identity.keys.believed(stored), primary, now, epoch)
        return read

    def _make(self, now: datetime) -> SealedSigningKey:
        with self._identity.services.store.snapshot() as unit:
            primary = unit.administration.primary_key()
        made = self._identity.keys.make(primary, now)

        def work(unit: UnitOfWork) -> SealedSigningKey:
            ours = self._identity.keys.believed(unit.identity.signing_keys())
            found = _newest(ours, made.sealing_key_id, now)
            if found is not None:  # somebody else was first
                return found
            standing = _standing(ours, now)
            for key in ours:
                if key not in standing:
                    unit.identity.remove_signing_key(key.kid)
            unit.identity.add_signing_key(made)
            return made

        newest = in_transaction(self._identity.services, work)
        self._read(now)
        return newest


def _standing(keys: list[SealedSigningKey], now: datetime) -> list[SealedSigningKey]:
    """Without those whose successor has signed for so long that no token of theirs is left."""
    gone = {key.kid for key, successor in itertools.pairwise(keys) if successor.created_at + _BELIEVED < now}
    return [key for key in keys if key.kid not in gone]


def _newest(keys: list[SealedSigningKey], primary: int, now: datetime) -> SealedSigningKey | None:
    if not keys or keys[-1].sealing_key_id != primary or now - keys[-1].created_at >= LIFE:
        return None
    return keys[-1]

"""What surrounds every use case: the time, identifiers, progress, the sealing of numbers and its keys."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from ringfence.application.ports.mfa import SeedPlace
from ringfence.domain.numbers.pairs import Pair


class Clock(Protocol):
    """The time, for work that is committed in many parts; everything else gets `now` as a parameter."""

    def now(self) -> datetime:
        """Aware UTC."""

    def elapsed(self) -> timedelta:
        """A span that only grows, to measure how long a transaction took."""


class NewIdentifiers(Protocol):
    """Where identifiers come from."""

    def __call__(self) -> bytes:
        """A new random identifier, 16 bytes (a UUID of version 8: `is_made_here`)."""


class Progress(Protocol):
    """Where long work reports how far it is."""

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total`, in the work's own unit."""


class Sealer(Protocol):
    """Seals numbers so that equal numbers of one user and pair give equal bytes, and seeds of one-time codes."""

    def seal(self, number: str, key_id: int, tenant_id: int, user_id: bytes, pair: Pair) -> bytes:
        """Seal a canonical number under the key `key_id`."""

    def unseal(self, sealed: bytes, key_id: int, tenant_id: int, user_id: bytes, pair: Pair) -> str:
        """The canonical number; raises `UnavailableError` (KEY_WRONG) when it was sealed under something else."""

    def seal_seed(self, seed: bytes, key_id: int, place: SeedPlace) -> bytes:
        """Seal a seed of one-time codes for the place where it is stored; no two sealed ones are alike."""

    def unseal_seed(self, sealed: bytes, key_id: int, place: SeedPlace) -> bytes:
        """The seed; raises `UnavailableError` (KEY_WRONG) when it was sealed otherwise, or for another place."""

    def code_secret(self, key_id: int, content: bytes) -> bytes:
        """The secret, 16 bytes, that a code is made of: the same for the same content under the same key, and for nobody else."""

    def check_value(self, key_id: int) -> bytes:
        """Bytes that only this key makes, to recognise it again."""

    def knows(self, key_id: int) -> bool:
        """Whether the key file holds this key."""


class KeyFile(Protocol):
    """The file of sealing keys, outside the database."""

    @property
    def path(self) -> Path:
        """Where it lies."""

    def add_key(self) -> int:
        """Make a new key, write it (durably) and return its id."""

    def drop_key(self, key_id: int) -> None:
        """Take a key out of the file, if it is there."""

    def rotating(self) -> AbstractContextManager[None]:
        """Keep other rotations out until the end; raises `ConflictError` (KEY_ROTATING) when one is running."""

    def key_ids(self) -> tuple[int, ...]:
        """The ids of the keys it holds, oldest first."""

"""What the MFA service asks of the store: challenges, what is held against a method, seeds of one-time codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from ringfence.domain.methods.oath import HashFunction
from ringfence.domain.signin.challenge import Challenge, ChallengeMethod
from ringfence.domain.signin.lockout import Counted, Failures
from ringfence.domain.signin.transitions import State


class SealedSeed(NamedTuple):
    """The seed of one app or token of a user, sealed under a key of the key file; `last_step` is the last code accepted."""

    method_id: str
    key_id: int
    sealed: bytes
    hash_function: HashFunction
    period: int
    last_step: int | None = None


class SeedPlace(NamedTuple):
    """Whose a seed is: the key of its row."""

    tenant_id: int
    user_id: bytes
    method_id: str


class ChallengeStore(Protocol):
    """Challenges, and the wrong codes of each account and method."""

    def add(self, tenant_id: int, challenge: Challenge) -> None:
        """Store a new one."""

    def find(self, tenant_id: int, challenge_id: bytes) -> Challenge | None:
        """One challenge; in a write nobody else changes it until the commit."""

    def move(self, tenant_id: int, challenge: Challenge, state: State) -> bool:
        """Store its next state; return whether it still was in the one given."""

    def note_sending(self, tenant_id: int, before: Challenge, after: Challenge) -> bool:
        """Store that it is sent once more; return whether it still stood as before."""

    def replace_open(self, tenant_id: int, challenge: Challenge) -> int:
        """End those that the same application still asks the same user by the same method; return how many there were."""

    def hold(self, tenant_id: int, user_id: bytes, method: ChallengeMethod | Counted, now: datetime) -> Failures:
        """What is held against the method; nobody else counts for it until the commit."""

    def save_failures(
        self, tenant_id: int, user_id: bytes, method: ChallengeMethod | Counted, failures: Failures, now: datetime
    ) -> None:
        """Store it; the caller holds it."""

    def forget_failures_before(self, tenant_id: int, before: datetime, limit: int) -> int:
        """Remove what nobody added to since an instant, about `limit` rows; return how many."""

    def forget_before(self, tenant_id: int, before: datetime, limit: int) -> int:
        """Remove challenges that expired before an instant, about `limit` of them; return how many."""


class SeedStore(Protocol):
    """Seeds of one-time codes; each belongs to a registered method, with which it is removed."""

    def of_user(self, tenant_id: int, user_id: bytes) -> list[SealedSeed]:
        """All of a user."""

    def add(self, tenant_id: int, user_id: bytes, seed: SealedSeed) -> None:
        """Store a new one."""

    def take_step(self, place: SeedPlace, step: int) -> bool:
        """Note that a code of this step was accepted; return whether it is behind the last one, which it has to be."""

    def next_under(self, key_id: int, limit: int) -> Sequence[tuple[SeedPlace, bytes]]:
        """Some seeds still under a key."""

    def reseal(self, place: SeedPlace, before: tuple[int, bytes], after: tuple[int, bytes]) -> None:
        """Replace (key id, sealed) where it is still the one given."""

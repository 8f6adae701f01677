"""A user with both number sets, as the rules see them.

Numbers are *sealed* here: opaque bytes that are equal exactly when the canonical numbers are equal (same user, same pair),
so every rule can compare and copy them without anybody reading them. `ringfence.crypto` seals and unseals.
Sources: domain-rules A.1-A.3, H.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum, unique
from typing import NamedTuple

from ringfence.domain.directory.records import PerUserState, SyncState
from ringfence.domain.numbers.canonical import PublicState
from ringfence.domain.numbers.facts import Standing
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.numbers.policy import PublicSource

Sealed = bytes


@unique
class NumberOrigin(IntEnum):
    """Who wrote an authentication number last; the value is what the database stores."""

    USER = 1
    ADMIN = 2
    IMPORT = 3
    COPY = 4
    MIRROR = 5


class PublicValue(NamedTuple):
    """A public number as written: the text as it stands, how it reads, its sealed canonical form, and who wrote it."""

    text: str = ""
    state: PublicState = PublicState.EMPTY
    sealed: Sealed | None = None
    source: PublicSource = PublicSource.SYNC


class Written(NamedTuple):
    """Who wrote a number when: origin, instant (aware UTC), name for people, and the run it belonged to (16 bytes)."""

    origin: NumberOrigin
    at: datetime
    by: str
    run_id: bytes | None = None


class PairState(NamedTuple):
    """Both sides of one pair of one user. `version` counts writes, for conditional updates (A21)."""

    pair: Pair
    public: PublicValue = PublicValue()
    baseline: Sealed | None = None
    authentication: Sealed | None = None
    written: Written | None = None
    version: int = 1


class User(NamedTuple):
    """One user without the numbers. `user_id` is 16 bytes; `key_id` names the key every sealed value of the user is under."""

    user_id: bytes
    key_id: int
    upn: str
    created_at: datetime
    display_name: str = ""
    user_type: str = "Member"
    enabled: bool = True
    sync_state: SyncState = SyncState.CLOUD_ONLY
    anchor: str | None = None
    dn: str | None = None
    other_mails: tuple[str, ...] = ()
    methods: frozenset[MethodType] = frozenset()
    default: MethodType | None = None
    mfa_state: PerUserState = PerUserState.Disabled
    email: str = ""
    deleted_at: datetime | None = None
    version: int = 1

    @property
    def standing(self) -> Standing:
        """Synced or not, as the rules see it (H.1)."""
        return Standing.SYNCED if self.sync_state is SyncState.SYNCED else Standing.NOT_SYNCED


class Account(NamedTuple):
    """A user and their pairs. `MOBILE` and `OFFICE` are always there; `ALTERNATE` once a number was set."""

    user: User
    pairs: Mapping[Pair, PairState]


def upn_key(upn: str) -> str:
    """The form in which user principal names are unique in a tenant: trimmed and without case."""
    return upn.strip().casefold()

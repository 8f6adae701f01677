"""A user's password and what guards it: smart lockout, as a pure decision.

Source: domain-rules D.6: ten failures lock for 60 seconds, growing; the last three bad passwords do not count again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

FAILURES: Final = 10
FIRST_LOCK: Final = timedelta(seconds=60)
LONGEST_LOCK: Final = timedelta(hours=24)
REMEMBERED: Final = 3


class Credential(NamedTuple):
    """What the token service keeps of a user.

    `password_hash` is an Argon2id string, None when no password was set. `failures` counts towards the next lock, `locks` how
    often it was locked since the last success. `recent` are keyed fingerprints of the last wrong passwords, newest first.
    Sessions and tokens issued before `sessions_valid_from` are void.
    """

    user_id: bytes
    password_hash: str | None = None
    changed_at: datetime | None = None
    must_change: bool = False
    failures: int = 0
    locks: int = 0
    locked_until: datetime | None = None
    recent: tuple[bytes, ...] = ()
    sessions_valid_from: datetime | None = None
    signed_in_at: datetime | None = None
    """The last complete sign-in that was noted: of one a day."""
    version: int = 0
    """Counts writes; 0 means that nothing is stored yet."""


NOTED_EVERY: Final = timedelta(days=1)
"""How often it is noted that somebody signed in."""
DORMANT_AFTER: Final = timedelta(days=90)
"""Nobody used the account for so long: no method is registered on the password alone then (lessons: Duo 2021)."""


def is_dormant(credential: Credential, created_at: datetime, now: datetime) -> bool:
    """Whether the account was neither made, nor given a password, nor signed in with for long."""
    known = (created_at, credential.changed_at, credential.signed_in_at)
    return now - max(at for at in known if at is not None) >= DORMANT_AFTER


def is_locked(credential: Credential, now: datetime) -> bool:
    """Whether passwords are not even looked at."""
    return credential.locked_until is not None and now < credential.locked_until


def after_failure(credential: Credential, fingerprint: bytes, now: datetime) -> Credential:
    """The credential after a wrong password; one of the last three changes nothing."""
    if fingerprint in credential.recent:
        return credential
    recent = (fingerprint, *credential.recent)[:REMEMBERED]
    failures = credential.failures + 1
    if failures < FAILURES:
        return credential._replace(failures=failures, recent=recent)
    lock = min(FIRST_LOCK * 2 ** min(credential.locks, 20), LONGEST_LOCK)
    return credential._replace(failures=0, locks=credential.locks + 1, locked_until=now + lock, recent=recent)


def after_success(credential: Credential) -> Credential:
    """The credential after the right password: nothing is held against it any more."""
    return credential._replace(failures=0, locks=0, locked_until=None, recent=())


def with_password(credential: Credential, password_hash: str, now: datetime, *, must_change: bool) -> Credential:
    """The credential with another password; tokens from before are void."""
    return after_success(credential)._replace(
        password_hash=password_hash, changed_at=now, must_change=must_change, sessions_valid_from=now
    )

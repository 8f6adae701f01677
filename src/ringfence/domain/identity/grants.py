"""Grants that wait to be redeemed: authorization codes, refresh tokens, device codes. Secrets are kept as SHA-256 only.

Sources: RFC 6749, 7636 (PKCE), 8628 (device); house rules 6.5: each is single use, decided by one conditional UPDATE.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum, unique
from typing import Final, NamedTuple

CODE_LIFE: Final = timedelta(minutes=10)
REFRESH_LIFE: Final = timedelta(days=90)
DEVICE_LIFE: Final = timedelta(minutes=15)
DEVICE_INTERVAL: Final = timedelta(seconds=5)
ACCESS_LIFE: Final = timedelta(minutes=60)


class Grant(NamedTuple):
    """What a person allowed an application: who, for whom, which scopes, and how they proved themselves when."""

    app_id: bytes
    user_id: bytes
    scopes: tuple[str, ...]
    authenticated_at: datetime
    methods: tuple[str, ...] = ("pwd",)


def is_proof_expired(grant: Grant, revoked_at: datetime | None, days: int | None, now: datetime) -> bool:
    """Whether the second factor behind a grant has to be given anew (domain-rules D.9).

    So where an administrator revoked it since, or it is as old as browsers are remembered. Without one nothing expires.
    """
    if "mfa" not in grant.methods:
        return False
    is_revoked = revoked_at is not None and grant.authenticated_at <= revoked_at
    return is_revoked or (days is not None and now - grant.authenticated_at >= timedelta(days=days))


class AuthorizationCode(NamedTuple):
    """A code on its way through the browser, bound to the redirect URI, the PKCE challenge (S256) and the nonce."""

    secret_hash: bytes
    grant: Grant
    redirect_uri: str
    challenge: str | None
    nonce: str | None
    family: bytes
    expires_at: datetime


class RefreshToken(NamedTuple):
    """One link of a chain of refresh tokens; `family` (16 bytes) names the chain, which dies when a link is used twice."""

    secret_hash: bytes
    family: bytes
    grant: Grant
    issued_at: datetime
    expires_at: datetime


@unique
class DeviceState(IntEnum):
    """Where a device code stands; the value is what the database stores."""

    PENDING = 1
    APPROVED = 2
    DECLINED = 3
    REDEEMED = 4


class DeviceCode(NamedTuple):
    """A device that waits for somebody to type `user_code` elsewhere."""

    secret_hash: bytes
    user_code: str
    app_id: bytes
    scopes: tuple[str, ...]
    expires_at: datetime
    state: DeviceState = DeviceState.PENDING
    user_id: bytes | None = None
    authenticated_at: datetime | None = None
    polled_at: datetime | None = None
    methods: tuple[str, ...] = ("pwd",)

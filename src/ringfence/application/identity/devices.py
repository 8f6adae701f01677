"""The device flow: a device shows a code, a person types it elsewhere, the device polls. Source: RFC 8628."""

from __future__ import annotations

import secrets
from datetime import datetime
from enum import Enum, unique
from typing import Final, NamedTuple

from ringfence.application.identity.issue import GrantFailure, TokenIssuer, Tokens
from ringfence.application.identity.parts import Identity, hash_of, new_secret
from ringfence.application.identity.tokens import Issuer
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.domain.identity.applications import Application
from ringfence.domain.identity.grants import DEVICE_INTERVAL, DEVICE_LIFE, DeviceCode, DeviceState, Grant

_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
_LENGTH: Final = 9


@unique
class Waiting(Enum):
    """Why a device has nothing yet."""

    DECLINED = "the person said no"
    EXPIRED = "nobody came in time, or it was redeemed"
    PENDING = "nobody has typed the code yet"
    SLOW_DOWN = "it asks too often"
    UNKNOWN = "there is no such device code"


class StartedDevice(NamedTuple):
    """What the device shows (`user_code`) and polls with (`device_code`)."""

    device_code: str
    user_code: str


def start_device(
    services: Services, tenant_id: int, application: Application, scopes: tuple[str, ...], now: datetime
) -> StartedDevice:
    """Begin: 15 minutes to type the code."""
    secret = new_secret()

    def work(unit: UnitOfWork) -> StartedDevice:
        user_code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        code = DeviceCode(hash_of(secret), user_code, application.app_id, scopes, now + DEVICE_LIFE)
        unit.grants.add_device_code(tenant_id, code)
        return StartedDevice(secret, user_code)

    return in_transaction(services, work)


def find_device(services: Services, tenant_id: int, user_code: str, now: datetime) -> DeviceCode | None:
    """The device code somebody typed, if it still waits; case, spaces and dashes do not matter."""
    typed = "".join(letter for letter in user_code.upper() if letter.isalnum())
    with services.store.snapshot() as unit:
        found = unit.grants.device_code_of(tenant_id, typed)
    return found if found is not None and found.state is DeviceState.PENDING and now < found.expires_at else None


def decide_device(
    services: Services, tenant_id: int, code: DeviceCode, who: tuple[bytes, tuple[str, ...]] | None, now: datetime
) -> bool:
    """The person approves, who proved so much (user id, steps), or declines (None); return whether it still waited."""
    if who is None:
        after = code._replace(state=DeviceState.DECLINED, authenticated_at=now)
    else:
        after = code._replace(state=DeviceState.APPROVED, user_id=who[0], authenticated_at=now, methods=who[1])
    return in_transaction(services, lambda unit: unit.grants.move_device_code(tenant_id, code, after))


def poll_device(
    identity: Identity, tokens: TokenIssuer, at: tuple[int, Issuer], application: Application, secret: str, now: datetime
) -> Tokens | Waiting | GrantFailure:
    """The device asks: tokens once, when the person has approved."""
    tenant_id = at[0]
    tokens.prepare(now)

    def work(unit: UnitOfWork) -> Tokens | Waiting | GrantFailure:
        found = unit.grants.device_code(tenant_id, hash_of(secret))
        if found is None or found.app_id != application.app_id:
            return Waiting.UNKNOWN
        if now >= found.expires_at or found.state is DeviceState.REDEEMED:
            return Waiting.EXPIRED
        if found.state is DeviceState.DECLINED:
            return Waiting.DECLINED
        if found.state is DeviceState.PENDING or found.user_id is None or found.authenticated_at is None:
            return _asked(unit, tenant_id, found, now)
        if not unit.grants.move_device_code(tenant_id, found, found._replace(state=DeviceState.REDEEMED)):
            return Waiting.EXPIRED
        grant = Grant(found.app_id, found.user_id, found.scopes, found.authenticated_at, found.methods)
        return tokens.for_person(at, application, grant, now, unit)

    return in_transaction(identity.services, work)


def _asked(unit: UnitOfWork, tenant_id: int, found: DeviceCode, now: datetime) -> Waiting:
    unit.grants.move_device_code(tenant_id, found, found._replace(polled_at=now))
    too_soon = found.polled_at is not None and now - found.polled_at < DEVICE_INTERVAL / 2
    return Waiting.SLOW_DOWN if too_soon else Waiting.PENDING

"""Enrol an app that shows one-time codes: the seed is made here, shown once, and kept sealed.

Sources: domain-rules D.7, F.3.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import Final, NamedTuple
from urllib.parse import quote, urlencode

from ringfence.application.accounts import find_active_account
from ringfence.application.identity.parts import Identity
from ringfence.application.mfa.notices import Told, tell_change
from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.mfa import SealedSeed, SeedPlace
from ringfence.application.services import in_transaction
from ringfence.domain.audit import Activity, Trail, record_method_change
from ringfence.domain.directory.user import Account
from ringfence.domain.errors import ConflictError, ErrorCode, InvalidError
from ringfence.domain.methods.entries import decide_app_registration
from ringfence.domain.methods.oath import DIGITS, PERIODS, HashFunction, OathToken, write_secret
from ringfence.domain.methods.registrations import MethodKind, Registration
from ringfence.domain.signin.notices import NoticeKind, Thing
from ringfence.domain.values import Actor

MOST: Final = 5
"""Apps and tokens of a user (D.7)."""
_SEED_BYTES: Final = {HashFunction.SHA1: 20, HashFunction.SHA256: 32}
APPS: Final = frozenset({MethodKind.MICROSOFT_AUTHENTICATOR, MethodKind.SOFTWARE_OATH})
"""What counts towards them."""
_LONGEST_NAME: Final = 64


class EnrolSoftwareOath(NamedTuple):
    """An app for a user; `period` in seconds, 30 or 60."""

    user: str
    actor: Actor
    display_name: str = ""
    period: int = 30
    hash_function: HashFunction = HashFunction.SHA1


class Enrolled(NamedTuple):
    """The app's method, and its seed, which is shown this once."""

    method_id: str
    user: str
    token: OathToken
    issuer: str
    """Whose codes they are, as an app shows it: the tenant's name, for somebody may have accounts in several."""


def enrol_software_oath(identity: Identity, tenant_id: int, command: EnrolSoftwareOath, now: datetime) -> Enrolled:
    """Make a seed for an app; raises `InvalidError` (OATH_PERIOD, METHOD_NAME) or `ConflictError` (METHODS_FULL)."""
    if command.period not in PERIODS:
        raise InvalidError(ErrorCode.OATH_PERIOD, period=command.period)
    if len(command.display_name) > _LONGEST_NAME or not command.display_name.isprintable():
        raise InvalidError(ErrorCode.METHOD_NAME, most=_LONGEST_NAME)
    seed = secrets.token_bytes(_SEED_BYTES[command.hash_function])
    method_id = str(uuid.uuid4())

    def work(unit: UnitOfWork) -> Enrolled:
        found = find_active_account(unit, tenant_id, command.user)
        user_id = found.user.user_id
        if sum(one.kind in APPS for one in unit.registrations.of_user(tenant_id, user_id)) >= MOST:
            raise ConflictError(ErrorCode.METHODS_FULL, most=MOST)
        entries = decide_app_registration(found.user, MethodKind.SOFTWARE_OATH)
        after = Account(found.user._replace(methods=entries.methods, default=entries.default), found.pairs)
        kind = MethodKind.SOFTWARE_OATH
        unit.registrations.add(tenant_id, user_id, Registration(method_id, kind, now, command.display_name))
        key_id = unit.administration.primary_key()
        sealed = identity.services.sealer.seal_seed(seed, key_id, SeedPlace(tenant_id, user_id, method_id))
        unit.seeds.add(tenant_id, user_id, SealedSeed(method_id, key_id, sealed, command.hash_function, command.period))
        if after != found:
            unit.directory.update(tenant_id, [(found, after)])
        trail = Trail(identity.services.new_id(), now, command.actor)
        unit.audit.append(tenant_id, record_method_change(found, after, kind.noun, trail, Activity.ADMIN_REGISTERED))
        tell_change(unit, tenant_id, found.user, Told(NoticeKind.METHOD_REGISTERED, Thing.APP), (command.actor, now))
        issuer = next(one.name for one in unit.administration.tenants() if one.tenant_id == tenant_id)
        return Enrolled(method_id, found.user.upn, OathToken(seed, command.period, command.hash_function), issuer)

    return in_transaction(identity.services, work)


def otpauth_uri(token: OathToken, account: str, issuer: str) -> str:
    """The `otpauth://totp/` address that apps read from a QR code; `issuer` is the tenant's name."""
    asked = {
        "secret": write_secret(token.seed),
        "issuer": issuer,
        "algorithm": token.hash_function.name,
        "digits": str(DIGITS),
        "period": str(token.period),
    }
    label = f"{quote(issuer, safe='')}:{quote(account, safe='@')}"
    return f"otpauth://totp/{label}?{urlencode(asked, quote_via=quote)}"

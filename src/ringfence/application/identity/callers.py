"""Who asks: from an access token to a `Caller`, checked again whenever something was taken away from anybody of the tenant.

Verified tokens are remembered until they expire, as long as a counter of the tenant (its *epoch*) stays as it was: it advances
when a user is disabled, deleted or signed out, a role changed, an application removed or its secret replaced, and every token is
looked at anew then. So does that of the deployment, when keys are forgotten.
"""

from __future__ import annotations

import json
import uuid
from base64 import urlsafe_b64decode
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum, unique
from typing import Final

from ringfence.application.identity.epochs import epoch_of
from ringfence.application.identity.keyring import Keyring
from ringfence.application.identity.parts import Identity
from ringfence.application.identity.tokens import AUDIENCE, ISSUED_AT
from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.identity import DEPLOYMENT
from ringfence.application.tenancy import known_tenant
from ringfence.domain.identity.callers import Caller
from ringfence.domain.values import Actor, ActorKind

_REMEMBERED: Final = 10_000
_LONGEST_HEAD: Final = 1024
_SKEW: Final = timedelta(minutes=5)


@unique
class TokenFailure(Enum):
    """Why a token is not believed."""

    EXPIRED = "it has expired"
    INVALID = "it is not one of ours, or not for this API"
    REVOKED = "it was taken back"


class Callers:
    """The callers one process knows. Safe for threads: entries are replaced whole."""

    def __init__(self, identity: Identity, keyring: Keyring) -> None:
        """Know nobody yet."""
        self._identity = identity
        self._keyring = keyring
        self._known: OrderedDict[str, tuple[int, int, Caller]] = OrderedDict()
        """Callers by token, with the epochs of the deployment and of the tenant under which each was believed."""

    def resolve(self, token: str, now: datetime) -> Caller | TokenFailure:
        """Who bears this token, as things stand now."""
        services, known = self._identity.services, self._known.get(token)
        deployment = epoch_of(services, DEPLOYMENT)
        if known is not None:
            caller = known[2]
            if now < caller.expires_at and deployment == known[0] and known[1] == epoch_of(services, caller.tenant_id):
                return caller
            self._known.pop(token, None)
        claims = self._identity.reader.read(token, self._keyring.verifying_keys(now, _kid(token)))
        if claims is None or claims.get("aud") != AUDIENCE:
            return TokenFailure.INVALID
        return self._remember((token, deployment), claims, now)

    def _remember(self, read: tuple[str, int], claims: Mapping[str, object], now: datetime) -> Caller | TokenFailure:
        expires, begins = claims.get("exp"), claims.get("nbf", 0)
        if not isinstance(expires, int) or not isinstance(begins, int):
            return TokenFailure.INVALID
        expires_at = datetime.fromtimestamp(expires, UTC)
        if now >= expires_at:
            return TokenFailure.EXPIRED
        if now + _SKEW < datetime.fromtimestamp(begins, UTC):
            return TokenFailure.INVALID
        tenant = known_tenant(self._identity.services.store, str(claims.get("tid")))
        if tenant is None:
            return TokenFailure.INVALID
        with self._identity.services.store.snapshot() as unit:
            epoch = unit.identity.epoch(tenant.tenant_id)
            caller = _caller(unit, tenant.tenant_id, claims, expires_at)
        if isinstance(caller, Caller):
            token, deployment = read
            self._known[token] = deployment, epoch, caller
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return caller


def _kid(token: str) -> str | None:
    """The key a token names, so that one made elsewhere a moment ago is looked up; nothing is believed of it here."""
    head = token.partition(".")[0][:_LONGEST_HEAD]
    try:
        header = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, RecursionError):
        return None
    kid = header.get("kid") if isinstance(header, dict) else None
    return kid if isinstance(kid, str) else None


def _identifier(claims: Mapping[str, object], name: str) -> bytes | None:
    try:
        return uuid.UUID(str(claims.get(name))).bytes
    except ValueError:
        return None


def _caller(unit: UnitOfWork, tenant_id: int, claims: Mapping[str, object], expires_at: datetime) -> Caller | TokenFailure:
    app_id, principal = _identifier(claims, "appid"), _identifier(claims, "oid")
    if app_id is None or principal is None:
        return TokenFailure.INVALID
    application = unit.identity.application(tenant_id, app_id)
    if application is None:
        return TokenFailure.REVOKED
    roles = unit.identity.roles_of(tenant_id, [principal]).get(principal, frozenset())
    if claims.get("idtyp") == "app":
        # What an application may do is what it is registered for now, as far as the token has it.
        said = claims.get("roles")
        permissions = frozenset(said if isinstance(said, list) else ()) & frozenset(application.permissions)
        actor = Actor(ActorKind.APP, application.name, app_id)
        return Caller(tenant_id, app_id, actor, permissions, expires_at, None, roles)
    account = unit.directory.load(tenant_id, [principal]).get(principal)
    if account is None or not account.user.enabled or account.user.deleted_at is not None:
        return TokenFailure.REVOKED
    since = unit.identity.credential(tenant_id, principal).sessions_valid_from
    issued = claims.get(ISSUED_AT)
    if not isinstance(issued, int) or (since is not None and issued < round(since.timestamp() * 1_000_000)):
        return TokenFailure.REVOKED
    scopes = frozenset(str(claims.get("scp", "")).split())
    actor = Actor(ActorKind.USER, account.user.upn, principal)
    return Caller(tenant_id, app_id, actor, scopes, expires_at, principal, roles)

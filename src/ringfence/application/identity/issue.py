"""Issue tokens: for an application itself, for a code, a refresh token, an approved device.

Each grant is taken by one conditional UPDATE in the transaction that stores what follows from it, so two at once get one answer.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import datetime
from enum import Enum, unique
from typing import NamedTuple

from ringfence.application.identity.keyring import Keyring
from ringfence.application.identity.parts import Identity, bound_secret, bound_user, hash_of
from ringfence.application.identity.scopes import narrow_scopes
from ringfence.application.identity.tokens import (
    Claims,
    Issuer,
    application_claims,
    id_claims,
    user_claims,
)
from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.identity import Refused
from ringfence.application.services import in_transaction
from ringfence.domain.directory.user import User
from ringfence.domain.identity.applications import Application
from ringfence.domain.identity.grants import (
    ACCESS_LIFE,
    CODE_LIFE,
    REFRESH_LIFE,
    AuthorizationCode,
    Grant,
    RefreshToken,
    is_proof_expired,
)


class Tokens(NamedTuple):
    """The answer: lifetimes in seconds; `uid` and `utid` are whose account it is (16 bytes each), None for an application."""

    access: str
    scopes: tuple[str, ...]
    expires_in: int
    id_token: str | None = None
    refresh: str | None = None
    user_id: bytes | None = None


@unique
class GrantFailure(Enum):
    """Why a grant is not honoured."""

    MISMATCH = "it was given to another application or for another address"
    PROOF_EXPIRED = "the second factor has to be given anew"
    PKCE = "the code verifier does not fit the challenge"
    REUSED = "it was used before; everything that came of it is revoked"
    SCOPE = "a scope was asked for that was never given"
    UNKNOWN = "never given, expired or revoked"
    USER = "the user is gone or disabled"


class TokenIssuer:
    """Issues tokens of one deployment."""

    def __init__(self, identity: Identity, keyring: Keyring) -> None:
        """Sign with the keyring's key."""
        self._identity = identity
        self._keyring = keyring

    def for_application(self, issuer: Issuer, application: Application, now: datetime) -> Tokens:
        """Client credentials: nothing is stored."""
        token = self._sign(application_claims(issuer, application, now), now)
        return Tokens(token, (), int(ACCESS_LIFE.total_seconds()))

    def prepare(self, now: datetime) -> None:
        """Have the signing key at hand: where there is none yet it is made, which is a transaction of its own."""
        self._keyring.signing_key(now)

    def new_code(self, tenant_id: int, code: AuthorizationCode) -> str:
        """Store a code under a new secret, which is returned."""
        secret = bound_secret(code.grant.user_id)
        stored = code._replace(secret_hash=hash_of(secret), family=self._identity.services.new_id())
        in_transaction(self._identity.services, lambda unit: unit.grants.add_code(tenant_id, stored))
        return secret

    def for_code(
        self, at: tuple[int, Issuer], application: Application, code: tuple[str, str], verifier: str | None, now: datetime
    ) -> Tokens | GrantFailure:
        """Redeem a code; `at` is tenant and issuer, `code` the secret and the redirect URI it was sent to."""
        tenant_id, issuer = at
        secret, redirect_uri = code
        self.prepare(now)
        user_id = bound_user(secret)
        if user_id is None:
            return GrantFailure.UNKNOWN

        def work(unit: UnitOfWork) -> Tokens | GrantFailure:
            taken = unit.grants.redeem_code(tenant_id, user_id, hash_of(secret), now)
            if isinstance(taken, Refused):
                return GrantFailure[taken.name]
            if taken.grant.app_id != application.app_id or taken.redirect_uri != redirect_uri:
                return GrantFailure.MISMATCH
            if not _fits(taken.challenge, verifier):
                return GrantFailure.PKCE
            return self._person(unit, (tenant_id, issuer), application, (taken.grant, taken.family, taken.nonce), now)

        return in_transaction(self._identity.services, work)

    def for_refresh_token(
        self, at: tuple[int, Issuer], application: Application, secret: str, asked: tuple[str, ...], now: datetime
    ) -> Tokens | GrantFailure:
        """Redeem a refresh token for another one; fewer scopes may be asked than were given, never more.

        Fewer are for the access token alone: the next refresh token is worth what this one was (RFC 6749, 6).
        """
        tenant_id, issuer = at
        self.prepare(now)
        user_id = bound_user(secret)
        if user_id is None:
            return GrantFailure.UNKNOWN

        def work(unit: UnitOfWork) -> Tokens | GrantFailure:
            taken = unit.grants.redeem_refresh_token(tenant_id, user_id, hash_of(secret), now)
            if isinstance(taken, Refused):
                return GrantFailure[taken.name]
            if taken.grant.app_id != application.app_id:
                return GrantFailure.MISMATCH
            revoked_at, days = unit.mfa.standing(tenant_id, user_id).remembered_since, unit.mfa.settings(tenant_id).remember_days
            if is_proof_expired(taken.grant, revoked_at, days, now):
                return GrantFailure.PROOF_EXPIRED
            scopes = narrow_scopes(application, taken.grant.scopes, asked)
            if scopes is None:
                return GrantFailure.SCOPE
            return self._person(unit, (tenant_id, issuer), application, (taken.grant, taken.family, None), now, scopes)

        return in_transaction(self._identity.services, work)

    def for_person(
        self, at: tuple[int, Issuer], application: Application, grant: Grant, now: datetime, unit: UnitOfWork
    ) -> Tokens | GrantFailure:
        """Tokens for a grant that was taken just now, within its transaction; `prepare` has been called before it."""
        return self._person(unit, at, application, (grant, self._identity.services.new_id(), None), now)

    def _person(
        self,
        unit: UnitOfWork,
        at: tuple[int, Issuer],
        application: Application,
        granted: tuple[Grant, bytes, str | None],
        now: datetime,
        scopes: tuple[str, ...] | None = None,
    ) -> Tokens | GrantFailure:
        """The tokens of a grant, the access token for `scopes` of it."""
        tenant_id, issuer = at
        grant, family, nonce = granted
        used = grant if scopes is None else grant._replace(scopes=scopes)
        user = _active_user(unit, tenant_id, grant)
        if user is None:
            return GrantFailure.USER
        roles = unit.identity.roles_of(tenant_id, [user.user_id]).get(user.user_id, frozenset())
        refresh = None
        if "offline_access" in grant.scopes:
            refresh = bound_secret(user.user_id)
            link = RefreshToken(hash_of(refresh), family, grant, now, now + REFRESH_LIFE)
            unit.grants.add_refresh_token(tenant_id, link)
        id_token = None
        if "openid" in grant.scopes:
            id_token = self._sign(id_claims(issuer, application, user, nonce, now), now)
        access = self._sign(user_claims(issuer, application, user, used, (now, roles)), now)
        return Tokens(access, used.scopes, int(ACCESS_LIFE.total_seconds()), id_token, refresh, user.user_id)

    def _sign(self, claims: Claims, now: datetime) -> str:
        return self._identity.signer.sign(claims, self._keyring.signing_key(now))


def _active_user(unit: UnitOfWork, tenant_id: int, grant: Grant) -> User | None:
    account = unit.directory.load(tenant_id, [grant.user_id]).get(grant.user_id)
    if account is None or not account.user.enabled or account.user.deleted_at is not None:
        return None
    credential = unit.identity.credential(tenant_id, grant.user_id)
    since = credential.sessions_valid_from
    return None if since is not None and grant.authenticated_at < since else account.user


def _fits(challenge: str | None, verifier: str | None) -> bool:
    """PKCE, S256 only; a code that was asked for with a challenge is worth nothing without the verifier, and the reverse."""
    if challenge is None or verifier is None:
        return challenge is None and verifier is None
    return _s256(verifier) == challenge


def _s256(verifier: str) -> str:
    return urlsafe_b64encode(hash_of(verifier)).decode().rstrip("=")


def code_expiry(now: datetime) -> datetime:
    """When a code given now expires."""
    return now + CODE_LIFE

"""What the tokens say: access tokens for the Graph API, id tokens for the application. Claims as clients read them.

Source: clients 1.4; OpenID Connect Core 2. Instants in claims are whole seconds; `xms_us` holds the issue in microseconds, so
that what was given in the second of a revocation is told apart.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final, NamedTuple

from ringfence.domain.directory.user import User
from ringfence.domain.identity.applications import Application
from ringfence.domain.identity.grants import ACCESS_LIFE, Grant
from ringfence.domain.policy.roles import DirectoryRole

AUDIENCE: Final = "00000003-0000-0000-c000-000000000000"
"""The API's own id, the same for every scope that names it."""
ISSUED_AT: Final = "xms_us"
OPENID: Final = frozenset({"openid", "profile", "email", "offline_access"})

Claims = dict[str, object]


class Issuer(NamedTuple):
    """Whose tokens they are: the issuer's URL and the tenant's directory id."""

    url: str
    directory_id: bytes


def _uuid(identifier: bytes) -> str:
    return str(uuid.UUID(bytes=identifier))


def _common(issuer: Issuer, application: Application, now: datetime) -> Claims:
    issued = int(now.timestamp())
    return {
        "aud": AUDIENCE,
        "iss": issuer.url,
        "iat": issued,
        "nbf": issued,
        "exp": issued + int(ACCESS_LIFE.total_seconds()),
        "tid": _uuid(issuer.directory_id),
        "appid": _uuid(application.app_id),
        "azp": _uuid(application.app_id),
        "app_displayname": application.name,
        "uti": uuid.uuid4().hex,
        "ver": "2.0",
        ISSUED_AT: round(now.timestamp() * 1_000_000),
    }


def application_claims(issuer: Issuer, application: Application, now: datetime) -> Claims:
    """An application that acts by itself."""
    service_principal = _uuid(application.object_id)
    return {
        **_common(issuer, application, now),
        "oid": service_principal,
        "sub": service_principal,
        "idtyp": "app",
        "azpacr": "1",
        "roles": sorted(application.permissions),
    }


def user_claims(
    issuer: Issuer, application: Application, user: User, grant: Grant, held: tuple[datetime, frozenset[DirectoryRole]]
) -> Claims:
    """A person, through an application; `held` is now and the person's directory roles (`wids`, by template)."""
    now, roles = held
    scopes = [scope for scope in grant.scopes if scope not in OPENID]
    return {
        **_common(issuer, application, now),
        "oid": _uuid(user.user_id),
        "sub": _uuid(user.user_id),
        "idtyp": "user",
        "upn": user.upn,
        "unique_name": user.upn,
        "preferred_username": user.upn,
        "name": user.display_name or user.upn,
        "scp": " ".join(scopes),
        "amr": list(grant.methods),
        "wids": sorted(role.template_id for role in roles),
    }


def id_claims(issuer: Issuer, application: Application, user: User, nonce: str | None, now: datetime) -> Claims:
    """Who signed in, for the application: its id is the audience."""
    issued = int(now.timestamp())
    claims: Claims = {
        "aud": _uuid(application.app_id),
        "iss": issuer.url,
        "iat": issued,
        "nbf": issued,
        "exp": issued + int(ACCESS_LIFE.total_seconds()),
        "tid": _uuid(issuer.directory_id),
        "oid": _uuid(user.user_id),
        "sub": _uuid(user.user_id),
        "name": user.display_name or user.upn,
        "preferred_username": user.upn,
        "ver": "2.0",
    }
    return claims if nonce is None else {**claims, "nonce": nonce}

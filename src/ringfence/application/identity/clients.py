"""Authenticate an application at the token endpoint: by secret, by certificate assertion, or as a public client by name alone."""

from __future__ import annotations

import hmac
import uuid
from datetime import datetime
from enum import Enum, unique
from typing import Final, NamedTuple

from ringfence.application.identity.epochs import application_of
from ringfence.application.identity.parts import Identity, hash_of
from ringfence.domain.identity.applications import Application

_LONGEST_ASSERTION: Final = 86_400
_CLOCK_SKEW: Final = 300


class ClientProof(NamedTuple):
    """What came with a request: the client id as text, and at most one proof."""

    client_id: str
    secret: str | None = None
    assertion: str | None = None


@unique
class ClientFailure(Enum):
    """Why an application is not believed."""

    UNKNOWN = "no such application in this tenant"
    NO_PROOF = "a confidential application must prove itself"
    WRONG_SECRET = "the secret is wrong"  # noqa: S105 - no secret
    WRONG_ASSERTION = "the assertion is not signed by the registered certificate, not for us, or out of its time"


def authenticate_client(
    identity: Identity, tenant_id: int, proof: ClientProof, audiences: frozenset[str], now: datetime
) -> Application | ClientFailure:
    """The application, once it has proved itself; a public one has nothing to prove."""
    application = load_application(identity, tenant_id, proof.client_id)
    if application is None:
        return ClientFailure.UNKNOWN
    if proof.assertion is not None:
        valid = _is_signed(identity, application, proof.assertion, audiences, now)
        return application if valid else ClientFailure.WRONG_ASSERTION
    if proof.secret is not None and not application.is_public:
        right = application.secret_hash is not None and hmac.compare_digest(application.secret_hash, hash_of(proof.secret))
        return application if right else ClientFailure.WRONG_SECRET
    return application if application.is_public else ClientFailure.NO_PROOF


def load_application(identity: Identity, tenant_id: int, client_id: str) -> Application | None:
    """The application with this client id in this tenant."""
    try:
        app_id = uuid.UUID(client_id).bytes
    except ValueError:
        return None
    return application_of(identity.services, tenant_id, app_id)


def _is_signed(identity: Identity, application: Application, assertion: str, audiences: frozenset[str], now: datetime) -> bool:
    if application.certificate is None:
        return False
    claims = identity.assertions.read_assertion(assertion, application.certificate)
    if claims is None:
        return False
    me = str(uuid.UUID(bytes=application.app_id))
    expires, begins, audience = claims.get("exp"), claims.get("nbf", 0), claims.get("aud")
    if not isinstance(expires, int | float) or not isinstance(begins, int | float):
        return False
    at = now.timestamp()
    named = audience if isinstance(audience, list) else [audience]
    return (
        claims.get("iss") == me
        and claims.get("sub") == me
        and any(one in audiences for one in named if isinstance(one, str))
        and begins - _CLOCK_SKEW <= at < expires <= at + _LONGEST_ASSERTION
    )

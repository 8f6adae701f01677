"""`client_info`: whose account it is, as MSAL reads it."""

from __future__ import annotations

import json
import uuid
from base64 import urlsafe_b64encode

from ringfence.application.identity.tokens import Issuer


def client_info(user_id: bytes, issuer: Issuer) -> str:
    """User and tenant as base64url JSON."""
    ids = {"uid": str(uuid.UUID(bytes=user_id)), "utid": str(uuid.UUID(bytes=issuer.directory_id))}
    return urlsafe_b64encode(json.dumps(ids).encode()).decode().rstrip("=")

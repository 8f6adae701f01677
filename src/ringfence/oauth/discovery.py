"""The documents that clients read first: OpenID configuration and the keys. Source: clients 1.1, 1.2."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from ringfence.domain.identity.keys import VerifyingKey

_CLAIMS: Final = ("sub", "iss", "aud", "exp", "iat", "nbf", "nonce", "tid", "oid", "name", "preferred_username", "ver")


ANY_ISSUER: Final = "{tenantid}"
"""What stands for the tenant in the issuer of a configuration that is no tenant's; clients put in what a token says."""


def configuration(root: str, tenant: str, issuer: str | None = None) -> dict[str, Any]:
    """The OpenID configuration of a tenant, given by its directory id, or of `common`, with `issuer` in place of that."""
    base = f"{root}/{tenant}"
    return {
        "issuer": f"{root}/{issuer or tenant}/v2.0",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": [
            "authorization_code",
            "client_credentials",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "private_key_jwt"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "claims_supported": _CLAIMS,
        "tenant_region_scope": None,
        "cloud_instance_name": root.removeprefix("https://"),
        "msgraph_host": root.removeprefix("https://"),
    }


def instance(root: str) -> dict[str, Any]:
    """Which hosts are one cloud: this one alone. MSAL asks before it trusts an authority that is not among those it knows."""
    host = root.removeprefix("https://")
    return {
        "tenant_discovery_endpoint": f"{root}/common/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    }


def key_set(keys: Iterable[VerifyingKey]) -> dict[str, Any]:
    """The JWKS."""
    return {"keys": [json.loads(key.public_jwk) for key in keys]}

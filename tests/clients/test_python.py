"""Python's clients, as ordinary scripts use them. Source: clients 2.1, 2.2, 2.3, 2.7."""

from __future__ import annotations

import pytest

from tests.clients.conftest import RunScript

pytestmark = pytest.mark.slow


def test_the_graph_sdk(run_python: RunScript) -> None:
    """Typed models, enums, paging by nextLink, polymorphic methods, and an error with code and request id."""
    assert {
        "created": "Sam SDK",
        "phone": ["3179e48a-750b-4051-897c-87b9720928f7", "+1 4255550101", "mobile"],
        "methods": ["PasswordAuthenticationMethod", "PhoneAuthenticationMethod"],
        "users": 4,
        "error": [400, "badRequest", True],
        "policy": ["TemporaryAccessPassAuthenticationMethodConfiguration", True, False, "migrationInProgress"],
    } == run_python("sdk.py")


def test_azure_identity_and_msal(run_python: RunScript) -> None:
    """By secret, by certificate, by domain name, by OIDC authority; a wrong secret is told by Entra's code."""
    assert {
        "sync": 3,
        "aio": 3,
        "certificate": 3,
        "msal": 3,
        "domain": 3,
        "oidc": 3,
        "wrong": ["invalid_client", "AADSTS7000215"],
        "device": ["device_code", "expires_in", "message", "user_code", "verification_uri"],
    } == run_python("identity.py")


def test_office365(run_python: RunScript) -> None:
    """An independent code base that spells types its own way."""
    found = run_python("office.py")
    assert (0, 3) == (found["phones"], len(found["users"]))

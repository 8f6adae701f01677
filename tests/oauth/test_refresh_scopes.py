"""What scopes a refresh gives, and in which words they are told. Sources: RFC 6749, 6; clients 1.3."""

from __future__ import annotations

import uuid

import pytest

from ringfence.application.identity.issue import code_expiry
from ringfence.domain.identity.grants import AuthorizationCode, Grant
from tests.contract.deployments import TENANT
from tests.graph.served import Reply
from tests.oauth.conftest import Service
from tests.oauth.test_tokens import CHALLENGE, REDIRECT, SCOPE, claims_of, credentials, redeem

BOTH = ("User.Read", "User.ReadBasic.All", "openid", "offline_access")


@pytest.fixture
def known(service: Service) -> dict[str, str]:
    """A public application that is registered for three scopes."""
    delegated = ("User.Read", "User.ReadBasic.All", "User.ReadWrite.All")
    return credentials(service, is_public=True, redirect_uris=(REDIRECT,), delegated=delegated)


@pytest.fixture
def first(service: Service, known: dict[str, str]) -> str:
    """A refresh token for two of them."""
    upn, now = service.api.new_user("kim"), service.api.clock.now()
    with service.api.joined.services.store.snapshot() as unit:
        user = unit.directory.ids_by_upn(TENANT, [upn])[upn]
    grant = Grant(uuid.UUID(known["client_id"]).bytes, user, BOTH, now)
    code = AuthorizationCode(b"", grant, REDIRECT, CHALLENGE, None, b"", code_expiry(now))
    token: str = redeem(service, known, service.api.tokens.new_code(TENANT, code)).body["refresh_token"]
    return token


def refresh(service: Service, known: dict[str, str], token: str, scope: str) -> Reply:
    """Redeem a refresh token."""
    fields = {"grant_type": "refresh_token", "refresh_token": token, "scope": scope}
    return service.post("/oauth2/v2.0/token", **fields, **known)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        pytest.param("", "User.Read User.ReadBasic.All", id="nothing: what was granted"),
        pytest.param(SCOPE, "User.Read User.ReadBasic.All", id="the default: what was granted, not what is registered"),
        pytest.param("user.READ profile email", "User.Read", id="fewer, with OpenID's out of habit"),
        pytest.param("openid offline_access", "User.Read User.ReadBasic.All", id="OpenID's alone"),
    ],
)
def test_a_refresh_gives_what_was_granted_or_less(
    service: Service, known: dict[str, str], first: str, asked: str, given: str
) -> None:
    """Never what the application is registered for beyond it."""
    got = refresh(service, known, first, asked)
    assert given == claims_of(got.body["access_token"])["scp"]


def test_a_refresh_for_more_than_was_granted_is_refused(service: Service, known: dict[str, str], first: str) -> None:
    """AADSTS65001, though the application is registered for it."""
    assert [65001] == refresh(service, known, first, "User.ReadWrite.All").body["error_codes"]


def test_a_narrow_refresh_does_not_narrow_the_next_one(service: Service, known: dict[str, str], first: str) -> None:
    """The refresh token is worth what the one before was."""
    second = refresh(service, known, first, "User.Read").body["refresh_token"]
    got = refresh(service, known, second, "User.ReadBasic.All")
    assert "User.ReadBasic.All" == claims_of(got.body["access_token"])["scp"]


def test_the_scope_is_told_in_the_words_it_was_asked_in_too(service: Service, known: dict[str, str], first: str) -> None:
    """MSAL finds a token in its cache by them (its oauth2.py keeps the answer's `scope` as the key)."""
    told = refresh(service, known, first, f"{SCOPE} openid https://host//User.Read profile").body["scope"].split()
    assert [*BOTH, SCOPE, "https://host//User.Read"] == told

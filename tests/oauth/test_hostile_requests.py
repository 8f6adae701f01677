"""Requests to the token service that nobody sends by mistake: each is a 4xx in its usual form, and gives nobody anything."""

from __future__ import annotations

import uuid
from typing import Final

import pytest

from tests.oauth.conftest import Service
from tests.oauth.test_sign_in import PASSWORD, PATH, REDIRECT, Browser, asked
from tests.oauth.test_tokens import SCOPE, TOKEN

__all__ = ["asked"]
LONG: Final = "x" * 20_000
SPOILED: Final = {"a NUL": "%00", "long": LONG, "a line's end": "%0d%0a", "no UTF-8": "%ff"}
CLIENT: Final = str(uuid.UUID(int=7))

FORMS: Final[dict[str, dict[str, str]]] = {
    "the application": {"grant_type": "client_credentials", "scope": SCOPE, "client_id": "?", "client_secret": "x"},
    "the secret": {"grant_type": "client_credentials", "scope": SCOPE, "client_secret": "?"},
    "the grant type": {"grant_type": "?"},
    "the scope": {"grant_type": "client_credentials", "scope": "?"},
    "the assertion": {"grant_type": "client_credentials", "scope": SCOPE, "client_assertion": "?"},
    "the code": {"grant_type": "authorization_code", "code": "?", "redirect_uri": REDIRECT},
    "the address": {"grant_type": "authorization_code", "code": "A" * 64, "redirect_uri": "?"},
    "the refresh token": {"grant_type": "refresh_token", "refresh_token": "?"},
    "the device code": {"grant_type": "device_code", "device_code": "?"},
}


@pytest.mark.parametrize("spoiled", SPOILED.values(), ids=SPOILED)
@pytest.mark.parametrize("fields", FORMS.values(), ids=FORMS)
def test_a_spoiled_field_is_refused(service: Service, fields: dict[str, str], spoiled: str) -> None:
    """With an OAuth error and no token."""
    body = "&".join(f"{name}={spoiled if value == '?' else value}" for name, value in ({"client_id": CLIENT} | fields).items())
    got = service.raw(f"/contoso.example{TOKEN}", body, {"Content-Type": "application/x-www-form-urlencoded"})
    assert (True, True, False) == (got.status in {400, 401}, "error_codes" in got.body, "access_token" in got.body)


@pytest.mark.parametrize("spoiled", SPOILED.values(), ids=SPOILED)
@pytest.mark.parametrize(
    "path",
    [
        "/{}/v2.0/.well-known/openid-configuration",
        "/{}/discovery/v2.0/keys",
        "/{}/oauth2/v2.0/authorize",
        "/{}/oauth2/v2.0/logout",
    ],
    ids=["configuration", "keys", "page", "signing out"],
)
def test_a_spoiled_tenant_is_refused(service: Service, path: str, spoiled: str) -> None:
    """400, and of the name no more than a line."""
    got = service.api.client.simulate_get(path.format(spoiled))
    assert (400, True) == (got.status_code, len(got.text) < 2000)
    assert not service.api.errors


@pytest.mark.parametrize("spoiled", ["%00", LONG, "%ff"], ids=["a NUL", "long", "no UTF-8"])
@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "response_type", "scope", "code_challenge", "response_mode"])
def test_a_spoiled_request_shows_no_page(service: Service, asked: dict[str, str], name: str, spoiled: str) -> None:
    """What can be told to the application is; nobody is asked for a password."""
    query = "&".join(f"{key}={spoiled if key == name else value}" for key, value in ({"response_mode": "query"} | asked).items())
    got = service.api.client.simulate_get(PATH, query_string=query.replace(" ", "+"))
    assert (True, False) == (got.status_code in {303, 400}, 'name="passwd"' in got.text)
    assert not service.api.errors


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_link_cannot_send_the_form(service: Service, asked: dict[str, str], name: str) -> None:
    """A method is what the request line says: the page is shown, and nobody is signed in."""
    browser = Browser(service)
    browser.open(PATH, **asked)
    query = {**asked, "canary": browser.canary, "login": "kim@contoso.example", "passwd": PASSWORD}
    headers = {name: "POST", "Cookie": f"__Host-ringfence-signin={browser.cookie}"}
    got = service.api.client.simulate_get(PATH, params=query, headers=headers)
    assert (200, None) == (got.status_code, got.headers.get("location"))

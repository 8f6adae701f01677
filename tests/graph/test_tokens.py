"""Who gets in: bad tokens, revoked ones, other tenants. Sources: issue text, lessons 1, surface d5."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

import pytest

from ringfence.application.identity.applications import delete_application
from ringfence.application.identity.passwords import revoke_sessions
from ringfence.application.identity.people import delete_user
from ringfence.application.identity.roles import revoke_role
from ringfence.application.identity.tokens import Issuer, id_claims
from ringfence.application.tenancy import initialise_tenant
from ringfence.domain.policy.roles import DirectoryRole
from ringfence.graph.resources import all_routes
from tests.contract.deployments import TENANT
from tests.graph.served import ADMIN, Api


def altered(token: str, part: int, **changes: Any) -> str:  # noqa: ANN401 - JSON
    """The token with changes in header (0) or claims (1), and its old signature."""
    pieces = token.split(".")
    found = json.loads(base64.urlsafe_b64decode(pieces[part] + "=="))
    pieces[part] = base64.urlsafe_b64encode(json.dumps({**found, **changes}).encode()).decode().rstrip("=")
    return ".".join(pieces)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda token: altered(token, 1, roles=["Directory.ReadWrite.All"]), id="more roles"),
        pytest.param(lambda token: altered(token, 1, tid=str(uuid.uuid4())), id="another tenant"),
        pytest.param(lambda token: altered(token, 0, alg="none").rpartition(".")[0] + ".", id="alg none"),
        pytest.param(lambda token: altered(token, 0, alg="HS256"), id="another algorithm"),
        pytest.param(lambda token: altered(token, 0, kid="nobody"), id="an unknown key"),
        pytest.param(lambda token: token[:-6] + "AAAAAA", id="another signature"),
        pytest.param(lambda token: token.replace(".", ""), id="no dots"),
        pytest.param(lambda token: token + "x" * 20_000, id="over-long"),
        pytest.param(lambda _: "null", id="null"),
    ],
)
def test_tokens_that_are_not_ours_are_refused(api: Api, spoil: Any) -> None:  # noqa: ANN401 - a function
    """401 with `WWW-Authenticate: Bearer` and no claims challenge."""
    refused = api.call("GET", "/v1.0/users", token=spoil(api.token()))
    assert (401, "InvalidAuthenticationToken") == (refused.status, refused.code)
    assert 'Bearer realm=""' == refused.headers["www-authenticate"]


def test_no_token_at_all(api: Api) -> None:
    """401, and so for any other scheme."""
    assert 401 == api.call("GET", "/v1.0/users", token="").status
    assert 401 == api.call("GET", "/v1.0/users", token="", Authorization="Basic dXNlcjpwYXNz").status


def test_a_token_ends(api: Api) -> None:
    """After 60 minutes, also for the process that has it in its memory."""
    token = api.token()
    assert 200 == api.call("GET", "/v1.0/users", token=token).status
    api.later(3600)
    assert 401 == api.call("GET", "/v1.0/users", token=token).status


def test_an_id_token_is_no_access_token(api: Api) -> None:
    """Its audience is the application."""
    with api.joined.services.store.snapshot() as unit:
        user_id = unit.directory.ids_by_upn(TENANT, [api.new_user("kim")])["kim@contoso.example"]
    with api.joined.services.store.snapshot() as unit:
        user = unit.directory.load(TENANT, [user_id])[user_id].user
    now = api.clock.now()
    claims = id_claims(api.issuer, api.application, user, None, now)
    token = api.identity.signer.sign(claims, api.keyring.signing_key(now))
    assert 401 == api.call("GET", "/v1.0/me", token=token).status


def test_what_is_taken_away_counts_from_the_next_request_on(api: Api) -> None:
    """Sessions revoked, user deleted, role taken, application removed: nobody waits for a token's end."""
    services, now = api.joined.services, api.clock.now
    ada = api.new_user("ada", DirectoryRole.USER_ADMINISTRATOR)
    token = api.user_token(ada, "User.Read.All", "User.ReadWrite.All")
    new = {"accountEnabled": False}
    path = f"/v1.0/users/{api.new_user('kim')}"
    assert 204 == api.call("PATCH", path, new, token=token).status
    revoke_role(services, TENANT, ada, DirectoryRole.USER_ADMINISTRATOR)
    assert 403 == api.call("PATCH", path, new, token=token).status
    with services.store.snapshot() as unit:
        user_id = unit.directory.ids_by_upn(TENANT, [ada])[ada]
    api.later(1)
    revoke_sessions(api.identity, TENANT, user_id, now())
    assert 401 == api.call("GET", "/v1.0/me", token=token).status


def test_a_deleted_user_and_a_deleted_application_are_out(api: Api) -> None:
    """Disabled or deleted in the directory is disabled at once (lessons, AA22-074A)."""
    ada = api.new_user("ada")
    token, own = api.user_token(ada, "User.Read"), api.token()
    assert [200, 200] == [api.call("GET", "/v1.0/me", token=token).status, api.call("GET", "/v1.0/users", token=own).status]
    delete_user(api.joined.services, TENANT, ada, ADMIN, api.clock.now())
    delete_application(api.joined.services, TENANT, str(uuid.UUID(bytes=api.application.app_id)))
    assert [401, 401] == [api.call("GET", "/v1.0/me", token=token).status, api.call("GET", "/v1.0/users", token=own).status]


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_no_route_shows_another_tenant(api: Api, version: str) -> None:
    """Every route, walked with another tenant's token and this tenant's ids: nothing is found and nothing changes."""
    kim = api.new_user("kim")
    tenant, _ = initialise_tenant(api.joined.services, api.joined.keys, "fabrikam.example", api.clock.now())
    stranger = api.tokens.for_application(Issuer("https://x", tenant.directory_id), api.application, api.clock.now()).access
    assert 401 == api.call("GET", "/v1.0/users", token=stranger).status  # the application is not theirs
    with api.joined.services.store.begin() as unit:
        unit.identity.save_application(tenant.tenant_id, api.application)
        unit.commit()
    before = api.call("GET", f"/v1.0/users/{kim}/authentication/methods").body
    for route in all_routes():
        if version in route.versions:
            path = route.template.replace("{user}", kim).replace("{method}", "3179e48a-750b-4051-897c-87b9720928f7")
            body = {"phoneNumber": "+1 4255550100", "phoneType": "mobile"} if route.verb in {"POST", "PATCH"} else None
            got = api.call(route.verb, f"/{version}/{path}", body, token=stranger)
            assert got.status >= 400 or "kim" not in json.dumps(got.body), route
    assert before == api.call("GET", f"/v1.0/users/{kim}/authentication/methods").body

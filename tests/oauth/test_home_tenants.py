"""`common` and `organizations` where there are several tenants: whose tenant it is follows from application, person or grant.

Source: clients 1.1 (for delegated use); Entra's discovery document of `common`, whose issuer has a place for the tenant.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

import pytest

from ringfence.application.identity.applications import CreateApplication, create_application
from ringfence.application.identity.passwords import set_password
from ringfence.application.identity.people import CreateUser, create_user
from ringfence.application.preferences import set_mfa_state
from ringfence.application.tenancy import initialise_tenant
from ringfence.domain.directory.records import DirectoryRecord, PerUserState
from ringfence.domain.identity.profiles import Profile
from ringfence.domain.values import Tenant
from tests.graph.served import ADMIN, Reply
from tests.oauth.conftest import Service
from tests.oauth.test_sign_in import CHALLENGE, PASSWORD, REDIRECT, VERIFIER, Browser, answer_of
from tests.oauth.test_tokens import SCOPE, claims_of

FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
AUTHORIZE: Final = "/common/oauth2/v2.0/authorize"
SHARED: Final = uuid.UUID("5b8d2c6e-0000-4000-8000-000000000001")


class World:
    """Two tenants: an application that both have, one that the second alone has, and people in each."""

    def __init__(self, service: Service) -> None:
        """Kim is in the first, Lee in the second, Sam in both; Max is in both, under the name of the second."""
        self.service = service
        joined, now = service.api.joined, service.api.clock.now()
        self.first = service.api.tenant
        self.second, _ = initialise_tenant(joined.services, joined.keys, "fabrikam.example", now)
        for tenant in (self.first, self.second):
            self.application(tenant, SHARED)
        self.own = self.application(self.second, uuid.uuid4())
        self.person(self.first, "kim@contoso.example")
        self.person(self.second, "lee@fabrikam.example")
        self.person(self.second, "pat@elsewhere.example")
        for tenant in (self.first, self.second):
            self.person(tenant, "sam@elsewhere.example")
            self.person(tenant, "max@fabrikam.example")

    def application(self, tenant: Tenant, app_id: uuid.UUID) -> str:
        """Register it and return its id as clients write it."""
        command = CreateApplication("page", (), ("User.Read",), redirect_uris=(REDIRECT,), is_public=True, app_id=app_id.bytes)
        create_application(self.service.api.joined.services, tenant.tenant_id, command, self.service.api.clock.now())
        return str(app_id)

    def person(self, tenant: Tenant, upn: str) -> None:
        """A user with the password."""
        identity, now = self.service.api.identity, self.service.api.clock.now()
        record = DirectoryRecord(0, upn=upn, display_name=upn)
        create_user(identity, tenant.tenant_id, CreateUser(record, Profile(), None, False, ADMIN), now)  # noqa: FBT003
        set_password(identity, tenant.tenant_id, upn, PASSWORD, now)

    def asked(self, app: str) -> dict[str, str]:
        """What the application asks for."""
        return {
            "client_id": app,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": "User.Read openid offline_access",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }

    def sign_in(self, app: str, login: str, password: str = PASSWORD) -> Any:  # noqa: ANN401 - an answer
        """At the page of `common`."""
        browser, asked = Browser(self.service), self.asked(app)
        assert 200 == browser.open(AUTHORIZE, **asked).status_code
        return browser.fill(AUTHORIZE, asked, login=login, passwd=password)

    def post(self, endpoint: str, **fields: str) -> Reply:
        """To an endpoint of `common`."""
        body = "&".join(f"{name}={value}" for name, value in fields.items())
        return self.service.raw(f"/common/oauth2/v2.0/{endpoint}", body, FORM)

    def redeem(self, app: str, code: str) -> Reply:
        """The code that the page gave."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
        return self.post("token", **form, client_id=app)


@pytest.fixture
def world(service: Service) -> World:
    """Over one deployment."""
    return World(service)


@pytest.mark.parametrize("login", ["kim@contoso.example", "lee@fabrikam.example", "max@fabrikam.example"])
def test_the_second_step_is_in_the_tenant_of_the_first(world: World, login: str) -> None:
    """An application that both tenants have: what follows the password belongs to the tenant in which it was typed."""
    api, home = world.service.api, world.first if "contoso" in login else world.second
    set_mfa_state(api.joined.services, home.tenant_id, login, PerUserState.Enforced, ADMIN, api.clock.now())
    browser, asked = Browser(world.service), world.asked(str(SHARED))
    browser.open(AUTHORIZE, **asked)
    assert 303 == browser.fill(AUTHORIZE, asked, login=login, passwd=PASSWORD).status_code
    assert "More information is needed" in browser.open(AUTHORIZE, **asked).text
    browser.fill(AUTHORIZE, asked, step="enrol-app")
    assert "<svg" in browser.open(AUTHORIZE, **asked).text


def id_of(tenant: Tenant) -> str:
    """As tokens say it."""
    return str(uuid.UUID(bytes=tenant.directory_id))


@pytest.mark.parametrize(
    ("login", "second"),
    [
        pytest.param("kim@contoso.example", False, id="in the first tenant"),
        pytest.param("LEE@fabrikam.example", True, id="in the second"),
        pytest.param("pat@elsewhere.example", True, id="under a name of neither"),
        pytest.param("max@fabrikam.example", True, id="in both, named like one"),
    ],
)
def test_a_person_is_signed_in_to_their_own_tenant(world: World, login: str, second: bool) -> None:  # noqa: FBT001 - a case
    """The code, its tokens and the next refresh are that tenant's, though no address names it."""
    code = answer_of(world.sign_in(str(SHARED), login))["code"][0]
    tokens = world.redeem(str(SHARED), code).body
    again = world.post("token", grant_type="refresh_token", refresh_token=tokens["refresh_token"], client_id=str(SHARED)).body
    expected = id_of(world.second if second else world.first)
    claims = claims_of(tokens["access_token"])
    assert (expected, expected, f"https://graph.contoso.example/{expected}/v2.0", login.casefold()) == (
        claims["tid"],
        claims_of(again["access_token"])["tid"],
        claims["iss"],
        claims["upn"].casefold(),
    )
    assert 200 == world.service.api.call("GET", "/v1.0/me", token=again["access_token"]).status


def test_a_name_that_several_tenants_have_is_not_guessed(world: World) -> None:
    """AADSTS50059, whatever the password; at the address of a tenant the person gets in."""
    pages = [world.sign_in(str(SHARED), "sam@elsewhere.example", password) for password in (PASSWORD, "Wrong-Horse-9")]
    assert [(400, True)] * 2 == [(page.status_code, "AADSTS50059" in page.text) for page in pages]
    browser, asked = Browser(world.service), world.asked(str(SHARED))
    browser.open("/fabrikam.example/oauth2/v2.0/authorize", **asked)
    filled = browser.fill("/fabrikam.example/oauth2/v2.0/authorize", asked, login="sam@elsewhere.example", passwd=PASSWORD)
    assert 303 == filled.status_code


@pytest.mark.parametrize(
    ("login", "password"),
    [("nobody@contoso.example", PASSWORD), ("nobody@elsewhere.example", PASSWORD), ("lee@fabrikam.example", "Wrong-Horse-9")],
    ids=["nobody of a tenant", "nobody of none", "wrong password"],
)
def test_all_wrong_ones_are_told_the_same_here_too(world: World, login: str, password: str) -> None:
    """Nobody learns who exists in which tenant."""
    page = world.sign_in(str(SHARED), login, password)
    assert (200, True) == (page.status_code, "Your user name or password is incorrect." in page.text)


def test_an_application_of_one_tenant_lets_in_that_tenant_alone(world: World) -> None:
    """Where a name is in both, too."""
    refused, code = world.sign_in(world.own, "kim@contoso.example"), world.sign_in(world.own, "sam@elsewhere.example")
    tokens = world.redeem(world.own, answer_of(code)["code"][0]).body
    assert ("is incorrect" in refused.text, id_of(world.second)) == (True, claims_of(tokens["access_token"])["tid"])


def test_a_device_s_code_is_of_the_only_tenant_with_the_application(world: World) -> None:
    """It is typed where no tenant is named; where several have the application, nobody could say which."""
    started = world.post("devicecode", scope="User.Read", client_id=world.own).body
    browser = Browser(world.service)
    browser.open("/devicelogin")
    browser.fill("/devicelogin", {}, user_code=started["user_code"], login="lee@fabrikam.example", passwd=PASSWORD)
    got = world.post("token", grant_type="device_code", device_code=started["device_code"], client_id=world.own)
    assert id_of(world.second) == claims_of(got.body["access_token"])["tid"]
    assert [50059] == world.post("devicecode", scope="User.Read", client_id=str(SHARED)).body["error_codes"]


def test_a_device_s_code_of_a_named_tenant_is_redeemed_at_common(world: World) -> None:
    """Its tenant is found by the code."""
    started = world.service.raw("/fabrikam.example/oauth2/v2.0/devicecode", f"client_id={SHARED}&scope=User.Read", FORM).body
    got = world.post("token", grant_type="device_code", device_code=started["device_code"], client_id=str(SHARED))
    assert "authorization_pending" == got.body["error"]


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        pytest.param({"grant_type": "client_credentials", "client_id": str(SHARED), "scope": SCOPE}, 90002, id="for itself"),
        pytest.param({"grant_type": "refresh_token", "refresh_token": "A" * 64, "client_id": str(SHARED)}, 50059, id="no grant"),
        pytest.param({"grant_type": "refresh_token", "client_id": str(SHARED)}, 50059, id="nothing"),
        pytest.param({"grant_type": "authorization_code", "client_id": str(uuid.uuid4())}, 700016, id="no application"),
    ],
)
def test_what_names_no_tenant_by_anything_is_refused(world: World, fields: dict[str, str], number: int) -> None:
    """An application that asks for itself names its tenant, as in Entra."""
    assert [number] == world.post("token", **fields).body["error_codes"]


@pytest.mark.parametrize("name", ["common", "organizations", "Common"])
def test_the_configuration_has_a_place_for_the_tenant(world: World, name: str) -> None:
    """Issuer as in Entra's document of `common`; the endpoints stay with that name, and the keys are the same for all."""
    client = world.service.api.client
    got = client.simulate_get(f"/{name}/v2.0/.well-known/openid-configuration").json
    root = "https://graph.contoso.example"
    assert (
        f"{root}/{{tenantid}}/v2.0",
        f"{root}/{name.lower()}/oauth2/v2.0/token",
        f"{root}/{name.lower()}/discovery/v2.0/keys",
    ) == (
        got["issuer"],
        got["token_endpoint"],
        got["jwks_uri"],
    )
    keys = [client.simulate_get(f"/{tenant}/discovery/v2.0/keys").json for tenant in (name, "contoso.example")]
    assert keys[0] == keys[1]
    assert 200 == client.simulate_get(f"/{name}/discovery/instance").status_code


@pytest.mark.parametrize(
    ("client", "after", "status"),
    [
        pytest.param(str(SHARED), REDIRECT, 303, id="of the application"),
        pytest.param(str(SHARED), "https://evil.example/", 200, id="of somebody else"),
        pytest.param(str(uuid.uuid4()), REDIRECT, 200, id="no application"),
        pytest.param("", REDIRECT, 200, id="none named"),
    ],
)
def test_signing_out_leads_to_a_registered_address_alone(world: World, client: str, after: str, status: int) -> None:
    """As at the address of a tenant."""
    got = Browser(world.service).open("/common/oauth2/v2.0/logout", client_id=client, post_logout_redirect_uri=after)
    assert status == got.status_code

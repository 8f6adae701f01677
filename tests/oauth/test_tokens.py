"""The token endpoint: every grant, every refusal. Sources: clients 1.1 to 1.4; RFC 6749, 7636, 8628; lessons 1."""

from __future__ import annotations

import base64
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ringfence.application.identity.devices import decide_device, find_device
from ringfence.application.identity.issue import code_expiry
from ringfence.domain.identity.grants import AuthorizationCode, Grant
from tests.contract.deployments import TENANT
from tests.oauth.conftest import Service

TOKEN = "/oauth2/v2.0/token"  # noqa: S105 - a path
SCOPE = "https://graph.microsoft.com/.default"
REDIRECT = "http://localhost:8400/done"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""RFC 7636, appendix B."""


UNKNOWN_CODE = {"grant_type": "authorization_code", "code": "A" * 64, "redirect_uri": REDIRECT}


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, unchecked."""
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return found


def credentials(service: Service, **fields: Any) -> dict[str, str]:  # noqa: ANN401 - any field of an application
    """A new application's id and secret, as form fields."""
    issued = service.application(**fields)
    known = {"client_id": str(uuid.UUID(bytes=issued.application.app_id))}
    return known if issued.secret is None else {**known, "client_secret": issued.secret}


@pytest.mark.parametrize(
    "scope",
    [
        SCOPE,
        "https://localhost:8443/.default",
        "https://localhost:8443//.default",
        "https://localhost/.default",
        "https://graph.microsoft.com/.default openid profile offline_access",
    ],
)
def test_client_credentials_for_every_name_of_the_api(service: Service, scope: str) -> None:
    """One API under many names; unknown fields and a query string are ignored."""
    more = {"client_info": "1", "claims": '{"access_token":{"xms_cc":{"values":["CP1"]}}}', "x-client-SKU": "MSAL"}
    got = service.post(
        f"{TOKEN}?client-request-id=1", grant_type="client_credentials", scope=scope, **credentials(service), **more
    )
    assert (200, "Bearer", 3600, "no-store") == (
        got.status,
        got.body["token_type"],
        got.body["expires_in"],
        got.headers["cache-control"],
    )
    assert 200 == service.api.call("GET", "/v1.0/users", token=got.body["access_token"]).status


def test_what_an_application_s_token_says(service: Service) -> None:
    """The claims that clients and validators read."""
    known = credentials(service)
    got = claims_of(service.post(TOKEN, grant_type="client_credentials", scope=SCOPE, **known).body["access_token"])
    tenant = str(uuid.UUID(bytes=service.api.tenant.directory_id))
    assert (known["client_id"], tenant, "app", ["User.Read.All"], "scripts", "2.0") == tuple(
        got[name] for name in ("appid", "tid", "idtyp", "roles", "app_displayname", "ver")
    )
    assert f"https://graph.contoso.example/{tenant}/v2.0" == got["iss"]


def test_the_secret_may_come_as_basic(service: Service) -> None:
    """Percent-encoded inside, as openid-client sends it."""
    known = credentials(service)
    basic = base64.b64encode(f"{known['client_id']}:{known['client_secret']}".encode()).decode()
    got = service.post(TOKEN, {"Authorization": f"Basic {basic}"}, grant_type="client_credentials", scope=SCOPE)
    assert 200 == got.status


@pytest.mark.parametrize(
    ("change", "error", "number", "status"),
    [
        pytest.param({"client_secret": "wrong"}, "invalid_client", 7000215, 401, id="wrong secret"),
        pytest.param({"client_secret": ""}, "invalid_client", 7000218, 401, id="no secret"),
        pytest.param({"client_id": str(uuid.uuid4())}, "unauthorized_client", 700016, 400, id="unknown application"),
        pytest.param({"client_id": "x' OR 1"}, "unauthorized_client", 700016, 400, id="an id that is none"),
        pytest.param({"client_id": ""}, "invalid_request", 900144, 400, id="no application"),
        pytest.param({"grant_type": ""}, "invalid_request", 900144, 400, id="no grant type"),
        pytest.param({"grant_type": "password"}, "unsupported_grant_type", 70003, 400, id="the password grant"),
        pytest.param({"scope": "User.Read"}, "invalid_scope", 1002012, 400, id="a scope that is not .default"),
        pytest.param({"scope": ""}, "invalid_scope", 1002012, 400, id="no scope"),
        pytest.param({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant", 70008, 400, id="no refresh token"),
        pytest.param(
            {"grant_type": "authorization_code", "code": "A" * 64, "redirect_uri": REDIRECT},
            "invalid_grant",
            70008,
            400,
            id="no code",
        ),
        pytest.param({"grant_type": "device_code", "device_code": "x"}, "bad_verification_code", 70000, 400, id="no device"),
        pytest.param({"scope": "a\x00b"}, "invalid_request", 900144, 400, id="a NUL"),
    ],
)
def test_refusals_carry_entra_s_codes(service: Service, change: dict[str, str], error: str, number: int, status: int) -> None:
    """An OAuth error, `AADSTS…` in the description, no token, and the secret nowhere."""
    known = credentials(service)
    got = service.post(TOKEN, **{"grant_type": "client_credentials", "scope": SCOPE, **known, **change})
    assert (status, error, [number]) == (got.status, got.body["error"], got.body["error_codes"])
    assert got.body["error_description"].startswith(f"AADSTS{number}: ")
    assert known["client_secret"] not in json.dumps(got.body)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param("{}", "application/json", id="JSON"),
        pytest.param("a=1&a=2", "application/x-www-form-urlencoded", id="a field twice"),
        pytest.param("a=%ff", "application/x-www-form-urlencoded", id="no UTF-8"),
        pytest.param("&".join(f"a{at}=1" for at in range(200)), "application/x-www-form-urlencoded", id="many fields"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_bodies_that_are_no_form(service: Service, body: str, kind: str) -> None:
    """400, never 500."""
    got = service.raw(f"/contoso.example{TOKEN}", body, {"Content-Type": kind})
    assert (400, "invalid_request") == (got.status, got.body["error"])


def test_an_unknown_tenant(service: Service) -> None:
    """AADSTS90002."""
    got = service.raw(f"/nobody.example{TOKEN}", "a=1", {"Content-Type": "application/x-www-form-urlencoded"})
    assert [90002] == got.body["error_codes"]


@pytest.fixture
def kim(service: Service) -> bytes:
    """A user's id."""
    upn = service.api.new_user("kim")
    with service.api.joined.services.store.snapshot() as unit:
        return unit.directory.ids_by_upn(TENANT, [upn])[upn]


def code_for(service: Service, user: bytes, app: str, challenge: str | None = CHALLENGE) -> str:
    """A code, as the sign-in page gives it."""
    now = service.api.clock.now()
    grant = Grant(uuid.UUID(app).bytes, user, ("User.Read", "openid", "profile", "offline_access"), now)
    code = AuthorizationCode(b"", grant, REDIRECT, challenge, "n-1", b"", code_expiry(now))
    return service.api.tokens.new_code(TENANT, code)


def redeem(service: Service, known: dict[str, str], code: str, **change: str) -> Any:  # noqa: ANN401 - a reply
    """Redeem a code as its client does."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    return service.post(TOKEN, **{**form, **known, "client_info": "1", **change})


def test_a_code_becomes_tokens(service: Service, kim: bytes) -> None:
    """Access token, id token with the nonce, refresh token, and whose account it is."""
    known = credentials(service, is_public=True, redirect_uris=(REDIRECT,))
    got = redeem(service, known, code_for(service, kim, known["client_id"]))
    info = json.loads(base64.urlsafe_b64decode(got.body["client_info"] + "=="))
    says = claims_of(got.body["id_token"])
    assert (200, "n-1", known["client_id"], str(uuid.UUID(bytes=kim))) == (got.status, says["nonce"], says["aud"], info["uid"])
    assert "kim@contoso.example" == service.api.call("GET", "/v1.0/me", token=got.body["access_token"]).body["userPrincipalName"]


@pytest.mark.parametrize(
    ("change", "number"),
    [
        pytest.param({"code_verifier": "x" * 43}, 501481, id="another verifier"),
        pytest.param({"code_verifier": ""}, 501481, id="no verifier: downgraded"),
        pytest.param({"redirect_uri": "https://evil.example/"}, 70000, id="another address"),
    ],
)
def test_a_code_is_bound(service: Service, kim: bytes, change: dict[str, str], number: int) -> None:
    """To its challenge and its address; a failed try uses it up."""
    known = credentials(service, is_public=True, redirect_uris=(REDIRECT,))
    code = code_for(service, kim, known["client_id"])
    assert [number] == redeem(service, known, code, **change).body["error_codes"]
    assert [54005] == redeem(service, known, code).body["error_codes"]


def test_a_code_used_twice_revokes_what_came_of_it(service: Service, kim: bytes) -> None:
    """RFC 6749, 4.1.2: the second use ends the refresh token of the first."""
    known = credentials(service, is_public=True, redirect_uris=(REDIRECT,))
    code = code_for(service, kim, known["client_id"])
    first = redeem(service, known, code).body
    assert [54005] == redeem(service, known, code).body["error_codes"]
    again = service.post(TOKEN, grant_type="refresh_token", refresh_token=first["refresh_token"], **known)
    assert [70008] == again.body["error_codes"]


def test_a_code_expires(service: Service, kim: bytes) -> None:
    """After ten minutes, checked at use."""
    known = credentials(service, is_public=True, redirect_uris=(REDIRECT,))
    code = code_for(service, kim, known["client_id"])
    service.api.later(600)
    assert [70008] == redeem(service, known, code).body["error_codes"]


def test_refresh_tokens_rotate_and_reuse_ends_the_chain(service: Service, kim: bytes) -> None:
    """Each is good once; the second use of one voids its successors (RFC 9700, 4.14)."""
    known = credentials(service, is_public=True, redirect_uris=(REDIRECT,))
    first = redeem(service, known, code_for(service, kim, known["client_id"])).body["refresh_token"]
    second = service.post(TOKEN, grant_type="refresh_token", refresh_token=first, **known).body["refresh_token"]
    third = service.post(TOKEN, grant_type="refresh_token", refresh_token=second, **known).body["refresh_token"]
    reused = service.post(TOKEN, grant_type="refresh_token", refresh_token=first, **known)
    ended = service.post(TOKEN, grant_type="refresh_token", refresh_token=third, **known)
    assert ([54005], [70008]) == (reused.body["error_codes"], ended.body["error_codes"])


def test_one_code_redeemed_by_many_at_once_succeeds_once(service: Service, kim: bytes) -> None:
    """One conditional UPDATE decides (lessons: read, check, delete)."""
    known = credentials(service, is_public=True, redirect_uris=(REDIRECT,))
    code = code_for(service, kim, known["client_id"])
    with ThreadPoolExecutor(8) as pool:
        statuses = [got.status for got in pool.map(lambda _: redeem(service, known, code), range(16))]
    assert 1 == statuses.count(200)


@pytest.mark.parametrize(
    ("grant", "field"),
    [
        pytest.param("urn:ietf:params:oauth:grant-type:device_code", "device_code", id="MSAL for Python"),
        pytest.param("device_code", "device_code", id="msal-node"),
        pytest.param("device_code", "code", id="as code"),
    ],
)
def test_the_device_flow_under_both_names(service: Service, kim: bytes, grant: str, field: str) -> None:
    """Pending, slow down, approved, tokens once."""
    known = credentials(service, is_public=True)
    started = service.post("/oauth2/v2.0/devicecode", scope="User.Read openid offline_access", **known).body
    poll = {"grant_type": grant, field: started["device_code"], **known}
    errors = [service.post(TOKEN, **poll).body["error"] for _ in range(2)]
    now, services = service.api.clock.now(), service.api.joined.services
    found = find_device(services, TENANT, started["user_code"].lower(), now)
    assert found is not None
    assert decide_device(services, TENANT, found, (kim, ("pwd",)), now)
    statuses = [service.post(TOKEN, **poll).status for _ in range(2)]
    assert (["authorization_pending", "slow_down"], [200, 400]) == (errors, statuses)


def test_nobody_is_given_a_scope_the_application_has_not(service: Service) -> None:
    """AADSTS65001 already at the device's first step."""
    known = credentials(service, is_public=True)
    assert [65001] == service.post("/oauth2/v2.0/devicecode", scope="User.ReadWrite.All", **known).body["error_codes"]


@pytest.mark.parametrize(
    ("host", "root"),
    [
        pytest.param("evil.example", "https://graph.contoso.example", id="a stranger's name"),
        pytest.param("localhost:8443", "https://localhost:8443", id="one of ours"),
        pytest.param("localhost:8443/evil", "https://graph.contoso.example", id="a path in it"),
    ],
)
def test_the_host_header_is_believed_only_where_it_is_ours(service: Service, host: str, root: str) -> None:
    """It goes into the issuer and every endpoint."""
    got = service.api.client.simulate_get("/common/v2.0/.well-known/openid-configuration", headers={"Host": host}).json
    tenant = uuid.UUID(bytes=service.api.tenant.directory_id)
    assert (f"{root}/{tenant}/v2.0", f"{root}/{tenant}/oauth2/v2.0/token") == (got["issuer"], got["token_endpoint"])


def test_the_cloud_is_this_host_alone(service: Service) -> None:
    """`/common/discovery/instance`, which CLI for Microsoft 365 asks through MSAL, names no host but the one that was asked."""
    got = service.api.client.simulate_get("/common/discovery/instance", headers={"Host": "localhost:8443"}).json
    assert [{"preferred_network": "localhost:8443", "preferred_cache": "localhost:8443", "aliases": ["localhost:8443"]}] == got[
        "metadata"
    ]
    assert "https://localhost:8443/common/v2.0/.well-known/openid-configuration" == got["tenant_discovery_endpoint"]


def test_published_keys_check_our_tokens(service: Service) -> None:
    """`kid` of a token is in the JWKS, which holds no private part."""
    got = service.api.client.simulate_get("/contoso.example/discovery/v2.0/keys").json["keys"]
    header = json.loads(base64.urlsafe_b64decode(service.api.token().split(".")[0] + "=="))
    assert [header["kid"]] == [key["kid"] for key in got]
    assert not {"d", "p", "q"} & set(got[0])

"""Methods other than phones, and what is set beside them. Sources: surface a1, b1, b2; domain-rules D.1, D.8, D.9."""

from __future__ import annotations

from typing import Any

import pytest

from ringfence.domain.methods.registrations import MethodKind, Registration
from ringfence.domain.policy.roles import DirectoryRole
from tests.contract.clocks import IN_WINDOW
from tests.contract.deployments import TENANT
from tests.graph.served import MOBILE, OFFICE, Api

PASSWORD = "28c10230-6103-485e-b985-444c60001490"  # noqa: S105 - the fixed id
EMAIL = "3ddfcfc8-9383-446f-83cc-3ab9be4be18f"
PASS = "temporaryAccessPassMethods"  # noqa: S105 - a collection


def under(user: str, rest: str, version: str = "v1.0") -> str:
    """A path below somebody's `authentication`."""
    return f"/{version}/users/{user}/authentication/{rest}"


@pytest.fixture
def kim(api: Api) -> str:
    """A user with a mobile and an office phone."""
    upn = api.new_user("kim")
    for kind, number in (("mobile", "+1 4255550100"), ("office", "+1 4255550101")):
        assert 201 == api.call("POST", under(upn, "phoneMethods"), {"phoneType": kind, "phoneNumber": number}).status
    return upn


def test_every_user_has_one_password_method(api: Api, kim: str) -> None:
    """Whether a password is set or not; its value is always null."""
    found = api.call("GET", under(kim, "passwordMethods")).body["value"]
    assert [(PASSWORD, None)] == [(one["id"], one["password"]) for one in found]
    assert 200 == api.call("GET", under(kim, f"passwordMethods/{PASSWORD}")).status


def test_methods_lists_everything_with_its_type(api: Api, kim: str) -> None:
    """Without the types SDKs return the base class and lose the number."""
    api.call("POST", under(kim, "emailMethods"), {"emailAddress": "kim@home.example"})
    api.call("POST", under(kim, PASS), {})
    types = [one["@odata.type"].removeprefix("#microsoft.graph.") for one in api.call("GET", under(kim, "methods")).body["value"]]
    kinds = ("password", "phone", "phone", "email", "temporaryAccessPass")
    assert [f"{kind}AuthenticationMethod" for kind in kinds] == types


def test_one_method_is_found_by_its_id(api: Api, kim: str) -> None:
    """Polymorphic: the phone comes back as a phone."""
    assert "+1 4255550101" == api.call("GET", under(kim, f"methods/{OFFICE}")).body["phoneNumber"]
    assert 404 == api.call("GET", under(kim, f"methods/{EMAIL}")).status


def test_the_life_of_an_address(api: Api, kim: str) -> None:
    """201, 400 for a second one, 204, 204, 404."""
    path = under(kim, "emailMethods")
    made = [api.call("POST", path, {"emailAddress": f"kim{at}@home.example"}) for at in (1, 2)]
    assert [(201, EMAIL), (400, None)] == [(one.status, one.body.get("id")) for one in made]
    assert 204 == api.call("PATCH", f"{path}/{EMAIL}", {"emailAddress": "k@home.example"}).status
    assert ["k@home.example"] == [one["emailAddress"] for one in api.call("GET", path).body["value"]]
    assert [204, 404] == [api.call("DELETE", f"{path}/{EMAIL}").status for _ in range(2)]


@pytest.mark.parametrize("address", ["", "kim", "kim@", "kim@@x.example", "k m@x.example", "x" * 300 + "@x.example", 5, None])
def test_addresses_that_are_none(api: Api, kim: str, address: Any) -> None:  # noqa: ANN401 - any JSON
    """400, and nothing is stored."""
    path = under(kim, "emailMethods")
    assert (400, []) == (api.call("POST", path, {"emailAddress": address}).status, api.call("GET", path).body["value"])


def test_a_pass_is_shown_once_and_replaced(api: Api, kim: str) -> None:
    """The code stands in the 201 alone; another pass takes the place of the first (D.8)."""
    path = under(kim, PASS)
    first, second = (api.call("POST", path, body).body for body in ({}, {"lifetimeInMinutes": 120, "isUsableOnce": True}))
    assert (8, 60, False) == (len(first["temporaryAccessPass"]), first["lifetimeInMinutes"], first["isUsableOnce"])
    held = api.call("GET", path).body["value"]
    assert [(second["id"], None, 120, True)] == [
        (one["id"], one["temporaryAccessPass"], one["lifetimeInMinutes"], one["isUsableOnce"]) for one in held
    ]


@pytest.mark.parametrize(
    ("body", "later", "reason"),
    [
        pytest.param({}, 0, "EnabledByPolicy", id="now"),
        pytest.param({"startDateTime": "2021-02-11T00:00:00Z"}, 0, "NotYetValid", id="tomorrow"),
        pytest.param({"lifetimeInMinutes": 60}, 3600, "Expired", id="over"),
    ],
)
def test_whether_a_pass_can_be_used(api: Api, kim: str, body: dict[str, Any], later: int, reason: str) -> None:
    """`isUsable` is true for EnabledByPolicy alone."""
    api.call("POST", under(kim, PASS), body)
    api.later(later)
    one = api.call("GET", under(kim, PASS), token=api.token()).body["value"][0]
    assert (reason, reason == "EnabledByPolicy") == (one["methodUsabilityReason"], one["isUsable"])


@pytest.mark.parametrize("minutes", [0, 59, 481, -1])
def test_a_lifetime_outside_the_policy(api: Api, kim: str, minutes: int) -> None:
    """The error text that scripts know (microsoft-graph-docs 12187)."""
    refused = api.call("POST", under(kim, PASS), {"lifetimeInMinutes": minutes})
    message = "Invalid LifetimeInMinutes specified. The valid range between 60 and 480."
    assert (400, message) == (refused.status, refused.body["error"]["message"])


def test_nobody_issues_a_pass_to_oneself(api: Api) -> None:
    """F.1: whatever roles one holds."""
    ada = api.new_user("ada", DirectoryRole.GLOBAL_ADMINISTRATOR)
    token = api.user_token(ada, "UserAuthenticationMethod.ReadWrite.All")
    assert [403, 403] == [
        api.call("POST", path, {}, token=token).status for path in (under(ada, PASS), f"/v1.0/me/authentication/{PASS}")
    ]


def test_a_reset_makes_a_password_to_be_changed(api: Api, kim: str) -> None:
    """202 with the operation's address and the password made here; delegated only, never on oneself (trap 4)."""
    ada = api.new_user("ada", DirectoryRole.AUTHENTICATION_ADMINISTRATOR)
    token = api.user_token(ada, "UserAuthenticationMethod.ReadWrite.All")
    path = under(kim, f"methods/{PASSWORD}/resetPassword")
    done = api.call("POST", path, {}, token=token)
    assert (202, True) == (done.status, len(done.body["newPassword"]) >= 12)
    operation = api.call("GET", done.headers["location"].removeprefix("https://graph.contoso.example"), token=token)
    assert "succeeded" == operation.body["status"]
    own = under(ada, f"methods/{PASSWORD}/resetPassword")
    assert [403, 403] == [api.call("POST", path, {}).status, api.call("POST", own, {}, token=token).status]


@pytest.mark.parametrize("spelling", ["resetPassword", "microsoft.graph.resetPassword", "resetpassword()"])
def test_actions_are_found_in_every_spelling(api: Api, kim: str, spelling: str) -> None:
    """Trap 1: PowerShell sends the qualified form, SDKs others; a password given comes back as an empty object."""
    token = api.user_token(
        api.new_user("ada", DirectoryRole.AUTHENTICATION_ADMINISTRATOR), "UserAuthenticationMethod.ReadWrite.All"
    )
    done = api.call("POST", under(kim, f"methods/{PASSWORD}/{spelling}"), {"newPassword": "Correct-Horse-9"}, token=token)
    assert (202, {}) == (done.status, done.body)


def test_per_user_mfa_enabled_becomes_enforced_for_the_registered(api: Api, kim: str) -> None:
    """D.9, the API's reading; under Policy.* permissions, not UserAuthenticationMethod.* (trap 3)."""
    states = []
    for user in (kim, api.new_user("new")):
        path = under(user, "requirements", "beta")
        assert 204 == api.call("PATCH", path, {"perUserMfaState": "enabled"}).status
        states.append(api.call("GET", path).body["perUserMfaState"])
    assert ["enforced", "enabled"] == states
    assert 404 == api.call("GET", under(kim, "requirements")).status


def test_the_default_is_moved_so_that_the_phone_can_go(api: Api, kim: str) -> None:
    """D.1: what the complaint in microsoft-graph-docs 18091 asks for."""
    path = under(kim, "signInPreferences", "beta")
    preference = "userPreferredMethodForSecondaryAuthentication"
    assert "sms" == api.call("GET", path).body[preference]
    assert 204 == api.call("PATCH", path, {preference: "voiceOffice"}).status
    assert 204 == api.call("DELETE", under(kim, f"phoneMethods/{MOBILE}")).status
    assert 400 == api.call("PATCH", path, {preference: "push"}).status


DEVICED = {
    MethodKind.MICROSOFT_AUTHENTICATOR: "microsoftAuthenticatorMethods",
    MethodKind.PLATFORM_CREDENTIAL: "platformCredentialMethods",
    MethodKind.WINDOWS_HELLO: "windowsHelloForBusinessMethods",
}


def hold(api: Api, user: str, kind: MethodKind, **details: object) -> None:
    """Register a method of a kind that other programs register."""
    with api.joined.services.store.begin() as unit:
        user_id = unit.directory.ids_by_upn(TENANT, [user])[user]
        unit.registrations.add(TENANT, user_id, Registration("k", kind, IN_WINDOW, "Laptop", details))
        unit.commit()


@pytest.mark.parametrize("details", [pytest.param({}, id="none stored"), pytest.param({"device": {"id": "d"}}, id="stored")])
@pytest.mark.parametrize("kind", DEVICED)
def test_the_device_is_shown_where_it_is_asked_for(api: Api, kim: str, kind: MethodKind, details: dict[str, Any]) -> None:
    """`$expand=device` on one method (b1); null where none is stored; neither without it nor in the list."""
    hold(api, kim, kind, **details)
    path = under(kim, DEVICED[kind])
    plain, expanded = (api.call("GET", f"{path}/k{query}").body for query in ("", "?$expand=device"))
    assert {**plain, "device": details.get("device")} == expanded
    assert "device" not in plain
    assert "device" not in api.call("GET", f"{path}?$expand=device").body["value"][0]


@pytest.mark.parametrize(
    ("kind", "collection", "relation"),
    [
        pytest.param(MethodKind.WINDOWS_HELLO, "windowsHelloForBusinessMethods", "manager", id="no such relation"),
        pytest.param(MethodKind.FIDO2, "fido2Methods", "device", id="no device"),
    ],
)
def test_what_cannot_be_expanded(api: Api, kim: str, kind: MethodKind, collection: str, relation: str) -> None:
    """400 as in the directory (d2)."""
    hold(api, kim, kind)
    got = api.call("GET", f"{under(kim, collection)}/k?$expand={relation}")
    assert (400, "ExpandNotSupported") == (got.status, got.code)

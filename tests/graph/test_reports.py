"""`reports/authenticationMethods`: rows, filters, pages, summaries. Sources: surface a5, b6; domain-rules G."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from ringfence.domain.policy.roles import DirectoryRole
from tests.graph.served import Api

ROOT = "/v1.0/reports/authenticationMethods"
DETAILS = f"{ROOT}/userRegistrationDetails"


@pytest.fixture
def people(api: Api) -> Api:
    """Kim with a mobile number and a pass, Ada who reads reports, Gus who is a guest and disabled."""
    kim = api.new_user("kim")
    path = f"/v1.0/users/{kim}/authentication"
    api.call("POST", f"{path}/phoneMethods", {"phoneNumber": "+1 4255550100", "phoneType": "mobile"})
    api.call("POST", f"{path}/temporaryAccessPassMethods", {})
    api.new_user("ada", DirectoryRole.REPORTS_READER)
    api.new_user("gus", user_type="Guest", enabled=False)
    return api


def rows(api: Api, query: str = "") -> list[dict[str, Any]]:
    """The rows of the report, over all pages."""
    found: list[dict[str, Any]] = []
    path = f"{DETAILS}?{quote(query, safe='=$&')}"
    while path:
        got = api.call("GET", path)
        assert 200 == got.status, got.body
        found += got.body["value"]
        path = got.body.get("@odata.nextLink", "").removeprefix("https://graph.contoso.example")
    return found


def names(found: list[dict[str, Any]]) -> list[str]:
    """Whose rows they are."""
    return [row["userDisplayName"] for row in found]


def test_a_row_tells_what_is_registered(people: Api) -> None:
    """Every property of b6, derived as G says."""
    [row] = rows(people, "$filter=userDisplayName eq 'kim'")
    assert ("kim@contoso.example", "member", ["mobilePhone", "temporaryAccessPass"], ["sms"], "sms") == (
        row["userPrincipalName"],
        row["userType"],
        row["methodsRegistered"],
        row["systemPreferredAuthenticationMethods"],
        row["userPreferredMethodForSecondaryAuthentication"],
    )
    assert ["isMfaCapable", "isMfaRegistered", "isSsprRegistered"] == sorted(name for name, one in row.items() if one is True)


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_a_selection_of_a_row(people: Api, version: str) -> None:
    """Its properties and the id, spelled and ordered as the type has them, on every page; `*` is all."""
    path = f"/{version}/reports/authenticationMethods/userRegistrationDetails"
    first = people.call("GET", f"{path}?$top=1&$select=isAdmin,USERTYPE").body
    second = people.call("GET", first["@odata.nextLink"].removeprefix("https://graph.contoso.example")).body
    assert ["isAdmin", "userType", "id"] == list(first["value"][0]) == list(second["value"][0])
    assert first["@odata.context"].endswith("#reports/authenticationMethods/userRegistrationDetails(isAdmin,userType)")
    [every], [all_of_it] = (people.call("GET", f"{path}?$top=1{query}").body["value"] for query in ("", "&$select=*"))
    assert every == all_of_it
    one = people.call("GET", f"{path}/{every['id']}?$select=userPrincipalName").body
    assert {"@odata.context", "id", "userPrincipalName"} == one.keys()


@pytest.mark.parametrize("path", [DETAILS, f"{DETAILS}/3179e48a-750b-4051-897c-87b9720928f7"])
def test_a_selection_of_what_is_not_there(people: Api, path: str) -> None:
    """Refused by name; what only beta has, too."""
    got = people.call("GET", f"{path}?$select=id,defaultMfaMethod")
    message = "Could not find a property named 'defaultMfaMethod' on type 'microsoft.graph.userRegistrationDetails'."
    assert (400, "Request_BadRequest", message) == (got.status, got.code, got.body["error"]["message"])


def test_a_pass_that_has_expired_is_not_registered(people: Api) -> None:
    """It cannot be used any more."""
    people.later(24 * 3600)
    [row] = rows(people, "$filter=userDisplayName eq 'kim'")
    assert ["mobilePhone"] == row["methodsRegistered"]


def test_one_row_by_id(people: Api) -> None:
    """The same row as in the list; beta has the default method too."""
    [listed] = rows(people, "$filter=startswith(userPrincipalName,'KIM')")
    got = people.call("GET", f"{DETAILS}/{listed['id']}").body
    assert listed == {name: value for name, value in got.items() if name != "@odata.context"}
    path = f"{DETAILS.replace('v1.0', 'beta')}/{listed['id']}"
    assert "mobilePhone" == people.call("GET", path).body["defaultMfaMethod"]


@pytest.mark.parametrize("name", ["x", "3179e48a-750b-4051-897c-87b9720928f7"])
def test_an_unknown_user_is_not_found(api: Api, name: str) -> None:
    """404 in the directory's code."""
    got = api.call("GET", f"{DETAILS}/{name}")
    assert (404, "Request_ResourceNotFound") == (got.status, got.code)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("isMfaRegistered eq true", ["Kim"]),
        ("isMfaRegistered eq false", ["Ada", "Gus"]),
        ("isAdmin eq true", ["Ada"]),
        ("methodsRegistered/any(m:m eq 'mobilePhone')", ["Kim"]),
        ("methodsRegistered/any(m:m eq 'fax')", []),
        ("userPrincipalName eq 'gus@contoso.example'", ["Gus"]),
        ("startsWith(userDisplayName,'a') and isSsprEnabled eq false", ["Ada"]),
        ("userDisplayName eq 'kim' and isAdmin eq true", []),
    ],
)
@pytest.mark.parametrize("order", ["", "&$orderby=userDisplayName", "&$top=1"])
def test_filters(people: Api, asked: str, expected: list[str], order: str) -> None:
    """Booleans, methods and names, whole or a page at a time; a deleted user is in no row, a disabled one is (G)."""
    found = names(rows(people, f"$filter={asked}{order}"))
    assert expected == (found if "orderby" in order else sorted(found))


@pytest.mark.parametrize(
    ("order", "expected"), [("userPrincipalName", ["Ada", "Gus", "Kim"]), ("userDisplayName desc", ["Kim", "Gus", "Ada"])]
)
def test_order(people: Api, order: str, expected: list[str]) -> None:
    """By either name, either way, over pages."""
    assert expected == names(rows(people, f"$orderby={order}&$top=2"))


@pytest.mark.parametrize(
    "query",
    [
        "$filter=isAdmin ne true",
        "$filter=userType eq 'member'",
        "$filter=isAdmin eq true or isMfaCapable eq true",
        "$filter=userDisplayName ne 'kim'",
        "$orderby=isAdmin",
    ],
)
def test_other_questions_are_refused(api: Api, query: str) -> None:
    """400 `Request_UnsupportedQuery`."""
    got = api.call("GET", f"{DETAILS}?{quote(query, safe='=$')}")
    assert (400, "Request_UnsupportedQuery") == (got.status, got.code)


def test_a_deleted_user_is_left_out(people: Api) -> None:
    """G: soft-deleted users are in no report."""
    people.call("DELETE", "/v1.0/users/kim@contoso.example")
    assert ["Ada", "Gus"] == sorted(names(rows(people)))


ALL = "(includedUserTypes='all',includedUserRoles='all')"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", (3, 1)),
        ("()", (3, 1)),
        (ALL, (3, 1)),
        ("(includedUserRoles='user',includedUserTypes='member')", (1, 1)),
        ("(includedUserTypes='guest',includedUserRoles='all')", (1, 0)),
        ("(includedUserTypes='all',includedUserRoles='admin')", (1, 0)),
        ("(includedUserTypes='all',includedUserRoles='privilegedAdmin')", (0, 0)),
    ],
)
def test_summaries(people: Api, arguments: str, expected: tuple[int, int]) -> None:
    """How many users there are of these, and how many of them can do MFA, and have a mobile phone."""
    token = people.user_token("ada@contoso.example", "AuditLog.Read.All")
    features = people.call("GET", f"{ROOT}/usersRegisteredByFeature{arguments}", token=token).body
    counts = {one["feature"]: one["userCount"] for one in features["userRegistrationFeatureCounts"]}
    assert expected == (features["totalUserCount"], counts["mfaCapable"])
    methods = people.call("GET", f"{ROOT}/usersRegisteredByMethod{arguments}", token=token).body
    told = {one["authenticationMethod"]: one["userCount"] for one in methods["userRegistrationMethodCounts"]}
    assert expected == (methods["totalUserCount"], told["mobilePhone"])


@pytest.mark.parametrize("arguments", ["(includedUserTypes='x')", "(includedUserTypes=1)", "(colour='red')"])
def test_unknown_arguments_are_refused(people: Api, arguments: str) -> None:
    """400."""
    token = people.user_token("ada@contoso.example", "AuditLog.Read.All")
    assert 400 == people.call("GET", f"{ROOT}/usersRegisteredByMethod{arguments}", token=token).status


def test_who_may_read(people: Api) -> None:
    """Summaries are a person's; a person needs a role."""
    assert 403 == people.call("GET", f"{ROOT}/usersRegisteredByMethod").status
    assert 403 == people.call("GET", DETAILS, token=people.user_token("kim@contoso.example", "AuditLog.Read.All")).status

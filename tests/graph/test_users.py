"""`users`: all verbs, options and paging. Sources: surface a6, b7, d1, d2, traps 13 and 14."""

from __future__ import annotations

from typing import Any

import pytest

from ringfence.domain.policy.roles import DirectoryRole
from tests.graph.served import Api

NEW = {
    "accountEnabled": True,
    "displayName": "Kim Kerr",
    "mailNickname": "kim",
    "userPrincipalName": "kim@contoso.example",
    "passwordProfile": {"password": "Correct-Horse-9", "forceChangePasswordNextSignIn": False},
}


def names(body: Any) -> list[str]:  # noqa: ANN401 - JSON
    """The names of the users in an answer."""
    return [one["userPrincipalName"].partition("@")[0] for one in body["value"]]


def test_a_user_is_created_read_changed_deleted_and_restored(api: Api) -> None:
    """201 with the default properties, 204 for changes, gone after the delete, and back with the same id."""
    created = api.call("POST", "/v1.0/users", {**NEW, "jobTitle": "Engineer", "mobilePhone": "+1 4255550100"})
    assert (201, "Engineer", "+1 4255550100") == (created.status, created.body["jobTitle"], created.body["mobilePhone"])
    path = f"/v1.0/users/{created.body['id']}"
    assert 204 == api.call("PATCH", path, {"department": "IT", "businessPhones": ["+1 4255550101"]}).status
    got = api.call("GET", f"{path}?$select=department,businessPhones,accountEnabled").body
    assert ("IT", ["+1 4255550101"], True) == (got["department"], got["businessPhones"], got["accountEnabled"])
    assert [204, 404] == [api.call("DELETE", path).status, api.call("GET", path).status]
    restored = api.call("POST", f"/v1.0/directory/deletedItems/{created.body['id']}/restore")
    assert (200, created.body["id"]) == (restored.status, restored.body["id"])


def test_eleven_properties_come_without_being_asked_for(api: Api) -> None:
    """Trap 14: the default set, in the list and alone."""
    upn = api.new_user("kim")
    alone = api.call("GET", f"/v1.0/users/{upn}").body
    listed = api.call("GET", "/v1.0/users").body["value"][0]
    assert 11 == len(listed)
    assert {"@odata.context", *listed} == set(alone)
    assert "accountEnabled" not in listed


@pytest.mark.parametrize("missing", ["accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile"])
def test_what_a_new_user_needs(api: Api, missing: str) -> None:
    """Five properties are required; without one nobody is created."""
    body = {name: value for name, value in NEW.items() if name != missing}
    refused = api.call("POST", "/v1.0/users", body)
    assert (400, "Request_BadRequest", []) == (refused.status, refused.code, api.call("GET", "/v1.0/users").body["value"])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"userPrincipalName": "no name"}, id="no principal name"),
        pytest.param({"userPrincipalName": "x" * 200 + "@contoso.example"}, id="long principal name"),
        pytest.param({"passwordProfile": {"password": "short"}}, id="weak password"),
        pytest.param({"businessPhones": ["+1 4255550100", "+1 4255550101"]}, id="two business phones"),
        pytest.param({"accountEnabled": "yes"}, id="a text for a truth"),
        pytest.param({"otherMails": "kim@example"}, id="a text for a list"),
        pytest.param({"displayName": "x" * 300}, id="long name"),
        pytest.param({"shoeSize": 44}, id="unknown property"),
    ],
)
def test_bad_properties_are_refused(api: Api, change: dict[str, Any]) -> None:
    """400 in the directory's code, and nobody is created."""
    refused = api.call("POST", "/v1.0/users", {**NEW, **change})
    assert (400, "Request_BadRequest", []) == (refused.status, refused.code, api.call("GET", "/v1.0/users").body["value"])


def test_a_name_belongs_to_one_user(api: Api) -> None:
    """The second one with the same name, in another case, is refused."""
    statuses = [
        api.call("POST", "/v1.0/users", {**NEW, "userPrincipalName": name}).status
        for name in ("kim@contoso.example", "KIM@contoso.example")
    ]
    assert [201, 400] == statuses


FIVE = ("ann", "bob", "cat", "dan", "eve")


@pytest.fixture
def five(api: Api) -> Api:
    """Five users; Bob is disabled, Cat has a mobile number, Dan is a guest."""
    more: dict[str, dict[str, Any]] = {
        "bob": {"enabled": False},
        "cat": {"mobile": "+1 4255550100"},
        "dan": {"user_type": "Guest", "display_name": "Émile O'Dan"},
        "eve": {"other_mails": ("eve@home.example",)},
    }
    for name in FIVE:
        api.new_user(name, **more.get(name, {}))
    return api


@pytest.mark.parametrize("order", ["", "&$orderby=displayName", "&$orderby=userPrincipalName desc"])
def test_pages_hold_everybody_once(five: Api, order: str) -> None:
    """The nextLink is absolute, keeps every option, and leads through all users in order."""
    link = f"https://graph.contoso.example/v1.0/users?$top=2&$select=id,userPrincipalName{order}"
    seen: list[str] = []
    while link:
        assert link.startswith("https://graph.contoso.example/v1.0/users?")
        got = five.call("GET", link.removeprefix("https://graph.contoso.example")).body
        assert all(set(one) == {"id", "userPrincipalName"} for one in got["value"])
        seen += names(got)
        link = got.get("@odata.nextLink", "")
    assert sorted(FIVE) == sorted(seen)
    assert not order or seen in ([*FIVE[:3], "eve", "dan"], [*reversed(FIVE)])


EVENTUAL = {"ConsistencyLevel": "eventual"}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param("userPrincipalName eq 'BOB@contoso.example'", "bob", id="name"),
        pytest.param("startswith(displayName,'c')", "cat", id="starts with"),
        pytest.param("startswith(displayName,'émile')", "dan", id="beyond ASCII"),
        pytest.param("displayName eq 'Émile O''Dan'", "dan", id="a quote"),
        pytest.param("accountEnabled eq false", "bob", id="disabled"),
        pytest.param("userType eq 'guest'", "dan", id="guest"),
        pytest.param("mobilePhone eq '%2B1 4255550100'", "cat", id="mobile"),
        pytest.param("otherMails/any(m:m eq 'EVE@home.example')", "eve", id="other mails"),
        pytest.param("onPremisesSyncEnabled eq true", "", id="synced"),
        pytest.param("id eq 'nonsense'", "", id="an id that is none"),
        pytest.param("userPrincipalName in ('ann@contoso.example','eve@contoso.example')", "ann eve", id="in"),
        pytest.param("accountEnabled eq true and userType eq 'Member'", "ann cat eve", id="and"),
        pytest.param("displayName eq 'Ann' or displayName eq 'Bob'", "ann bob", id="or"),
    ],
)
def test_filters(five: Api, condition: str, expected: str) -> None:
    """What Graph filters without the header, without case."""
    assert expected.split() == sorted(names(five.call("GET", f"/v1.0/users?$filter={condition}").body))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param("$filter=not(accountEnabled eq true)", "bob", id="not"),
        pytest.param("$filter=mobilePhone ne '%2B1 4255550100'", "ann bob dan eve", id="ne holds for what is not set"),
        pytest.param("$filter=endswith(userPrincipalName,'e@contoso.example')", "eve", id="ends with"),
        pytest.param("$filter=otherMails/$count eq 0", "ann bob cat dan", id="count of a collection"),
        pytest.param('$search="displayName:O\'D"', "dan", id="search"),
    ],
)
def test_advanced_queries_need_the_header(five: Api, condition: str, expected: str) -> None:
    """With header and $count they work; without they are refused by Graph's code."""
    got = five.call("GET", f"/v1.0/users?{condition}&$count=true", **EVENTUAL).body
    assert (expected.split(), len(expected.split())) == (sorted(names(got)), got["@odata.count"])
    refused = five.call("GET", f"/v1.0/users?{condition}")
    assert (400, "Request_UnsupportedQuery") == (refused.status, refused.code)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param("$filter=shoeSize eq 4", "Request_UnsupportedQuery", id="unknown field"),
        pytest.param("$filter=displayName eq", "Request_BadRequest", id="half a filter"),
        pytest.param("$select=shoeSize", "Request_BadRequest", id="unknown selection"),
        pytest.param("$top=1000", "Request_BadRequest", id="too many"),
        pytest.param("$top=0", "Request_BadRequest", id="none"),
        pytest.param("$skip=5", "Request_BadRequest", id="skip"),
        pytest.param("$skiptoken=!", "Request_BadRequest", id="a token that is none"),
        pytest.param("$expand=manager", "ExpandNotSupported", id="expand"),
        pytest.param("$nonsense=1", "Request_BadRequest", id="unknown option"),
        pytest.param("$filter=%ff eq 1", "Request_BadRequest", id="no UTF-8"),
        pytest.param("$orderby=department", "Request_UnsupportedQuery", id="an order that is none"),
    ],
)
def test_bad_queries_are_refused(five: Api, query: str, code: str) -> None:
    """400 with Graph's code, never 500."""
    refused = five.call("GET", f"/v1.0/users?{query}")
    assert (400, code) == (refused.status, refused.code)


def test_the_count_is_a_plain_number_and_needs_the_header(five: Api) -> None:
    """Trap 13: refused without the header; `$count=true` on the list is left out silently."""
    counted = five.call("GET", "/v1.0/users/$count", **EVENTUAL)
    assert (200, "5", "text/plain") == (counted.status, str(counted.body), counted.headers["content-type"].partition(";")[0])
    assert 400 == five.call("GET", "/v1.0/users/$count").status
    assert "@odata.count" not in five.call("GET", "/v1.0/users?$count=true").body


def test_synced_users_are_managed_on_premises(api: Api) -> None:
    """What the directory is master of is refused with the text scripts look for."""
    upn = api.new_user("kim")
    with api.joined.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE users SET sync_state = 1")
    refused = api.call("PATCH", f"/v1.0/users/{upn}", {"displayName": "Kim"})
    assert (400, True) == (refused.status, "on-premises mastered" in refused.body["error"]["message"])


@pytest.mark.parametrize(
    ("role", "body", "status"),
    [
        pytest.param(DirectoryRole.USER_ADMINISTRATOR, {"accountEnabled": False}, 204, id="user administrator disables"),
        pytest.param(DirectoryRole.HELPDESK_ADMINISTRATOR, {"accountEnabled": False}, 403, id="helpdesk does not"),
        pytest.param(DirectoryRole.HELPDESK_ADMINISTRATOR, {"mobilePhone": "+1 4255550100"}, 204, id="helpdesk sets a number"),
        pytest.param(None, {"mobilePhone": "+1 4255550100"}, 403, id="nobody sets a number"),
        pytest.param(None, {"jobTitle": "Engineer"}, 403, id="nobody sets a title"),
    ],
)
def test_sensitive_properties_follow_the_matrix(api: Api, role: DirectoryRole | None, body: dict[str, Any], status: int) -> None:
    """c2: which role may write which property of a user without a role."""
    api.new_user("kim")
    token = api.user_token(api.new_user("ada", *([role] if role else [])), "User.ReadWrite.All")
    assert status == api.call("PATCH", "/v1.0/users/kim@contoso.example", body, token=token).status


def test_a_narrow_permission_changes_its_properties_alone(api: Api) -> None:
    """`User-Phone.ReadWrite.All` opens PATCH for the two numbers and nothing else."""
    upn, token = api.new_user("kim"), api.token(api.new_application("User-Phone.ReadWrite.All", "User.ReadBasic.All"))
    statuses = [
        api.call("PATCH", f"/v1.0/users/{upn}", body, token=token).status
        for body in ({"mobilePhone": "+1 4255550100"}, {"mobilePhone": None, "jobTitle": "x"})
    ]
    assert [204, 403] == statuses


def test_a_basic_reader_sees_no_numbers(api: Api) -> None:
    """`User.ReadBasic.All` shows names and mail only, and lets nobody filter for more."""
    upn = api.new_user("kim", mobile="+1 4255550100")
    token = api.token(api.new_application("User.ReadBasic.All"))
    assert "mobilePhone" not in api.call("GET", f"/v1.0/users/{upn}?$select=id,mobilePhone", token=token).body
    assert 403 == api.call("GET", "/v1.0/users?$filter=startswith(mobilePhone,'%2B1')", token=token).status


def test_a_percent_encoded_name_is_the_same_path(api: Api) -> None:
    """`%40`, a guest's `%23EXT%23`: both spellings lead to the same user."""
    upn = api.new_user("gus_fabrikam.example#EXT#")
    encoded = upn.replace("#", "%23").replace("@", "%40")
    assert upn == api.call("GET", f"/v1.0/users/{encoded}").body["userPrincipalName"]


def test_me_is_the_signed_in_user(api: Api) -> None:
    """`/me` for a person; an application has none."""
    upn = api.new_user("kim")
    assert upn == api.call("GET", "/v1.0/me", token=api.user_token(upn, "User.Read")).body["userPrincipalName"]
    assert 400 == api.call("GET", "/v1.0/me").status

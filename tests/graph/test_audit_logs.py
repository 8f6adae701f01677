"""`auditLogs/directoryAudits`: shape, filters, pages, masks. Sources: surface a7, b7; domain-rules F.3."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import quote

import pytest

from ringfence.domain.policy.roles import DirectoryRole
from tests.graph.served import MOBILE, Api

AUDITS = "/v1.0/auditLogs/directoryAudits"
NUMBER = "+1 4255550100"


@pytest.fixture
def kim(api: Api) -> str:
    """A user who got a mobile number a minute later, so three records."""
    upn = api.new_user("kim")
    api.later(60)
    api.call("POST", f"/v1.0/users/{upn}/authentication/phoneMethods", {"phoneNumber": NUMBER, "phoneType": "mobile"})
    return upn


def found(api: Api, asked: str) -> list[dict[str, Any]]:
    """The records that a filter finds."""
    got = api.call("GET", f"{AUDITS}?$filter={quote(asked)}")
    assert 200 == got.status, got.body
    return list(got.body["value"])


@pytest.mark.usefixtures("kim")
def test_records_are_newest_first_in_microsofts_shape(api: Api) -> None:
    """Every property of b7 is there, named as there."""
    got = api.call("GET", AUDITS).body
    assert f"https://graph.contoso.example{AUDITS.replace('auditLogs', '$metadata#auditLogs')}" == got["@odata.context"]
    newest = got["value"][0]
    assert ("UserManagement", "Update user", "Core Directory", "Update", "success") == tuple(
        newest[name] for name in ("category", "activityDisplayName", "loggedByService", "operationType", "result")
    )
    own = str(uuid.UUID(bytes=api.application.app_id))
    app = {"appId": own, "displayName": "scripts", "servicePrincipalId": None, "servicePrincipalName": None}
    assert {"user": None, "app": app} == newest["initiatedBy"]
    assert ["Update user", "Admin registered security info", "Add user"] == [one["activityDisplayName"] for one in got["value"]]


def test_the_target_tells_what_changed(api: Api, kim: str) -> None:
    """Old and new values as JSON texts, the number in full for an application."""
    [target] = api.call("GET", AUDITS).body["value"][0]["targetResources"]
    assert (kim, "Kim", "User", None) == tuple(target[name] for name in ("userPrincipalName", "displayName", "type", "groupType"))
    values = {one["displayName"]: json.loads(one["newValue"]) for one in target["modifiedProperties"]}
    assert NUMBER == values["StrongAuthenticationUserDetails"][0]["PhoneNumber"]
    assert [{"MethodType": 0, "Default": False}, {"MethodType": 5, "Default": True}] == values["StrongAuthenticationMethod"]
    assert "Member" == values["TargetId.UserType"]


@pytest.mark.usefixtures("kim")
def test_the_first_record_names_the_method(api: Api) -> None:
    """Method id, type and number, and the pair among the details (F.3)."""
    told = api.call("GET", AUDITS).body["value"][1]
    values = [json.loads(one["newValue"]) for one in told["targetResources"][0]["modifiedProperties"]]
    assert [MOBILE, "mobile", NUMBER] == values
    assert [{"key": "pair", "value": "mobile"}] == told["additionalDetails"]


@pytest.mark.usefixtures("kim")
def test_a_record_is_found_by_its_id(api: Api) -> None:
    """The id of the list, with the same properties."""
    listed = api.call("GET", AUDITS).body["value"][0]
    got = api.call("GET", f"{AUDITS}/{listed['id']}").body
    assert listed == {name: value for name, value in got.items() if name != "@odata.context"}


@pytest.mark.usefixtures("kim")
def test_a_selection_of_a_record(api: Api) -> None:
    """Its properties and the id, on every page and of one; `*` is all, and what there is not is refused."""
    first = api.call("GET", f"{AUDITS}?$top=1&$select=category,RESULT").body
    second = api.call("GET", first["@odata.nextLink"].removeprefix("https://graph.contoso.example")).body
    assert ["category", "result", "id"] == list(first["value"][0]) == list(second["value"][0])
    assert first["@odata.context"].endswith("#auditLogs/directoryAudits(category,result)")
    one = api.call("GET", f"{AUDITS}/{first['value'][0]['id']}?$select=category").body
    assert {"@odata.context", "id", "category"} == one.keys()
    assert api.call("GET", AUDITS).body["value"] == api.call("GET", f"{AUDITS}?$select=*").body["value"]
    assert ["Request_BadRequest"] * 2 == [api.call("GET", f"{path}?$select=shoeSize").code for path in (AUDITS, f"{AUDITS}/x")]


@pytest.mark.parametrize("name", ["x", "Directory_1_0_2", f"Directory_{MOBILE}_0_{MOBILE}"])
def test_an_unknown_id_is_not_found(api: Api, name: str) -> None:
    """Malformed or absent: 404 in the directory's code."""
    got = api.call("GET", f"{AUDITS}/{name}")
    assert (404, "Request_ResourceNotFound") == (got.status, got.code)


@pytest.mark.usefixtures("kim")
def test_pages_hold_every_record_once(api: Api) -> None:
    """Following the links one by one gives the list."""
    everything = [one["id"] for one in api.call("GET", AUDITS).body["value"]]
    walked, path = [], f"{AUDITS}?$top=1"
    while path:
        page = api.call("GET", path).body
        walked += [one["id"] for one in page["value"]]
        path = page.get("@odata.nextLink", "").removeprefix("https://graph.contoso.example")
    assert everything == walked


@pytest.mark.usefixtures("kim")
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param("activityDisplayName eq 'Update user'", 1, id="activity"),
        pytest.param("startswith(activityDisplayName,'admin')", 1, id="activity begins"),
        pytest.param("startswith(activityDisplayName,'user')", 0, id="no activity begins"),
        pytest.param("loggedByService eq 'Core Directory'", 2, id="service"),
        pytest.param("loggedByService eq 'Core Directory' and activityDisplayName eq 'Add user'", 1, id="and"),
        pytest.param("initiatedBy/app/displayName eq 'scripts'", 2, id="application"),
        pytest.param("initiatedBy/user/userPrincipalName eq 'scripts'", 0, id="an application is no person"),
        pytest.param("startswith(initiatedBy/user/userPrincipalName,'k')", 0, id="person begins"),
        pytest.param("initiatedBy/app/appId eq 'x'", 0, id="no application"),
        pytest.param("initiatedBy/user/id eq '3179e48a-750b-4051-897c-87b9720928f7'", 0, id="no person"),
        pytest.param("activityDateTime ge 2100-01-01", 0, id="from"),
        pytest.param("activityDateTime le 2100-01-01T00:00:00Z", 3, id="until"),
        pytest.param("targetResources/any(t: t/id eq 'x')", 0, id="no id"),
        pytest.param("targetResources/any(t: t/displayName eq 'kim')", 3, id="name of the target"),
        pytest.param("correlationId eq '3179e48a-750b-4051-897c-87b9720928f7'", 0, id="no correlation"),
    ],
)
def test_filters(api: Api, asked: str, expected: int) -> None:
    """Each field of b7 with its operators, joined by `and`."""
    assert expected == len(found(api, asked))


@pytest.mark.usefixtures("kim")
def test_records_share_what_they_are_found_by(api: Api) -> None:
    """Both records of a change by correlation, all by target, and one time by its own text."""
    newest = api.call("GET", AUDITS).body["value"][0]
    assert 2 == len(found(api, f"correlationId eq '{newest['correlationId']}'"))
    assert 3 == len(found(api, f"targetResources/any(t:t/id eq '{newest['targetResources'][0]['id']}')"))
    assert 2 == len(found(api, f"activityDateTime eq {newest['activityDateTime']}"))


@pytest.mark.usefixtures("kim")
def test_an_application_is_found_by_its_id(api: Api) -> None:
    """What it did, and not what the command line did; no person has its id."""
    own = uuid.UUID(bytes=api.application.app_id)
    assert 2 == len(found(api, f"initiatedBy/app/appId eq '{own}'"))
    assert 0 == len(found(api, f"initiatedBy/user/id eq '{own}'"))


def test_a_person_is_told_and_found_by_id(api: Api, kim: str) -> None:
    """The object id beside the name, so that a renamed administrator is still found."""
    ada = api.new_user("ada", DirectoryRole.GLOBAL_ADMINISTRATOR)
    identifier = api.call("GET", f"/v1.0/users/{ada}").body["id"]
    token = api.user_token(ada, "UserAuthenticationMethod.ReadWrite.All")
    email = {"emailAddress": "kim@home.example"}
    api.call("POST", f"/v1.0/users/{kim}/authentication/emailMethods", email, token=token)
    api.call("PATCH", f"/v1.0/users/{ada}", {"userPrincipalName": "eve@contoso.example"})
    records = found(api, f"initiatedBy/user/id eq '{identifier}'")
    person = {"displayName": None, "id": identifier, "userPrincipalName": ada, "ipAddress": None}
    assert [{"user": person, "app": None}] * 2 == [one["initiatedBy"] for one in records]


@pytest.mark.parametrize(
    "query",
    [
        "$filter=startswith(initiatedBy/user/id,'a')",
        "$filter=result eq 'success'",
        "$filter=loggedByService eq 'a' or loggedByService eq 'b'",
        "$filter=not (loggedByService eq 'a')",
        "$filter=startswith(loggedByService,'a')",
        "$filter=activityDateTime eq 'yesterday'",
        "$filter=initiatedBy/user/any(t: t/id eq 'x')",
        "$filter=targetResources/any(t: t/type eq 'x')",
        "$orderby=activityDisplayName",
        '$search="kim"',
    ],
)
def test_other_questions_are_refused(api: Api, query: str) -> None:
    """400 `Request_UnsupportedQuery`."""
    got = api.call("GET", f"{AUDITS}?{quote(query, safe='=$')}")
    assert (400, "Request_UnsupportedQuery") == (got.status, got.code)


@pytest.mark.parametrize("query", ["$top=1000", "$skip=1", "$skiptoken=x", "$skiptoken=WyIiLCAiIl0", "$expand=user"])
def test_bad_pages_are_refused(api: Api, query: str) -> None:
    """400, whatever the mistake."""
    assert 400 == api.call("GET", f"{AUDITS}?{query}").status


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        pytest.param(DirectoryRole.REPORTS_READER, False, id="reports reader"),
        pytest.param(DirectoryRole.GLOBAL_ADMINISTRATOR, True, id="global administrator"),
    ],
)
@pytest.mark.usefixtures("kim")
def test_who_sees_numbers(api: Api, role: DirectoryRole, shown: bool) -> None:  # noqa: FBT001 - a parameter of the table
    """Masked for readers without the right to read them in full (F.3)."""
    token = api.user_token(api.new_user("ada", role), "AuditLog.Read.All")
    text = json.dumps(api.call("GET", AUDITS, token=token).body)
    assert (shown, not shown) == (NUMBER in text, "+X XXXXXXX00" in text)


def test_a_person_without_a_role_reads_nothing(api: Api) -> None:
    """The scope alone is not enough."""
    token = api.user_token(api.new_user("ada"), "AuditLog.Read.All")
    assert 403 == api.call("GET", AUDITS, token=token).status

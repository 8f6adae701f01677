"""`auditLogs/signIns`: shape, filters, pages, who may read it. Sources: surface a7, b7."""

from __future__ import annotations

import uuid
from typing import Any, Final
from urllib.parse import quote

import pytest

from ringfence.application.identity.passwords import check_password, set_password
from ringfence.domain.identity.sign_ins import Attempt, ClientApp
from ringfence.domain.policy.roles import DirectoryRole
from tests.contract.deployments import TENANT
from tests.graph.served import ROOT, Api

SIGN_INS: Final = "/v1.0/auditLogs/signIns"
PASSWORD: Final = "Correct-Horse-9"  # noqa: S105 - invented here
APP: Final = uuid.UUID("04b07795-8ddb-461a-bbee-02f9e1bf7b46")
CORRELATION: Final = uuid.UUID("3179e48a-750b-4051-897c-87b9720928f7")
NOBODY: Final = "00000000-0000-0000-0000-000000000000"
KIM: Final = "kim@contoso.example"
ATTEMPT: Final = Attempt(APP.bytes, "Scripts", ClientApp.BROWSER, "192.0.2.7", CORRELATION.bytes)
DEVICE: Final = ATTEMPT._replace(client=ClientApp.NATIVE, ip_address="2001:db8::7", is_device_code=True)


def tries(api: Api, name: str, password: str, attempt: Attempt = ATTEMPT) -> None:
    """Sign in, or fail to, and let a minute pass."""
    check_password(api.identity, TENANT, name, password, api.clock.now(), attempt)
    api.later(60)


@pytest.fixture
def tried(api: Api) -> Api:
    """Three sign-ins: a right password, a wrong one, a name that nobody has."""
    set_password(api.identity, TENANT, api.new_user("kim"), PASSWORD, api.clock.now())
    tries(api, "KIM@contoso.example", PASSWORD)
    tries(api, KIM, "Wrong-Horse-9", DEVICE)
    tries(api, "Nobody@contoso.example", PASSWORD)
    return api


def found(api: Api, asked: str) -> list[int]:
    """The error codes of the sign-ins that a filter finds."""
    got = api.call("GET", f"{SIGN_INS}?$filter={quote(asked)}")
    assert 200 == got.status, got.body
    return [one["status"]["errorCode"] for one in got.body["value"]]


def test_sign_ins_are_newest_first_in_microsofts_shape(tried: Api) -> None:
    """Who, with what, from where, and how it ended."""
    got = tried.call("GET", SIGN_INS).body
    assert f"{ROOT}/v1.0/$metadata#auditLogs/signIns" == got["@odata.context"]
    assert [50034, 50126, 0] == [one["status"]["errorCode"] for one in got["value"]]
    right = got["value"][2]
    assert {
        "userDisplayName": "Kim",
        "userPrincipalName": KIM,
        "appId": str(APP),
        "appDisplayName": "Scripts",
        "ipAddress": "192.0.2.7",
        "clientAppUsed": "Browser",
        "correlationId": str(CORRELATION),
        "isInteractive": True,
        "resourceDisplayName": "Microsoft Graph",
        "conditionalAccessStatus": "notApplied",
        "riskLevelAggregated": "none",
        "status": {"errorCode": 0, "failureReason": None, "additionalDetails": None},
    }.items() <= right.items()
    assert tried.call("GET", f"/v1.0/users/{KIM}").body["id"] == right["userId"]


def test_a_name_that_nobody_has_is_shown_as_it_was_typed(tried: Api) -> None:
    """Without a user."""
    unknown = tried.call("GET", SIGN_INS).body["value"][0]
    shown = [unknown[name] for name in ("userId", "userPrincipalName", "userDisplayName")]
    assert [NOBODY, "Nobody@contoso.example", ""] == shown


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        pytest.param(2, ("Correct password", True, ["Password"], "oAuth2", "KIM@contoso.example"), id="right"),
        pytest.param(1, ("The user name or the password is wrong.", False, ["Password"], "deviceCode", KIM), id="wrong"),
        pytest.param(
            0,
            ("No user of this directory has the name that was typed.", False, [], "oAuth2", "Nobody@contoso.example"),
            id="nobody",
        ),
    ],
)
def test_beta_tells_the_steps(tried: Api, place: int, expected: tuple[Any, ...]) -> None:
    """What v1.0 leaves out: each step, the protocol, and what was typed (surface a7)."""
    shown = tried.call("GET", "/beta/auditLogs/signIns").body["value"][place]
    [step] = shown["authenticationDetails"]
    assert expected == (
        step["authenticationStepResultDetail"],
        step["succeeded"],
        shown["authenticationMethodsUsed"],
        shown["authenticationProtocol"],
        shown["signInIdentifier"],
    )
    assert "singleFactorAuthentication" == shown["authenticationRequirement"]


def test_v1_has_no_steps(tried: Api) -> None:
    """They are beta's alone."""
    shown = tried.call("GET", SIGN_INS).body["value"][0]
    assert set() == {"authenticationDetails", "authenticationRequirement", "authenticationMethodsUsed"} & set(shown)


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_a_sign_in_is_found_by_its_id(tried: Api, version: str) -> None:
    """The id of the list, with the same properties."""
    path = f"/{version}/auditLogs/signIns"
    listed = tried.call("GET", path).body["value"][1]
    got = tried.call("GET", f"{path}/{listed['id']}").body
    assert listed == {name: value for name, value in got.items() if name != "@odata.context"}
    assert [50126] == found(tried, f"id eq '{listed['id']}'")


@pytest.mark.parametrize("name", ["x", NOBODY])
def test_an_unknown_id_is_not_found(api: Api, name: str) -> None:
    """Malformed or absent: 404 in the directory's code."""
    got = api.call("GET", f"{SIGN_INS}/{name}")
    assert (404, "Request_ResourceNotFound") == (got.status, got.code)


def test_pages_hold_every_sign_in_once(tried: Api) -> None:
    """Following the links one by one gives the list, though the filter stays and new ones come."""
    walked, path = [], f"{SIGN_INS}?$top=1&$filter={quote('createdDateTime le 2100-01-01')}&$orderby=createdDateTime%20desc"
    while path:
        page = tried.call("GET", path).body
        walked += [one["status"]["errorCode"] for one in page["value"]]
        path = page.get("@odata.nextLink", "").removeprefix(ROOT)
        tries(tried, "later@contoso.example", PASSWORD)
    assert [50034, 50126, 0] == walked


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param("userPrincipalName eq 'Kim@contoso.example'", [50126, 0], id="name"),
        pytest.param("startsWith(userPrincipalName,'no')", [50034], id="name begins"),
        pytest.param("userDisplayName eq 'kim'", [50126, 0], id="display name"),
        pytest.param(f"userId eq '{NOBODY}'", [50034], id="nobody known"),
        pytest.param("userId eq 'kim'", [], id="no id"),
        pytest.param("status/errorCode eq 0", [0], id="successes"),
        pytest.param("status/errorCode ne 0", [50034, 50126], id="failures"),
        pytest.param("status/errorCode eq 99999999999", [], id="no such code"),
        pytest.param("status/errorCode ne 0 and userPrincipalName eq 'kim@contoso.example'", [50126], id="and"),
        pytest.param(f"appId eq '{APP}'", [50034, 50126, 0], id="application"),
        pytest.param("startswith(appDisplayName,'scr')", [50034, 50126, 0], id="application begins"),
        pytest.param("startswith(ipAddress,'192.0.2.')", [50034, 0], id="net"),
        pytest.param("ipAddress eq '2001:db8::7'", [50126], id="address"),
        pytest.param("clientAppUsed eq 'Mobile Apps and Desktop clients'", [50126], id="client"),
        pytest.param("clientAppUsed eq 'IMAP'", [], id="no such client"),
        pytest.param(f"correlationId eq '{CORRELATION}'", [50034, 50126, 0], id="correlation"),
        pytest.param("createdDateTime ge 2100-01-01T00:00:00Z", [], id="from"),
        pytest.param("createdDateTime le 2100-01-01", [50034, 50126, 0], id="until"),
        pytest.param("riskState eq 'none'", [50034, 50126, 0], id="no risk"),
        pytest.param("conditionalAccessStatus eq 'failure'", [], id="no policy failed"),
        pytest.param("resourceDisplayName eq 'microsoft graph'", [50034, 50126, 0], id="resource"),
        pytest.param("isInteractive eq false", [], id="not interactive"),
        pytest.param("signInEventTypes/any(t: t eq 'interactiveUser')", [50034, 50126, 0], id="interactive"),
        pytest.param("signInEventTypes/any(t: t eq 'servicePrincipal')", [], id="no applications"),
    ],
)
def test_filters(tried: Api, asked: str, expected: list[int]) -> None:
    """Each field with its operators, joined by `and`, texts without case."""
    assert expected == found(tried, asked)


def test_sign_ins_are_found_by_user_and_moment(tried: Api) -> None:
    """With the texts that the log itself shows."""
    shown = tried.call("GET", SIGN_INS).body["value"][1]
    assert [50126, 0] == found(tried, f"userId eq '{shown['userId']}'")
    assert [50126] == found(tried, f"createdDateTime eq {shown['createdDateTime']}")


@pytest.mark.parametrize(
    "query",
    [
        "$filter=userAgent eq 'x'",
        "$filter=status/errorCode gt 0",
        "$filter=status/errorCode eq 'x'",
        "$filter=userId eq 'a' or userId eq 'b'",
        "$filter=not (userId eq 'a')",
        "$filter=startswith(appId,'a')",
        "$filter=isInteractive eq 'x'",
        "$filter=createdDateTime eq 'yesterday'",
        "$filter=location/any(t: t/city eq 'x')",
        "$orderby=createdDateTime",
        "$orderby=userId desc",
        '$search="kim"',
    ],
)
def test_other_questions_are_refused(api: Api, query: str) -> None:
    """400 `Request_UnsupportedQuery`."""
    got = api.call("GET", f"{SIGN_INS}?{quote(query, safe='=$')}")
    assert (400, "Request_UnsupportedQuery") == (got.status, got.code)


@pytest.mark.parametrize("query", ["$top=1000", "$skip=1", "$skiptoken=x", "$skiptoken=WyIiLCAiIl0", "$expand=user"])
def test_bad_pages_are_refused(api: Api, query: str) -> None:
    """400, whatever the mistake."""
    assert 400 == api.call("GET", f"{SIGN_INS}?{query}").status


@pytest.mark.parametrize(
    ("role", "status"),
    [
        pytest.param(DirectoryRole.REPORTS_READER, 200, id="a reader of reports"),
        pytest.param(DirectoryRole.HELPDESK_ADMINISTRATOR, 403, id="the helpdesk"),
        pytest.param(None, 403, id="no role"),
    ],
)
def test_a_person_needs_a_role_beside_the_scope(tried: Api, role: DirectoryRole | None, status: int) -> None:
    """The same as for the log of changes."""
    reader = tried.new_user("lee", *([] if role is None else [role]))
    assert status == tried.call("GET", SIGN_INS, token=tried.user_token(reader, "AuditLog.Read.All")).status


def test_an_application_needs_the_permission(tried: Api) -> None:
    """AuditLog.Read.All, for the list and for one."""
    token = tried.token(tried.new_application("User.Read.All"))
    one = tried.call("GET", SIGN_INS).body["value"][0]["id"]
    assert [403, 403] == [tried.call("GET", path, token=token).status for path in (SIGN_INS, f"{SIGN_INS}/{one}")]


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_a_selection_of_a_sign_in(tried: Api, version: str) -> None:
    """The properties asked for and the id; all of them by `*`; one that the version does not have is refused."""
    path = f"/{version}/auditLogs/signIns"
    [first, *_] = tried.call("GET", f"{path}?$select=status,USERID").body["value"]
    assert ["status", "userId", "id"] == list(first)
    assert {"status", "id"} == set(tried.call("GET", f"{path}/{first['id']}?$select=status").body) - {"@odata.context"}
    assert tried.call("GET", path).body["value"] == tried.call("GET", f"{path}?$select=*").body["value"]
    assert (200 if version == "beta" else 400) == tried.call("GET", f"{path}?$select=mfaDetail").status

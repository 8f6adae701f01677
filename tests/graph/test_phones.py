"""`phoneMethods`: what each verb answers and leaves behind. Sources: surface a1, b1, b2, d5; domain-rules A.2, F.1."""

from __future__ import annotations

from typing import Any

import pytest

from ringfence.domain.policy.roles import DirectoryRole
from tests.graph.served import ALTERNATE, MOBILE, OFFICE, Api

MOBILE_PHONE = {"phoneNumber": "+1 4255550100", "phoneType": "mobile"}
ALTERNATE_PHONE = {"phoneNumber": "+1 4255550111", "phoneType": "alternateMobile"}
OFFICE_PHONE = {"phoneNumber": "+1 4255550122x9", "phoneType": "office"}


def phones_of(user: str) -> str:
    """The path of a user's phones."""
    return f"/v1.0/users/{user}/authentication/phoneMethods"


def test_a_phone_is_registered_read_changed_and_deleted(api: Api) -> None:
    """The whole life of a number: 201 with the fixed id, 200, 204, 204, 404."""
    path = phones_of(api.new_user("kim"))
    created = api.call("POST", path, MOBILE_PHONE)
    assert (201, MOBILE, "+1 4255550100") == (created.status, created.body["id"], created.body["phoneNumber"])
    assert 204 == api.call("PATCH", f"{path}/{MOBILE}", {"phoneNumber": "+1 4255550101"}).status
    assert "+1 4255550101" == api.call("GET", f"{path}/{MOBILE}").body["phoneNumber"]
    assert (204, None) == api.call("DELETE", f"{path}/{MOBILE}")[:2]
    assert (404, "resourceNotFound") == ((gone := api.call("GET", f"{path}/{MOBILE}")).status, gone.code)


def test_the_list_has_context_types_and_fixed_ids(api: Api) -> None:
    """Mobile, alternate, office in this order, each under the id that every user's has."""
    user = api.new_user("kim")
    for phone in (MOBILE_PHONE, OFFICE_PHONE, ALTERNATE_PHONE):
        assert 201 == api.call("POST", phones_of(user), phone).status
    found = api.call("GET", phones_of(user)).body
    context = f"https://graph.contoso.example/v1.0/$metadata#users('{user}')/authentication/phoneMethods"
    assert context == found["@odata.context"]
    assert [MOBILE, ALTERNATE, OFFICE] == [phone["id"] for phone in found["value"]]
    assert "+1 4255550122x9" == found["value"][2]["phoneNumber"]


def test_a_number_without_the_space_is_taken_and_stored_in_canonical_form(api: Api) -> None:
    """In the original such numbers were stored and then invisible (microsoft-graph-docs 16571)."""
    path = phones_of(api.new_user("kim"))
    assert "+44 7700900123" == api.call("POST", path, {"phoneNumber": "+447700900123", "phoneType": "mobile"}).body["phoneNumber"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param({"phoneType": "mobile"}, "phoneNumber", id="no number"),
        pytest.param({"phoneNumber": "+1 4255550100"}, "phoneType", id="no type"),
        pytest.param({**MOBILE_PHONE, "phoneType": "fax"}, "phoneType", id="unknown type"),
        pytest.param({**MOBILE_PHONE, "phoneNumber": "12"}, "phone number", id="no number at all"),
        pytest.param({**MOBILE_PHONE, "phoneNumber": 12}, "phoneNumber", id="a number as a number"),
        pytest.param({**MOBILE_PHONE, "phoneNumber": "+1 4255550100x1"}, "office", id="an extension on a mobile"),
        pytest.param({**MOBILE_PHONE, "colour": "red"}, "colour", id="unknown property"),
        pytest.param(ALTERNATE_PHONE, "mobile", id="alternate without mobile"),
        pytest.param([], "object", id="a list"),
        pytest.param("{", "JSON", id="broken JSON"),
        pytest.param("\udcff".encode("utf-8", "surrogatepass"), "JSON", id="no UTF-8"),
        pytest.param("[" * 5000, "JSON", id="deep"),
        pytest.param({**MOBILE_PHONE, "phoneNumber": "+1 425\u00005550100"}, "phoneNumber", id="a control character"),
    ],
)
def test_bad_bodies_are_refused_and_change_nothing(api: Api, body: Any, words: str) -> None:  # noqa: ANN401 - any JSON
    """400 `badRequest`, the message repeated in `innerError` (trap 10), and no phone afterwards."""
    path = phones_of(api.new_user("kim"))
    refused = api.call("POST", path, body)
    assert (400, "badRequest") == (refused.status, refused.code)
    assert words in refused.body["error"]["message"]
    assert refused.body["error"]["message"] == refused.body["error"]["innerError"]["message"]
    assert [] == api.call("GET", path).body["value"]


def test_the_same_type_twice_is_refused(api: Api) -> None:
    """POST is not idempotent: the second one says so."""
    path = phones_of(api.new_user("kim"))
    assert [201, 400] == [api.call("POST", path, MOBILE_PHONE).status for _ in range(2)]


def test_the_default_cannot_be_deleted_while_others_exist(api: Api) -> None:
    """With the error text scripts look for (microsoft-graph-docs 18091)."""
    path = phones_of(api.new_user("kim"))
    for phone in (MOBILE_PHONE, OFFICE_PHONE):
        api.call("POST", path, phone)
    refused = api.call("DELETE", f"{path}/{MOBILE}")
    message = f"The requested authentication method id of [{MOBILE}] matches the user's current default"
    assert (400, True) == (refused.status, refused.body["error"]["message"].startswith(message))


@pytest.mark.parametrize("segment", ["phoneMethods", "PHONEMETHODS", "phonemethods"])
def test_segments_compare_without_case(api: Api, segment: str) -> None:
    """Scripts write what they like."""
    assert 200 == api.call("GET", f"/v1.0/users/{api.new_user('kim')}/authentication/{segment}").status


def test_put_is_patch(api: Api) -> None:
    """The documents of 2021 had PUT, and permission data still has it (trap 5)."""
    path = phones_of(api.new_user("kim"))
    api.call("POST", path, MOBILE_PHONE)
    assert 204 == api.call("PUT", f"{path}/{MOBILE}", {"phoneNumber": "+1 4255550101", "phoneType": "mobile"}).status


MASKED = "+X XXXXXXX00"


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        pytest.param(DirectoryRole.AUTHENTICATION_ADMINISTRATOR, MASKED, id="authentication administrator"),
        pytest.param(DirectoryRole.GLOBAL_READER, MASKED, id="global reader"),
        pytest.param(DirectoryRole.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, "+1 4255550100", id="privileged"),
        pytest.param(DirectoryRole.GLOBAL_ADMINISTRATOR, "+1 4255550100", id="global"),
    ],
)
def test_who_sees_numbers_masked(api: Api, role: DirectoryRole, shown: str) -> None:
    """F.1, trap 11."""
    path = phones_of(api.new_user("kim"))
    api.call("POST", path, MOBILE_PHONE)
    token = api.user_token(api.new_user("ada", role), "UserAuthenticationMethod.Read.All")
    assert shown == api.call("GET", path, token=token).body["value"][0]["phoneNumber"]


@pytest.mark.parametrize("role", [DirectoryRole.USER_ADMINISTRATOR, DirectoryRole.AUTHENTICATION_POLICY_ADMINISTRATOR, None])
def test_a_scope_without_the_role_is_not_enough(api: Api, role: DirectoryRole | None) -> None:
    """Both gates: 403 `accessDenied` that names the roles that would do."""
    path = phones_of(api.new_user("kim"))
    token = api.user_token(api.new_user("ada", *([role] if role else [])), "UserAuthenticationMethod.ReadWrite.All")
    refused = api.call("POST", path, MOBILE_PHONE, token=token)
    assert (403, "accessDenied") == (refused.status, refused.code)
    assert "Authentication Administrator" in refused.body["error"]["innerError"]["requiredRoles"]


def test_a_role_without_the_scope_is_not_enough(api: Api) -> None:
    """403 that names the permissions that would do, the least first."""
    path = phones_of(api.new_user("kim"))
    token = api.user_token(api.new_user("ada", DirectoryRole.GLOBAL_ADMINISTRATOR), "UserAuthenticationMethod.ReadWrite")
    refused = api.call("POST", path, MOBILE_PHONE, token=token)
    assert 403 == refused.status
    assert "UserAuthMethod-Phone.ReadWrite.All" in refused.body["error"]["innerError"]["requiredPermissions"]


def test_one_s_own_phones_are_read_in_full_and_deleted_but_not_written(api: Api) -> None:
    """F.1, the last but one row: the API has no self-service for new numbers."""
    kim = api.new_user("kim")
    api.call("POST", phones_of(kim), MOBILE_PHONE)
    token = api.user_token(kim, "UserAuthenticationMethod.ReadWrite")
    own = "/v1.0/me/authentication/phoneMethods"
    assert "+1 4255550100" == api.call("GET", own, token=token).body["value"][0]["phoneNumber"]
    assert 403 == api.call("PATCH", f"{own}/{MOBILE}", MOBILE_PHONE, token=token).status
    assert 204 == api.call("DELETE", f"{own}/{MOBILE}", token=token).status


def test_every_change_leaves_two_records_under_one_correlation(api: Api) -> None:
    """F.3, for POST, PATCH and DELETE, by the application's name."""
    path = phones_of(api.new_user("kim"))
    api.call("POST", path, MOBILE_PHONE)
    api.call("PATCH", f"{path}/{MOBILE}", {"phoneNumber": "+1 4255550101"})
    api.call("DELETE", f"{path}/{MOBILE}")
    rows = api.joined.database.engine.connect().exec_driver_sql(
        "SELECT activity, reason FROM audit_records WHERE actor = 'scripts' ORDER BY activity"
    )
    reasons = [f"Admin {verb} phone method for user" for verb in ("registered", "changed", "deleted")]
    assert [*((at, reasons[at - 1]) for at in (1, 2, 3)), (4, ""), (4, ""), (4, "")] == [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        pytest.param("/v1.0/users/{user}/authentication/phoneMethods", [400, 204], id="on the phone"),
        pytest.param("/beta/users/{user}/authentication/methods", [400, 204], id="beta, on the base type"),
        pytest.param("/v1.0/users/{user}/authentication/methods", [404, 404], id="not on the base type of v1.0"),
    ],
)
def test_sign_in_by_text_message_is_switched(api: Api, path: str, statuses: list[int]) -> None:
    """The policy does not allow it: it cannot be enabled, and is disabled already (C.3). The base type is for people alone."""
    user, admin = api.new_user("kim"), api.new_user("ada", DirectoryRole.AUTHENTICATION_ADMINISTRATOR)
    assert 201 == api.call("POST", phones_of(user), MOBILE_PHONE).status
    token = api.user_token(admin, "UserAuthenticationMethod.ReadWrite.All")
    item = f"{path.format(user=user)}/{MOBILE}"
    names = ("enableSmsSignIn", "microsoft.graph.disableSmsSignIn")
    assert statuses == [api.call("POST", f"{item}/{name}", token=token).status for name in names]
    assert (403 if "beta" in path else statuses[1]) == api.call("POST", f"{item}/disableSmsSignIn").status

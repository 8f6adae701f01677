"""The policy of authentication methods governs passes, reports, preferences and signing in by text. Sources: D.2, D.3, D.8, G."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.graph.served import MOBILE, OFFICE, Api
from tests.graph.test_methods import under
from tests.graph.test_policy_changes import ALL, CONFIGURATIONS, POLICY, typed

PASS: Final = "TemporaryAccessPass"  # noqa: S105 - an id
PASSES: Final = "temporaryAccessPassMethods"
DETAILS: Final = "/beta/reports/authenticationMethods/userRegistrationDetails"
IS_SYSTEM: Final = "isSystemPreferredAuthenticationMethodEnabled"


@pytest.fixture
def kim(api: Api) -> str:
    """Somebody with a mobile and an office phone."""
    kim = api.new_user("kim")
    for kind in ("mobile", "office"):
        api.call("POST", under(kim, "phoneMethods"), {"phoneType": kind, "phoneNumber": "+1 4255550100"})
    return kim


def change(api: Api, name: str, **properties: Any) -> None:  # noqa: ANN401 - JSON
    """Change a method's configuration."""
    assert 204 == api.call("PATCH", f"{CONFIGURATIONS}/{name}", typed(name, **properties)).status


def prefer(api: Api, state: str) -> None:
    """Change whether the system prefers a method."""
    assert 200 == api.call("PATCH", POLICY, {"systemCredentialPreferences": {"state": state}}).status


def row(api: Api) -> dict[str, Any]:
    """The registration report's row of Kim."""
    [found] = api.call("GET", f"{DETAILS}?$filter=userDisplayName eq 'kim'").body["value"]
    assert isinstance(found, dict)
    return found


def test_a_pass_is_made_within_the_policy(api: Api, kim: str) -> None:
    """D.8: length and lifetime by default, bounds that the refusal names."""
    change(api, PASS, minimumLifetimeInMinutes=10, maximumLifetimeInMinutes=20, defaultLifetimeInMinutes=15, defaultLength=12)
    made = api.call("POST", under(kim, PASSES), {}).body
    assert (12, 15, False) == (len(made["temporaryAccessPass"]), made["lifetimeInMinutes"], made["isUsableOnce"])
    assert [201, 201] == [api.call("POST", under(kim, PASSES), {"lifetimeInMinutes": one}).status for one in (10, 20)]
    refused = [api.call("POST", under(kim, PASSES), {"lifetimeInMinutes": one}) for one in (9, 21)]
    message = "Invalid LifetimeInMinutes specified. The valid range between 10 and 20."
    assert [(400, message)] * 2 == [(one.status, one.body["error"]["message"]) for one in refused]


def test_a_policy_that_lets_passes_be_used_once(api: Api, kim: str) -> None:
    """D.8: one that is good several times is refused, and one that was made before is good no more."""
    api.call("POST", under(kim, PASSES), {})
    change(api, PASS, isUsableOnce=True)
    [held] = api.call("GET", under(kim, PASSES)).body["value"]
    assert ("DisabledByPolicy", False) == (held["methodUsabilityReason"], held["isUsable"])
    refused = api.call("POST", under(kim, PASSES), {"isUsableOnce": False})
    assert (400, True) == (refused.status, "isUsableOnce" in refused.body["error"]["message"])
    made = api.call("POST", under(kim, PASSES), {}).body
    assert (True, "EnabledByPolicy") == (made["isUsableOnce"], made["methodUsabilityReason"])


def test_a_pass_that_nobody_may_use(api: Api, kim: str) -> None:
    """D.8: it can be made, and says that it is of no use; in the mixed list too."""
    change(api, PASS, state="disabled")
    made = api.call("POST", under(kim, PASSES), {})
    listed = [one for one in api.call("GET", under(kim, "methods")).body["value"] if "isUsable" in one]
    assert (201, "DisabledByPolicy", [False]) == (
        made.status,
        made.body["methodUsabilityReason"],
        [one["isUsable"] for one in listed],
    )


@pytest.mark.parametrize(
    ("disabled", "expected"),
    [
        ((), (True, "sms")),
        (("Sms",), (True, "voiceMobile")),
        (("Voice",), (True, "sms")),
        (("Sms", "Voice"), (False, "none")),
    ],
)
def test_capable_is_allowed(api: Api, kim: str, disabled: tuple[str, ...], expected: tuple[bool, str]) -> None:
    """G: registered is registered whatever the policy; capable, and what the system prefers, are what it allows."""
    for name in disabled:
        change(api, name, state="disabled")
    found = row(api)
    assert (kim, True, ["mobilePhone", "officePhone"]) == (
        found["userPrincipalName"],
        found["isMfaRegistered"],
        found["methodsRegistered"],
    )
    assert expected == (found["isMfaCapable"], found["systemPreferredAuthenticationMethods"][0])
    listed = api.call("GET", f"{DETAILS}?$filter=isMfaCapable eq true").body["value"]
    assert [kim] * expected[0] == [one["userPrincipalName"] for one in listed]


def test_legacy_policies_are_honoured_until_the_migration_is_complete(api: Api, kim: str) -> None:
    """D.3: texts that the legacy policy allows go on."""
    change(api, "Sms", state="disabled")
    api.call("PATCH", POLICY, {"policyMigrationState": "migrationInProgress"})
    assert (kim, ["sms"]) == (row(api)["userPrincipalName"], row(api)["systemPreferredAuthenticationMethods"])


@pytest.mark.parametrize(("state", "expected"), [("enabled", True), ("default", True), ("disabled", False)])
def test_whether_the_system_prefers(api: Api, kim: str, state: str, expected: bool) -> None:  # noqa: FBT001 - of the table
    """D.2: shown in the report and in the preferences, where the policy's value can be sent back and the other one not."""
    prefer(api, state)
    path = under(kim, "signInPreferences", "beta")
    assert [expected] * 2 == [row(api)[IS_SYSTEM], api.call("GET", path).body[IS_SYSTEM]]
    assert [204, 400] == [api.call("PATCH", path, {IS_SYSTEM: value}).status for value in (expected, not expected)]


def test_signing_in_by_text(api: Api, kim: str) -> None:
    """C.3: what the policy says is shown of the mobile phone; it cannot be switched on yet, and why is told."""
    target = {**ALL, "isUsableForSignIn": True}
    switch = f"{under(kim, 'phoneMethods')}/{MOBILE}/enableSmsSignIn"
    before = api.call("POST", switch)
    change(api, "Sms", includeTargets=[target])
    after = api.call("POST", switch)
    shown = {one["id"]: one["smsSignInState"] for one in api.call("GET", under(kim, "phoneMethods")).body["value"]}
    assert {MOBILE: "notConfigured", OFFICE: "notSupported"} == shown
    assert [(400, True), (400, False)] == [(one.status, "not allowed" in one.body["error"]["message"]) for one in (before, after)]


def test_methods_are_registered_whatever_the_policy(api: Api, kim: str) -> None:
    """The administrator registers, the policy governs the use."""
    for name in ("Sms", "Voice"):
        change(api, name, state="disabled")
    phone = {"phoneType": "alternateMobile", "phoneNumber": "+1 4255550155"}
    assert 201 == api.call("POST", under(kim, "phoneMethods"), phone).status

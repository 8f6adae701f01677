"""Changing `policies/authenticationMethodsPolicy`: what is written is shown, what cannot be is refused by name.

Sources: surface a3, b4, c2; domain-rules D.3, D.8, F.1, F.3.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from ringfence.domain.policy.roles import DirectoryRole
from tests.graph.served import Api

POLICY: Final = "/beta/policies/authenticationMethodsPolicy"
CONFIGURATIONS: Final = f"{POLICY}/authenticationMethodConfigurations"
ALL: Final = {"id": "all_users", "targetType": "group"}
NOBODY: Final = {"id": "00000000-0000-0000-0000-000000000000", "targetType": "group"}
GROUP: Final = {"id": "3ee3a9de-0a86-4e12-a287-9769accf1ba2", "targetType": "group"}
CAMPAIGN: Final = "authenticationMethodsRegistrationCampaign"


def typed(name: str, **properties: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A configuration's body with its type."""
    kind = "qrCodePin" if name == "QRCodePin" else name[0].lower() + name[1:]
    return {"@odata.type": f"#microsoft.graph.{kind}AuthenticationMethodConfiguration", **properties}


def configuration(api: Api, name: str) -> dict[str, Any]:
    """A method's configuration as it is shown."""
    return {key: value for key, value in api.call("GET", f"{CONFIGURATIONS}/{name}").body.items() if key != "@odata.context"}


FEATURE: Final = {"state": "enabled", "includeTarget": ALL, "excludeTarget": NOBODY}
APP: Final = "displayAppInformationRequiredState"
CHANGES: Final[list[tuple[str, dict[str, Any]]]] = [
    ("Sms", {"state": "disabled"}),
    ("Sms", {"includeTargets": [{**ALL, "isRegistrationRequired": True, "isUsableForSignIn": True}]}),
    ("Voice", {"isOfficePhoneAllowed": False, "state": "enabled", "excludeTargets": []}),
    ("Email", {"allowExternalIdToUseEmailOtp": "disabled"}),
    ("TemporaryAccessPass", {"minimumLifetimeInMinutes": 10, "maximumLifetimeInMinutes": 43200, "defaultLifetimeInMinutes": 90}),
    ("TemporaryAccessPass", {"defaultLength": 48, "isUsableOnce": True}),
    ("SoftwareOath", {"state": "disabled"}),
    ("HardwareOath", {"state": "enabled"}),
    ("X509Certificate", {"state": "enabled"}),
    ("QRCodePin", {"pinLength": 20, "standardQRCodeLifetimeInDays": 395}),
    ("Fido2", {"isSelfServiceRegistrationAllowed": False, "isAttestationEnforced": True}),
    (
        "Fido2",
        {
            "keyRestrictions": {
                "isEnforced": True,
                "enforcementType": "block",
                "aaGuids": ["2fc0579f-8113-47ea-b116-bb5a8db9202a"],
            }
        },
    ),
    ("MicrosoftAuthenticator", {"isSoftwareOathEnabled": False}),
]


@pytest.mark.parametrize(("name", "change"), CHANGES, ids=[f"{name} {'+'.join(change)}" for name, change in CHANGES])
def test_what_is_written_is_shown(api: Api, name: str, change: dict[str, Any]) -> None:
    """204, and the configuration has exactly this changed; `DELETE` puts it back."""
    before = configuration(api, name)
    assert 204 == api.call("PATCH", f"{CONFIGURATIONS}/{name}", typed(name, **change)).status
    assert {**before, **change} == configuration(api, name)
    assert 204 == api.call("DELETE", f"{CONFIGURATIONS}/{name}").status
    assert before == configuration(api, name)


def test_settings_of_the_authenticator(api: Api) -> None:
    """A feature's state and the mode of the target; the other feature stays."""
    target = {**ALL, "isRegistrationRequired": False, "authenticationMode": "push"}
    body = typed("MicrosoftAuthenticator", featureSettings={APP: FEATURE}, includeTargets=[target])
    assert 204 == api.call("PATCH", f"{CONFIGURATIONS}/microsoftAuthenticator", body).status
    got = configuration(api, "MicrosoftAuthenticator")
    assert ("enabled", "default", [target]) == (
        got["featureSettings"][APP]["state"],
        got["featureSettings"]["displayLocationInformationRequiredState"]["state"],
        got["includeTargets"],
    )


@pytest.mark.parametrize(
    "change",
    [
        {"policyMigrationState": "preMigration"},
        {"reconfirmationInDays": 30},
        {"systemCredentialPreferences": {"state": "default", "includeTargets": [ALL], "excludeTargets": []}},
        {"reportSuspiciousActivitySettings": {"state": "enabled", "includeTarget": ALL, "voiceReportingCode": 7}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_policy_itself(api: Api, change: dict[str, Any]) -> None:
    """200 with the policy as it is now, changed in this and in nothing else but the time."""
    before = api.call("GET", POLICY).body
    got = api.call("PATCH", POLICY, change)
    assert (200, {**before, **change, "lastModifiedDateTime": f"{api.clock.time:%Y-%m-%dT%H:%M:%S}Z"}) == (got.status, got.body)
    assert got.body == api.call("GET", POLICY).body


def test_the_campaign(api: Api) -> None:
    """A part of it is merged into what there is; beta has one property more."""
    change = {"snoozeDurationInDays": 14, "state": "enabled"}
    target = {**ALL, "targetedAuthenticationMethod": "microsoftAuthenticator"}
    sent = {"registrationEnforcement": {CAMPAIGN: {**change, "includeTargets": [target], "excludeTargets": []}}}
    got = api.call("PATCH", POLICY.replace("beta", "v1.0"), sent).body
    assert sent == {"registrationEnforcement": got["registrationEnforcement"]}
    sent["registrationEnforcement"][CAMPAIGN]["enforceRegistrationAfterAllowedSnoozes"] = False
    assert sent == {"registrationEnforcement": api.call("PATCH", POLICY, sent).body["registrationEnforcement"]}


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_all_of_it_can_be_sent_back(api: Api, version: str) -> None:
    """A client that reads, and writes what it read, changes nothing."""
    path = POLICY.replace("beta", version)
    before = api.call("GET", path).body
    assert before == api.call("PATCH", path, {**before, "@odata.type": "#microsoft.graph.authenticationMethodsPolicy"}).body
    assert [] == activities(api)


def test_configurations_inside_the_policy(api: Api) -> None:
    """They are changed with it, in one transaction."""
    inside = [typed("Sms", id="Sms", state="disabled"), typed("Voice", id="voice", state="disabled")]
    assert 200 == api.call("PATCH", POLICY, {"authenticationMethodConfigurations": inside}).status
    assert ["disabled"] * 2 == [configuration(api, name)["state"] for name in ("Sms", "Voice")]
    refused = [typed("Sms", id="Sms", state="enabled"), typed("TemporaryAccessPass", id="TemporaryAccessPass", defaultLength=1)]
    assert 400 == api.call("PATCH", POLICY, {"authenticationMethodConfigurations": refused}).status
    assert "disabled" == configuration(api, "Sms")["state"]


PASS: Final = "TemporaryAccessPass"  # noqa: S105 - an id
REFUSED: Final = [
    ("Sms", {"state": "disabled"}, "@odata.type"),
    ("Sms", typed("Voice", state="disabled"), "@odata.type"),
    ("Sms", typed("Sms", state="off"), "state"),
    ("Sms", typed("Sms", state=None), "state"),
    ("Sms", typed("Sms", id="Voice"), "id"),
    ("Sms", typed("Sms", isOfficePhoneAllowed=True), "isOfficePhoneAllowed"),
    ("Sms", typed("Sms", includeTargets=[]), "includeTargets"),
    ("Sms", typed("Sms", includeTargets=None), "includeTargets"),
    ("Sms", typed("Sms", includeTargets=[GROUP]), "groups or users are not supported"),
    ("Sms", typed("Sms", includeTargets=[ALL, ALL]), "includeTargets"),
    ("Sms", typed("Sms", includeTargets=[{**ALL, "isUsableForSignIn": "yes"}]), "isUsableForSignIn"),
    ("Sms", typed("Sms", includeTargets=[{**ALL, "targetType": "user"}]), "targetType"),
    ("Sms", typed("Sms", excludeTargets=[GROUP]), "excludeTargets"),
    ("Sms", typed("Sms", excludeTargets=["x"]), "excludeTargets"),
    ("Voice", typed("Voice", isOfficePhoneAllowed=1), "isOfficePhoneAllowed"),
    ("Email", typed("Email", allowExternalIdToUseEmailOtp="maybe"), "allowExternalIdToUseEmailOtp"),
    ("Fido2", typed("Fido2", keyRestrictions=None), "keyRestrictions"),
    ("Fido2", typed("Fido2", keyRestrictions={"aaGuids": ["x"]}), "aaGuids"),
    ("Fido2", typed("Fido2", keyRestrictions={"enforcementType": "unknownFutureValue"}), "enforcementType"),
    ("Fido2", typed("Fido2", defaultPasskeyProfile="x"), "defaultPasskeyProfile"),
    ("X509Certificate", typed("X509Certificate", certificateUserBindings=[{}]), "certificateUserBindings"),
    ("MicrosoftAuthenticator", typed("MicrosoftAuthenticator", featureSettings={APP: {"includeTarget": GROUP}}), "id"),
    ("MicrosoftAuthenticator", typed("MicrosoftAuthenticator", includeTargets=[{**ALL, "authenticationMode": "x"}]), "Mode"),
    (PASS, typed(PASS, defaultLength=7), "defaultLength"),
    (PASS, typed(PASS, defaultLength=49), "defaultLength"),
    (PASS, typed(PASS, minimumLifetimeInMinutes=9), "minimumLifetimeInMinutes"),
    (PASS, typed(PASS, maximumLifetimeInMinutes=43201), "maximumLifetimeInMinutes"),
    (PASS, typed(PASS, minimumLifetimeInMinutes=481), "minimumLifetimeInMinutes"),
    (PASS, typed(PASS, defaultLifetimeInMinutes=59), "defaultLifetimeInMinutes"),
    (PASS, typed(PASS, defaultLifetimeInMinutes=481), "defaultLifetimeInMinutes"),
    (PASS, typed(PASS, defaultLifetimeInMinutes="60"), "defaultLifetimeInMinutes"),
]


@pytest.mark.parametrize(("name", "body", "told"), REFUSED)
def test_a_configuration_that_cannot_be(api: Api, name: str, body: dict[str, Any], told: str) -> None:
    """400 that names what is wrong; nothing is changed."""
    before = configuration(api, name)
    got = api.call("PATCH", f"{CONFIGURATIONS}/{name}", body)
    assert (400, "badRequest", True) == (got.status, got.code, told in got.body["error"]["message"])
    assert before == configuration(api, name)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"@odata.type": "#microsoft.graph.user"}, "@odata.type"),
        ({"policyMigrationState": "unknownFutureValue"}, "policyMigrationState"),
        ({"policyMigrationState": None}, "policyMigrationState"),
        ({"reconfirmationInDays": 731}, "reconfirmationInDays"),
        ({"lastModifiedDateTime": "soon"}, "lastModifiedDateTime"),
        ({"colour": "red"}, "colour"),
        ({"microsoftAuthenticatorPlatformSettings": {}}, "microsoftAuthenticatorPlatformSettings"),
        ({"registrationEnforcement": {CAMPAIGN: {"snoozeDurationInDays": 15}}}, "snoozeDurationInDays"),
        ({"registrationEnforcement": {CAMPAIGN: {"includeTargets": [GROUP]}}}, "groups or users are not supported"),
        ({"systemCredentialPreferences": {"state": "on"}}, "state"),
        ({"systemCredentialPreferences": {"excludeTargets": [GROUP]}}, "excludeTargets"),
        ({"reportSuspiciousActivitySettings": {"includeTarget": GROUP}}, "groups or users are not supported"),
        ({"authenticationMethodConfigurations": [{"id": "Fax"}]}, "authenticationMethodConfigurations"),
        ({"authenticationMethodConfigurations": [{"id": "Sms", "state": "disabled"}]}, "@odata.type"),
        ({"authenticationMethodConfigurations": "Sms"}, "authenticationMethodConfigurations"),
    ],
)
def test_a_policy_that_cannot_be(api: Api, body: dict[str, Any], told: str) -> None:
    """400 that names what is wrong."""
    got = api.call("PATCH", POLICY, body)
    assert (400, "badRequest", True) == (got.status, got.code, told in got.body["error"]["message"])


@pytest.mark.parametrize(("body", "expected"), [(None, 400), ("", 400), ("[]", 400), ({}, 200)])
def test_a_body_is_needed(api: Api, body: Any, expected: int) -> None:  # noqa: ANN401 - any body
    """Be it an empty object, which changes nothing."""
    assert expected == api.call("PATCH", POLICY, body).status


def test_what_is_of_beta_is_refused_in_v1(api: Api) -> None:
    """Settings by name; methods are not found."""
    path = POLICY.replace("beta", "v1.0")
    got = api.call("PATCH", path, {"systemCredentialPreferences": {"state": "enabled"}})
    assert (400, True) == (got.status, "systemCredentialPreferences" in got.body["error"]["message"])
    for verb, body in (("PATCH", typed("HardwareOath", state="enabled")), ("DELETE", None)):
        assert 404 == api.call(verb, f"{path}/authenticationMethodConfigurations/HardwareOath", body).status


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (DirectoryRole.GLOBAL_ADMINISTRATOR, 204),
        (DirectoryRole.AUTHENTICATION_POLICY_ADMINISTRATOR, 204),
        (DirectoryRole.GLOBAL_READER, 403),
        (DirectoryRole.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, 403),
    ],
)
def test_who_may_write(api: Api, role: DirectoryRole, expected: int) -> None:
    """The policy's administrator and the global one (c2), with the permission to write."""
    ada = api.new_user("ada", role)
    body = typed("Sms", state="disabled")
    token = api.user_token(ada, "Policy.ReadWrite.AuthenticationMethod")
    assert expected == api.call("PATCH", f"{CONFIGURATIONS}/Sms", body, token=token).status
    assert expected == api.call("DELETE", f"{CONFIGURATIONS}/Sms", token=token).status
    assert 403 == api.call("PATCH", f"{CONFIGURATIONS}/Sms", body, token=api.user_token(ada, "Policy.Read.All")).status


def activities(api: Api) -> list[tuple[Any, ...]]:
    """What the log of the directory says of policies."""
    found = api.call("GET", "/v1.0/auditLogs/directoryAudits?$filter=loggedByService eq 'Authentication Methods'").body["value"]
    return [(one["activityDisplayName"], one["category"], one["targetResources"][0]) for one in found]


def test_a_change_is_in_the_log(api: Api) -> None:
    """F.3: update and reset, with old and new values; found by its id. What changes nothing is no record."""
    for _ in range(2):
        api.call("PATCH", f"{CONFIGURATIONS}/Sms", typed("Sms", state="disabled"))
    api.later(1)
    api.call("DELETE", f"{CONFIGURATIONS}/Sms")
    (reset, category, _), (update, _, target) = activities(api)
    assert ("Authentication Methods Policy Reset", "Authentication Methods Policy Update") == (reset, update)
    assert ("ApplicationManagement", "Authentication Methods Policy") == (category, target["displayName"])
    assert [{"displayName": "Sms.state", "oldValue": '["disabled"]', "newValue": '["enabled"]'}] == [
        {**one, "oldValue": one["newValue"], "newValue": one["oldValue"]} for one in target["modifiedProperties"]
    ]
    log = "/v1.0/auditLogs/directoryAudits"
    asked = "activityDisplayName eq 'Authentication Methods Policy Update' and targetResources/any(t:t/displayName eq '{}')"
    [one] = api.call("GET", f"{log}?$filter={asked.format('authentication methods policy')}").body["value"]
    assert one["id"] == api.call("GET", f"{log}/{one['id']}").body["id"]
    assert [] == api.call("GET", f"{log}?$filter={asked.format('Kim')}").body["value"]

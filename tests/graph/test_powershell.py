"""What the Graph PowerShell module sends, replayed request by request: its spelling of paths, its headers, its bodies.

The module itself does not run everywhere; its requests are known exactly (module index 000701007bf4, generated code). Rows are
the cmdlets of Microsoft.Graph.Identity.SignIns, its beta, and the neighbours a script touches, as far as their paths are served.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import pytest

from ringfence.domain.policy.roles import DirectoryRole
from tests.graph.served import MOBILE, OFFICE, Api, Reply

HEADERS: Final = {
    "User-Agent": "Mozilla/5.0,(Linux; en-US),PowerShell/7.4.1,Get-MgUser",
    "SdkVersion": "graph-powershell/2.30.0,Graph-dotnet-1.25.1",
    "FeatureFlag": "00000003",
    "Cache-Control": "no-store, no-cache",
    "Accept-Encoding": "gzip",
    "Accept": "application/json",
}
EMAIL: Final = "3ddfcfc8-9383-446f-83cc-3ab9be4be18f"
PASSWORD: Final = "28c10230-6103-485e-b985-444c60001490"  # noqa: S105 - the fixed id
ALTERNATE: Final = {"phoneNumber": "+1 4255550155", "phoneType": "alternateMobile"}
NOBODY: Final = "00000000-0000-0000-0000-000000000000"
DETAILS: Final = "/v1.0/reports/authenticationMethods/userRegistrationDetails"
U: Final = "/v1.0/users/kim%40contoso.example/authentication"
PHONE: Final = f"{U}/phoneMethods/{MOBILE}"
PASSES: Final = f"{U}/temporaryAccessPassMethods"
BETA: Final = "/beta/users/kim%40contoso.example/authentication"
POLICY: Final = "/v1.0/policies/authenticationMethodsPolicy"


class Sent(NamedTuple):
    """What a cmdlet sends, and the status of the answer."""

    cmdlet: str
    verb: str
    path: str
    body: Any = None
    status: int = 200
    as_person: bool = False


def method_rows() -> list[Sent]:
    """Every list with its item's `Get` and `…Count`, for the kinds that a user without any registered method has."""
    kinds = {
        "": "methods",
        "Fido2": "fido2Methods",
        "SoftwareOath": "softwareOathMethods",
        "MicrosoftAuthenticator": "microsoftAuthenticatorMethods",
        "WindowsHelloForBusiness": "windowsHelloForBusinessMethods",
        "PlatformCredential": "platformCredentialMethods",
        "TemporaryAccessPass": "temporaryAccessPassMethods",
        "Phone": "phoneMethods",
        "Email": "emailMethods",
        "Password": "passwordMethods",
    }
    rows = []
    for kind, collection in kinds.items():
        rows.append(Sent(f"Get-MgUserAuthentication{kind}Method", "GET", f"{U}/{collection}"))
        rows.append(Sent(f"Get-MgUserAuthentication{kind}MethodCount", "GET", f"{U}/{collection}/$count"))
        rows.append(Sent(f"Get-MgUserAuthentication{kind}Method -Id", "GET", f"{U}/{collection}/{NOBODY}", status=404))
    return rows


ROWS: Final = [
    *method_rows(),
    Sent("New-MgUserAuthenticationMethod", "POST", f"{U}/methods", {"@odata.type": "#microsoft.graph.x"}, 405),
    Sent("Update-MgUserAuthenticationMethod", "PATCH", f"{U}/methods/{MOBILE}", {}, 405),
    Sent(
        "Reset-MgUserAuthenticationMethodPassword",
        "POST",
        f"{U}/methods/{PASSWORD}/microsoft.graph.resetPassword",
        {"newPassword": "Correct-Horse-9"},
        202,
        as_person=True,
    ),
    Sent("Get-MgUserAuthenticationPhoneMethod", "GET", f"{U}/phoneMethods/{MOBILE}"),
    Sent("New-MgUserAuthenticationPhoneMethod", "POST", f"{U}/phoneMethods", ALTERNATE, 201),
    Sent("Update-MgUserAuthenticationPhoneMethod", "PATCH", f"{U}/phoneMethods/{MOBILE}", {"phoneNumber": "+1 4255550156"}, 204),
    Sent("Remove-MgUserAuthenticationPhoneMethod", "DELETE", f"{U}/phoneMethods/{OFFICE}", status=204),
    Sent("Enable-MgUserAuthenticationPhoneMethodSmsSignIn", "POST", f"{PHONE}/microsoft.graph.enableSmsSignIn", status=400),
    Sent("Disable-MgUserAuthenticationPhoneMethodSmsSignIn", "POST", f"{PHONE}/microsoft.graph.disableSmsSignIn", status=204),
    Sent("New-MgUserAuthenticationEmailMethod", "POST", f"{U}/emailMethods", {"emailAddress": "kim@home.example"}, 201),
    Sent("Update-MgUserAuthenticationEmailMethod", "PATCH", f"{U}/emailMethods/{EMAIL}", {"emailAddress": "k@home.example"}, 404),
    Sent("Remove-MgUserAuthenticationEmailMethod", "DELETE", f"{U}/emailMethods/{EMAIL}", status=404),
    Sent("Get-MgUserAuthenticationPasswordMethod", "GET", f"{U}/passwordMethods/{PASSWORD}"),
    Sent(
        "New-MgUserAuthenticationTemporaryAccessPassMethod",
        "POST",
        f"{U}/temporaryAccessPassMethods",
        {"isUsableOnce": True},
        201,
    ),
    Sent(
        "Get-MgUserAuthenticationOperation",
        "GET",
        f"{U}/operations/{NOBODY}",
        status=404,
        as_person=True,
    ),
    Sent("New-MgUserAuthenticationOperation", "POST", f"{U}/operations", {}, 404),
    Sent("Get-MgPolicyAuthenticationMethodPolicy", "GET", POLICY),
    Sent(
        "Get-MgPolicyAuthenticationMethodPolicyAuthenticationMethodConfiguration",
        "GET",
        f"{POLICY}/authenticationMethodConfigurations/Sms",
    ),
    Sent(
        "Update-MgPolicyAuthenticationMethodPolicyAuthenticationMethodConfiguration -BodyParameter",
        "PATCH",
        f"{POLICY}/authenticationMethodConfigurations/Sms",
        {"@odata.type": "#microsoft.graph.smsAuthenticationMethodConfiguration", "state": "enabled"},
        204,
    ),
    Sent(
        "Update-MgPolicyAuthenticationMethodPolicyAuthenticationMethodConfiguration -State",
        "PATCH",
        f"{POLICY}/authenticationMethodConfigurations/Sms",
        {"state": "enabled"},
        400,
    ),
    Sent(
        "Remove-MgPolicyAuthenticationMethodPolicyAuthenticationMethodConfiguration",
        "DELETE",
        f"{POLICY}/authenticationMethodConfigurations/Sms",
        status=204,
    ),
    Sent("Update-MgPolicyAuthenticationMethodPolicy", "PATCH", POLICY, {"policyMigrationState": "migrationInProgress"}),
    Sent(
        "Update-MgBetaPolicyAuthenticationMethodPolicy",
        "PATCH",
        POLICY.replace("v1.0", "beta"),
        {"systemCredentialPreferences": {"state": "enabled"}},
    ),
    Sent("Remove-MgPolicyAuthenticationMethodPolicy", "DELETE", POLICY, status=405),
    Sent("Get-MgBetaUserAuthenticationRequirement", "GET", f"{BETA}/requirements"),
    Sent("Update-MgBetaUserAuthenticationRequirement", "PATCH", f"{BETA}/requirements", {"perUserMfaState": "enforced"}, 204),
    Sent("Get-MgBetaUserAuthenticationSignInPreference", "GET", f"{BETA}/signInPreferences"),
    Sent(
        "Update-MgBetaUserAuthenticationSignInPreference",
        "PATCH",
        f"{BETA}/signInPreferences",
        {"userPreferredMethodForSecondaryAuthentication": "voiceMobile"},
        204,
    ),
    Sent(
        "Reset-MgBetaUserAuthenticationMethodPassword",
        "POST",
        f"{BETA}/methods/{PASSWORD}/microsoft.graph.resetPassword",
        {},
        202,
        as_person=True,
    ),
    Sent(
        "Get-MgReportAuthenticationMethodUserRegistrationDetail",
        "GET",
        "/v1.0/reports/authenticationMethods/userRegistrationDetails",
    ),
    Sent("Get-MgAuditLogDirectoryAudit", "GET", "/v1.0/auditLogs/directoryAudits?$top=5"),
    Sent("Get-MgUser", "GET", "/v1.0/users/kim%40contoso.example"),
    Sent("Get-MgUser -All", "GET", "/v1.0/users?$top=999"),
    Sent("Get-MgUser -Filter", "GET", "/v1.0/users?$filter=userPrincipalName%20eq%20'kim@contoso.example'"),
    Sent("Get-MgUserDelta", "GET", "/v1.0/users/microsoft.graph.delta()"),
    Sent("Update-MgUser", "PATCH", "/v1.0/users/kim%40contoso.example", {"jobTitle": "Engineer"}, 204),
    Sent("Revoke-MgUserSignInSession", "POST", "/v1.0/users/kim%40contoso.example/microsoft.graph.revokeSignInSessions"),
    Sent("Remove-MgUser", "DELETE", "/v1.0/users/kim%40contoso.example", status=204),
]
REPLAYED: Final = [pytest.param(row, id=f"{row.cmdlet} {at}") for at, row in enumerate(ROWS)]


@pytest.fixture
def office(api: Api) -> Api:
    """Kim has a mobile and an office phone, Ada may manage both."""
    kim = api.new_user("kim")
    api.new_user("ada", DirectoryRole.GLOBAL_ADMINISTRATOR)
    for kind, number in (("mobile", "+1 4255550100"), ("office", "+1 4255550101")):
        phone = {"phoneType": kind, "phoneNumber": number}
        assert 201 == api.call("POST", f"/v1.0/users/{kim}/authentication/phoneMethods", phone).status
    return api


def replay(api: Api, sent: Sent) -> Reply:
    """The request as the module sends it."""
    token = api.user_token("ada@contoso.example", "UserAuthenticationMethod.ReadWrite.All") if sent.as_person else None
    return api.call(sent.verb, sent.path, sent.body, token=token, **HEADERS)


@pytest.mark.parametrize("sent", REPLAYED)
def test_a_cmdlet_gets_its_answer(office: Api, sent: Sent) -> None:
    """The status its code takes for success (or what the real service refuses), and an error in the shape it reads."""
    got = replay(office, sent)
    assert sent.status == got.status, got.body
    assert got.status < 400 or got.body["error"]["message"]

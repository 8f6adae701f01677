"""`policies/authenticationMethodsPolicy`: the default policy and its configurations. Sources: surface a3, b4; D.8."""

from __future__ import annotations

import re

import pytest

from ringfence.domain.policy.roles import DirectoryRole
from ringfence.graph.metadata import METADATA
from tests.graph.served import Api

POLICY = "/v1.0/policies/authenticationMethodsPolicy"
CONFIGURATIONS = f"{POLICY}/authenticationMethodConfigurations"
IDS = ["Fido2", "MicrosoftAuthenticator", "Sms", "TemporaryAccessPass", "SoftwareOath", "Voice", "Email", "X509Certificate"]


def test_the_policy_comes_with_its_configurations(api: Api) -> None:
    """Expanded by default, under the singleton's context."""
    got = api.call("GET", POLICY).body
    assert "https://graph.contoso.example/v1.0/$metadata#authenticationMethodsPolicy" == got["@odata.context"]
    assert ("authenticationMethodsPolicy", IDS) == (got["id"], [one["id"] for one in got["authenticationMethodConfigurations"]])
    assert api.call("GET", CONFIGURATIONS).body["value"] == got["authenticationMethodConfigurations"]


def test_beta_has_more(api: Api) -> None:
    """Two methods, and settings of the policy."""
    got = api.call("GET", POLICY.replace("v1.0", "beta")).body
    assert [*IDS, "HardwareOath", "QRCodePin"] == [one["id"] for one in got["authenticationMethodConfigurations"]]
    assert "disabled" == got["systemCredentialPreferences"]["state"]


@pytest.mark.parametrize("name", ["sms", "Sms", "SMS"])
def test_ids_compare_without_case(api: Api, name: str) -> None:
    """The documents write them in several ways."""
    assert "Sms" == api.call("GET", f"{CONFIGURATIONS}/{name}").body["id"]


@pytest.mark.parametrize("name", ["fax", "HardwareOath"])
def test_an_unknown_configuration_is_not_found(api: Api, name: str) -> None:
    """Nor is one of beta in v1.0."""
    got = api.call("GET", f"{CONFIGURATIONS}/{name}")
    assert (404, "resourceNotFound") == (got.status, got.code)


def test_types_and_properties_are_those_of_the_model(api: Api) -> None:
    """Each `@odata.type` is an entity type of the CSDL, and has the properties that are shown."""
    common = {"@odata.type", "id", "state", "excludeTargets"}
    for one in api.call("GET", CONFIGURATIONS).body["value"]:
        kind = one["@odata.type"].removeprefix("#microsoft.graph.")
        [declared] = re.findall(rf'<EntityType Name="{kind}".*?</EntityType>', METADATA, re.DOTALL)
        assert set() == one.keys() - common - set(re.findall(r'Property Name="(\w+)"', declared))


def test_the_limits_of_a_pass(api: Api) -> None:
    """D.8, until they are changed."""
    got = api.call("GET", f"{CONFIGURATIONS}/temporaryAccessPass").body
    assert (60, 60, 480, 8, False) == tuple(
        got[name]
        for name in (
            "defaultLifetimeInMinutes",
            "minimumLifetimeInMinutes",
            "maximumLifetimeInMinutes",
            "defaultLength",
            "isUsableOnce",
        )
    )


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (DirectoryRole.GLOBAL_READER, 200),
        (DirectoryRole.AUTHENTICATION_POLICY_ADMINISTRATOR, 200),
        (DirectoryRole.AUTHENTICATION_ADMINISTRATOR, 403),
    ],
)
def test_who_may_read(api: Api, role: DirectoryRole, expected: int) -> None:
    """The reader of everything and the policy's administrator (c2)."""
    token = api.user_token(api.new_user("ada", role), "Policy.Read.All")
    assert expected == api.call("GET", POLICY, token=token).status

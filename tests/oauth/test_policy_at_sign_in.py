"""The policy of authentication methods governs the sign-in (D.2, D.3)."""

from __future__ import annotations

import re

import pytest

from tests.api.test_challenges import App
from tests.graph.served import Api
from tests.oauth.conftest import Service
from tests.oauth.test_second_step import Kim
from tests.oauth.test_sign_in import asked

__all__ = ["asked"]
_POLICY = "/v1.0/policies/authenticationMethodsPolicy"


def _set(api: Api, method: str, kind: str, **body: object) -> None:
    document = {"@odata.type": f"#microsoft.graph.{kind}AuthenticationMethodConfiguration", **body}
    got = api.call("PATCH", f"{_POLICY}/authenticationMethodConfigurations/{method}", document)
    assert 204 == got.status, got.body


@pytest.fixture
def kim(service: Service, asked: dict[str, str]) -> Kim:
    """A person with a mobile number and an app."""
    found = Kim(service, asked)
    App(service.api).enrol("kim@contoso.example")
    return found


def _choices(kim: Kim) -> list[str]:
    return re.findall(r'name="method" value="(\w+)"', kim.step("another").text)


def test_what_is_disabled_is_not_offered(kim: Kim) -> None:
    """From the next sign-in on, and the default is then another one."""
    _set(kim.api, "Sms", "sms", state="disabled")
    kim.password()
    assert ["oath", "voiceMobile"] == _choices(kim)
    assert "authenticator app" in kim.page().text


def test_the_system_prefers_codes_of_apps(kim: Kim) -> None:
    """Where the policy says so, whatever the default is (D.2)."""
    kim.password()
    assert "We texted" in kim.page().text
    got = kim.api.call("PATCH", _POLICY.replace("v1.0", "beta"), {"systemCredentialPreferences": {"state": "enabled"}})
    assert 200 == got.status, got.body
    kim.browser.flow = ""
    kim.password()
    assert "authenticator app" in kim.page().text


def test_with_everything_disabled_there_is_nothing_to_ask_by(kim: Kim) -> None:
    """A method that is disabled is none: one has to be registered (D.1)."""
    for method, kind in (("Sms", "sms"), ("Voice", "voice"), ("SoftwareOath", "softwareOath")):
        _set(kim.api, method, kind, state="disabled")
    kim.password()
    assert "More information is needed" in kim.page().text

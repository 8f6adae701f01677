"""Who has to register anew (E.2) proves first who they are, as long as there is anything to prove it by."""

from __future__ import annotations

import pytest

from ringfence.application.mfa.reregistration import RequireReregister, require_reregister
from ringfence.domain.directory.records import PerUserState
from tests.contract.deployments import TENANT
from tests.graph.served import ADMIN
from tests.oauth.conftest import Service
from tests.oauth.test_registration import Newcomer, asked
from tests.oauth.test_second_step import Kim

__all__ = ["asked"]
_KIM = "kim@contoso.example"
_MORE = "More information is needed"


def _anew(kim: Kim, *, keeps_methods: bool = False) -> None:
    command = RequireReregister(_KIM, ADMIN, keeps_methods=keeps_methods)
    require_reregister(kim.api.joined.services, TENANT, command, kim.api.clock.now())


@pytest.mark.parametrize("days", [0, 90], ids=["just made", "dormant"])
def test_a_pass_is_asked_for_before_the_registration(service: Service, asked: dict[str, str], days: int) -> None:
    """The password alone opens nothing while an administrator's pass waits; nor where nobody used the account for 90 days."""
    kim = Newcomer(service, asked)
    kim.api.later(days * 86400 + 1)
    _anew(kim)
    code = kim.api.call("POST", f"/v1.0/users/{_KIM}/authentication/temporaryAccessPassMethods", {}).body["temporaryAccessPass"]
    kim.password()
    page = kim.page().text
    assert (True, False) == ("temporary access pass" in page, _MORE in page)
    kim.step("enrol-app")
    assert _MORE not in kim.page().text
    assert 303 == kim.step("code", code=code).status_code
    assert _MORE in kim.page().text
    token = kim.app()
    assert ["pwd", "otp", "mfa"] == kim.claims(kim.step("code", code=kim.shown(token)))["amr"]


def test_a_method_that_was_kept_is_asked_for_before_the_registration(service: Service, asked: dict[str, str]) -> None:
    """Whoever has the password alone adds none of their own."""
    kim = Kim(service, asked, PerUserState.Enforced)
    _anew(kim, keeps_methods=True)
    kim.password()
    assert _MORE not in kim.page().text
    assert 303 == kim.step("code", code=kim.phones.code()).status_code
    assert _MORE in kim.page().text


def test_without_anything_to_ask_for_the_password_opens_the_registration(service: Service, asked: dict[str, str]) -> None:
    """That is what the administrator's command is for."""
    kim = Newcomer(service, asked)
    _anew(kim)
    assert 303 == kim.password().status_code
    assert _MORE in kim.page().text

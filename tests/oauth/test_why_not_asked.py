"""A sign-in that cannot go on for what an administrator decided: the log says why, the page does not (D.6, D.10)."""

from __future__ import annotations

from typing import Any, Final

import pytest

from ringfence.application.identity.parts import Identity
from ringfence.application.mfa.telephony import allow_prefixes, deny_prefixes, set_budget, set_limits, show_telephony
from ringfence.domain.signin.challenge import Channel
from ringfence.domain.signin.send_guard import Scope, SendRefusal
from tests.api.test_texts import BY
from tests.contract.deployments import TENANT
from tests.oauth.conftest import Service
from tests.oauth.test_policy_at_sign_in import _set
from tests.oauth.test_second_step import Kim
from tests.oauth.test_sign_in import asked

__all__ = ["asked"]
_COUNTRY: Final = "MFA denied; the number's country is not allowed (ringfence telephony show)"
_DISABLED: Final = "MFA denied; the method is disabled by policy (ringfence policy show)"
_SECRETS: Final = ("is not allowed", "policy", "budget", "too many to this")


@pytest.fixture
def kim(service: Service, asked: dict[str, str]) -> Kim:
    """A person with a mobile number in Germany."""
    return Kim(service, asked)


def _newest(kim: Kim) -> dict[str, Any]:
    line: dict[str, Any] = kim.api.call("GET", "/beta/auditLogs/signIns?$top=1").body["value"][0]
    return line


def _refused(kim: Kim) -> dict[SendRefusal, int]:
    return dict(show_telephony(kim.api.joined.services, TENANT, kim.api.clock.now()).refusals)


def _steps(line: dict[str, Any]) -> list[tuple[str, str, bool]]:
    return [
        (one["authenticationMethod"], one["authenticationStepResultDetail"], one["succeeded"])
        for one in line["authenticationDetails"]
        if one["authenticationMethod"]
    ]


def test_a_country_that_is_not_allowed(kim: Kim) -> None:
    """Beside the right password stands the text that was not sent, to which number; and it is counted."""
    deny_prefixes(kim.api.joined.services, TENANT, ["49"], BY)
    page = kim.password()
    line = _newest(kim)
    assert 53004 == line["status"]["errorCode"]
    assert [("Password", "Correct password", True), ("Text message", _COUNTRY, False)] == _steps(line)
    assert {"authMethod": "Text message", "authDetail": "+X XXXXXXX78"} == line["mfaDetail"]
    assert _COUNTRY in line["status"]["additionalDetails"]
    assert {SendRefusal.COUNTRY: 1} == _refused(kim)
    assert [] == [word for word in _SECRETS if word in page.text]


def test_a_method_that_is_disabled(kim: Kim) -> None:
    """The registration is demanded, as where there is none; the log says which method is held and disabled."""
    for method, kind in (("Sms", "sms"), ("Voice", "voice")):
        _set(kim.api, method, kind, state="disabled")
    kim.password()
    line = _newest(kim)
    assert (50079, ("Text message", _DISABLED, False)) == (line["status"]["errorCode"], _steps(line)[-1])
    assert {SendRefusal.METHOD_DISABLED: 1} == _refused(kim)
    assert [] == [word for word in _SECRETS if word in kim.page().text]


def test_without_a_sender(kim: Kim, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can be asked by a channel that nothing serves."""
    monkeypatch.setattr(Identity, "channels", frozenset[Channel](), raising=False)
    kim.password()
    assert "there is no sender" in _steps(_newest(kim))[-1][1]


@pytest.mark.parametrize("scope", list(Scope))
def test_which_limit_it_was(kim: Kim, scope: Scope) -> None:
    """The code is that of any limit; the words say which one, and of which number."""
    set_limits(kim.api.joined.services, TENANT, {scope: 1}, BY)
    for _ in range(2):
        kim.browser.flow = ""
        kim.password()
        kim.api.later(1)
    kim.step("method", method="sms")
    line = _newest(kim)
    ((label, told, _),) = _steps(line)
    assert (50088, "Text message", "+X XXXXXXX78") == (line["status"]["errorCode"], label, line["mfaDetail"]["authDetail"])
    ((refusal, count),) = _refused(kim).items()
    assert 2 == count
    assert told.endswith(f"hit our limit on verification calls or text verification codes: {refusal.value}")
    assert "too many to this" not in kim.page().text


def test_the_budget(kim: Kim) -> None:
    """It is said in the log that it is spent."""
    set_budget(kim.api.joined.services, TENANT, 1, {"sms": 79}, "EUR", BY)
    kim.password()
    kim.api.later(1)
    kim.step("method", method="sms")
    assert "MFA denied; the month's budget is spent" == _steps(_newest(kim))[-1][1]
    assert "budget" not in kim.page().text


def test_what_was_stopped_during_the_sign_in(kim: Kim) -> None:
    """The password was right and the text went; then the country was stopped, and another one was asked for by hand."""
    kim.password()
    deny_prefixes(kim.api.joined.services, TENANT, ["49"], BY)
    kim.api.later(1)
    kim.step("method", method="sms")
    assert (500121, [("Text message", _COUNTRY, False)]) == (_newest(kim)["status"]["errorCode"], _steps(_newest(kim)))


def test_a_phone_that_is_registered_in_no_allowed_country(kim: Kim) -> None:
    """A newcomer's number abroad: the line says what was tried, masked."""
    kim.api.call("DELETE", "/v1.0/users/kim@contoso.example/authentication/phoneMethods/3179e48a-750b-4051-897c-87b9720928f7")
    allow_prefixes(kim.api.joined.services, TENANT, ["43"], BY)
    kim.password()
    kim.api.later(1)
    kim.step("enrol-phone", method="sms", country="44", number="7700900123")
    line = _newest(kim)
    assert (50088, _COUNTRY) == (line["status"]["errorCode"], _steps(line)[-1][1])
    assert {SendRefusal.COUNTRY: 1} == _refused(kim)

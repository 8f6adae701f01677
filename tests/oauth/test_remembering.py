"""What skips the second factor: a remembered browser, a trusted address; and what denies it: a block (D.6, D.9)."""

from __future__ import annotations

from typing import Any, Final

import pytest

from ringfence.application.mfa.blocked_users import BlockUser, block_user
from ringfence.application.mfa.remembered_browsers import revoke_mfa_sessions
from ringfence.application.mfa.settings import change_settings
from tests.contract.deployments import TENANT
from tests.graph.served import ADMIN
from tests.oauth.conftest import Service
from tests.oauth.test_second_step import Kim
from tests.oauth.test_sign_in import VERIFIER, answer_of, asked

__all__ = ["asked"]
_KIM: Final = "kim@contoso.example"
_SITE: Final = "https://app.example/in?x=1"


def _set(kim: Kim, **changes: Any) -> None:  # noqa: ANN401 - fields
    change_settings(kim.api.joined.services, TENANT, lambda before: before._replace(**changes), ADMIN, kim.api.clock.now())


@pytest.fixture
def kim(service: Service, asked: dict[str, str]) -> Kim:
    """At a site, in a browser."""
    return Kim(service, {**asked, "redirect_uri": _SITE})


def _remembered(kim: Kim) -> None:
    """Sign in, and have the browser remembered."""
    kim.password()
    done = kim.step("code", code=kim.phones.code(), remember="1")
    assert "code" in answer_of(done)
    kim.browser.remembered = done.cookies["__Host-ringfence-remembered"].value
    kim.browser.flow = ""


def test_a_remembered_browser_is_not_asked_again(kim: Kim) -> None:
    """For the days that are offered, which the page says; the log says why nothing was asked."""
    _set(kim, remember_days=14)
    kim.password()
    assert "for 14 days" in kim.page().text
    kim.phones.settle()
    kim.browser.flow = ""
    _remembered(kim)
    kim.api.later(60)
    assert "code" in answer_of(kim.password())
    line = kim.api.call("GET", "/beta/auditLogs/signIns?$top=1").body["value"][0]
    assert "skipped due to remembered device" in line["status"]["additionalDetails"]
    kim.api.later(14 * 86400)
    assert "location" in kim.password().headers
    assert "We texted" in kim.page().text


def test_an_administrator_has_all_browsers_forgotten(kim: Kim) -> None:
    """Revoke MFA sessions (E.2)."""
    _set(kim, remember_days=14)
    _remembered(kim)
    kim.api.later(60)
    revoke_mfa_sessions(kim.api.joined.services, TENANT, _KIM, ADMIN, kim.api.clock.now())
    kim.password()
    assert "We texted" in kim.page().text


def test_it_is_not_offered_unless_it_is_set(kim: Kim) -> None:
    """A form that asks for it all the same gets no cookie."""
    kim.password()
    assert "again for" not in kim.page().text
    done = kim.step("code", code=kim.phones.code(), remember="1")
    assert "__Host-ringfence-remembered" not in done.cookies


def test_a_trusted_address(kim: Kim) -> None:
    """Skips the second factor, and the log says so (D.9); another one does not."""
    _set(kim, trusted_ranges=("203.0.113.0/24",))
    assert "Location" in {name.title() for name in kim.password().headers}
    kim.browser.flow = ""
    kim.browser.address = "203.0.113.7"
    assert "code" in answer_of(kim.password())


def test_a_blocked_user_is_denied_without_a_prompt(kim: Kim) -> None:
    """Whatever they would answer; what to do stands on a page of its own, without a form that leads nowhere."""
    now = kim.api.clock.now()
    block_user(kim.api.joined.services, TENANT, BlockUser(_KIM, "lost phone", ADMIN), now)
    page = kim.password().text
    assert ("AADSTS50097" in page, "Ask an administrator" in page, "<form" in page) == (True, True, False)
    assert [] == kim.phones.take()


def _refreshed(kim: Kim, refresh: str) -> tuple[int, str]:
    """A refresh: its status and what is wrong."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": kim.asked["client_id"]}
    got = kim.service.post("/oauth2/v2.0/token", **form)
    return got.status, got.body.get("error_description", "")[:12] or got.body["refresh_token"]


def test_refresh_tokens_are_checked_against_the_last_second_factor(kim: Kim) -> None:
    """Of applications that no browser is remembered for (D.9): revoking MFA sessions ends them, and so does their age."""
    _set(kim, remember_days=2)
    refreshes = [_refresh_token(kim), _refresh_token(kim)]
    kim.api.later(86400)
    status, first = _refreshed(kim, refreshes[0])
    assert 200 == status
    revoke_mfa_sessions(kim.api.joined.services, TENANT, _KIM, ADMIN, kim.api.clock.now())
    assert (400, "AADSTS50078:") == _refreshed(kim, first)
    kim.api.later(86400)
    assert (400, "AADSTS50078:") == _refreshed(kim, refreshes[1])


def _refresh_token(kim: Kim) -> str:
    kim.browser.flow = ""
    kim.password()
    kim.api.later(40)
    code = answer_of(kim.step("code", code=kim.phones.code()))["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": _SITE, "code_verifier": VERIFIER}
    return str(kim.service.post("/oauth2/v2.0/token", **form, client_id=kim.asked["client_id"]).body["refresh_token"])

"""A challenge that no answer can be right for: the application is told nothing, the log says why (D.6; lessons 1, Authy)."""

from __future__ import annotations

from typing import Any

import pytest

from ringfence.application.mfa.blocked_users import BlockUser, block_user
from ringfence.application.mfa.telephony import deny_prefixes, show_telephony
from ringfence.domain.signin.send_guard import SendRefusal
from tests.api.test_texts import BY, Phones
from tests.contract.deployments import TENANT
from tests.graph.served import ADMIN, Api
from tests.oauth.test_policy_at_sign_in import _set


@pytest.fixture
def phones(api: Api) -> Phones:
    """The example's telephones."""
    return Phones(api)


def _lines(phones: Phones) -> list[tuple[int, str | None, str]]:
    lines: list[dict[str, Any]] = phones.api.call("GET", "/beta/auditLogs/signIns").body["value"]
    return [
        (line["status"]["errorCode"], (line["mfaDetail"] or {}).get("authDetail"), line["status"]["additionalDetails"])
        for line in lines
    ]


def test_a_country_is_noted_when_the_text_would_go_out(phones: Phones) -> None:
    """By the process that sends, so that the time of the answer tells nobody who has a number."""
    user = phones.user("jan", "+44 7700900123")
    phones.asked(user, method="sms")
    assert [] == _lines(phones)
    assert [] == phones.take()
    told = "MFA denied; the number's country is not allowed (ringfence telephony show)."
    assert [(500121, "+X XXXXXXX23", told)] == _lines(phones)
    status = show_telephony(phones.api.joined.services, TENANT, phones.api.clock.now())
    assert {SendRefusal.COUNTRY: 1} == status.refusals


def test_nobody_leaves_nothing(phones: Phones) -> None:
    """A name that nobody has is in nobody's way."""
    phones.asked("nobody@contoso.example", method="sms")
    assert ([], []) == (phones.take(), _lines(phones))


def test_without_a_number(phones: Phones) -> None:
    """There is nothing registered."""
    phones.asked(phones.api.new_user("ned"), method="sms")
    assert ([], [(500121, None, "MFA denied; no verification methods registered.")]) == (phones.take(), _lines(phones))


def test_a_blocked_user(phones: Phones) -> None:
    """Is told apart from one without a method, in the log alone."""
    user = phones.user("bea")
    block_user(phones.api.joined.services, TENANT, BlockUser(user, "stolen", ADMIN), phones.api.clock.now())
    phones.asked(user, method="sms")
    assert ([], "MFA denied; user is blocked.") == (phones.take(), _lines(phones)[0][2])


def test_codes_of_apps_that_the_policy_forbids(phones: Phones) -> None:
    """Are not right, and the log says that it was not the code."""
    app = phones.app
    user = phones.api.new_user("oda")
    token = app.enrol(user)
    _set(phones.api, "SoftwareOath", "softwareOath", state="disabled")
    challenge = phones.asked(user, method="oath")
    assert 403 == app.answer(challenge, app.shown(token)).status
    assert "MFA denied; the method is disabled by policy" in _lines(phones)[0][2]


def test_a_country_that_is_stopped_between_two_sendings(phones: Phones) -> None:
    """The guard refuses, whoever it is about; the log has the number."""
    challenge = phones.asked(phones.user("ute"))
    deny_prefixes(phones.api.joined.services, TENANT, ["49"], BY)
    phones.api.later(31)
    assert 409 == phones.resend(challenge).status
    assert (50088, "+X XXXXXXX78") == _lines(phones)[0][:2]

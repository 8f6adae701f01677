"""The interrupt: who has no method registers one at the sign-in that demands it, verified before it is saved (E.3, D.9)."""

from __future__ import annotations

import re
from html import escape

import pytest

from ringfence.application.accounts import show_active_user
from ringfence.application.identity.passwords import set_password
from ringfence.application.mfa.blocked_users import BlockUser, block_user
from ringfence.application.mfa.telephony import deny_prefixes, set_limits
from ringfence.application.ports.calls import CallEnd
from ringfence.application.ports.delivery import RefusalReason, Refused
from ringfence.application.preferences import set_mfa_state
from ringfence.domain.directory.records import PerUserState
from ringfence.domain.methods.oath import OathToken, code_of, read_secret, step_at
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.signin.send_guard import Scope
from tests.api.test_texts import BY
from tests.contract.deployments import TENANT
from tests.graph.served import ADMIN
from tests.oauth.conftest import Service
from tests.oauth.test_second_step import Kim
from tests.oauth.test_sign_in import answer_of, asked

__all__ = ["asked"]
_KIM = "kim@contoso.example"


class Newcomer(Kim):
    """Somebody of whom a second factor is demanded, and who has none."""

    def __init__(self, service: Service, asked: dict[str, str]) -> None:
        """Take her number away again."""
        super().__init__(service, asked, PerUserState.Disabled)
        path = f"/v1.0/users/{_KIM}/authentication/phoneMethods/3179e48a-750b-4051-897c-87b9720928f7"
        assert 204 == self.api.call("DELETE", path).status
        set_mfa_state(self.api.joined.services, TENANT, _KIM, PerUserState.Enabled, ADMIN, self.api.clock.now())

    def user(self) -> tuple[PerUserState, MethodType | None, bool]:
        """Her state, her default, and whether she has a mobile number."""
        account = show_active_user(self.api.joined.services, TENANT, _KIM)
        return account.user.mfa_state, account.user.default, account.pairs[Pair.MOBILE].authentication is not None

    def app(self) -> OathToken:
        """What her app reads from the page."""
        assert 303 == self.step("enrol-app").status_code
        page = self.page().text
        found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
        assert found is not None
        assert "<svg" in page
        seed = read_secret(found[1])
        assert seed is not None
        return OathToken(seed)

    def shown(self, token: OathToken, ahead: int = 0) -> str:
        """The code that the app shows."""
        return code_of(token, step_at(self.api.clock.now(), token.period) + ahead)


@pytest.fixture
def kim(service: Service, asked: dict[str, str]) -> Newcomer:
    """Her."""
    return Newcomer(service, asked)


def test_an_app(kim: Newcomer) -> None:
    """Its code makes it hers, and ends the sign-in; the state becomes Enforced (D.9)."""
    kim.password()
    page = kim.page().text
    assert ("More information is needed" in page, '<option value="49">Germany (+49)</option>' in page) == (True, True)
    token = kim.app()
    kim.api.later(1)
    assert ["pwd", "otp", "mfa"] == kim.claims(kim.step("code", code=kim.shown(token)))["amr"]
    assert (PerUserState.Enforced, MethodType.PhoneAppOTP, False) == kim.user()
    assert [0, 50079] == [code for code, _ in kim.log()]


def test_an_app_is_called_like_the_tenant(kim: Newcomer) -> None:
    """On the page and in the app, for somebody may have accounts in several."""
    kim.password()
    kim.app()
    page = kim.page().text
    assert "<strong>contoso.example</strong> (kim@contoso.example)" in page
    assert re.search(r'href="otpauth://totp/contoso\.example:kim@contoso\.example\?[^"]*issuer=contoso\.example&', page)


def test_the_code_that_registered_an_app_serves_no_second_time(kim: Newcomer) -> None:
    """Its step is the last one taken."""
    kim.password()
    token = kim.app()
    code = kim.shown(token)
    kim.step("code", code=code)
    kim.browser.flow = ""
    kim.password()
    assert "used before" in kim.step("code", code=code).text
    assert 303 == kim.step("code", code=kim.shown(token, 1)).status_code


def test_nothing_is_saved_without_verification(kim: Newcomer) -> None:
    """Neither an app nor a number."""
    kim.password()
    kim.app()
    kim.step("code", code="000000")
    kim.step("enrol-phone", country="49", number="151 2345-6789", method="sms")
    kim.phones.settle()
    assert (PerUserState.Enabled, None, False) == kim.user()


def test_a_text(kim: Newcomer) -> None:
    """To the number that was typed, which its page shows whole to who typed it."""
    kim.password()
    assert 303 == kim.step("enrol-phone", country="49", number="151 2345-6789", method="sms").status_code
    assert "We texted a code to +49 15123456789" in kim.page().text
    assert ["pwd", "sms", "mfa"] == kim.claims(kim.step("code", code=kim.phones.code()))["amr"]
    assert (PerUserState.Enforced, MethodType.OneWaySMS, True) == kim.user()


def test_a_call(kim: Newcomer) -> None:
    """The method that was verified becomes the default (E.3)."""
    kim.password()
    kim.step("enrol-phone", country="49", number="15123456789", method="voiceMobile")
    kim.phones.settle(CallEnd.APPROVED)
    assert ["pwd", "tel", "mfa"] == kim.claims(kim.page())["amr"]
    assert (PerUserState.Enforced, MethodType.TwoWayVoiceMobile, True) == kim.user()


@pytest.mark.parametrize("method", ["sms", "voiceMobile"])
def test_a_number_can_be_changed(kim: Newcomer, method: str) -> None:
    """There is no other way to sign in yet; what was typed is there to be put right, and only the new number counts."""
    kim.password()
    kim.step("enrol-phone", country="49", number="15123456788", method=method)
    page = kim.page().text
    assert (True, False) == ("Change the number" in page, "another way" in page)
    assert 'value="15123456788"' in kim.step("another").text
    kim.phones.settle()
    kim.step("enrol-phone", country="49", number="15123456789", method="sms")
    assert "We texted a code to +49 15123456789" in kim.page().text
    kim.step("code", code=kim.phones.code())
    got = kim.api.call("GET", f"/v1.0/users/{_KIM}/authentication/phoneMethods").body["value"]
    assert ["+49 15123456789"] == [one["phoneNumber"] for one in got]


@pytest.mark.parametrize(
    ("country", "number", "words"),
    [
        ("49", "12", "too short"),
        ("49", "1234", "too short"),
        ("49", "0151 12345678", "Leave out the 0 behind +49"),
        ("49", "", "no telephone number"),
        ("", "15123456789", "no telephone number"),
        ("44", "7700900123", "cannot be used here"),
        ("49", "<script>", "no telephone number"),
    ],
)
def test_numbers_that_are_none(kim: Newcomer, country: str, number: str, words: str) -> None:
    """Each is told, and nothing is sent; what was typed is there to be put right."""
    kim.password()
    page = kim.step("enrol-phone", country=country, number=number, method="sms").text
    assert (True, []) == (words in page, kim.phones.take())
    assert (True, True) == (f'value="{escape(number)}"' in page, country != "49" or '<option value="49" selected>' in page)


def test_a_limit_leaves_the_app(kim: Newcomer) -> None:
    """No phone is offered that would be refused again, and its time is said; a limit of the number alone leaves others."""
    set_limits(kim.api.joined.services, TENANT, {Scope.USER: 2, Scope.NUMBER: 1}, BY)
    kim.password()
    phone = {"country": "49", "number": "15123456789", "method": "sms"}
    kim.step("enrol-phone", **phone)
    page = kim.step("enrol-phone", **phone).text
    assert ("Try again later, or use an app." in page, 'name="number"' in page) == (True, True)
    kim.step("enrol-phone", **{**phone, "number": "15123456788"})
    page = kim.step("enrol-phone", **{**phone, "number": "15123456787"}).text
    assert ("Try again in 5 minutes, or use an app." in page, 'name="number"' in page) == (True, False)


def test_a_number_that_cannot_be_reached(kim: Newcomer) -> None:
    """Is there to be changed; nothing is said of other ways to sign in, for there are none."""
    kim.password()
    kim.step("enrol-phone", country="49", number="15123456789", method="voiceMobile")
    kim.phones.settle(Refused(RefusalReason.DESTINATION))
    page = kim.page().text
    assert ("Look at its number" in page, "another way" in page) == (True, False)
    assert 'value="15123456789"' in page


def test_who_has_a_method_registers_none_here(service: Service, asked: dict[str, str]) -> None:
    """With the password alone nobody adds a phone to somebody's account (lessons: Devolutions)."""
    kim = Kim(service, asked)
    kim.password()
    kim.step("enrol-app")
    kim.step("enrol-phone", country="49", number="1519999999", method="sms")
    methods = kim.api.call("GET", f"/v1.0/users/{_KIM}/authentication/methods").body["value"]
    assert {"#microsoft.graph.passwordAuthenticationMethod", "#microsoft.graph.phoneAuthenticationMethod"} == {
        one["@odata.type"] for one in methods
    }


def test_two_at_once_register_one_number(kim: Newcomer) -> None:
    """The one that comes second is told that it did not work, and the first stays."""
    kim.password()
    kim.step("enrol-phone", country="49", number="15123456789", method="sms")
    code = kim.phones.code()
    body = {"phoneNumber": "+49 15199999999", "phoneType": "mobile"}
    kim.api.call("POST", f"/v1.0/users/{_KIM}/authentication/phoneMethods", body)
    assert "did not work" in kim.step("code", code=code).text
    got = kim.api.call("GET", f"/v1.0/users/{_KIM}/authentication/phoneMethods").body["value"]
    assert ["+49 15199999999"] == [one["phoneNumber"] for one in got]


def test_the_audit_says_who_registered_what(kim: Newcomer) -> None:
    """The person themselves (F.3)."""
    kim.password()
    kim.step("enrol-phone", country="49", number="15123456789", method="sms")
    kim.step("code", code=kim.phones.code())
    found = kim.api.call("GET", "/v1.0/auditLogs/directoryAudits").body["value"]
    own = [one for one in found if one["activityDisplayName"] == "User registered security info"]
    assert [("User registered Mobile Phone SMS", _KIM)] == [
        (one["resultReason"], one["initiatedBy"]["user"]["userPrincipalName"]) for one in own
    ]


def _pass(kim: Newcomer, **body: object) -> str:
    got = kim.api.call("POST", f"/v1.0/users/{_KIM}/authentication/temporaryAccessPassMethods", body)
    assert 201 == got.status, got.body
    return str(got.body["temporaryAccessPass"])


def test_a_pass_opens_the_door_to_a_registration(kim: Newcomer) -> None:
    """It is a strong proof, and the method has to be registered before the sign-in goes on (D.8)."""
    code = _pass(kim)
    kim.password()
    page = kim.page().text
    assert ("temporary access pass" in page, "numeric" in page) == (True, False)  # it has letters
    assert 303 == kim.step("code", code=code).status_code
    assert "More information is needed" in kim.page().text
    token = kim.app()
    assert ["pwd", "otp", "mfa"] == kim.claims(kim.step("code", code=kim.shown(token)))["amr"]


def test_a_pass_of_one_use(kim: Newcomer) -> None:
    """Is used up by it; a wrong one is counted like any code."""
    code = _pass(kim, isUsableOnce=True)
    kim.password()
    assert "is not right" in kim.step("code", code="wrong").text
    assert 303 == kim.step("code", code=code).status_code
    kim.browser.flow = ""
    kim.password()
    assert "More information is needed" in kim.page().text


def test_a_dormant_account_registers_nothing_by_its_password(kim: Newcomer) -> None:
    """After 90 days an administrator's pass is needed (lessons: Duo); with it the registration goes on."""
    kim.api.later(90 * 86400)
    page = kim.password().text
    assert ("AADSTS53004" in page, "Begin again</a>" in page, "<form" in page) == (True, True, False)
    code = _pass(kim)
    kim.password()
    kim.step("code", code=code)
    assert "More information is needed" in kim.page().text


def test_who_signs_in_is_not_dormant(kim: Newcomer) -> None:
    """A sign-in within the 90 days is enough."""
    set_mfa_state(kim.api.joined.services, TENANT, _KIM, PerUserState.Disabled, ADMIN, kim.api.clock.now())
    kim.api.later(80 * 86400)
    assert "code" in answer_of(kim.password())
    set_mfa_state(kim.api.joined.services, TENANT, _KIM, PerUserState.Enabled, ADMIN, kim.api.clock.now())
    kim.api.later(80 * 86400)
    assert 303 == kim.password().status_code


def test_a_phone_that_cannot_be_asked_for_protects_all_the_same(service: Service, asked: dict[str, str]) -> None:
    """While its country is stopped nobody registers another method on the password: it fails closed."""
    kim = Kim(service, asked)
    deny_prefixes(kim.api.joined.services, TENANT, ["49"], BY)
    assert "AADSTS53004" in kim.password().text


def test_a_second_flow_registers_nothing_after_the_first(kim: Newcomer) -> None:
    """Who waits with the password until the owner has registered comes too late."""
    kim.password()
    waiting = kim.browser.flow
    kim.browser.flow = ""
    kim.password()
    token = kim.app()
    assert "code" in answer_of(kim.step("code", code=kim.shown(token)))
    kim.browser.flow = waiting
    assert "took too long" in kim.step("enrol-app").text


def test_a_new_password_ends_a_registration_under_way(kim: Newcomer) -> None:
    """An administrator who resets it keeps the one before from planting a method."""
    kim.password()
    token = kim.app()
    kim.api.later(1)
    set_password(kim.api.identity, TENANT, _KIM, "Another-Horse-9", kim.api.clock.now())
    kim.step("code", code=kim.shown(token))
    assert "took too long" in kim.step("enrol-app").text
    assert (PerUserState.Enabled, None, False) == kim.user()


def test_who_is_blocked_while_the_phone_rings_is_not_let_in(service: Service, asked: dict[str, str]) -> None:
    """Nor is anything sent once more (a stolen phone)."""
    kim = Kim(service, asked)
    kim.password()
    kim.step("method", method="voiceMobile")
    block_user(kim.api.joined.services, TENANT, BlockUser(_KIM, "stolen", ADMIN), kim.api.clock.now())
    kim.phones.settle(CallEnd.APPROVED)
    assert "cannot reach that phone" in kim.page().text
    kim.api.later(31)
    kim.step("resend")
    assert [] == kim.phones.take()

"""After the password: the code is texted, the call is waited for, and only what was proved gets through (D.1, D.9, D.10)."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from json import loads
from typing import Any, Final

import pytest
from falcon import testing

from ringfence.application.identity.passwords import set_password
from ringfence.application.mfa.telephony import set_budget, set_limits
from ringfence.application.ports.calls import CallEnd
from ringfence.application.preferences import set_mfa_state
from ringfence.domain.directory.records import PerUserState
from ringfence.domain.signin.send_guard import Scope
from tests.api.test_texts import BY, Phones
from tests.contract.deployments import TENANT
from tests.graph.served import ADMIN
from tests.oauth.conftest import Service
from tests.oauth.test_sign_in import PASSWORD, PATH, REDIRECT, VERIFIER, Browser, answer_of, asked

__all__ = ["asked"]
_KIM: Final = "kim@contoso.example"


class Kim:
    """A person with a telephone, of whom a second factor is demanded."""

    def __init__(self, service: Service, asked: dict[str, str], state: PerUserState = PerUserState.Enforced) -> None:
        """Give her a number."""
        self.service, self.asked, self.api = service, asked, service.api
        self.phones = Phones(service.api)
        body = {"phoneNumber": "+49 15112345678", "phoneType": "mobile"}
        self.api.call("POST", f"/v1.0/users/{_KIM}/authentication/phoneMethods", body)
        set_mfa_state(self.api.joined.services, TENANT, _KIM, state, ADMIN, self.api.clock.now())
        self.browser = Browser(service)
        self.browser.open(PATH, **asked)

    def password(self) -> testing.Result:
        """Type it."""
        return self.browser.fill(PATH, self.asked, login=_KIM, passwd=PASSWORD)

    def page(self) -> testing.Result:
        """The page of now."""
        return self.browser.open(PATH, **self.asked)

    def step(self, name: str, **fields: str) -> testing.Result:
        """Fill in the second form."""
        return self.browser.fill(PATH, self.asked, step=name, **fields)

    def claims(self, sent: testing.Result) -> dict[str, Any]:
        """What the access token says."""
        form = {"grant_type": "authorization_code", "code": answer_of(sent)["code"][0], "redirect_uri": REDIRECT}
        got = self.service.post("/oauth2/v2.0/token", **form, code_verifier=VERIFIER, client_id=self.asked["client_id"])
        middle = got.body["access_token"].split(".")[1]
        found: dict[str, Any] = loads(urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return found

    def log(self) -> list[tuple[int, str]]:
        """Codes and steps of the sign-ins, newest first."""
        lines = self.api.call("GET", "/beta/auditLogs/signIns").body["value"]
        return [(line["status"]["errorCode"], line["correlationId"]) for line in lines]


@pytest.fixture
def kim(service: Service, asked: dict[str, str]) -> Kim:
    """Her."""
    return Kim(service, asked)


def test_a_text_after_the_password(kim: Kim) -> None:
    """The token says what was done, and the log has the interrupt and the end of it."""
    sent = kim.password()
    assert (303, True) == (sent.status_code, sent.headers["location"].startswith(PATH))
    page = kim.page()
    assert "We texted a code to +X XXXXXXX78." in page.text
    kim.api.later(1)
    done = kim.step("code", code=kim.phones.code())
    assert ["pwd", "sms", "mfa"] == kim.claims(done)["amr"]
    assert [0, 50074] == [code for code, _ in kim.log()]


def test_without_a_demand_the_password_is_enough(service: Service, asked: dict[str, str]) -> None:
    """Whatever is registered (D.9, T14)."""
    kim = Kim(service, asked, PerUserState.Disabled)
    assert (["pwd"], []) == (kim.claims(kim.password())["amr"], kim.phones.take())


@pytest.mark.parametrize("step", ["", "code", "resend", "another", "method", "finish"])
def test_no_step_can_be_skipped(kim: Kim, step: str) -> None:
    """An empty form, or one of another step, leads nowhere (lessons: authentik)."""
    kim.password()
    got = kim.step(step, code="", method="")
    assert "code=" not in got.headers.get("location", "")


def test_the_password_page_cannot_be_passed_by_the_second_one(kim: Kim) -> None:
    """Without the first step there is no second."""
    got = kim.step("code", code="123456")
    assert (200, True) == (got.status_code, "Begin again" in got.text)


def test_a_step_is_for_its_own_request(kim: Kim) -> None:
    """The same browser with another request of the same application has to begin again."""
    kim.password()
    other = {**kim.asked, "state": "other"}
    got = kim.browser.fill(PATH, other, step="code", code=kim.phones.code())
    assert "Begin again" in got.text


def test_the_flow_of_another_browser_is_of_no_use(kim: Kim) -> None:
    """The secret is the browser's own."""
    kim.password()
    kim.browser.flow = "x" * 43
    assert "Begin again" in kim.step("code", code=kim.phones.code()).text


def test_wrong_codes_are_counted_and_the_right_one_after_them_is_late(kim: Kim) -> None:
    """The same verifier as the API's, with its lock."""
    kim.password()
    code = kim.phones.code()
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    pages = [kim.step("code", code=wrong).text for _ in range(5)]
    assert [True] * 4 + [False] == ["That code is not right" in page for page in pages]
    assert "locked" in kim.step("code", code=code).text


def test_reloading_sends_nothing(kim: Kim) -> None:
    """Nor does going back (lessons: keycloak-mfa-plugins)."""
    kim.password()
    kim.phones.settle()
    for _ in range(3):
        kim.page()
    assert [] == kim.phones.take()


def test_another_code_can_be_asked_for(kim: Kim) -> None:
    """After half a minute."""
    kim.password()
    first = kim.phones.code()
    assert "half a minute" in kim.step("resend").text
    kim.api.later(30)
    assert 303 == kim.step("resend").status_code
    second = kim.phones.code()
    assert "code" in answer_of(kim.step("code", code=second)), (first, second)


def test_another_way(kim: Kim) -> None:
    """The list has what there is; the call is waited for in short requests, and ends the sign-in."""
    kim.password()
    kim.phones.settle()
    choices = re.findall(r'name="method" value="(\w+)"', kim.step("another").text)
    assert ["sms", "voiceMobile"] == choices
    assert 303 == kim.step("method", method="voiceMobile").status_code
    waits = kim.page()
    assert ("We are calling +X XXXXXXX78." in waits.text, "/oauth/wait.js" in waits.text) == (True, True)
    asks = {"X-Ringfence-Asks": "1"}
    assert "1" == kim.browser.ask(PATH, kim.asked, asks).headers["x-ringfence-waiting"]
    kim.phones.settle(CallEnd.APPROVED)
    assert "0" == kim.browser.ask(PATH, kim.asked, asks).headers["x-ringfence-waiting"]
    assert ["pwd", "tel", "mfa"] == kim.claims(kim.page())["amr"]


def test_a_call_that_is_declined(kim: Kim) -> None:
    """Says so, and lets another method be chosen."""
    kim.password()
    kim.step("method", method="voiceMobile")
    kim.phones.settle(CallEnd.DECLINED)
    page = kim.page().text
    assert ("declined on the phone" in page, 'value="sms"' in page) == (True, True)


def test_a_sign_in_ends_once(kim: Kim) -> None:
    """Its page, fetched again after the end, is that of the password."""
    kim.password()
    done = kim.step("code", code=kim.phones.code())
    assert "code" in answer_of(done)
    assert 'name="passwd"' in kim.page().text


def test_it_takes_ten_minutes_at_most(kim: Kim) -> None:
    """Then it begins again."""
    kim.password()
    kim.api.later(600)
    assert 'name="passwd"' in kim.page().text


def _choices(page: str) -> list[str]:
    return re.findall(r'name="method" value="(\w+)"', page)


def _spend(kim: Kim, texts: int) -> str:
    """Let so many texts go out, and try once more; the page of that."""
    for _ in range(texts + 1):
        kim.browser.flow = ""
        kim.password()
    return kim.page().text


def test_the_limit_is_told(kim: Kim) -> None:
    """With its time, for it is the person's own; nothing that was just refused is offered before (D.6)."""
    page = _spend(kim, 5)
    assert ("hit our limit" in page, "Try again in 5 minutes." in page, _choices(page)) == (True, True, [])
    kim.api.later(250)
    assert "Try again in a minute." in kim.page().text
    kim.api.later(50)
    page = kim.page().text
    assert ("hit our limit" in page, _choices(page)) == (False, ["sms", "voiceMobile"])


def test_what_is_not_sent_is_still_offered(kim: Kim) -> None:
    """Beside a limit: the codes of an app need no network."""
    kim.api.call("POST", f"/v1.0/users/{_KIM}/authentication/temporaryAccessPassMethods", {})
    kim.password()
    for _ in range(5):
        kim.step("method", method="voiceMobile")
    page = kim.step("another").text
    assert ("or sign in another way." in page, _choices(page)) == (True, ["temporaryAccessPass"])


@pytest.mark.parametrize("scope", [Scope.TENANT, Scope.NUMBER, Scope.PREFIX])
def test_a_limit_of_others_too_says_no_time(kim: Kim, scope: Scope) -> None:
    """It would tell when somebody else was texted."""
    set_limits(kim.api.joined.services, TENANT, {scope: 1}, BY)
    page = _spend(kim, 1)
    assert ("Try again later." in page, "minute" in page, _choices(page)) == (True, False, [])


def test_a_spent_budget_is_for_administrators(kim: Kim) -> None:
    """No time makes it pass."""
    set_budget(kim.api.joined.services, TENANT, 0, {"sms": 50, "voice": 50}, None, BY)
    page = _spend(kim, 0)
    assert ("trouble verifying" in page, "Ask an administrator." in page, _choices(page)) == (True, True, [])


def test_a_code_that_cannot_be_sent_again_is_not_offered_again(kim: Kim) -> None:
    """The one that was sent is still right."""
    set_limits(kim.api.joined.services, TENANT, {Scope.USER: 1}, BY)
    kim.password()
    code = kim.phones.code()
    kim.api.later(30)
    page = kim.step("resend").text
    assert ("in 5 minutes" in page, 'value="resend"' in page) == (True, False)
    assert "code" in answer_of(kim.step("code", code=code))


def test_a_problem_stands_at_its_field(kim: Kim) -> None:
    """Below what the page is about, above the field, which names it to a screen reader."""
    kim.password()
    page = kim.step("code", code="1").text
    places = [page.index(one) for one in ("<h1>", "to go on to", "We texted", 'id="problem"', '<label for="code">')]
    assert places == sorted(places)
    assert re.search(r'<input id="code"[^>]* aria-describedby="problem" aria-invalid="true">', page)


def test_a_device(kim: Kim) -> None:
    """Its code leads through the same steps; the token says what was done."""
    started = kim.service.post("/oauth2/v2.0/devicecode", client_id=kim.asked["client_id"], scope="User.Read").body
    path, code = "/devicelogin", started["user_code"]
    kim.browser.fill(path, {}, answer="", user_code=code)
    sent = kim.browser.fill(path, {}, user_code=code, login=_KIM, passwd=PASSWORD)
    assert f"/devicelogin?user_code={code}" == sent.headers["location"]
    assert "We texted a code" in kim.browser.open(path, user_code=code).text
    done = kim.browser.fill(path, {"user_code": code}, user_code=code, step="code", code=kim.phones.code())
    assert "You are signed in" in done.text
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": started["device_code"]}
    token = kim.service.post("/oauth2/v2.0/token", **form, client_id=kim.asked["client_id"]).body["access_token"]
    middle = token.split(".")[1]
    assert ["pwd", "sms", "mfa"] == loads(urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))["amr"]


def test_a_new_password_leads_to_the_second_step_too(kim: Kim) -> None:
    """A password that has to be changed is no way around it."""
    set_password(kim.api.identity, TENANT, _KIM, PASSWORD, kim.api.clock.now(), must_change=True)
    new = "Another-Horse-9"
    sent = kim.browser.fill(PATH, kim.asked, login=_KIM, passwd=PASSWORD, new_password=new, new_password_again=new)
    assert (303, True) == (sent.status_code, sent.headers["location"].startswith(PATH))


def test_the_log_says_by_what_and_to_which_number(kim: Kim) -> None:
    """In beta's shape; `$filter` finds what demanded more than a password."""
    kim.password()
    kim.api.later(1)
    kim.step("code", code=kim.phones.code())
    path = "/beta/auditLogs/signIns?$filter=authenticationRequirement eq 'multiFactorAuthentication'"
    ended, began = kim.api.call("GET", path).body["value"]
    (step,) = ended["authenticationDetails"]
    assert ("Text message", "+X XXXXXXX78, authentication number", "MFA completed in the cloud", True) == (
        step["authenticationMethod"],
        step["authenticationMethodDetail"],
        step["authenticationStepResultDetail"],
        step["succeeded"],
    )
    assert {"authMethod": "Text message", "authDetail": "+X XXXXXXX78"} == ended["mfaDetail"]
    assert ["Correct password", "MFA required"] == [
        one["authenticationStepResultDetail"] for one in began["authenticationDetails"]
    ]
    others = kim.api.call("GET", path.replace("multiFactor", "singleFactor")).body["value"]
    assert [] == others


@pytest.mark.parametrize("query", ["user_code=%00", "user_code=a&user_code=b"])
def test_a_spoiled_address_of_a_device_is_refused(kim: Kim, query: str) -> None:
    """On a page, and not as a mistake of ours."""
    got = kim.browser.client.simulate_get("/devicelogin", query_string=query)
    assert (400, []) == (got.status_code, kim.api.errors)

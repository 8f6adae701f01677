"""The sign-in page and the device page: who gets through, where answers go. Sources: clients 1.3, D.6."""

from __future__ import annotations

import re
import uuid
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from falcon import testing

from ringfence.application.identity.passwords import set_password
from ringfence.domain.directory.user import upn_key
from tests.contract.deployments import TENANT
from tests.oauth.conftest import Service

PASSWORD = "Correct-Horse-9"  # noqa: S105 - invented here
REDIRECT = "http://localhost:8400/done"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
PATH = "/contoso.example/oauth2/v2.0/authorize"


class Browser:
    """A person's browser: keeps the cookie, fills in the form it was shown."""

    def __init__(self, service: Service) -> None:
        """Open it."""
        self.service = service
        self.client = service.api.client
        self.cookie = ""
        self.flow = ""
        self.canary = ""

    def open(self, path: str, **query: str) -> testing.Result:
        """Follow a link."""
        got = self.client.simulate_get(path, query_string=urlencode(query), headers=self._headers())
        return self._keep(got)

    def ask(self, path: str, query: dict[str, str], headers: dict[str, str]) -> testing.Result:
        """Ask as a script of the page does."""
        return self.client.simulate_get(path, query_string=urlencode(query), headers={**self._headers(), **headers})

    def fill(self, path: str, query: dict[str, str], headers: dict[str, str] | None = None, /, **fields: str) -> testing.Result:
        """Send the form."""
        body = urlencode({"canary": self.canary, "answer": "yes", **fields})
        sent = {**self._headers(), "Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self._keep(self.client.simulate_post(path, query_string=urlencode(query), body=body, headers=sent))

    def _headers(self) -> dict[str, str]:
        held = {"__Host-ringfence-signin": self.cookie, "__Host-ringfence-flow": self.flow}
        cookies = "; ".join(f"{name}={value}" for name, value in held.items() if value)
        return {"Cookie": cookies} if cookies else {}

    def _keep(self, got: testing.Result) -> testing.Result:
        assert not self.service.api.errors, self.service.api.errors
        if "__Host-ringfence-signin" in got.cookies:
            self.cookie = got.cookies["__Host-ringfence-signin"].value
        if "__Host-ringfence-flow" in got.cookies:
            self.flow = got.cookies["__Host-ringfence-flow"].value
        found = re.search(r'name="canary" value="([^"]+)"', got.text)
        self.canary = found[1] if found else self.canary
        return got


@pytest.fixture
def asked(service: Service) -> dict[str, str]:
    """What a public application asks, for a user with a password."""
    upn = service.api.new_user("kim")
    set_password(service.api.identity, TENANT, upn, PASSWORD, service.api.clock.now())
    issued = service.application(is_public=True, redirect_uris=(REDIRECT, "https://app.example/in?x=1"))
    return {
        "client_id": str(uuid.UUID(bytes=issued.application.app_id)),
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": "User.Read openid offline_access",
        "state": "s 1",
        "nonce": "n-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }


def answer_of(got: testing.Result) -> dict[str, list[str]]:
    """The parameters the application is sent."""
    return parse_qs(urlsplit(got.headers["location"]).query)


def test_a_person_signs_in_and_the_application_gets_tokens(service: Service, asked: dict[str, str]) -> None:
    """The whole code flow: page, password, redirect with code and state, tokens, `/me`."""
    browser = Browser(service)
    page = browser.open(PATH, **asked, client_info="1")
    assert (200, True) == (page.status_code, "<strong>scripts</strong>" in page.text)
    sent = browser.fill(PATH, {**asked, "client_info": "1"}, login="KIM@contoso.example", passwd=PASSWORD)
    found = answer_of(sent)
    assert (303, ["s 1"], True) == (sent.status_code, found["state"], "client_info" in found)
    form = {"grant_type": "authorization_code", "code": found["code"][0], "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    tokens = service.post("/oauth2/v2.0/token", **form, client_id=asked["client_id"]).body
    me = service.api.call("GET", "/v1.0/me", token=tokens["access_token"])
    assert "kim@contoso.example" == me.body["userPrincipalName"]


@pytest.mark.parametrize(
    ("login", "password"),
    [
        pytest.param("kim@contoso.example", "Wrong-Horse-9", id="wrong password"),
        pytest.param("nobody@contoso.example", PASSWORD, id="unknown user"),
        pytest.param("lee@contoso.example", PASSWORD, id="a user without a password"),
        pytest.param("", "", id="nothing"),
        pytest.param("kim@contoso.example", "x" * 5000, id="over-long"),
    ],
)
def test_all_wrong_ones_are_told_the_same(service: Service, asked: dict[str, str], login: str, password: str) -> None:
    """Nobody learns whether a user exists; that each try costs one hash is counted in `test_sign_in_work`."""
    service.api.new_user("lee")
    browser = Browser(service)
    browser.open(PATH, **asked)
    page = browser.fill(PATH, asked, login=login, passwd=password)
    assert (200, True) == (page.status_code, "Your user name or password is incorrect." in page.text)


def test_ten_wrong_passwords_lock_and_the_right_one_waits(service: Service, asked: dict[str, str]) -> None:
    """D.6: ten failures lock for 60 seconds; the same wrong one again does not count."""
    browser = Browser(service)
    browser.open(PATH, **asked)

    def tried(password: str) -> testing.Result:
        return browser.fill(PATH, asked, login="kim@contoso.example", passwd=password)

    for _ in range(12):
        tried("The-same-wrong-1")
    for at in range(9):
        tried(f"Wrong-Horse-{at}")
    assert "locked for a while" in tried(PASSWORD).text
    service.api.later(60)
    assert 303 == tried(PASSWORD).status_code


def test_a_temporary_password_is_changed_on_the_way(service: Service, asked: dict[str, str]) -> None:
    """The page asks for a new one; a weak one and two unlike ones are refused; then it goes on."""
    set_password(service.api.identity, TENANT, "kim@contoso.example", PASSWORD, service.api.clock.now(), must_change=True)
    browser = Browser(service)
    browser.open(PATH, **asked)
    person = {"login": "kim@contoso.example", "passwd": PASSWORD}
    pages = [
        browser.fill(PATH, asked, **person, **change).text
        for change in (
            {},
            {"new_password": "short", "new_password_again": "short"},
            {"new_password": "New-Horse-10", "new_password_again": "New-Horse-11"},
        )
    ]
    assert ["has to be changed", "too simple", "not the same"] == [
        next(words for words in ("has to be changed", "too simple", "not the same") if words in page) for page in pages
    ]
    changed = {"new_password": "New-Horse-10", "new_password_again": "New-Horse-10"}
    assert 303 == browser.fill(PATH, asked, **person, **changed).status_code


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"redirect_uri": "https://evil.example/"}, id="another address"),
        pytest.param({"redirect_uri": "http://localhost:8400/other"}, id="another path"),
        pytest.param({"redirect_uri": "http://localhost:8400@evil.example/done"}, id="a name before the host"),
        pytest.param({"redirect_uri": "http://127.0.0.1:8400/done"}, id="another loopback name"),
        pytest.param({"redirect_uri": "http://localhost:99999/done"}, id="no port"),
        pytest.param({"redirect_uri": "javascript:alert(1)"}, id="a script"),
        pytest.param({"redirect_uri": "https://app.example/in?x=1&y=2"}, id="another query"),
        pytest.param({"redirect_uri": ""}, id="none of several"),
        pytest.param({"client_id": str(uuid.uuid4())}, id="unknown application"),
    ],
)
def test_nothing_is_sent_to_an_address_that_is_not_the_application_s(
    service: Service, asked: dict[str, str], change: dict[str, str]
) -> None:
    """No open redirect: the person sees the error here."""
    page = Browser(service).open(PATH, **{**asked, **change})
    assert (400, None) == (page.status_code, page.headers.get("location"))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        pytest.param({"response_type": "token"}, "unsupported_response_type", id="implicit"),
        pytest.param({"scope": "User.ReadWrite.All"}, "invalid_scope", id="a scope it has not"),
        pytest.param({"code_challenge_method": "plain"}, "invalid_request", id="plain challenge"),
        pytest.param({"prompt": "none"}, "login_required", id="silent"),
    ],
)
def test_other_errors_are_sent_to_the_application(
    service: Service, asked: dict[str, str], change: dict[str, str], error: str
) -> None:
    """With the state, by redirect."""
    found = answer_of(Browser(service).open(PATH, **{**asked, **change}))
    assert ([error], ["s 1"]) == (found["error"], found["state"])


def test_a_public_application_must_send_a_challenge(service: Service, asked: dict[str, str]) -> None:
    """PKCE cannot be left out."""
    bare = {name: value for name, value in asked.items() if not name.startswith("code_")}
    assert ["invalid_request"] == answer_of(Browser(service).open(PATH, **bare))["error"]


def test_any_port_of_this_machine_will_do(service: Service, asked: dict[str, str]) -> None:
    """RFC 8252: a native application takes whichever port is free."""
    assert 200 == Browser(service).open(PATH, **{**asked, "redirect_uri": "http://localhost:51234/done"}).status_code


FROM = {
    "no header, as of scripts": ({}, True),
    "this site": ({"Origin": "https://graph.contoso.example", "Sec-Fetch-Site": "same-origin"}, True),
    "this site, from an older browser": ({"Origin": "https://graph.contoso.example"}, True),
    "another name of this server": ({"Origin": "https://localhost:8443", "Sec-Fetch-Site": "same-origin"}, True),
    "this site, from a browser that hides it": ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, True),
    "the address bar": ({"Sec-Fetch-Site": "none"}, True),
    "another site": ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, False),
    "another site, from an older browser": ({"Origin": "https://evil.example"}, False),
    "another site that is told as this one": ({"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, False),
    "a neighbour": ({"Origin": "https://other.contoso.example", "Sec-Fetch-Site": "same-site"}, False),
    "another port": ({"Origin": "https://graph.contoso.example:444"}, False),
    "without TLS": ({"Origin": "http://graph.contoso.example"}, False),
    "a longer name": ({"Origin": "https://graph.contoso.example.evil.example"}, False),
    "a hidden place, from an older browser": ({"Origin": "null"}, False),
    "a hidden place elsewhere": ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, False),
    "nothing": ({"Origin": ""}, False),
}


@pytest.mark.parametrize(("headers", "goes_on"), FROM.values(), ids=FROM)
def test_a_form_comes_from_this_site(service: Service, asked: dict[str, str], headers: dict[str, str], goes_on: bool) -> None:  # noqa: FBT001 - a case
    """Beside the value it carries: where a browser says which site it is of, at both pages; else nobody is signed in."""
    browser = Browser(service)
    browser.open(PATH, **asked)
    signed_in = browser.fill(PATH, asked, headers, login="kim@contoso.example", passwd=PASSWORD)
    browser.open("/devicelogin")
    typed = browser.fill("/devicelogin", {}, headers, user_code="BCDFGHJKL")
    assert ((303, 200) if goes_on else (400, 400)) == (signed_in.status_code, typed.status_code)


@pytest.mark.parametrize(
    ("cookie", "canary", "headers"),
    [
        pytest.param("", "x", {}, id="no cookie"),
        pytest.param("x" * 43, "y" * 43, {}, id="another value"),
        pytest.param("x" * 43, "x" * 43, {"Sec-Fetch-Site": "cross-site"}, id="from another site"),
        pytest.param("", "", {}, id="empty and empty"),
    ],
)
def test_a_form_of_another_site_is_refused(
    service: Service, asked: dict[str, str], cookie: str, canary: str, headers: dict[str, str]
) -> None:
    """CSRF: no sign-in is counted, nothing is sent on."""
    browser = Browser(service)
    browser.cookie, browser.canary = cookie, canary
    got = browser.fill(PATH, asked, headers, login="kim@contoso.example", passwd=PASSWORD)
    assert (400, None) == (got.status_code, got.headers.get("location"))


def test_pages_are_safe_to_show(service: Service, asked: dict[str, str]) -> None:
    """Nothing of the request is markup; no script, no frame, no referrer to others, no cache."""
    page = Browser(service).open(PATH, **{**asked, "login_hint": '"><script>alert(1)</script>'})
    assert "<script" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'; style-src 'self'; form-action 'self' http://localhost:8400; frame-ancestors 'none'" in policy
    assert ("DENY", "same-origin", "no-store") == tuple(
        page.headers[name] for name in ("x-frame-options", "referrer-policy", "cache-control")
    )


@pytest.mark.parametrize(("mode", "mark"), [("fragment", "#code="), ("query", "?code=")])
def test_the_answer_comes_as_the_application_wants_it(service: Service, asked: dict[str, str], mode: str, mark: str) -> None:
    """In the query or the fragment."""
    browser = Browser(service)
    wanted = {**asked, "response_mode": mode}
    browser.open(PATH, **wanted)
    assert mark in browser.fill(PATH, wanted, login="kim@contoso.example", passwd=PASSWORD).headers["location"]


def test_the_answer_by_form_post(service: Service, asked: dict[str, str]) -> None:
    """A page with one button, that works without a script."""
    browser = Browser(service)
    wanted = {**asked, "response_mode": "form_post", "redirect_uri": "https://app.example/in?x=1"}
    browser.open(PATH, **wanted)
    page = browser.fill(PATH, wanted, login="kim@contoso.example", passwd=PASSWORD)
    assert 'action="https://app.example/in?x=1"' in page.text
    assert "form-action 'self' https://app.example;" in page.headers["content-security-policy"]


@pytest.mark.parametrize(("answer", "error"), [("yes", None), ("no", "authorization_declined")])
def test_a_device_is_let_in_or_not(service: Service, asked: dict[str, str], answer: str, error: str | None) -> None:
    """The person types the code, sees which application asks, and says yes or no."""
    client = {"client_id": asked["client_id"]}
    started = service.post("/oauth2/v2.0/devicecode", scope="User.Read openid", **client).body
    browser = Browser(service)
    browser.open("/devicelogin")
    code = started["user_code"].lower()
    page = browser.fill("/devicelogin", {}, user_code=code, answer="")
    assert "<strong>scripts</strong>" in page.text
    person = {"login": "kim@contoso.example", "passwd": PASSWORD} if answer == "yes" else {}
    browser.fill("/devicelogin", {}, user_code=code, answer=answer, **person)
    poll: dict[str, Any] = {"grant_type": "device_code", "device_code": started["device_code"], **client}
    assert error == service.post("/oauth2/v2.0/token", **poll).body.get("error")


def test_an_unknown_device_code_is_told(service: Service) -> None:
    """And costs nothing else."""
    browser = Browser(service)
    browser.open("/devicelogin")
    assert "not known" in browser.fill("/devicelogin", {}, user_code="BCDFGHJKL").text


def test_a_disabled_user_does_not_sign_in(service: Service, asked: dict[str, str]) -> None:
    """With the right password, told as a wrong one."""
    service.api.call("PATCH", f"/v1.0/users/{upn_key('kim@contoso.example')}", {"accountEnabled": False})
    browser = Browser(service)
    browser.open(PATH, **asked)
    assert "is incorrect" in browser.fill(PATH, asked, login="kim@contoso.example", passwd=PASSWORD).text


def test_logout_leads_to_a_registered_address_alone(service: Service, asked: dict[str, str]) -> None:
    """No open redirect at the way out either."""
    path, client = "/contoso.example/oauth2/v2.0/logout", asked["client_id"]
    known = Browser(service).open(path, client_id=client, post_logout_redirect_uri=REDIRECT)
    other = Browser(service).open(path, client_id=client, post_logout_redirect_uri="https://evil.example/")
    assert ([303, 200], None) == ([known.status_code, other.status_code], other.headers.get("location"))

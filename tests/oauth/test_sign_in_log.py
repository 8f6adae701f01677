"""What a sign-in leaves in the log, by page and by device; floods; how long it is kept. Sources: clients 1.3, D.6."""

from __future__ import annotations

import uuid
from typing import Any, Final

import pytest

from ringfence.application.housekeeping import forget_old_sign_ins
from ringfence.application.identity.passwords import set_password
from ringfence.application.identity.sign_in_log import MOST_FAILURES, MOST_UNKNOWN
from ringfence.application.tenancy import initialise_tenant
from ringfence.crypto.passwords import Argon2Passwords
from tests.contract.deployments import TENANT
from tests.oauth.conftest import Service
from tests.oauth.test_sign_in import PASSWORD, PATH, Browser, answer_of, asked

__all__ = ["asked"]
KIM: Final = "kim@contoso.example"
WRONG: Final = "Wrong-Horse-9"
NOBODY: Final = "nobody@contoso.example"
HEADER: Final = "3179e48a-750b-4051-897c-87b9720928f7"
LOG: Final = "/beta/auditLogs/signIns?$top=999"


@pytest.fixture
def browser(service: Service, asked: dict[str, str]) -> Browser:
    """Somebody in front of the page."""
    opened = Browser(service)
    opened.open(PATH, **asked)
    return opened


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No password is right, and that is found out at once: for floods."""
    monkeypatch.setattr(Argon2Passwords, "verify", lambda *_: False)


def log(service: Service) -> list[dict[str, Any]]:
    """The log, newest first."""
    return list(service.api.call("GET", LOG).body["value"])


def codes(service: Service) -> list[int]:
    """How the sign-ins ended, newest first."""
    return [one["status"]["errorCode"] for one in log(service)]


@pytest.mark.parametrize(
    ("login", "password", "code"),
    [
        pytest.param(KIM, PASSWORD, 0, id="right"),
        pytest.param(KIM, "Wrong-Horse-9", 50126, id="wrong password"),
        pytest.param(NOBODY, PASSWORD, 50034, id="unknown user"),
        pytest.param("lee@contoso.example", PASSWORD, 50126, id="a user without a password"),
        pytest.param("off@contoso.example", PASSWORD, 50057, id="disabled"),
        pytest.param("off@contoso.example", "Wrong-Horse-9", 50126, id="disabled, and wrong"),
        pytest.param("new@contoso.example", PASSWORD, 50055, id="to be changed"),
        pytest.param("", "", 50034, id="nothing"),
    ],
)
def test_each_ending_has_its_code(
    service: Service, browser: Browser, asked: dict[str, str], login: str, password: str, code: int
) -> None:
    """One line for each try, though the page says the same of most."""
    now = service.api.clock.now()
    service.api.new_user("lee")
    set_password(service.api.identity, TENANT, service.api.new_user("off", enabled=False), PASSWORD, now)
    set_password(service.api.identity, TENANT, service.api.new_user("new"), PASSWORD, now, must_change=True)
    browser.fill(PATH, asked, login=login, passwd=password)
    assert [code] == codes(service)


def test_a_locked_account_is_told_in_the_log(service: Service, browser: Browser, asked: dict[str, str]) -> None:
    """Ten failures, then the lock, with the right password too (D.6)."""
    for at in range(10):
        browser.fill(PATH, asked, login=KIM, passwd=f"Wrong-Horse-{at}")
    service.api.later(1)
    browser.fill(PATH, asked, login=KIM, passwd=PASSWORD)
    assert [50053, *[50126] * 10] == codes(service)


def test_a_changed_password_ends_in_a_success(service: Service, browser: Browser, asked: dict[str, str]) -> None:
    """First that it has to be changed, then that the person is in."""
    set_password(service.api.identity, TENANT, KIM, PASSWORD, service.api.clock.now(), must_change=True)
    new = {"new_password": "New-Horse-10", "new_password_again": "New-Horse-10"}
    browser.fill(PATH, asked, login=KIM, passwd=PASSWORD, **new)
    assert {0, 50055} == set(codes(service))


@pytest.mark.parametrize(
    ("redirect_uri", "client"),
    [
        pytest.param("http://localhost:8400/done", "Mobile Apps and Desktop clients", id="an application of this machine"),
        pytest.param("https://app.example/in?x=1", "Browser", id="a site"),
    ],
)
def test_the_page_tells_the_application_and_the_client(
    service: Service, browser: Browser, asked: dict[str, str], redirect_uri: str, client: str
) -> None:
    """By where the answer goes."""
    browser.fill(PATH, {**asked, "redirect_uri": redirect_uri}, login=KIM, passwd=PASSWORD)
    [shown] = log(service)
    assert (asked["client_id"], "scripts", client, "127.0.0.1", "oAuth2") == tuple(
        shown[name] for name in ("appId", "appDisplayName", "clientAppUsed", "ipAddress", "authenticationProtocol")
    )


def test_a_site_that_is_tried_out_on_this_machine_is_a_site(service: Service, browser: Browser, asked: dict[str, str]) -> None:
    """It keeps a secret, so it is no application in people's hands, though its address has no TLS."""
    back = "http://localhost:5000/signed-in"
    issued = service.application(redirect_uris=(back,))
    client = {"client_id": str(uuid.UUID(bytes=issued.application.app_id)), "redirect_uri": back}
    browser.fill(PATH, {**asked, **client}, login=KIM, passwd=PASSWORD)
    assert ["Browser"] == [one["clientAppUsed"] for one in log(service)]


def test_a_device_s_sign_in_is_the_person_s(service: Service, asked: dict[str, str]) -> None:
    """For the application of the device."""
    started = service.post("/oauth2/v2.0/devicecode", scope="User.Read", client_id=asked["client_id"]).body
    browser = Browser(service)
    browser.open("/devicelogin")
    browser.fill("/devicelogin", {}, user_code=started["user_code"], login=KIM, passwd=PASSWORD)
    [shown] = log(service)
    assert (0, KIM, asked["client_id"], "deviceCode") == (
        shown["status"]["errorCode"],
        *(shown[name] for name in ("userPrincipalName", "appId", "authenticationProtocol")),
    )


@pytest.mark.parametrize(
    ("query", "header", "expected"),
    [
        pytest.param({"client-request-id": HEADER}, str(uuid.UUID(int=7)), HEADER, id="in the address"),
        pytest.param({}, HEADER, HEADER, id="as a header"),
        pytest.param({"client-request-id": "x"}, HEADER, HEADER, id="malformed in the address"),
    ],
)
def test_the_client_s_id_leads_to_the_sign_in(
    service: Service, browser: Browser, asked: dict[str, str], query: dict[str, str], header: str, expected: str
) -> None:
    """The correlation id is the client's own."""
    browser.fill(PATH, {**asked, **query}, {"client-request-id": header}, login=KIM, passwd=PASSWORD)
    assert expected == log(service)[0]["correlationId"]


def test_an_id_that_is_none_is_replaced(service: Service, browser: Browser, asked: dict[str, str]) -> None:
    """Then it is that of the request, another one each time."""
    for _ in range(2):
        browser.fill(PATH, asked, {"client-request-id": "me"}, login=KIM, passwd=PASSWORD)
    assert 2 == len({uuid.UUID(one["correlationId"]) for one in log(service)})


def test_a_header_does_not_change_the_address(service: Service, browser: Browser, asked: dict[str, str]) -> None:
    """Anybody can send one."""
    forged = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X-Real-IP": "203.0.113.9"}
    browser.fill(PATH, asked, forged, login=KIM, passwd=PASSWORD)
    assert "127.0.0.1" == log(service)[0]["ipAddress"]


def test_an_over_long_name_is_cut_and_cleaned(service: Service, browser: Browser, asked: dict[str, str]) -> None:
    """256 characters, none of which could move a reader's cursor."""
    browser.fill(PATH, asked, login="a@\x1b\n" + "x" * 3000, passwd=PASSWORD)
    assert "a@\ufffd\ufffd" + "x" * 252 == log(service)[0]["userPrincipalName"]


@pytest.mark.parametrize("login", ["+1 4255550100", "Correct-Horse-9"], ids=["a phone number", "a password in the wrong field"])
def test_what_is_no_name_is_not_kept(service: Service, browser: Browser, asked: dict[str, str], login: str) -> None:
    """The log is read by more people than such a thing is meant for."""
    browser.fill(PATH, asked, login=login, passwd=WRONG)
    [line] = service.api.call("GET", "/beta/auditLogs/signIns").body["value"]
    assert (50034, "(not a user principal name)") == (line["status"]["errorCode"], line["userPrincipalName"])
    assert login not in str(line)


def test_what_is_no_person_s_sign_in_is_not_there(service: Service, browser: Browser, asked: dict[str, str]) -> None:
    """An application's own token, a redeemed code, a refresh: none adds a line to the sign-in before them."""
    answer = answer_of(browser.fill(PATH, asked, login=KIM, passwd=PASSWORD))
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    client = {"client_id": asked["client_id"]}
    code = {"code": answer["code"][0], "redirect_uri": asked["redirect_uri"], "code_verifier": verifier}
    tokens = service.post("/oauth2/v2.0/token", grant_type="authorization_code", **code, **client).body
    service.post("/oauth2/v2.0/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"], **client)
    issued = service.application()
    own = {"client_id": str(uuid.UUID(bytes=issued.application.app_id)), "client_secret": str(issued.secret)}
    own["scope"] = "https://graph.microsoft.com/.default"
    assert "access_token" in service.post("/oauth2/v2.0/token", grant_type="client_credentials", **own).body
    assert [0] == codes(service)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("login", "most"),
    [pytest.param(KIM, MOST_FAILURES, id="one user"), pytest.param(NOBODY, MOST_UNKNOWN, id="unknown names")],
)
def test_a_flood_is_counted_on_the_last_line(
    service: Service, browser: Browser, asked: dict[str, str], login: str, most: int
) -> None:
    """So many lines in an hour; the last one says how many more there were. The next hour begins anew."""
    for _ in range(most + 3):
        browser.fill(PATH, asked, login=login, passwd=WRONG)
    lines = log(service)
    further = [one["status"]["additionalDetails"] for one in lines if one["status"]["additionalDetails"]]
    assert (most, ["3 more like it in the same hour have no line of their own."]) == (len(lines), further)
    service.api.later(3600)
    browser.fill(PATH, asked, login=login, passwd=WRONG)
    assert most + 1 == len(log(service))


@pytest.mark.usefixtures("quick")
def test_a_flood_hides_nobody_else(service: Service, browser: Browser, asked: dict[str, str]) -> None:
    """Unknown names take no line from a user who is known."""
    for _ in range(MOST_UNKNOWN + 1):
        browser.fill(PATH, asked, login=NOBODY, passwd=WRONG)
    browser.fill(PATH, asked, login=KIM, passwd=WRONG)
    assert 50126 in codes(service)


def test_another_tenant_sees_nothing(service: Service, browser: Browser, asked: dict[str, str]) -> None:
    """Neither in the list nor by the id."""
    browser.fill(PATH, asked, login=KIM, passwd=PASSWORD)
    joined, now = service.api.joined, service.api.clock.now()
    other, _ = initialise_tenant(joined.services, joined.keys, "fabrikam.example", now)
    with joined.services.store.snapshot() as unit:
        assert unit.sign_ins.find(other.tenant_id, uuid.UUID(log(service)[0]["id"]).bytes) is None


@pytest.mark.parametrize(("days", "left"), [pytest.param(29.9, [0], id="kept"), pytest.param(30.1, [], id="gone")])
def test_sign_ins_are_kept_for_thirty_days(
    service: Service, browser: Browser, asked: dict[str, str], days: float, left: list[int]
) -> None:
    """Then the background work removes them."""
    browser.fill(PATH, asked, login=KIM, passwd=PASSWORD)
    service.api.later(days * 24 * 3600)
    removed = forget_old_sign_ins(service.api.joined.services, service.api.clock.now())
    assert (1 - len(left), left) == (removed, codes(service))

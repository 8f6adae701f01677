"""How much work a sign-in costs whoever is asked for, and what happens when there is no room for it. Source: lessons 1."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import pytest

from ringfence.application.identity.devices import decide_device, find_device
from ringfence.application.identity.passwords import reset_password
from ringfence.application.identity.sign_in_log import MOST_UNKNOWN
from ringfence.application.ports.sign_ins import SignInQuestion
from ringfence.crypto.passwords import Argon2Passwords
from ringfence.domain.errors import ErrorCode, UnavailableError
from ringfence.storage.unit_of_work import SqlStore, SqlUnitOfWork
from tests.contract.deployments import TENANT
from tests.oauth.conftest import Service
from tests.oauth.test_sign_in import PASSWORD, PATH, Browser, asked

__all__ = ["asked"]
KIM = "kim@contoso.example"
WRONG = "Wrong-Horse-9"


class Hashes:
    """Counts what the real hasher is asked, and can be full."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        """Stand before the hasher."""
        self.verified = 0
        self.is_full = False
        verify = Argon2Passwords.verify

        def counted(hasher: Argon2Passwords, *password: Any) -> bool:  # noqa: ANN401 - passed on
            if self.is_full:
                raise UnavailableError(ErrorCode.SERVICE_BUSY)
            self.verified += 1
            return verify(hasher, *password)

        patch.setattr(Argon2Passwords, "verify", counted)


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> Hashes:
    """The hasher, watched."""
    return Hashes(monkeypatch)


@pytest.mark.parametrize(
    ("login", "password"),
    [
        pytest.param(KIM, PASSWORD, id="right"),
        pytest.param(KIM, "Wrong-Horse-9", id="wrong"),
        pytest.param("nobody@contoso.example", PASSWORD, id="unknown user"),
        pytest.param("lee@contoso.example", PASSWORD, id="a user without a password"),
        pytest.param("x" * 3000, PASSWORD, id="an over-long name"),
    ],
)
def test_each_try_costs_one_hash(service: Service, asked: dict[str, str], hashes: Hashes, login: str, password: str) -> None:
    """So that the time it takes does not say who exists."""
    service.api.new_user("lee")
    browser = Browser(service)
    browser.open(PATH, **asked)
    browser.fill(PATH, asked, login=login, passwd=password)
    assert 1 == hashes.verified


@pytest.mark.parametrize("login", [pytest.param(KIM, id="known"), pytest.param("nobody@contoso.example", id="unknown")])
def test_each_failure_is_one_write(service: Service, asked: dict[str, str], monkeypatch: pytest.MonkeyPatch, login: str) -> None:
    """One transaction with something in it, also when a flood is only counted: so the disk tells nobody who exists."""
    begun: list[SqlStore] = []
    begin, total = SqlStore.begin, MOST_UNKNOWN + 2

    def counted(store: SqlStore) -> AbstractContextManager[SqlUnitOfWork]:
        begun.append(store)
        return begin(store)

    monkeypatch.setattr(SqlStore, "begin", counted)
    monkeypatch.setattr(Argon2Passwords, "verify", lambda *_: False)
    browser = Browser(service)
    browser.open(PATH, **asked)
    for _ in range(total):
        browser.fill(PATH, asked, login=login, passwd=WRONG)
    with service.api.joined.services.store.snapshot() as unit:
        lines = unit.sign_ins.page(TENANT, SignInQuestion(limit=999)).sign_ins
    assert (total, total) == (len(begun), sum(1 + line.further for line in lines))


def test_a_locked_account_costs_one_hash_too(service: Service, asked: dict[str, str], hashes: Hashes) -> None:
    """A lock is told, yet not by time."""
    browser = Browser(service)
    browser.open(PATH, **asked)
    for at in range(11):
        page = browser.fill(PATH, asked, login=KIM, passwd=f"Wrong-Horse-{at}")
    assert (11, True) == (hashes.verified, "AADSTS50053" in page.text)


def test_no_room_for_hashes_is_told_on_a_page(service: Service, asked: dict[str, str], hashes: Hashes) -> None:
    """503 and nobody is signed in; not an internal error."""
    browser = Browser(service)
    browser.open(PATH, **asked)
    hashes.is_full = True
    page = browser.fill(PATH, asked, login=KIM, passwd=PASSWORD)
    assert (503, True) == (page.status_code, "AADSTS90033" in page.text)


def test_a_temporary_password_cannot_be_kept(service: Service, asked: dict[str, str]) -> None:
    """Typed again as the new one it is refused."""
    reset_password(service.api.identity, TENANT, KIM, PASSWORD, service.api.clock.now())
    browser = Browser(service)
    browser.open(PATH, **asked)
    new = {"new_password": PASSWORD, "new_password_again": PASSWORD}
    page = browser.fill(PATH, asked, login=KIM, passwd=PASSWORD, **new)
    assert (200, True) == (page.status_code, "Choose another" in page.text)


def test_a_device_that_was_answered_meanwhile_is_not_told_as_signed_in(
    service: Service,
    asked: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The answer that counted is the first."""
    started = service.post("/oauth2/v2.0/devicecode", scope="User.Read", client_id=asked["client_id"]).body
    browser, verify = Browser(service), Argon2Passwords.verify
    browser.open("/devicelogin")

    def decline_first(hasher: Argon2Passwords, *password: Any) -> bool:  # noqa: ANN401 - passed on
        services, now = service.api.joined.services, service.api.clock.now()
        found = find_device(services, TENANT, started["user_code"], now)
        return found is not None and decide_device(services, TENANT, found, None, now) and verify(hasher, *password)

    monkeypatch.setattr(Argon2Passwords, "verify", decline_first)
    page = browser.fill("/devicelogin", {}, user_code=started["user_code"], login=KIM, passwd=PASSWORD)
    assert "not known" in page.text


def test_an_address_of_this_machine_in_ipv6_can_be_reached(service: Service, asked: dict[str, str]) -> None:
    """A policy has no word for such a host, so it names the scheme; a browser would stop the redirect otherwise."""
    app = service.application(is_public=True, redirect_uris=("http://[::1]/done",))
    wanted = {**asked, "client_id": app.application.app_id.hex(), "redirect_uri": "http://[::1]:8400/done"}
    page = Browser(service).open(PATH, **wanted)
    assert "form-action 'self' http:;" in page.headers["content-security-policy"]

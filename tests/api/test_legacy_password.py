"""`POST /mfa/v1/legacy-password`: which password a legacy client may come in with, and one answer for every refusal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple

import pytest

from ringfence.application.identity.passwords import set_password
from ringfence.application.identity.people import delete_user
from ringfence.application.mfa.app_passwords import CreateAppPassword, create_app_password, list_app_passwords
from ringfence.application.mfa.blocked_users import BlockUser, block_user
from ringfence.application.mfa.legacy_passwords import LegacyPassword, check_legacy_password
from ringfence.application.mfa.settings import change_settings
from ringfence.application.preferences import set_mfa_state
from ringfence.domain.directory.records import PerUserState
from ringfence.domain.identity.credentials import FAILURES as PASSWORD_FAILURES
from ringfence.domain.identity.sign_ins import Attempt, ClientApp
from ringfence.domain.policy.own_permissions import CHALLENGE, LEGACY_PASSWORD
from ringfence.domain.signin.lockout import FAILURES, Counted, Failures
from tests.contract.deployments import TENANT
from tests.graph.served import ADMIN, Api, Reply

PATH: Final = "/mfa/v1/legacy-password"
OWN: Final = "Grüner Tee 7"
REFUSED: Final = (403, "incorrectPassword")
INSIDE: Final = "203.0.113.7"


class Mail(NamedTuple):
    """A mail server that asks, and a user with a password of her own."""

    api: Api
    token: str
    upn: str

    def asks(self, password: str, user: str | None = None, **more: Any) -> Reply:  # noqa: ANN401 - JSON
        """Ask for kim, or another user."""
        return self.api.call("POST", PATH, {"user": user or self.upn, "password": password, **more}, self.token)

    def put(self, state: PerUserState) -> None:
        """Set kim's state."""
        set_mfa_state(self.api.joined.services, TENANT, self.upn, state, ADMIN, self.api.clock.now())

    def set(self, **changes: Any) -> None:  # noqa: ANN401 - any setting
        """Change settings."""
        change_settings(self.api.joined.services, TENANT, lambda one: one._replace(**changes), ADMIN, self.api.clock.now())

    def app_password(self) -> str:
        """One for kim, who is enforced then."""
        self.set(app_passwords=True)
        self.put(PerUserState.Enforced)
        return create_app_password(
            self.api.identity, TENANT, CreateAppPassword(self.upn, "Phone", ADMIN), self.api.clock.now()
        ).password

    def told(self) -> list[tuple[int, str | None]]:
        """What the log says, newest first: the code and why."""
        lines = self.api.call("GET", "/v1.0/auditLogs/signIns").body["value"]
        return [(one["status"]["errorCode"], one["status"]["additionalDetails"]) for one in lines]


@pytest.fixture
def mail(api: Api) -> Mail:
    """It, and kim."""
    upn = api.new_user("kim")
    set_password(api.identity, TENANT, upn, OWN, api.clock.now())
    return Mail(api, api.token(api.new_application(LEGACY_PASSWORD)), upn)


@pytest.mark.parametrize(
    ("state", "address", "status", "result"),
    [
        pytest.param(PerUserState.Disabled, None, 200, "notRequired", id="disabled"),
        pytest.param(PerUserState.Enabled, None, 200, "untilEnforced", id="enabled"),
        pytest.param(PerUserState.Enforced, INSIDE, 200, "skippedLocation", id="enforced, trusted location"),
        pytest.param(PerUserState.Enforced, "198.51.100.1", 403, None, id="enforced, elsewhere"),
        pytest.param(PerUserState.Enforced, None, 403, None, id="enforced, who knows where"),
    ],
)
def test_the_own_password(mail: Mail, state: PerUserState, address: str | None, status: int, result: str | None) -> None:
    """Where D.9 lets it do, and a wrong one nowhere."""
    mail.set(trusted_ranges=("203.0.113.0/24",))
    mail.put(state)
    got = mail.asks(OWN, ipAddress=address)
    assert (status, result) == (got.status, got.body.get("result"))
    wrong = mail.asks("x", ipAddress=address)
    assert REFUSED == (wrong.status, wrong.code)


def test_an_app_password(mail: Mail) -> None:
    """Comes in; its use is noted; the own password does not, in a trusted location neither."""
    password = mail.app_password()
    mail.set(trusted_ranges=("203.0.113.0/24",))
    got = mail.asks(password)
    assert (200, mail.upn, "skippedAppPassword") == (got.status, got.body["user"], got.body["result"])
    [used] = list_app_passwords(mail.api.joined.services, TENANT, mail.upn)
    assert mail.api.clock.now() == used.last_used_at
    assert [REFUSED] * 2 == [(one.status, one.code) for one in (mail.asks(OWN), mail.asks(OWN, ipAddress=INSIDE))]


def test_it_goes_on_working(mail: Mail) -> None:
    """When the feature is off again, and after a password reset (D.9)."""
    password = mail.app_password()
    mail.set(app_passwords=False)
    set_password(mail.api.identity, TENANT, mail.upn, "Anderer Tee 8", mail.api.clock.now())
    assert 200 == mail.asks(password).status


def _nobody(_mail: Mail) -> str:
    return "nobody@contoso.example"


def _disabled(mail: Mail) -> str:
    mail.api.call("PATCH", f"/v1.0/users/{mail.upn}", {"accountEnabled": False})
    return mail.upn


def _deleted(mail: Mail) -> str:
    delete_user(mail.api.joined.services, TENANT, mail.upn, ADMIN, mail.api.clock.now())
    return mail.upn


def _blocked(mail: Mail) -> str:
    block_user(mail.api.joined.services, TENANT, BlockUser(mail.upn, "stolen", ADMIN), mail.api.clock.now())
    return mail.upn


def _must_change(mail: Mail) -> str:
    set_password(mail.api.identity, TENANT, mail.upn, OWN, mail.api.clock.now(), must_change=True)
    return mail.upn


@pytest.mark.parametrize("who", [_nobody, _disabled, _deleted, _blocked, _must_change, lambda _: "k\x00im", lambda _: "x" * 9999])
@pytest.mark.parametrize("has_app_password", [False, True])
def test_who_does_not_come_in(mail: Mail, who: Callable[[Mail], str], *, has_app_password: bool) -> None:
    """With the right password: the answer is that to a wrong one, word for word."""
    password = mail.app_password() if has_app_password else OWN
    wrong = mail.asks("x")
    if who is _must_change and has_app_password:
        return  # which is about the own password alone
    got = mail.asks(password, who(mail))
    assert (403, wrong.body) == (got.status, got.body)


@pytest.mark.parametrize("has_app_password", [False, True])
def test_a_locked_password_is_told_like_a_wrong_one(mail: Mail, *, has_app_password: bool) -> None:
    """So that nobody learns from a lock who exists; the lock holds for the right one, and ends."""
    password, tries = (mail.app_password(), FAILURES) if has_app_password else (OWN, PASSWORD_FAILURES)
    got = [mail.asks(f"wrong {number}") for number in range(tries)] + [mail.asks(password)]
    assert {REFUSED} == {(one.status, one.code) for one in got}
    mail.api.later(900)
    assert 200 == mail.asks(password).status


def test_wrong_app_passwords_do_not_lock_the_own_password(mail: Mail) -> None:
    """Each count is its own."""
    mail.app_password()
    for number in range(PASSWORD_FAILURES):
        mail.asks(f"wrong {number}")
    mail.put(PerUserState.Disabled)
    assert 200 == mail.asks(OWN).status


@pytest.mark.parametrize("has_app_password", [False, True])
@pytest.mark.slow
def test_many_tries_at_once_get_no_more_than_one_after_the_other(mail: Mail, *, has_app_password: bool) -> None:
    """64 wrong ones in parallel: as many are looked at as lock, and then the right one is refused too (lessons: AuthQuake)."""
    api, password = mail.api, mail.app_password() if has_app_password else OWN
    attempt = Attempt(bytes(16), "mail", ClientApp.LEGACY, None, bytes(16))

    def give(text: str) -> bool:
        given = LegacyPassword(mail.upn, text)
        return check_legacy_password(api.identity, TENANT, given, attempt, api.clock.now()) is not None

    with ThreadPoolExecutor(4) as pool:
        assert {False} == set(pool.map(give, [f"wrong {number}" for number in range(64)]))
    assert not give(password)
    with api.joined.services.store.begin() as unit:
        user_id = unit.directory.ids_by_upn(TENANT, [mail.upn])[mail.upn]
        held = unit.challenges.hold(TENANT, user_id, Counted.APP_PASSWORD, api.clock.now())
        credential = unit.identity.credential(TENANT, user_id)
    assert (1, 0) == ((held.locks, held.failures) if has_app_password else (credential.locks, credential.failures))
    assert Failures() == held or has_app_password


def test_one_try_is_one_hash(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is asked about and whichever password counts, so that time does not tell."""
    verified: Counter[str] = Counter()
    real = type(mail.api.identity.passwords).verify

    def verify(self: object, password_hash: str | None, password: str) -> bool:
        verified[password] += 1
        return real(self, password_hash, password)  # type: ignore[arg-type] # the method's own self

    password = mail.app_password()
    monkeypatch.setattr(type(mail.api.identity.passwords), "verify", verify)
    for text, user in ((password, None), ("wrong", None), ("of nobody", "nobody@contoso.example")):
        mail.asks(text, user)
    assert {password: 1, "wrong": 1, "of nobody": 1} == verified


def test_the_log_says_why(mail: Mail) -> None:
    """A line for each try, by a legacy client."""
    password = mail.app_password()
    for text in (OWN, password):
        mail.asks(text)
        mail.api.later(1)
    needed, skipped = "MFA required: a legacy client needs an app password.", "MFA requirement skipped due to app password."
    assert [(0, skipped), (50126, needed)] == mail.told()
    found = mail.api.call("GET", "/v1.0/auditLogs/signIns?$filter=clientAppUsed eq 'Other clients'").body["value"]
    assert 2 == len(found)


def test_a_blocked_user_is_logged_as_denied(mail: Mail) -> None:
    """With the right password; a wrong one is a wrong one."""
    _blocked(mail)
    mail.asks(OWN)
    assert [(500121, "MFA denied; user is blocked.")] == mail.told()


@pytest.mark.parametrize("permissions", [(), (CHALLENGE,)])
def test_the_permission(api: Api, permissions: tuple[str, ...]) -> None:
    """Of its own; the refusal names it."""
    token = api.token(api.new_application(*permissions))
    got = api.call("POST", PATH, {"user": "kim", "password": "x"}, token)
    assert (403, "permissionDenied", [LEGACY_PASSWORD]) == (got.status, got.code, got.body["error"]["requiredPermissions"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"user": "kim"}, "invalidBody", id="no password"),
        pytest.param({"user": "kim", "password": 7}, "invalidBody", id="a number"),
        pytest.param({"user": "kim", "password": "x", "more": 1}, "invalidBody", id="more"),
        pytest.param({"user": "kim", "password": "x", "ipAddress": "here"}, "invalidIpAddress", id="no address"),
    ],
)
def test_bodies(mail: Mail, body: Any, code: str) -> None:  # noqa: ANN401 - JSON
    """A clear refusal, and nothing is counted."""
    got = mail.api.call("POST", PATH, body, mail.token)
    assert (400, code) == (got.status, got.code)


@pytest.mark.parametrize("password", ["", "\x00", "x" * 5000, "\ud800"])
def test_passwords_of_any_kind_are_wrong_passwords(mail: Mail, password: str) -> None:
    """An empty one is not equal to an empty secret (lessons)."""
    got = mail.asks(password)
    assert got.status in {400, 403}

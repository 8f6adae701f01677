"""Notices and their links: what is told to whom, and "that was not me", which works once and never by being looked at."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

import pytest
from falcon import testing

from ringfence.application.accounts import show_active_user
from ringfence.application.emails import SetEmail, set_email
from ringfence.application.housekeeping import forget_old_notices
from ringfence.application.mfa.blocked_users import FraudReport, list_blocks, report_fraud
from ringfence.application.mfa.not_me import use_not_me
from ringfence.application.mfa.notice_outbox import SqlMailOutbox
from ringfence.application.mfa.settings import change_settings
from ringfence.application.ports.delivery import Accepted, Later, LaterReason, RefusalReason, Refused, SendOutcome, Unknown
from ringfence.application.ports.notices import OutgoingMail
from ringfence.application.ports.outbox import LEASE
from ringfence.application.registered_methods import IssuePass, issue_pass
from ringfence.application.services import in_transaction
from ringfence.domain.identity.sign_ins import Attempt, ClientApp
from ringfence.domain.policy.mfa_settings import FraudAlert
from ringfence.domain.signin.lockout import FAILURES
from ringfence.domain.signin.notices import KEPT, LIFE, LINK_LIFE, NoticeState
from tests.api.test_texts import Phones
from tests.contract.deployments import TENANT
from tests.graph.served import ADMIN, ROOT, Api
from tests.oauth.conftest import Service

_PATH: Final = "/oauth/not-me"
_MAIL: Final = "kim@mail.example"
_BUSY: Final = Later(timedelta(minutes=1), LaterReason.FAULT)


class Post:
    """Kim, who reads her mails."""

    def __init__(self, api: Api) -> None:
        """Give her an address; what that tells is read already."""
        self.api, self.services = api, api.joined.services
        self.kim = api.new_user("kim")
        set_email(self.services, TENANT, SetEmail(self.kim, _MAIL, ADMIN), api.clock.now())
        self.outbox = SqlMailOutbox(api.identity, ROOT)
        self.cookie = ""
        self.settle()
        api.later(1)

    def take(self) -> Sequence[OutgoingMail]:
        """What is due."""
        return [one for one in self.outbox.take(self.api.clock.now(), 100) if isinstance(one, OutgoingMail)]

    def settle(self, outcome: SendOutcome = Accepted("m/1")) -> list[tuple[str, str]]:  # noqa: B008 - a value
        """Everything that is due, which the mail server answers so: addresses and subjects."""
        taken = self.take()
        self.outbox.settle([(one, outcome) for one in taken], self.api.clock.now())
        return [(one.what.to, one.what.subject.partition(": ")[2]) for one in taken]

    def issue(self) -> None:
        """Something to tell."""
        issue_pass(self.api.identity, TENANT, IssuePass(self.kim, ADMIN), self.api.clock.now())

    def secret(self) -> str:
        """That of the link in the next mail."""
        self.issue()
        (mail,) = self.take()
        (found,) = re.findall(re.escape(f"{ROOT}{_PATH}?t=") + r"(\S+)", mail.what.text)
        return str(found)

    def states(self) -> list[NoticeState]:
        """Of all notices but the first, newest first."""
        with self.services.store.snapshot() as unit:
            return [one.state for one in unit.notices.newest(TENANT, 100)][:-1]

    def look(self, secret: str) -> testing.Result:
        """Open the link."""
        got = self.api.client.simulate_get(_PATH, query_string=f"t={secret}")
        self.cookie = got.headers.get("set-cookie", "").partition(";")[0]
        return got

    def press(self, secret: str, canary: str | None = None, **headers: str) -> testing.Result:
        """Fill in the form, with the canary of the page unless another is given."""
        canary = self.cookie.partition("=")[2] if canary is None else canary
        sent = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded", **headers}
        return self.api.client.simulate_post(_PATH, body=f"t={secret}&canary={canary}", headers=sent)

    @property
    def blocks(self) -> list[str]:
        """Why she is blocked."""
        return [one.block.reason for one in list_blocks(self.services, TENANT, 100)]


@pytest.fixture
def post(service: Service) -> Post:
    """Her."""
    return Post(service.api)


def test_a_pass_is_told(post: Post) -> None:
    """To the address of the account, once (F.1, TAP)."""
    post.issue()
    assert [(_MAIL, "A temporary access pass was issued")] == post.settle()
    assert ([], [NoticeState.SENT]) == (post.settle(), post.states())


def test_a_lock_is_told_once(post: Post) -> None:
    """Not with every code that comes after it (lessons: AuthQuake)."""
    phones = Phones(post.api)
    body = {"phoneNumber": "+49 15112345678", "phoneType": "mobile"}
    post.api.call("POST", f"/v1.0/users/{post.kim}/authentication/phoneMethods", body)
    challenge = phones.asked(post.kim)
    phones.code()
    for _ in range(FAILURES + 2):
        phones.app.answer(challenge, "wrong")
    assert sorted(["A sign-in method was added", "Too many wrong codes"]) == sorted(subject for _, subject in post.settle())


def test_another_address_is_told_to_the_old_one(post: Post) -> None:
    """Whoever set it is not whom to tell."""
    set_email(post.services, TENANT, SetEmail(post.kim, "mallory@mail.example", ADMIN), post.api.clock.now())
    assert [(_MAIL, "A sign-in method was changed")] == post.settle()


def test_a_switch(post: Post) -> None:
    """Without notices nothing is written."""
    change_settings(post.services, TENANT, lambda before: before._replace(notices=False), ADMIN, post.api.clock.now())
    post.issue()
    assert ([], []) == (post.settle(), post.states())


def test_nobody_to_tell(post: Post) -> None:
    """A user without an address is left alone, and the notice is closed."""
    issue_pass(post.api.identity, TENANT, IssuePass(post.api.new_user("sam"), ADMIN), post.api.clock.now())
    assert ([], [NoticeState.DROPPED]) == (post.settle(), post.states())


_AGAIN: Final = NoticeState.PENDING


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (_BUSY, _AGAIN),
        (Refused(RefusalReason.CONFIGURATION), _AGAIN),
        (Refused(RefusalReason.DESTINATION), NoticeState.FAILED),
        (Unknown(None), NoticeState.SENT),
    ],
    ids=["later", "configuration", "destination", "unknown"],
)
def test_what_becomes_of_it(post: Post, outcome: SendOutcome, state: NoticeState) -> None:
    """What was certainly not sent is tried again after a while, but no longer than a day."""
    post.issue()
    post.settle(outcome)
    assert ([state], []) == (post.states(), post.settle())
    post.api.later(LIFE.total_seconds())
    assert ([], [NoticeState.FAILED if state is _AGAIN else state]) == (post.settle(), post.states())


def test_a_claim_runs_out(post: Post) -> None:
    """Whoever dies with a mail in hand leaves it to the next, and its own word on it comes too late."""
    post.issue()
    lost = post.take()
    assert [] == post.settle()
    post.api.later(LEASE.total_seconds() + 1)
    assert 1 == len(post.settle(_BUSY))
    post.outbox.settle([(lost[0], Accepted("m/2"))], post.api.clock.now())
    assert [_AGAIN] == post.states()


def test_the_button_blocks(post: Post) -> None:
    """It blocks, signs out everywhere, says so in the audit log, and tells the user."""
    secret = post.secret()
    assert post.kim in post.look(secret).text
    assert (200, ["not me link"]) == (post.press(secret).status_code, post.blocks)
    assert ["Your account is blocked"] == [subject for _, subject in post.settle()]
    audited = post.api.call("GET", "/v1.0/auditLogs/directoryAudits").body["value"]
    assert post.kim in [one["initiatedBy"]["user"]["userPrincipalName"] for one in audited if one["initiatedBy"]["user"]]
    with post.services.store.snapshot() as unit:
        user_id = show_active_user(post.services, TENANT, post.kim).user.user_id
        assert post.api.clock.now() == unit.identity.credential(TENANT, user_id).sessions_valid_from


def test_looking_does_nothing(post: Post) -> None:
    """Mail programs open links by themselves."""
    secret = post.secret()
    assert {200} == {post.look(secret).status_code for _ in range(3)}
    assert [] == post.blocks


def test_one_page_for_links_that_cannot_be_used(post: Post) -> None:
    """Used, too old or never made: nobody learns which."""
    secret = post.secret()
    post.look(secret)
    assert 200 == post.press(secret).status_code
    again, used, unknown = post.press(secret), post.look(secret), post.look("x" * 22)
    post.api.later(1)
    post.settle()
    old = post.secret()
    post.api.later(LINK_LIFE.total_seconds())
    assert {(404, used.text)} == {(got.status_code, got.text) for got in (again, used, unknown, post.look(old))}


@pytest.mark.parametrize(
    ("canary", "headers"),
    [("", {}), ("x" * 43, {}), (None, {"Sec-Fetch-Site": "cross-site"}), (None, {"Origin": "https://evil.example"})],
    ids=["none", "another", "cross-site", "origin"],
)
def test_another_site_cannot_press_it(post: Post, canary: str | None, headers: dict[str, str]) -> None:
    """The form has to be ours, filled in here."""
    secret = post.secret()
    post.look(secret)
    assert (400, []) == (post.press(secret, canary, **headers).status_code, post.blocks)


def test_sixty_four_at_once(post: Post) -> None:
    """One of them is the one."""
    secret, now = post.secret(), post.api.clock.now()
    with ThreadPoolExecutor(64) as threads:
        found = list(threads.map(lambda _: use_not_me(post.api.identity, secret, now), range(64)))
    assert ([True], 1) == ([one for one in found if one], len(post.blocks))


def test_the_secret_is_not_stored(post: Post) -> None:
    """The database knows its hash; and the link in a mail that goes again is the same."""
    secret = post.secret()
    post.api.later(LEASE.total_seconds() + 1)
    assert secret in post.take()[0].what.text
    with post.services.store.snapshot() as unit:
        assert secret not in repr(unit.notices.newest(TENANT, 10))


def test_old_notices_go(post: Post) -> None:
    """After thirty days, and not a second before."""
    counts = []
    for later in (KEPT.total_seconds() - 1, 1):  # it is a second old
        post.api.later(later)
        counts.append(forget_old_notices(post.services, post.api.clock.now()))
    assert [0, 1] == counts


def test_fraud_is_told_to_those_named(post: Post) -> None:
    """And to the user that the account is blocked (D.6)."""
    alert = FraudAlert(allowed=True, recipients=("soc@contoso.example",))
    change_settings(post.services, TENANT, lambda before: before._replace(fraud=alert), ADMIN, post.api.clock.now())
    sam = post.api.new_user("sam")
    set_email(post.services, TENANT, SetEmail(sam, "sam@mail.example", ADMIN), post.api.clock.now())
    post.settle()
    report = FraudReport(
        show_active_user(post.services, TENANT, sam).user.user_id, Attempt(b"a" * 16, "shop", ClientApp.NATIVE, None, b"c" * 16)
    )
    in_transaction(post.services, lambda unit: report_fraud(post.services, unit, TENANT, report, post.api.clock.now()))
    told = [("sam@mail.example", "Your account is blocked"), ("soc@contoso.example", "Fraud was reported")]
    assert told == sorted(post.settle())

"""Codes that are sent: texted to the effective number, right once, void after the next one; and the send guard before them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

import pytest

from ringfence.application.mfa.outbox import SqlOutbox
from ringfence.application.mfa.settings import change_settings
from ringfence.application.mfa.telephony import allow_prefixes, set_budget, set_limits
from ringfence.application.ports.calls import CallEnd, VoiceCall
from ringfence.application.ports.delivery import (
    Accepted,
    DeliveryReceipt,
    Later,
    LaterReason,
    RefusalReason,
    Refused,
    SendOutcome,
    TextMessage,
    Unknown,
)
from ringfence.application.ports.mail import MailMessage
from ringfence.application.ports.outbox import LEASE, Outgoing
from ringfence.domain.policy.mfa_settings import FraudAlert
from ringfence.domain.signin.challenge import LIFE
from ringfence.domain.signin.send_guard import Scope
from tests.api.test_challenges import PATH, SHAPE, App
from tests.contract.clocks import IN_WINDOW
from tests.contract.deployments import TENANT
from tests.graph.served import ADMIN, MOBILE, Api, Reply

BY: Final = (ADMIN, IN_WINDOW)
_NUMBER: Final = "+49 15112345678"


class Phones:
    """The example's telephones: what the outbox gives out, and what the network says to it."""

    def __init__(self, api: Api) -> None:
        """Over this deployment, which may text Germany."""
        self.api = api
        self.app = App(api)
        self.outbox = SqlOutbox(api.identity)
        allow_prefixes(api.joined.services, TENANT, ["49"], BY)

    def user(self, name: str, number: str = _NUMBER, kind: str = "mobile") -> str:
        """A user with a number."""
        upn = self.api.new_user(name)
        body = {"phoneNumber": number, "phoneType": kind}
        got = self.api.call("POST", f"/v1.0/users/{upn}/authentication/phoneMethods", body)
        assert 201 == got.status, got.body
        return upn

    def ask(self, user: str, **more: str) -> Reply:
        """A challenge."""
        return self.app.call("POST", PATH, {"user": user, "purpose": "sign-in", **more})

    def asked(self, user: str, **more: str) -> str:
        """A challenge's id."""
        got = self.ask(user, **more)
        assert (201, SHAPE) == (got.status, set(got.body)), got.body
        return str(got.body["id"])

    def resend(self, challenge: str) -> Reply:
        """Once more."""
        return self.app.call("POST", f"{PATH}/{challenge}/resend")

    def take(self) -> list[Outgoing]:
        """What is due."""
        return list(self.outbox.take(self.api.clock.now(), 100))

    def settle(self, outcome: SendOutcome | CallEnd = Accepted("m/1")) -> list[TextMessage | VoiceCall | MailMessage]:  # noqa: B008 - a value
        """Everything that is due, which the network answers so."""
        taken = self.take()
        self.outbox.settle([(one, outcome) for one in taken], self.api.clock.now())
        return [one.what for one in taken]

    def code(self) -> str:
        """The code in the only text that is due."""
        (text,) = self.settle()
        assert isinstance(text, TextMessage)
        return str(re.findall("[0-9]{6}", text.text)[0])

    def last_words(self) -> tuple[int, str]:
        """How the last sign-in ended."""
        (line,) = self.api.call("GET", "/v1.0/auditLogs/signIns?$top=1").body["value"][:1]
        return line["status"]["errorCode"], line["status"].get("additionalDetails") or ""


@pytest.fixture
def phones(api: Api) -> Phones:
    """Them."""
    return Phones(api)


def test_a_code_is_texted_and_right_once(phones: Phones) -> None:
    """To the authentication number, which the answer shows masked."""
    got = phones.ask(phones.user("ann"), locale="de-CH")
    assert ("sms", "+X XXXXXXX78", "pending") == tuple(got.body[name] for name in ("method", "contact", "state"))
    (text,) = phones.settle()
    assert isinstance(text, TextMessage)
    assert (_NUMBER, True) == (text.number, text.text.startswith("Ihr Code für contoso.example: "))
    code = re.findall("[0-9]{6}", text.text)[0]
    answers = [phones.app.answer(got.body["id"], code) for _ in range(2)]
    assert [200, 410] == [one.status for one in answers]


def test_no_answer_holds_the_code(phones: Phones) -> None:
    """Neither of the three documents (lessons: Zitadel's code in the answer)."""
    user = phones.user("ben")
    made = phones.ask(user)
    code = phones.code()
    shown = phones.app.call("GET", f"{PATH}/{made.body['id']}")
    phones.api.later(30)
    assert not any(code in str(one.body) for one in (made, shown, phones.resend(made.body["id"])))


def test_a_new_code_voids_the_old(phones: Phones) -> None:
    """After half a minute it may be asked for; it lives its own three minutes (D.5)."""
    challenge = phones.asked(phones.user("cid"))
    first = phones.code()
    assert (429, "resendTooSoon", "30") == _told(phones.resend(challenge))
    phones.api.later(30)
    assert 200 == phones.resend(challenge).status
    second = phones.code()
    phones.api.later(int(LIFE.total_seconds()) - 1)
    assert [403, 200] == [phones.app.answer(challenge, code).status for code in (_other(first, second), second)]


def _told(reply: Reply) -> tuple[int, str, str]:
    return reply.status, reply.code, reply.headers["retry-after"]


def _other(code: str, right: str) -> str:
    return code if code != right else f"{(int(right) + 1) % 10**6:06d}"


def test_wrong_codes_lock_texts_but_not_the_app(phones: Phones) -> None:
    """They are counted by account and method, over challenges."""
    user = phones.user("dan")
    token = phones.app.enrol(user)
    challenge = phones.asked(user, method="sms")
    code = phones.code()
    got = [phones.app.answer(challenge, _other("000000", code)).status for _ in range(5)]
    assert [403, 403, 403, 403, 429] == got
    phones.api.later(60)
    again = phones.asked(user, method="sms")
    assert 429 == phones.app.answer(again, phones.code()).status
    other = phones.asked(user, method="oath")
    assert 200 == phones.app.answer(other, phones.app.shown(token)).status


def test_another_challenge_takes_the_place_of_the_one_before(phones: Phones) -> None:
    """Of the same application, user and method; its code is no longer taken, and what waits of it is not sent."""
    user = phones.user("eve")
    first, second = phones.asked(user), phones.asked(user)
    code = phones.code()
    assert ["replaced", "pending"] == [phones.app.state(one) for one in (first, second)]
    assert [410, 200] == [phones.app.answer(one, code).status for one in (first, second)]


def test_the_limit_of_a_user(phones: Phones) -> None:
    """Five in five minutes; the log has a line for the one that was not sent (D.6)."""
    user = phones.user("fay")
    for _ in range(5):
        phones.asked(user)
        phones.api.later(10)
    assert (429, "telephonyLimit", "250") == _told(phones.ask(user))  # until the first of the five is five minutes old
    assert 50088 == phones.last_words()[0]
    phones.api.later(250)
    phones.asked(user)


def test_the_limit_of_a_day(phones: Phones) -> None:
    """Also where the short limit is kept: nobody has texts sent all day long, to ever new numbers, with one password."""
    set_limits(phones.api.joined.services, TENANT, {Scope.USER_DAY: 6}, BY)
    user = phones.user("fia")
    for _ in range(6):
        phones.asked(user)
        phones.api.later(300)
    assert (429, "telephonyLimit", str(86400 - 6 * 300)) == _told(phones.ask(user))


def test_a_call_to_nobody_ends_like_one_that_nobody_takes(phones: Phones) -> None:
    """After 45 seconds; neither state nor time tells who exists (lessons: Authy)."""
    somebody = phones.asked(phones.user("fox"), method="voiceMobile")
    nobody = phones.asked("nobody@contoso.example", method="voiceMobile")
    (call,) = phones.take()
    phones.api.later(44)
    assert ["pending"] * 2 == [phones.app.state(one) for one in (somebody, nobody)]
    phones.api.later(1)
    phones.outbox.settle([(call, CallEnd.NO_ANSWER)], phones.api.clock.now())
    assert 1 == len({phones.app.state(one) for one in (somebody, nobody)})


def test_the_limit_of_a_number(phones: Phones) -> None:
    """Ten an hour, whoever's it is: two users may share one (C.3, T8)."""
    users = [phones.user(name) for name in ("gil", "gus", "gia")]
    for user in (*users[:2] * 5,):
        phones.asked(user)
    assert (429, "telephonyLimit") == _short(phones.ask(users[2]))


def _short(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.code


@pytest.mark.parametrize(("scope", "most"), [(Scope.TENANT, 2), (Scope.PREFIX, 2)])
def test_the_limits_over_users(phones: Phones, scope: Scope, most: int) -> None:
    """As an administrator sets them; decoys count too."""
    set_limits(phones.api.joined.services, TENANT, {scope: most}, BY)
    phones.asked(phones.user("hal"))
    phones.asked("nobody@contoso.example", method="sms")
    assert (429, "telephonyLimit") == _short(phones.ask(phones.user("hum", "+49 15112345600")))


def test_the_budget(phones: Phones) -> None:
    """At the month's limit nothing more is sent; other methods go on."""
    set_budget(phones.api.joined.services, TENANT, 150, {"sms": 100, "sms:49": 70}, "EUR", BY)
    user = phones.user("ida")
    token = phones.app.enrol(user)
    assert [201, 201, 503] == [phones.ask(user).status for _ in range(3)]
    challenge = phones.asked(user, method="oath")
    assert 200 == phones.app.answer(challenge, phones.app.shown(token)).status


def test_a_country_that_is_not_allowed(phones: Phones) -> None:
    """Looks like no number at all: the longest prefix counts."""
    user = phones.user("jan", "+44 7700900123")
    challenge = phones.asked(user, method="sms")
    assert ([], 403) == (phones.take(), phones.app.answer(challenge, "000000").status)


def test_without_any_country_nothing_is_sent(api: Api) -> None:
    """And that is said, whoever is asked."""
    app = App(api)
    for user in (api.new_user("kit"), "nobody@contoso.example"):
        got = app.call("POST", PATH, {"user": user, "purpose": "x", "method": "sms"})
        assert (409, "methodNotServed") == (got.status, got.code)


def test_nobody_gets_what_somebody_gets(phones: Phones) -> None:
    """A name nobody has: the same document, one message that goes nowhere, the same limits (lessons: Authy)."""
    names = ("sms", "voiceMobile")
    for method in names:
        known, unknown = (
            phones.ask(phones.user(f"lu{method}"), method=method),
            phones.ask(f"{method}@nobody.example", method=method),
        )
        assert {**known.body, "id": 0, "contact": 0} == {**unknown.body, "id": 0, "contact": 0}
        assert re.fullmatch(r"\+X XXXXXXX[0-9]{2}", unknown.body["contact"])
    assert len(names) == len(phones.settle())
    assert (429, "resendTooSoon") == _short(phones.resend(unknown.body["id"]))


def test_a_call_is_answered_on_the_phone(phones: Phones) -> None:
    """No code is taken for it; the key approves, and the log says what was done."""
    user = phones.user("mia", "+49 3012345x77", "office")
    challenge = phones.asked(user)
    assert (409, "answeredByPhone") == _short(phones.app.answer(challenge, "000000"))
    (call,) = phones.settle(CallEnd.APPROVED)
    assert isinstance(call, VoiceCall)
    assert ("+49 3012345x77", "approved") == (call.number, phones.app.state(challenge))
    assert 0 == phones.last_words()[0]


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (CallEnd.BUSY, "failed"),
        (CallEnd.DECLINED, "denied"),
        (CallEnd.FRAUD, "denied"),
        (CallEnd.HUNG_UP, "denied"),
        (CallEnd.NO_ANSWER, "failed"),
        (CallEnd.NO_KEY, "denied"),
        (CallEnd.UNREACHABLE, "failed"),
    ],
)
def test_calls_that_are_not_approved(phones: Phones, end: CallEnd, state: str) -> None:
    """Each ends the challenge, and is a failed sign-in (D.4, D.10)."""
    challenge = phones.asked(phones.user(f"n{end.value.replace('_', '')}"), method="voiceMobile")
    phones.settle(end)
    assert (state, 500121) == (phones.app.state(challenge), phones.last_words()[0])


def test_a_text_that_is_not_taken_waits(phones: Phones) -> None:
    """It is tried again after the pause, and sent once."""
    challenge = phones.asked(phones.user("oda"))
    assert 1 == len(phones.settle(Later(timedelta(seconds=7), LaterReason.THROTTLED)))
    assert [] == phones.take()
    phones.api.later(7)
    code = phones.code()
    phones.api.later(60)
    assert ([], 200) == (phones.take(), phones.app.answer(challenge, code).status)


@pytest.mark.parametrize("outcome", [Accepted("x"), Unknown(None), Unknown("x")])
def test_what_may_have_gone_out_does_not_go_again(phones: Phones, outcome: SendOutcome) -> None:
    """However long it takes (lessons: zitadel #7186)."""
    phones.asked(phones.user("pat"))
    assert 1 == len(phones.settle(outcome))
    phones.api.later(100)
    assert [] == phones.take()


def test_a_text_that_is_refused_ends_the_challenge(phones: Phones) -> None:
    """And the log says why."""
    challenge = phones.asked(phones.user("quy"))
    phones.settle(Refused(RefusalReason.DESTINATION))
    assert ("failed", 500121) == (phones.app.state(challenge), phones.last_words()[0])


def test_nothing_is_sent_when_it_is_dead(phones: Phones) -> None:
    """Not after the challenge's end, nor after its answer."""
    phones.asked(phones.user("ron"))
    phones.api.later(int(LIFE.total_seconds()))
    assert [] == phones.take()


def test_who_dies_with_a_text_in_hand_leaves_it_to_others(phones: Phones) -> None:
    """When the claim runs out; what the dead one would still say of it is passed over."""
    phones.asked(phones.user("sue"))
    (mine,) = phones.take()
    assert [] == phones.take()
    phones.api.later(int(LEASE.total_seconds()))
    (theirs,) = phones.take()
    phones.outbox.settle([(mine, Refused(RefusalReason.CONTENT))], phones.api.clock.now())
    phones.outbox.settle([(theirs, Accepted("m/1"))], phones.api.clock.now())
    assert mine.what == theirs.what


@pytest.mark.parametrize(("is_delivered", "state"), [(True, "pending"), (False, "failed")])
def test_receipts(phones: Phones, is_delivered: bool, state: str) -> None:  # noqa: FBT001 - a case
    """The last word on a text updates the challenge; one on nothing of ours is not taken."""
    challenge = phones.asked(phones.user(f"t{state}"))
    phones.settle(Accepted("main/77"))
    receipt = DeliveryReceipt("main/77", is_delivered, "X")
    taken = [
        phones.outbox.receipt(one, phones.api.clock.now()) for one in (receipt, DeliveryReceipt("main/78", is_delivered, "X"))
    ]
    assert ([True, False], state) == (taken, phones.app.state(challenge))


def test_the_number_stays_the_one_of_the_challenge(phones: Phones) -> None:
    """Whoever changes the user's number meanwhile moves no code (lessons: Devolutions)."""
    user = phones.user("ute")
    challenge = phones.asked(user)
    path = f"/v1.0/users/{user}/authentication/phoneMethods/{MOBILE}"
    phones.api.call("PATCH", path, {"phoneNumber": "+49 15199999999"})
    phones.api.later(30)
    phones.settle()
    assert 200 == phones.resend(challenge).status
    (text,) = phones.settle()
    assert isinstance(text, TextMessage)
    assert _NUMBER == text.number


def test_the_default_is_asked_first(phones: Phones) -> None:
    """Then any other by name (D.1)."""
    user = phones.user("val")
    phones.api.call(
        "POST", f"/v1.0/users/{user}/authentication/phoneMethods", {"phoneNumber": "+49 301234567", "phoneType": "office"}
    )
    got = [phones.ask(user).body["method"], phones.ask(user, method="voiceOffice").body["method"]]
    assert ["sms", "voiceOffice"] == got


def test_a_fraud_report_blocks_where_the_tenant_wants_it(phones: Phones) -> None:
    """From then on every second factor of the user is denied like a wrong code, and nothing goes out (D.6)."""
    services = phones.api.joined.services
    alert = FraudAlert(allowed=True, auto_block=True)
    change_settings(services, TENANT, lambda before: before._replace(fraud=alert), ADMIN, phones.api.clock.now())
    user = phones.user("wim")
    token = phones.app.enrol(user)
    phones.asked(user, method="voiceMobile")
    (call,) = phones.settle(CallEnd.FRAUD)
    assert isinstance(call, VoiceCall)
    assert (True, True) == (call.is_fraud_reportable, call.must_confirm_fraud)
    texted, apps = phones.asked(user, method="sms"), phones.asked(user, method="oath")
    assert [] == phones.take()
    assert [403, 403] == [phones.app.answer(*one).status for one in ((texted, "000000"), (apps, phones.app.shown(token)))]

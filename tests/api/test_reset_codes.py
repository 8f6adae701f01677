"""Codes by e-mail: a gate of a password reset, never a second factor (D.1, E.4), by the same verifier as all others."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

import pytest

from ringfence.application.emails import SetEmail, set_email
from ringfence.application.mfa.notice_outbox import SqlMailOutbox
from ringfence.application.ports.delivery import Accepted
from ringfence.application.ports.notices import OutgoingCode, OutgoingMail
from ringfence.domain.signin.challenge import LIFE
from tests.api.test_challenges import PATH, SHAPE, App
from tests.api.test_texts import Phones
from tests.contract.deployments import TENANT
from tests.graph.served import ADMIN, ROOT, Api, Reply

_ADDRESS: Final = "ann@private.example"


class Reset:
    """Somebody with an address and a number, and what the mail server gets."""

    def __init__(self, api: Api) -> None:
        """What her new address tells is read already."""
        self.api, self.app, self.phones = api, App(api), Phones(api)
        self.ann = self.phones.user("ann")
        set_email(api.joined.services, TENANT, SetEmail(self.ann, _ADDRESS, ADMIN), api.clock.now())
        self.outbox = SqlMailOutbox(api.identity, ROOT)
        self.settle()
        api.later(1)

    def ask(self, user: str, method: str | None = "email", purpose: str = "passwordReset") -> Reply:
        """A challenge."""
        return self.app.call("POST", PATH, {"user": user, "purpose": purpose, "method": method})

    def take(self) -> list[OutgoingMail | OutgoingCode]:
        """What is due."""
        return list(self.outbox.take(self.api.clock.now(), 100))

    def settle(self) -> list[OutgoingMail | OutgoingCode]:
        """Everything that is due, and went out."""
        taken = self.take()
        self.outbox.settle([(one, Accepted("m/1")) for one in taken], self.api.clock.now())
        return taken

    def code(self) -> str:
        """The code in the only mail that is due."""
        (mail,) = self.settle()
        assert isinstance(mail, OutgoingCode)
        assert mail.what.to == _ADDRESS
        return str(re.findall(r"\b[0-9]{6}\b", mail.what.text)[0])


@pytest.fixture
def reset(api: Api) -> Reset:
    """Her."""
    return Reset(api)


def test_a_code_is_mailed_and_right_once(reset: Reset) -> None:
    """To the authentication address, which the answer shows masked, its domain too."""
    made = reset.ask(reset.ann)
    assert (201, SHAPE, "email", "a***@p***") == (made.status, set(made.body), made.body["method"], made.body["contact"])
    code = reset.code()
    assert [200, 410] == [reset.app.answer(made.body["id"], code).status for _ in range(2)]


@pytest.mark.parametrize("method", ["temporaryAccessPass", "voiceAlternateMobile"])
def test_what_is_no_gate(reset: Reset, method: str) -> None:
    """The alternate mobile is not (E.4), nor a pass."""
    assert (400, "methodNotForPurpose") == _short(reset.ask(reset.ann, method))


def test_a_code_by_mail_is_no_second_factor(reset: Reset) -> None:
    """At any other purpose."""
    assert (400, "methodNotForPurpose") == _short(reset.ask(reset.ann, purpose="sign-in"))


def _short(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.code


def test_wrong_codes_lock_the_method(reset: Reset) -> None:
    """The fifth does, and the right one after it is late."""
    challenge = reset.ask(reset.ann).body["id"]
    code = reset.code()
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    answers = [reset.app.answer(challenge, one).status for one in (*[wrong] * 5, code)]
    assert answers[:4] == [403] * 4
    assert 200 not in answers[4:]


def test_five_mails_in_five_minutes(reset: Reset) -> None:
    """A limit of their own: texts go on, and mails count for none of theirs."""
    for _ in range(5):
        assert 201 == reset.ask(reset.ann).status
    assert (429, "mailLimit") == _short(reset.ask(reset.ann))
    assert 201 == reset.ask(reset.ann, "sms").status


def test_who_has_no_address_looks_the_same(reset: Reset) -> None:
    """A name nobody has, and a user without an address: the same document, and no mail (lessons: Authy)."""
    bob = reset.api.new_user("bob")
    replies = [reset.ask(user) for user in (reset.ann, bob, "nobody@contoso.example")]
    assert [(201, SHAPE)] * 3 == [(one.status, set(one.body)) for one in replies]
    assert all(re.fullmatch(r"[a-z]\*\*\*@[a-z]\*\*\*", one.body["contact"]) for one in replies)
    assert [_ADDRESS] == [one.what.to for one in reset.settle()]
    assert [403] * 2 == [reset.app.answer(one.body["id"], "000000").status for one in replies[1:]]


def test_no_mail_when_it_is_dead(reset: Reset) -> None:
    """After its time, and to an address that is another one by then."""
    reset.ask(reset.ann)
    reset.api.later(LIFE.total_seconds() + 1)
    assert [] == reset.settle()
    reset.api.later(timedelta(minutes=5).total_seconds())
    reset.ask(reset.ann)
    command = SetEmail(reset.ann, "new@private.example", ADMIN)
    set_email(reset.api.joined.services, TENANT, command, reset.api.clock.now())
    assert not any(isinstance(one, OutgoingCode) for one in reset.settle())


def test_a_code_goes_before_notices(reset: Reset) -> None:
    """Somebody waits for it."""
    for number in range(4):
        command = SetEmail(reset.ann, f"ann{number}@private.example", ADMIN)
        set_email(reset.api.joined.services, TENANT, command, reset.api.clock.now())
    reset.ask(reset.ann)
    assert isinstance(reset.take()[0], OutgoingCode)

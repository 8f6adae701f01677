"""The worker and mails: from a notice to the mail server, beside texts and never before them."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest

from ringfence.application.emails import SetEmail, set_email
from ringfence.application.mfa.notice_outbox import SqlMailOutbox
from ringfence.application.mfa.outbox import SqlOutbox
from ringfence.application.ports.delivery import Accepted, SendOutcome, TextMessage
from ringfence.application.ports.mail import MailMessage, MailSender
from ringfence.delivery.drain import Drain, NoCaller
from ringfence.delivery.smtp import MailAccount, SmtpSender, Tls
from ringfence.domain.signin.notices import NoticeState
from ringfence.domain.signin.purposes import PASSWORD_RESET
from tests.api.test_challenges import PATH, App
from tests.api.test_texts import Phones
from tests.contract.deployments import TENANT
from tests.delivery.messages import run, until
from tests.graph.served import ADMIN, ROOT, Api, served
from tests.servers.mail_server import mail_server

_KIM: Final = "kim@contoso.example"


class _Texts:
    """A phone network that takes everything."""

    def __init__(self) -> None:
        self.numbers: list[str] = []

    async def start(self) -> None:
        """Nothing."""

    async def stop(self) -> None:
        """Nothing."""

    async def send(self, message: TextMessage, _now: datetime) -> SendOutcome:
        """Take it."""
        self.numbers.append(message.number)
        return Accepted("t/1")


class _Stuck:
    """A mail server that never answers, until it is let go."""

    def __init__(self) -> None:
        self.held: list[MailMessage] = []
        self.goes_on = asyncio.Event()

    async def start(self) -> None:
        """Nothing."""

    async def stop(self) -> None:
        """Nothing."""

    async def send(self, message: MailMessage, _now: datetime) -> SendOutcome:
        """Hold it."""
        self.held.append(message)
        await self.goes_on.wait()
        return Accepted("m/1")


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """A deployment with a person who has an address, which nobody was told of yet."""
    with served(f"sqlite:///{tmp_path}/x.db", tmp_path / "key") as found:
        found.new_user("kim")
        set_email(found.joined.services, TENANT, SetEmail(_KIM, "kim@mail.example", ADMIN), found.clock.now())
        yield found


def states(api: Api) -> list[NoticeState]:
    """Of all notices."""
    with api.joined.services.store.snapshot() as unit:
        return [one.state for one in unit.notices.newest(TENANT, 100)]


async def drained(api: Api, texts: _Texts, mails: MailSender, stop: threading.Event) -> None:
    """Run the worker until it is told to stop."""
    errors: list[Exception] = []
    drain = Drain(SqlOutbox(api.identity), api.clock.now, errors.append, SqlMailOutbox(api.identity, ROOT))
    await drain.run((texts, NoCaller(), mails), stop)
    assert [] == errors


def test_a_notice_arrives(api: Api) -> None:
    """In the language of its reader, with a link, and is not sent again."""
    assert 204 == api.call("PATCH", f"/v1.0/users/{_KIM}", {"preferredLanguage": "de-AT"}).status
    with mail_server(None) as box:
        sender = SmtpSender(MailAccount("127.0.0.1", box.port, "mfa@contoso.example", Tls.OFF))

        async def work() -> None:
            stop = threading.Event()
            worker = asyncio.create_task(drained(api, _Texts(), sender, stop))
            await until(lambda: [NoticeState.SENT] == states(api))
            stop.set()
            await worker

        run(work())
    (mail,) = box.mails
    assert ("kim@mail.example", "contoso.example: Eine Anmeldemethode ist dazugekommen") == (mail["To"], mail["Subject"])
    assert f"{ROOT}/oauth/not-me?t=" in mail.get_content()


def test_a_code_arrives_and_is_right(api: Api) -> None:
    """In a mail to the authentication address, whose subject does not hold it."""
    app = App(api)
    with mail_server(None) as box:
        sender = SmtpSender(MailAccount("127.0.0.1", box.port, "mfa@contoso.example", Tls.OFF))

        made: list[str] = []

        async def work() -> None:
            stop = threading.Event()
            worker = asyncio.create_task(drained(api, _Texts(), sender, stop))
            body = {"user": _KIM, "purpose": PASSWORD_RESET, "method": "email", "locale": "fr"}
            made.append((await asyncio.to_thread(app.call, "POST", PATH, body)).body["id"])
            await until(lambda: 2 == len(box.mails))
            stop.set()
            await worker

        run(work())
    (mail,) = [one for one in box.mails if one["Subject"] == "contoso.example : votre code"]
    assert "kim@mail.example" == mail["To"]
    assert 200 == app.answer(made[0], re.findall(r"\b[0-9]{6}\b", mail.get_content())[0]).status


def test_mails_that_are_stuck_keep_no_text_waiting(api: Api) -> None:
    """Mails have their own few places, and what is in hand is finished at the end."""
    phones = Phones(api)
    for number in range(20):
        set_email(api.joined.services, TENANT, SetEmail(_KIM, f"kim{number}@mail.example", ADMIN), api.clock.now())

    async def work() -> None:
        texts, mails, stop = _Texts(), _Stuck(), threading.Event()
        worker = asyncio.create_task(drained(api, texts, mails, stop))
        await until(lambda: len(mails.held) == 8)
        await asyncio.to_thread(phones.asked, phones.user("ann"))
        await until(lambda: ["+49 15112345678"] == texts.numbers)
        stop.set()
        mails.goes_on.set()
        await worker

    run(work())
    assert 8 <= states(api).count(NoticeState.SENT)
    assert NoticeState.CLAIMED not in states(api)

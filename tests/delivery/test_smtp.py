"""Mails by SMTP: private or not at all, and what every answer means for the mail."""

from __future__ import annotations

import datetime as dt
import socket
from pathlib import Path
from typing import Any, Final

import pytest

from ringfence.application.ports.delivery import Accepted, Later, LaterReason, RefusalReason, Refused, SendOutcome, Unknown
from ringfence.application.ports.mail import MailMessage
from ringfence.delivery.sender_file import read_senders
from ringfence.delivery.smtp import MailAccount, SmtpSender, Tls
from ringfence.domain.errors import InvalidError
from tests.delivery.messages import NOW, run
from tests.servers.certificates import CertificateFiles, write_certificates
from tests.servers.mail_server import PASSWORD, USER, Mailbox, mail_server

_TEXT: Final = "Etwas ist geschehen: Größe.\n\nhttps://mfa.contoso.example/oauth/not-me?t=" + "x" * 90 + "\n.\nEnde\n"
_REFERENCE: Final = f"<{(7).to_bytes(16).hex()}@contoso.example>"


@pytest.fixture
def files(tmp_path: Path) -> CertificateFiles:
    """Certificates of a server on loopback."""
    return write_certificates(tmp_path, ["localhost"], ["127.0.0.1"])


def account(box: Mailbox, **fields: Any) -> MailAccount:  # noqa: ANN401 - fields
    """One that is right but for these."""
    right: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": box.port,
        "sender": "mfa@contoso.example",
        "user": USER,
        "password": PASSWORD,
    }
    return MailAccount(**(right | fields))


def sent(given: MailAccount, to: str = "kim@contoso.example") -> SendOutcome:
    """What became of a mail."""
    known: list[SendOutcome] = []

    async def work() -> None:
        sender = SmtpSender(given)
        await sender.start()
        known.append(await sender.send(MailMessage((7).to_bytes(16), to, "Größe geändert", _TEXT), NOW))
        await sender.stop()

    run(work())
    return known[0]


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_a_mail_arrives(files: CertificateFiles, tls: Tls) -> None:
    """With its text as it was, over TLS, and it says that no person wrote it."""
    with mail_server(files, is_implicit=tls is Tls.IMPLICIT) as box:
        who = {} if tls is Tls.STARTTLS else {"user": "", "password": ""}
        assert Accepted(_REFERENCE) == sent(account(box, tls=tls, authority=files.authority, **who))
        (mail,) = box.mails
    assert ("Größe geändert", _TEXT) == (mail["Subject"], mail.get_content().replace("\r\n", "\n"))
    assert (_REFERENCE, "auto-generated") == (mail["Message-ID"], mail["Auto-Submitted"])
    assert mail["Date"].datetime == NOW


def test_nothing_goes_to_a_stranger(files: CertificateFiles) -> None:
    """A server under another authority is told nothing, the password included."""
    with mail_server(files) as box:
        assert Later(dt.timedelta(minutes=1), LaterReason.UNREACHABLE) == sent(account(box))
        assert [] == box.mails


def test_nothing_goes_in_the_clear() -> None:
    """A server that does not offer STARTTLS gets no mail: somebody may have taken the offer away."""
    with mail_server(None) as box:
        assert isinstance(sent(account(box)), Later)
        assert [] == box.mails


def test_a_wrong_password(files: CertificateFiles) -> None:
    """Is a matter of the configuration."""
    with mail_server(files) as box:
        outcome = sent(account(box, password="wrong", authority=files.authority))  # noqa: S106 - a test's
        assert (Refused(RefusalReason.CONFIGURATION), []) == (outcome, box.mails)


_FAULT: Final = Later(dt.timedelta(minutes=1), LaterReason.FAULT)


@pytest.mark.parametrize(
    ("stage", "answer", "outcome"),
    [
        ("MAIL", "451 busy", _FAULT),
        ("MAIL", "550 not you", Refused(RefusalReason.CONFIGURATION)),
        ("RCPT", "450 greylisted", _FAULT),
        ("RCPT", "550 nobody here", Refused(RefusalReason.DESTINATION)),
        ("DATA", "452 full", _FAULT),
        ("DATA", "554 spam", Refused(RefusalReason.CONTENT)),
        ("DATA", None, Unknown(_REFERENCE)),
    ],
)
def test_answers(stage: str, answer: str | None, outcome: SendOutcome) -> None:
    """4xx is later, 5xx is never, and a connection lost after DATA may have delivered it."""
    with mail_server(None) as box:
        box.answers[stage] = answer
        assert outcome == sent(account(box, tls=Tls.OFF, user="", password=""))


def test_nobody_listens() -> None:
    """Then it was certainly not sent."""
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
        assert Later(dt.timedelta(minutes=1), LaterReason.UNREACHABLE) == sent(account(box))


def test_an_address_beyond_ascii() -> None:
    """Its domain has another form; what is before the @ has none."""
    with mail_server(None) as box:
        clear = account(box, tls=Tls.OFF, user="", password="")
        assert Refused(RefusalReason.DESTINATION) == sent(clear, "jörg@contoso.example")
        assert isinstance(sent(clear, "kim@größe.example"), Accepted)


@pytest.mark.parametrize(
    ("to", "subject"),
    [("kim@contoso.example\r\nBcc: a@b.example", "x"), ("a@b.example, c@d.example", "x"), ("kim@contoso.example", "x\ny")],
)
def test_no_line_can_be_put_in(to: str, subject: str) -> None:
    """Neither by an address nor by a subject."""
    with pytest.raises(ValueError, match=r"a mail goes|a subject"):
        MailMessage(bytes(16), to, subject, "x")


_MAIL: Final = '[mail]\nhost = "127.0.0.1"\nsender = "a@b.example"\n'


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ('[mail]\nhost = "mail.example"\nsender = "a@b.example"\ntls = "off"\n', "mail.tls"),
        (_MAIL + 'tls = "maybe"\n', "mail.tls"),
        (_MAIL + 'user = "kim"\n', "mail.user"),
        (_MAIL + 'authority = "absent.pem"\n', "mail.authority"),
        (_MAIL + "window = 3\n", "mail.window"),
        ('[mail]\nhost = "127.0.0.1"\nsender = "nobody"\n', "mail.sender"),
        ("mail = 3\n", "mail"),
    ],
)
def test_what_the_file_may_not_say(tmp_path: Path, text: str, setting: str) -> None:
    """Each is named."""
    path = tmp_path / "senders.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidError) as refused:
        read_senders(path)
    assert setting == refused.value.facts["setting"]


def test_the_section(tmp_path: Path) -> None:
    """STARTTLS at the port of submissions, unless told otherwise; a password may stand in a file of its own."""
    path = tmp_path / "senders.toml"
    (tmp_path / "secret").write_text("pw\n", "utf-8")
    path.write_text(_MAIL + 'user = "kim"\npassword_file = "secret"\n', "utf-8")
    assert MailAccount("127.0.0.1", 587, "a@b.example", Tls.STARTTLS, "kim", "pw") == read_senders(path).mail

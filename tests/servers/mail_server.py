"""A mail server on loopback that takes submissions, with STARTTLS and AUTH, and answers as the test says."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socket
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any, Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.certificates import CertificateFiles

USER: Final = "ringfence"
PASSWORD: Final = "correct horse"  # noqa: S105 - of a test


class Mailbox:
    """What arrived; `answers` are given to MAIL, RCPT and DATA instead of the usual one, and None hangs up."""

    def __init__(self) -> None:
        """Empty."""
        self.mails: list[EmailMessage] = []
        self.answers: dict[str, str | None] = {}
        self.port = 0

    async def handle_MAIL(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        """MAIL FROM."""
        envelope.mail_from = address
        return self.answers.get("MAIL") or "250 OK"

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        """RCPT TO."""
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT") or "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """The mail itself."""
        answer = self.answers.get("DATA", "250 OK")
        if answer is None or answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        if answer is None:
            assert server.transport is not None
            server.transport.close()
            return ""
        return answer


def _check(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:  # noqa: ANN401 - aiosmtpd's
    is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False)


@contextlib.contextmanager
def mail_server(files: CertificateFiles | None, *, is_implicit: bool = False) -> Iterator[Mailbox]:
    """One that demands STARTTLS and a password, or TLS from the start without one; without certificates neither."""
    box = Mailbox()
    context: ssl.SSLContext | None = None
    more: dict[str, Any] = {}
    if files is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.certificate, files.key)
        more = {} if is_implicit else {"authenticator": _check, "auth_required": True, "auth_require_tls": True}
    with socket.socket() as free:  # the controller knocks at the port that it was given, so that has to be a real one
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    if is_implicit:
        controller = Controller(box, "127.0.0.1", box.port, ssl_context=context, **more)
    else:
        controller = Controller(box, "127.0.0.1", box.port, tls_context=context, require_starttls=context is not None, **more)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()

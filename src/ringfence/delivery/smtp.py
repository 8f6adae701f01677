"""Mails by SMTP submission: a connection each, TLS before anything is said, and what every answer means for the mail.

Owns what the account may be, and how a mail looks on the wire. Does not own what it says.
STARTTLS is demanded, not asked for: where it is not offered, somebody between may have taken the offer away, and nothing is sent.
An address whose part before the @ is not ASCII is refused: that would need SMTPUTF8 at every server on the way.
Sources: RFC 5321, 4.2.1 (replies) and 4.5.3.2 (which wait longer than we do); RFC 3207, 4; RFC 8314, 3.3; RFC 3834, 5.
"""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum, unique
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from ringfence.application.ports.delivery import Accepted, Later, LaterReason, RefusalReason, Refused, SendOutcome, Unknown
from ringfence.application.ports.mail import MailMessage, is_address
from ringfence.domain.errors import ErrorCode, InvalidError

TOGETHER: Final = 8
"""Mails under way at a time."""
_STEP: Final = 10.0
"""Seconds that one step of the conversation may take."""
_PAUSE: Final = timedelta(seconds=60)
_POLICY: Final = SMTP.clone(cte_type="7bit")
"""Whatever it says, a mail is ASCII on the wire, which needs no extension."""
_TEMPORARY: Final = range(400, 500)
_DONE: Final = range(200, 300)


@unique
class Tls(StrEnum):
    """How a connection becomes private."""

    IMPLICIT = "implicit"
    OFF = "off"
    """On loopback alone."""
    STARTTLS = "starttls"


@dataclass(frozen=True, slots=True)
class MailAccount:
    """Where mails are handed in, and as whom; raises `InvalidError` (SETTING_INVALID) for what cannot be."""

    host: str
    port: int
    sender: str
    tls: Tls = Tls.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    authority: Path | None = None
    """Trust this authority alone; else those of the machine."""

    def __post_init__(self) -> None:
        """Refuse it by the name of its setting."""
        if self.tls is Tls.OFF and not _is_loopback(self.host):
            setting, value = "mail.tls", "off, for a server that is not on loopback"
        elif not is_address(self.sender) or _on_the_wire(self.sender) is None:
            setting, value = "mail.sender", "other than one mail address"
        elif bool(self.user) != bool(self.password):
            setting, value = "mail.user", "without a password, or a password without it"
        elif not (self.user + self.password).isascii():
            setting, value = "mail.password", "other than ASCII"
        else:
            return
        raise InvalidError(ErrorCode.SETTING_INVALID, setting=setting, value=value)


class _Conversation:
    """One connection for one mail, in a thread; it can be cut off from outside."""

    def __init__(self, account: MailAccount, context: ssl.SSLContext) -> None:
        self._account = account
        self._context = context
        self._server: smtplib.SMTP | None = None
        self._is_cut = False

    def cut(self) -> None:
        """End it, wherever it is."""
        self._is_cut = True
        if self._server is not None:
            self._server.close()

    def send(self, to: str, mail: bytes, reference: str) -> SendOutcome:
        """Say all of it."""
        try:
            server = self._begin()
        except (OSError, smtplib.SMTPException) as error:
            self._end()
            return _outcome(error)
        try:
            return self._hand_over(server, to, mail, reference)
        finally:
            self._end()

    def _begin(self) -> smtplib.SMTP:
        account, name = self._account, self._account.sender.rpartition("@")[2]
        name = name.encode("idna").decode()
        # With a name of ours for EHLO: DNS would be asked for one otherwise.
        if account.tls is Tls.IMPLICIT:
            self._server = smtplib.SMTP_SSL(account.host, account.port, name, timeout=_STEP, context=self._context)
        else:
            self._server = smtplib.SMTP(account.host, account.port, name, timeout=_STEP)
        if self._is_cut:
            raise smtplib.SMTPServerDisconnected
        if account.tls is Tls.STARTTLS:
            self._server.ehlo_or_helo_if_needed()
            self._server.starttls(context=self._context)
        if account.user:
            self._server.login(account.user, account.password)
        self._server.ehlo_or_helo_if_needed()
        return self._server

    def _hand_over(self, server: smtplib.SMTP, to: str, mail: bytes, reference: str) -> SendOutcome:
        try:
            code, _ = server.mail(_on_the_wire(self._account.sender) or "")
            if code not in _DONE:
                return _answered(code, RefusalReason.CONFIGURATION)
            code, _ = server.rcpt(to)
            if code not in _DONE:
                return _answered(code, RefusalReason.DESTINATION)
        except (OSError, smtplib.SMTPException) as error:
            return _outcome(error)
        try:
            code, _ = server.data(mail)
        except smtplib.SMTPDataError as error:  # it did not want to begin
            return _answered(error.smtp_code, RefusalReason.CONTENT)
        except (OSError, smtplib.SMTPException):
            return Unknown(reference)
        return Accepted(reference) if code in _DONE else _answered(code, RefusalReason.CONTENT)

    def _end(self) -> None:
        """Take leave; what the other side says to that changes nothing."""
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if self._server is not None:
                self._server.quit()
        if self._server is not None:
            self._server.close()


class SmtpSender:
    """`MailSender` over one account."""

    def __init__(self, account: MailAccount) -> None:
        """Nothing is opened yet. Raises `InvalidError` (SETTING_INVALID) for an authority that cannot be read."""
        self._account = account
        try:
            self._context = ssl.create_default_context(cafile=account.authority)
        except (OSError, ssl.SSLError) as error:
            value = "a file without certificates"
            raise InvalidError(ErrorCode.SETTING_INVALID, setting="mail.authority", value=value) from error
        self._threads: ThreadPoolExecutor | None = None

    async def start(self) -> None:
        """Be ready."""
        self._threads = self._threads or ThreadPoolExecutor(TOGETHER, thread_name_prefix="ringfence-mail")

    async def stop(self) -> None:
        """Wait for what is under way."""
        threads, self._threads = self._threads, None
        if threads is not None:
            await asyncio.to_thread(threads.shutdown)

    async def send(self, message: MailMessage, now: datetime) -> SendOutcome:
        """Hand it in; a caller that gives up waiting cuts the connection."""
        to = _on_the_wire(message.to)
        if to is None:
            return Refused(RefusalReason.DESTINATION)
        if self._threads is None:
            return Later(_PAUSE, LaterReason.UNREACHABLE)
        reference = f"<{message.message_id.hex()}@{self._account.sender.rpartition('@')[2].encode('idna').decode()}>"
        mail = _letter(self._account.sender, message, reference, now)
        talk = _Conversation(self._account, self._context)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, talk.send, to, mail, reference)
        except asyncio.CancelledError:
            talk.cut()
            raise


def _letter(sender: str, message: MailMessage, reference: str, now: datetime) -> bytes:
    letter = EmailMessage(policy=_POLICY)
    letter["From"], letter["To"] = _on_the_wire(sender), _on_the_wire(message.to)
    letter["Subject"], letter["Date"], letter["Message-ID"] = message.subject, format_datetime(now), reference
    letter["Auto-Submitted"] = "auto-generated"  # so that nobody's absence answers
    letter.set_content(message.text)
    return letter.as_bytes()


def _on_the_wire(address: str) -> str | None:
    """The address in ASCII, with its domain's IDNA form; None where it has none."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return None


def _answered(code: int, reason: RefusalReason) -> SendOutcome:
    if code in _TEMPORARY or code < 0:
        return Later(_PAUSE, LaterReason.FAULT)
    return Refused(reason)


def _outcome(error: OSError | smtplib.SMTPException) -> SendOutcome:
    """What became of a mail whose conversation ended before its text was begun: it was not sent."""
    if isinstance(error, smtplib.SMTPResponseException) and not isinstance(error, smtplib.SMTPConnectError):
        return _answered(error.smtp_code, RefusalReason.CONFIGURATION)
    return Later(_PAUSE, LaterReason.UNREACHABLE)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

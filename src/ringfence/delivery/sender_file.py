"""The file of senders (TOML): which there are, with which accounts, and which numbers go to which.

    [senders.main]
    kind = "smpp"                      # or "twilio", "webhook"
    host = "smsc.example"
    port = 3550
    system_id = "ringfence"
    password_file = "/etc/ringfence/smpp.password"
    source = "Contoso"
    tls = true

    [[sms]]
    prefix = "49"                      # the country code first; without one: all other numbers
    senders = ["main", "backup"]       # in this order

    [callers.trunk]                    # calls; the rest of its settings, [sip] and [prompts] are in `call_file`
    kind = "sip"
    trunk = "sip.example"
    caller_id = "+4930123456"

    [[voice]]
    callers = ["trunk"]

    [mail]                             # notices to people
    host = "mail.example"
    port = 587
    tls = "starttls"                   # or "implicit"; "off" on loopback alone
    user = "ringfence"
    password_file = "mail.password"
    sender = "security@contoso.example"

A secret stands in the file (`password = "…"`), or in a file of its own that `password_file` names. What is not known is refused
by name, so that a typing error is no silent default. Without `[[sms]]` the only sender gets all texts, without `[[voice]]` the
only caller all calls.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from ringfence.application.ports.calls import TakeProgress, VoiceCaller
from ringfence.application.ports.delivery import SmsSender, TakeReceipt
from ringfence.application.ports.mail import MailSender
from ringfence.delivery.call_file import MakeCaller, read_callers
from ringfence.delivery.chain import SenderChain
from ringfence.delivery.named import MakeSender, NamedSender
from ringfence.delivery.routes import Route
from ringfence.delivery.smpp import SmppSender
from ringfence.delivery.smpp_account import SmppAccount
from ringfence.delivery.smtp import MailAccount, SmtpSender, Tls
from ringfence.delivery.toml_table import TomlTable, read_route, refuse, tables_of
from ringfence.delivery.twilio_shape import TwilioAccount, TwilioShapeSender
from ringfence.delivery.webhook import USUAL_TEMPLATE, WebhookAccount, WebhookSender

_SECTIONS: Final = frozenset({"callers", "mail", "prompts", "senders", "sip", "sms", "voice"})
_PORTS: Final = {Tls.IMPLICIT: 465, Tls.OFF: 25, Tls.STARTTLS: 587}
_Reader = Callable[["TomlTable"], MakeSender]


class Kind(NamedTuple):
    """A kind of sender that another room brings, without anything to set: it takes texts and calls."""

    texts: MakeSender
    calls: MakeCaller


class SenderPlan(NamedTuple):
    """What the file says: the makers of senders by name, and the routes of texts in order."""

    makers: Mapping[str, MakeSender]
    routes: tuple[tuple[str, tuple[str, ...]], ...]
    callers: tuple[MakeCaller, ...] = ()
    mail: MailAccount | None = None

    @property
    def sends_texts(self) -> bool:
        """Whether any text has a way out."""
        return bool(self.routes)

    @property
    def calls(self) -> bool:
        """Whether any call has."""
        return bool(self.callers)

    def build(self, take_receipt: TakeReceipt) -> tuple[SmsSender, Mapping[str, NamedSender]]:
        """The senders, joined to one by the routes, and each by its name."""
        senders = {name: NamedSender(name, make, take_receipt) for name, make in self.makers.items()}
        return SenderChain([Route(prefix, [senders[name] for name in names]) for prefix, names in self.routes]), senders

    def caller(self, take_progress: TakeProgress) -> VoiceCaller | None:
        """Who places calls: the first that can."""
        return next((make(take_progress) for make in self.callers), None)

    def mailer(self) -> MailSender | None:
        """Who sends mails; raises `InvalidError` (SETTING_INVALID) for an authority that cannot be read."""
        return None if self.mail is None else SmtpSender(self.mail)


def _smpp(table: TomlTable) -> MakeSender:
    account = SmppAccount(
        host=table.text("host"),
        port=table.whole("port"),
        system_id=table.text("system_id"),
        password=table.text("password"),
        source=table.text("source"),
        is_tls=table.flag("tls", default=False),
        window=table.whole("window", 100),
    )
    return lambda take_receipt: SmppSender(account, take_receipt)


def _twilio(table: TomlTable) -> MakeSender:
    account = TwilioAccount(
        account_sid=table.text("account_sid"),
        auth_token=table.text("auth_token"),
        source=table.text("source"),
        status_callback=table.text("status_callback", "") or None,
        base_url=table.text("base_url", "https://api.twilio.com"),
        authority=table.path("authority"),
    )
    return lambda take_receipt: TwilioShapeSender(account, take_receipt)


def _webhook(table: TomlTable) -> MakeSender:
    account = WebhookAccount(
        url=table.text("url"),
        secret=table.text("secret"),
        template=table.text("template", USUAL_TEMPLATE),
        authority=table.path("authority"),
    )
    return lambda take_receipt: WebhookSender(account, take_receipt)


_KINDS: Final[Mapping[str, _Reader]] = {"smpp": _smpp, "twilio": _twilio, "webhook": _webhook}


def read_senders(path: Path, more: Mapping[str, Kind] | None = None) -> SenderPlan:
    """What the file says, `more` kinds included; raises `InvalidError` (SETTING_INVALID) naming the place of what is wrong."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        refuse(str(path), f"a file that cannot be read: {error.strerror}", error)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        refuse(str(path), f"other than TOML: {error}", error)
    unknown = set(document) - _SECTIONS
    if unknown:
        refuse(min(unknown), "not known here")
    kinds, tables = more or {}, tables_of(document, "senders")
    makers = {name: _maker(name, values, path.parent, kinds) for name, values in tables.items()}
    routes = tuple(read_route(("sms", "senders"), one, makers, path.parent) for one in document.get("sms", []))
    if not routes and len(makers) == 1:
        routes = (("", tuple(makers)),)
    callers = tuple(kinds[values["kind"]].calls for values in tables.values() if values["kind"] in kinds)
    trunks = read_callers(document, path.parent)
    callers = callers if trunks is None else (trunks, *callers)
    plan = SenderPlan(makers, routes, callers, _mail(document.get("mail"), path.parent))
    plan.build(lambda _receipt: None)  # refuses what fits together badly
    plan.mailer()
    return plan


def _mail(values: object, folder: Path) -> MailAccount | None:
    if values is None:
        return None
    if not isinstance(values, dict):
        refuse("mail", "other than a table")
    table = TomlTable("mail", values, folder)
    named = table.text("tls", Tls.STARTTLS.value)
    if named not in set(Tls):
        refuse("mail.tls", f"{named}; there are {', '.join(Tls)}")
    tls = Tls(named)
    account = MailAccount(
        host=table.text("host"),
        port=table.whole("port", _PORTS[tls]),
        sender=table.text("sender"),
        tls=tls,
        user=table.text("user", ""),
        password=table.text("password", ""),
        authority=table.path("authority"),
    )
    table.finish()
    return account


def _maker(name: str, values: Mapping[str, Any], folder: Path, more: Mapping[str, Kind]) -> MakeSender:
    table = TomlTable(f"senders.{name}", values, folder)
    kind = table.text("kind")
    if kind not in _KINDS and kind not in more:
        refuse(f"senders.{name}.kind", f"{kind}; there are {', '.join((*_KINDS, *more))}")
    made = more[kind].texts if kind in more else _KINDS[kind](table)
    table.finish()
    return made

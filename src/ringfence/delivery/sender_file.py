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

    [mail]                             # notices to people
    host = "mail.example"
    port = 587
    tls = "starttls"                   # or "implicit"; "off" on loopback alone
    user = "ringfence"
    password_file = "mail.password"
    sender = "security@contoso.example"

A secret stands in the file (`password = "…"`), or in a file of its own that `password_file` names. What is not known is refused
by name, so that a typing error is no silent default. Without `[[sms]]` the only sender gets all texts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

from ringfence.application.ports.calls import TakeProgress, VoiceCaller
from ringfence.application.ports.delivery import SmsSender, TakeReceipt
from ringfence.application.ports.mail import MailSender
from ringfence.delivery.chain import SenderChain
from ringfence.delivery.named import MakeSender, NamedSender
from ringfence.delivery.routes import Route
from ringfence.delivery.smpp import SmppSender
from ringfence.delivery.smpp_account import SmppAccount
from ringfence.delivery.smtp import MailAccount, SmtpSender, Tls
from ringfence.delivery.twilio_shape import TwilioAccount, TwilioShapeSender
from ringfence.delivery.webhook import USUAL_TEMPLATE, WebhookAccount, WebhookSender
from ringfence.domain.errors import ErrorCode, InvalidError

_SECRETS: Final = frozenset({"password", "auth_token", "secret"})
_SECTIONS: Final = frozenset({"mail", "senders", "sms"})
_PORTS: Final = {Tls.IMPLICIT: 465, Tls.OFF: 25, Tls.STARTTLS: 587}
_Reader = Callable[["_Table"], MakeSender]

MakeCaller = Callable[[TakeProgress], VoiceCaller]


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


class _Table:
    """One table of the file: every key has to be asked for, with its type."""

    def __init__(self, name: str, values: Mapping[str, Any], folder: Path) -> None:
        self._name = name
        self._values = dict(values)
        self._folder = folder

    def text(self, key: str, default: str | None = None) -> str:
        """A text; a secret may stand in another file instead."""
        if key in _SECRETS and f"{key}_file" in self._values:
            return self._read(key)
        return str(self._take(key, str, default))

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        found: int = self._take(key, int, default)
        return found

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        found: bool = self._take(key, bool, default)
        return found

    def path(self, key: str) -> Path | None:
        """A path, from the file's folder on."""
        return self._folder / self.text(key) if key in self._values else None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self._take(key, list, None)
        if not found or not all(isinstance(one, str) for one in found):
            _refuse(f"{self._name}.{key}", "other than a list of names")
        return tuple(found)

    def finish(self) -> None:
        """Refuse what nobody asked for."""
        if self._values:
            _refuse(f"{self._name}.{min(self._values)}", "not known here")

    def _take(self, key: str, kind: type, default: object) -> Any:  # noqa: ANN401 - what TOML may hold
        found = self._values.pop(key, default)
        if found is None:
            _refuse(f"{self._name}.{key}", "missing")
        if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
            _refuse(f"{self._name}.{key}", "of another type")
        return found

    def _read(self, key: str) -> str:
        path = self._folder / str(self._take(f"{key}_file", str, None))
        try:
            return path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            _refuse(f"{self._name}.{key}_file", "a file that cannot be read", error)


def _smpp(table: _Table) -> MakeSender:
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


def _twilio(table: _Table) -> MakeSender:
    account = TwilioAccount(
        account_sid=table.text("account_sid"),
        auth_token=table.text("auth_token"),
        source=table.text("source"),
        status_callback=table.text("status_callback", "") or None,
        base_url=table.text("base_url", "https://api.twilio.com"),
        authority=table.path("authority"),
    )
    return lambda take_receipt: TwilioShapeSender(account, take_receipt)


def _webhook(table: _Table) -> MakeSender:
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
        _refuse(str(path), f"a file that cannot be read: {error.strerror}", error)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        _refuse(str(path), f"other than TOML: {error}", error)
    unknown = set(document) - _SECTIONS
    if unknown:
        _refuse(min(unknown), "not known here")
    kinds, tables = more or {}, _tables(document, "senders")
    makers = {name: _maker(name, values, path.parent, kinds) for name, values in tables.items()}
    routes = tuple(_route(one, makers, path.parent) for one in document.get("sms", []))
    if not routes and len(makers) == 1:
        routes = (("", tuple(makers)),)
    callers = tuple(kinds[values["kind"]].calls for values in tables.values() if values["kind"] in kinds)
    plan = SenderPlan(makers, routes, callers, _mail(document.get("mail"), path.parent))
    plan.build(lambda _receipt: None)  # refuses what fits together badly
    plan.mailer()
    return plan


def _mail(values: object, folder: Path) -> MailAccount | None:
    if values is None:
        return None
    if not isinstance(values, dict):
        _refuse("mail", "other than a table")
    table = _Table("mail", values, folder)
    named = table.text("tls", Tls.STARTTLS.value)
    if named not in set(Tls):
        _refuse("mail.tls", f"{named}; there are {', '.join(Tls)}")
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


def _tables(document: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    found = document.get(section, {})
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        _refuse(section, "other than tables")
    return found


def _maker(name: str, values: Mapping[str, Any], folder: Path, more: Mapping[str, Kind]) -> MakeSender:
    table = _Table(f"senders.{name}", values, folder)
    kind = table.text("kind")
    if kind not in _KINDS and kind not in more:
        _refuse(f"senders.{name}.kind", f"{kind}; there are {', '.join((*_KINDS, *more))}")
    made = more[kind].texts if kind in more else _KINDS[kind](table)
    table.finish()
    return made


def _route(values: object, makers: Mapping[str, MakeSender], folder: Path) -> tuple[str, tuple[str, ...]]:
    if not isinstance(values, dict):
        _refuse("sms", "other than tables")
    table = _Table("sms", values, folder)
    route = table.text("prefix", ""), table.texts("senders")
    table.finish()
    for name in route[1]:
        if name not in makers:
            _refuse("sms.senders", f"{name}, which is no sender here")
    return route


def _refuse(setting: str, value: str, cause: Exception | None = None) -> NoReturn:
    raise InvalidError(ErrorCode.SETTING_INVALID, setting=setting, value=value) from cause

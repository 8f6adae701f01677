"""The part of the file of senders (TOML) that is about calls.

[callers.trunk]
kind = "sip"
trunk = "sip.example:5061"         # host, and port where it is not the usual one
caller_id = "+4930123456"
user = "ringfence"                 # answers the trunk's digest challenge; without it the caller id does
password_file = "sip.password"
transport = "tls"                  # or "tcp", "udp"
encryption = "mandatory"           # of voice (SRTP), over tls alone; or "offered", "off"
register = false
dial_prefix = "+"
calls = 100                        # at a time

[sip]                              # of the process; all of it can be left out
ca_file = "trunk-ca.pem"
interface = "192.0.2.10"
rtp_ports = [16384, 32766]

[prompts]
folder = "prompts"                 # what is said is made by espeak-ng, and kept here
[prompts.de]
greeting = "greeting-de.wav"       # instead of it: wav or mp3, at most 1 MB, shorter than 20 seconds

[[voice]]
prefix = "49"
callers = ["trunk"]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from ringfence.application.ports.calls import TakeProgress, VoiceCaller
from ringfence.delivery.call_chain import CallerChain
from ringfence.delivery.prompt_texts import LANGUAGES, Sentence
from ringfence.delivery.prompts import Prompts
from ringfence.delivery.recordings import read_recording
from ringfence.delivery.routes import Route
from ringfence.delivery.sip_account import Encryption, SipAccount, SipStack, Transport
from ringfence.delivery.toml_table import TomlTable, read_route, refuse, tables_of

MakeCaller = Callable[[TakeProgress], VoiceCaller]
_Word = TypeVar("_Word", Transport, Encryption)
_KIND: Final = "sip"
_SPAN: Final = 2


class _Calls(NamedTuple):
    """All that the file says of calls."""

    accounts: Mapping[str, SipAccount]
    routes: tuple[tuple[str, tuple[str, ...]], ...]
    stack: SipStack
    folder: Path
    recordings: Mapping[tuple[str, Sentence], bytes]

    def build(self, take_progress: TakeProgress) -> VoiceCaller:
        """The callers, joined to one by the routes; they share the one SIP stack that a process can have."""
        from ringfence.delivery.sip_caller import SipCaller  # noqa: PLC0415 - the stack is loaded where calls go out alone
        from ringfence.delivery.sip_phone import SipPhone  # noqa: PLC0415 - as above

        phone, prompts = SipPhone(self.stack), Prompts(self.folder, self.recordings)
        callers: dict[str, VoiceCaller] = {
            name: SipCaller(account, phone, prompts, take_progress) for name, account in self.accounts.items()
        }
        return CallerChain([Route(prefix, [callers[name] for name in names]) for prefix, names in self.routes])


def read_callers(document: Mapping[str, Any], folder: Path) -> MakeCaller | None:
    """What makes the caller that the file describes, None where it has none; raises `InvalidError` as `read_senders` does."""
    tables = tables_of(document, "callers")
    accounts = {name: _account(name, values, folder) for name, values in tables.items()}
    routes = tuple(read_route(("voice", "callers"), one, accounts, folder) for one in document.get("voice", []))
    if not routes and len(accounts) == 1:
        routes = (("", tuple(accounts)),)
    kept, recordings = _prompts(document.get("prompts", {}), folder)
    calls = _Calls(accounts, routes, _stack(document.get("sip", {}), folder), kept, recordings)
    return calls.build if routes else None


def _account(name: str, values: Mapping[str, Any], folder: Path) -> SipAccount:
    table = TomlTable(f"callers.{name}", values, folder)
    kind = table.text("kind")
    if kind != _KIND:
        refuse(f"callers.{name}.kind", f"{kind}; there is {_KIND}")
    account = SipAccount(
        trunk=table.text("trunk"),
        caller_id=table.text("caller_id"),
        auth_user=table.text("user", ""),
        password=table.text("password", ""),
        transport=_word(table, "transport", Transport.TLS),
        encryption=_word(table, "encryption", Encryption.MANDATORY),
        is_registered=table.flag("register", default=False),
        dial_prefix=table.text("dial_prefix", "+"),
        most_calls=table.whole("calls", 100),
    )
    table.finish()
    return account


def _word(table: TomlTable, key: str, default: _Word) -> _Word:
    text = table.text(key, default.value)
    kind = type(default)
    if text not in list(kind):
        refuse(f"callers.{key}", f"{text}; there are {', '.join(kind)}")
    return kind(text)


def _stack(values: object, folder: Path) -> SipStack:
    table = _section("sip", values, folder)
    ports = SipStack().rtp_ports
    if table.has("rtp_ports"):
        found = table.numbers("rtp_ports")
        ports = (found[0], found[1]) if len(found) == _SPAN else refuse("sip.rtp_ports", "other than two ports")
    stack = SipStack(table.path("ca_file"), table.text("interface", "") or None, ports)
    table.finish()
    return stack


def _prompts(values: object, folder: Path) -> tuple[Path, Mapping[tuple[str, Sentence], bytes]]:
    table = _section("prompts", values, folder)
    kept = folder / table.text("folder", "prompts")
    recordings: dict[tuple[str, Sentence], bytes] = {}
    for language, own in table.rest().items():
        if language not in LANGUAGES:
            refuse(f"prompts.{language}", f"not known; there are {', '.join(LANGUAGES)}")
        sentences = _section(f"prompts.{language}", own, folder)
        for sentence in Sentence:
            path = sentences.path(sentence.value)
            if path is not None:
                recordings[language, sentence] = _recording(f"prompts.{language}.{sentence.value}", path)
        sentences.finish()
    return kept, recordings


def _recording(place: str, path: Path) -> bytes:
    try:
        upload = path.read_bytes()
    except OSError as error:
        refuse(place, "a file that cannot be read", error)
    return read_recording(upload)


def _section(name: str, values: object, folder: Path) -> TomlTable:
    if not isinstance(values, dict):
        refuse(name, "other than a table")
    return TomlTable(name, values, folder)

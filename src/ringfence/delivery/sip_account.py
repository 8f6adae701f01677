"""Where a SIP trunk is, who we are there, how we call, and how patient we are.

Owns the form of these settings. Does not own where they are kept: `ringfence.settings` reads, this refuses.
Sources: RFC 3261 (19.1, 22), RFC 4568 (keys of SRTP in the offer), domain rules D.4 (the spans).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum, unique
from pathlib import Path
from typing import Final

from ringfence.domain.errors import ErrorCode, InvalidError

_HOST: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?")
_CALLER_ID: Final = re.compile(r"\+?[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DIAL_PREFIX: Final = re.compile(r"\+?[0-9]{0,6}")
_AUTH_USER: Final = re.compile(r"[^\x00-\x20\x7f;<>\"\\]{1,128}")
_PASSWORD: Final = re.compile(r"[^\x00-\x1f\x7f\"\\]{0,128}")
_CODECS: Final = frozenset({"pcma", "pcmu"})
_PORTS: Final = 65535
_SMALLEST_RTP_SPAN: Final = 4
_LOWEST_RTP_PORT: Final = 1024


@unique
class Transport(StrEnum):
    """How signalling travels."""

    TCP = "tcp"
    TLS = "tls"
    UDP = "udp"


@unique
class Encryption(StrEnum):
    """Whether voice is encrypted (SRTP)."""

    MANDATORY = "mandatory"
    """A call without it is not made."""
    OFF = "off"
    OFFERED = "offered"


@dataclass(frozen=True, slots=True)
class CallSpans:
    """How long to let it ring, and the whole attempt, by D.4; then ours: what ends an entry of keys, and the silences."""

    ring: timedelta = timedelta(seconds=45)
    attempt: timedelta = timedelta(seconds=60)
    key_pause: timedelta = timedelta(seconds=3)
    between_greetings: timedelta = timedelta(seconds=1)
    after_greetings: timedelta = timedelta(seconds=4)
    """Until a call in which nothing was pressed is ended."""
    before_extension: timedelta = timedelta(seconds=1)
    """After the office has answered, before anything is said or dialled."""
    after_extension: timedelta = timedelta(seconds=3)
    """For the office to put the call through."""

    def __post_init__(self) -> None:
        """Refuse spans that are none."""
        for name in self.__slots__:
            _refuse(getattr(self, name) <= timedelta(), name.replace("_", " "), f"{getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class SipStack:
    """What all accounts of a process share, for there is one SIP stack in it.

    `ca_file` holds the authorities that a trunk's certificate may stand under, in PEM; without it the machine's own count.
    `interface` is the name or address that calls go out from; without it, where the route leads (never loopback).
    `rtp_ports` is the span of UDP ports for voice, two for each call. Raises `InvalidError` (SETTING_INVALID).
    """

    ca_file: Path | None = None
    interface: str | None = None
    rtp_ports: tuple[int, int] = (16384, 32766)

    def __post_init__(self) -> None:
        """Refuse what the stack would not understand, or silently pass over."""
        low, high = self.rtp_ports
        is_span = _LOWEST_RTP_PORT <= low <= high - _SMALLEST_RTP_SPAN and high <= _PORTS
        _refuse(not is_span, "RTP ports", f"{low}-{high}")
        _refuse(self.interface is not None and not re.fullmatch(r"[A-Za-z0-9.:_-]{1,64}", self.interface), "interface", "no name")
        path = "" if self.ca_file is None else str(self.ca_file)
        _refuse(not path.isprintable() or " " in path or '"' in path, "CA file", "a path with a blank or a quotation mark")


@dataclass(frozen=True, slots=True)
class SipAccount:
    """An account at a trunk: `trunk` is its host, with a port where it is not the usual one; over TLS a name, no address.

    `caller_id` is the number or name that we call as, the user of our address. `auth_user` and `password` answer a digest
    challenge; without a user the caller id is used. A trunk that knows us by our address wants neither. `is_registered`: the
    trunk wants us to register first. `dial_prefix` stands before country code and number. Encryption of voice needs TLS, for
    its keys travel in the signalling. Raises `InvalidError` (SETTING_INVALID).
    """

    trunk: str
    caller_id: str
    auth_user: str = ""
    password: str = field(default="", repr=False)
    transport: Transport = Transport.TLS
    encryption: Encryption = Encryption.MANDATORY
    is_registered: bool = False
    codecs: tuple[str, ...] = ("pcma", "pcmu")
    dial_prefix: str = "+"
    most_calls: int = 100
    """At a time; what the trunk has lines for."""

    def __post_init__(self) -> None:
        """Refuse what the stack or the trunk would not understand, in words that do not repeat a secret."""
        host = _HOST.fullmatch(self.trunk)
        _refuse(host is None or (host[2] is not None and not 0 < int(host[2]) <= _PORTS), "trunk", self.trunk)
        is_unchecked = host is not None and self.transport is Transport.TLS and _is_address(host[1])
        _refuse(is_unchecked, "trunk", f"{self.trunk} over tls, for a certificate is held against a name alone")
        _refuse(not _CALLER_ID.fullmatch(self.caller_id), "caller id", self.caller_id)
        _refuse(bool(self.auth_user) and not _AUTH_USER.fullmatch(self.auth_user), "user", "with characters that no trunk knows")
        _refuse(not _PASSWORD.fullmatch(self.password), "password", "longer than 128, or with a quotation mark or backslash")
        _refuse(not self.codecs or not _CODECS.issuperset(self.codecs), "codecs", " ".join(self.codecs))
        _refuse(not _DIAL_PREFIX.fullmatch(self.dial_prefix), "dial prefix", self.dial_prefix)
        _refuse(self.most_calls < 1, "calls at a time", f"{self.most_calls}")
        in_clear = self.encryption is not Encryption.OFF and self.transport is not Transport.TLS
        _refuse(in_clear, "encryption", f"{self.encryption} over {self.transport}, which shows the keys; only over tls")


def _is_address(host: str) -> bool:
    return host.startswith("[") or host.replace(".", "").isdecimal()


def _refuse(is_wrong: bool, setting: str, value: str) -> None:  # noqa: FBT001 - a condition
    if is_wrong:
        raise InvalidError(ErrorCode.SETTING_INVALID, setting=f"SIP {setting}", value=value)

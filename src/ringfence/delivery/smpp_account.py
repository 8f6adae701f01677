"""Where an SMSC is, who we are there, and how patient we are with it.

Owns the form of these settings. Does not own where they are kept: `ringfence.settings` reads, this refuses.
Source: SMPP 3.4, 4.1.5 (bind_transceiver: sizes with the closing zero), 5.2.5 and 5.2.6 (type of number, numbering plan).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, NamedTuple

from ringfence.domain.errors import ErrorCode, InvalidError

_LONGEST_SYSTEM_ID: Final = 15
_LONGEST_PASSWORD: Final = 8
_LARGEST_WINDOW: Final = 1000
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{3,14}")
_SHORT_CODE: Final = re.compile(r"[0-9]{3,8}")
_NAME: Final = re.compile(r"[A-Za-z0-9 ._&-]{1,11}")


class Address(NamedTuple):
    """An address with its type of number and numbering plan."""

    text: str
    type_of_number: int
    numbering_plan: int


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for the other side: for a bind, for an answer; the first pause of a row and the longest."""

    for_bind: timedelta = timedelta(seconds=5)
    for_answer: timedelta = timedelta(seconds=10)
    first_pause: timedelta = timedelta(seconds=1)
    longest_pause: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SmppAccount:
    """An account at an SMSC; `source` is what phones show: a number with `+`, a short code, or a name of at most 11 characters.

    With `is_tls` the server's certificate must name `host` and stand under the machine's trust store, which OpenSSL's own
    variables SSL_CERT_FILE and SSL_CERT_DIR may point elsewhere. Raises `InvalidError` (SETTING_INVALID).
    """

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    source: str
    is_tls: bool = False
    window: int = 100
    """Messages under way without an answer, at most; what the operator of the SMSC allows. Over one connection some 25 windows
    go in a second (measured on loopback: 2,000 texts in 0.3 to 0.5 s with 100, in 5 to 6 s with 10)."""
    patience: Patience = Patience()

    def __post_init__(self) -> None:
        """Refuse what the SMSC would not understand, in words that do not repeat a secret."""
        _refuse(not _fits(self.system_id, _LONGEST_SYSTEM_ID), "system id", "other than 1 to 15 characters of ASCII")
        _refuse(
            not _fits(self.password, _LONGEST_PASSWORD), "password", "other than 1 to 8 characters of ASCII: SMPP has no room"
        )
        _refuse(not 1 <= self.window <= _LARGEST_WINDOW, "window", f"{self.window}")
        _refuse(self._source() is None, "source", self.source)

    @property
    def source_address(self) -> Address:
        """What phones show as the sender."""
        address = self._source()
        assert address is not None, "checked at construction"  # noqa: S101
        return address

    def _source(self) -> Address | None:
        if _NUMBER.fullmatch(self.source):
            return Address(self.source[1:], 1, 1)  # international, E.164
        if _SHORT_CODE.fullmatch(self.source):
            return Address(self.source, 3, 0)  # the network's own
        return Address(self.source, 5, 0) if _NAME.fullmatch(self.source) else None


def _fits(text: str, most: int) -> bool:
    return 1 <= len(text) <= most and text.isascii() and text.isprintable()


def _refuse(is_wrong: bool, setting: str, value: str) -> None:  # noqa: FBT001 - a condition
    if is_wrong:
        raise InvalidError(ErrorCode.SETTING_INVALID, setting=f"SMPP {setting}", value=value)

"""The names a server's certificate has: this host's, `localhost`, the loopback addresses, and those that were asked for."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence
from typing import Final

from cryptography import x509

from ringfence.domain.errors import ErrorCode, InvalidError

HostName = x509.DNSName | x509.IPAddress

_ALWAYS: Final = ("localhost", "127.0.0.1", "::1")
_DNS: Final = re.compile(r"(?=.{1,253}\Z)(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def host_names(names: Sequence[str]) -> list[HostName]:
    """Each name once, DNS names in lower case and IDNA; raises `InvalidError` (SETTING_INVALID) for one that is none."""
    here = _read(socket.gethostname())
    found: list[HostName] = [] if here is None else [here]
    for name in (*_ALWAYS, *names):
        read = _read(name)
        if read is None:
            raise InvalidError(ErrorCode.SETTING_INVALID, setting="host name", value=name)
        found.append(read)
    return list(dict.fromkeys(found))


def _read(name: str) -> HostName | None:
    """The name as a certificate has it, or None when it is neither a DNS name nor an address."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name.removeprefix("[").removesuffix("]")))
    except ValueError:
        pass
    try:
        text = name.rstrip(".").lower()
        text = text if text.isascii() else text.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return x509.DNSName(text) if _DNS.fullmatch(text) else None

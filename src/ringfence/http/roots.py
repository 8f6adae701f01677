"""Which address a request came to: it goes into answers (nextLink, issuer), so a `Host` nobody gave us is never repeated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from wsgiref.types import WSGIEnvironment

_MOST_KNOWN: Final = 1000
_LONGEST_KNOWN: Final = 260
"""Hosts for which the answer is remembered; a stranger may send any number of others, of any length."""


class Roots:
    """The public address, and further host names under which the same server may be reached."""

    def __init__(self, public: str, hosts: Sequence[str] = ()) -> None:
        """`public` is an URL without a path; `hosts` are names or addresses without a port."""
        self.public = public.rstrip("/")
        self._public_host = self.public.removeprefix("https://").removesuffix(":443").casefold()
        self._known: dict[str, str] = {}
        self._hosts = frozenset(host.casefold() for host in hosts)

    def of(self, environ: WSGIEnvironment) -> str:
        """The root that this client knows us by, if it is one of ours; else the public one."""
        host = environ.get("HTTP_HOST", "")
        found = self._known.get(host)
        if found is None:
            found = self._decide(host)
            if len(self._known) < _MOST_KNOWN and len(host) <= _LONGEST_KNOWN:
                self._known[host] = found
        return found

    def is_ours(self, origin: str) -> bool:
        """Whether an `Origin` that a browser sent is this server's, under any of its names."""
        host = origin.removeprefix("https://")
        return host != origin and (host == self._public_host or self._knows(host))

    def _decide(self, host: str) -> str:
        return f"https://{host}" if self._knows(host) else self.public

    def _knows(self, host: str) -> bool:
        name = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
        return name.strip("[]").casefold() in self._hosts and host.isprintable() and not set(host) & set("/\\@?# \"'<>")

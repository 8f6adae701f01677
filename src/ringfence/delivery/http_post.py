"""One POST to somebody's HTTP interface, and what is known afterwards: an answer, certainly not sent, or perhaps sent.

Owns which addresses are allowed (TLS, but for loopback), whom to trust, time limits, and that nothing is followed or sent
twice: no redirects, no retries, no proxy. Does not own what the answer means for a message, but for the statuses that mean
the same everywhere.
Source: RFC 9110, 9.2.2 (a POST is not idempotent), 10.2.3 (Retry-After), 15; RFC 6585, 4 (429).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, unique
from ipaddress import ip_address
from pathlib import Path
from typing import Final, NamedTuple

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError
from urllib3.util import Timeout, parse_url

from ringfence.application.ports.delivery import Later, LaterReason, RefusalReason, Refused, SendOutcome, Unknown
from ringfence.domain.errors import ErrorCode, InvalidError

_LARGEST_ANSWER: Final = 65_536
_USUAL_PAUSE: Final = timedelta(seconds=5)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_OK: Final = range(200, 300)
_REDIRECTS: Final = range(300, 400)
_OUR_FAULTS: Final = frozenset({400, 401, 403, 404, 405, 406, 410, 411, 413, 415})


@unique
class Failure(Enum):
    """Why there is no answer."""

    NOT_SENT = "not sent"
    """No connection, or one to somebody we do not trust."""
    PERHAPS_SENT = "perhaps sent"
    """The request may have been read before the connection ended or the time was up."""


class Answer(NamedTuple):
    """A status, what Retry-After says, and the body's beginning."""

    status: int
    retry_after: str
    body: bytes

    @property
    def is_ok(self) -> bool:
        """Whether the request was taken."""
        return self.status in _OK


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait for a connection and for an answer, and how many requests go at a time."""

    for_connection: timedelta = timedelta(seconds=5)
    for_answer: timedelta = timedelta(seconds=15)
    together: int = 8


class HttpPost:
    """Posts to one address, from threads of its own between `start` and `stop`."""

    def __init__(self, url: str, authority: Path | None = None, limits: Limits | None = None) -> None:
        """Trust the machine's authorities, or the one in this file alone. Raises `InvalidError` for an address not allowed."""
        self._url = checked_url(url)
        self._limits = limits or Limits()
        self._pool = urllib3.PoolManager(
            maxsize=self._limits.together,
            block=True,
            ssl_context=ssl.create_default_context(cafile=authority),
            timeout=Timeout(self._limits.for_connection.total_seconds(), self._limits.for_answer.total_seconds()),
            retries=False,
        )
        self._threads: ThreadPoolExecutor | None = None

    def start(self) -> None:
        """Be ready."""
        self._threads = self._threads or ThreadPoolExecutor(self._limits.together, thread_name_prefix="ringfence-delivery")

    async def stop(self) -> None:
        """Wait for what is under way, and close the connections."""
        threads, self._threads = self._threads, None
        if threads is not None:
            await asyncio.to_thread(threads.shutdown)
        self._pool.clear()

    async def send(self, body: bytes, headers: Mapping[str, str]) -> Answer | Failure:
        """Post once."""
        if self._threads is None:
            return Failure.NOT_SENT
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._send, body, headers)

    def _send(self, body: bytes, headers: Mapping[str, str]) -> Answer | Failure:
        try:
            response = self._pool.request(
                "POST", self._url, body=body, headers=headers, redirect=False, preload_content=False, decode_content=False
            )
            try:
                beginning = response.read(_LARGEST_ANSWER)
            finally:
                response.close()  # what is left of a long answer is nothing to wait for
        except (NewConnectionError, ConnectTimeoutError):
            return Failure.NOT_SENT
        except SSLError as error:
            is_stranger = any(isinstance(reason, ssl.SSLCertVerificationError) for reason in error.args)
            return Failure.NOT_SENT if is_stranger else Failure.PERHAPS_SENT
        except HTTPError:
            return Failure.PERHAPS_SENT
        return Answer(response.status, response.headers.get("Retry-After", ""), beginning)


def outcome_of(answer: Answer | Failure) -> SendOutcome:
    """What anything but success means, as far as every interface agrees."""
    if answer is Failure.NOT_SENT:
        return Later(_USUAL_PAUSE, LaterReason.UNREACHABLE)
    if isinstance(answer, Failure):
        return Unknown(None)
    if answer.status == 429:  # noqa: PLR2004 - RFC 6585
        return Later(_pause(answer.retry_after), LaterReason.THROTTLED)
    if answer.status == 503:  # noqa: PLR2004 - RFC 9110, 15.6.4: the server says that it did nothing
        return Later(_pause(answer.retry_after), LaterReason.FAULT)
    if answer.status in _OUR_FAULTS or answer.status in _REDIRECTS:
        return Refused(RefusalReason.CONFIGURATION)
    return Unknown(None)


def _pause(retry_after: str) -> timedelta:
    """Seconds, within reason; a date would need a clock."""
    is_span = retry_after.isascii() and retry_after.isdecimal() and len(retry_after) < 6  # noqa: PLR2004
    return min(timedelta(seconds=int(retry_after)), _LONGEST_PAUSE) if is_span else _USUAL_PAUSE


def checked_url(url: str) -> str:
    """The address, if a code may be sent there: TLS, or this machine itself, and no secret in it."""
    try:
        parts = parse_url(url)
    except HTTPError as error:
        raise InvalidError(ErrorCode.SETTING_INVALID, setting="address of a sender", value="no URL") from error
    is_private = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.host or ""))
    if not is_private or not parts.host or parts.auth or parts.fragment:
        value = "other than https without a name or password in it (http on loopback alone)"
        raise InvalidError(ErrorCode.SETTING_INVALID, setting="address of a sender", value=value)
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"

"""Where requests come in: an event loop takes them and reads their bodies, and threads do what may take long.

The server's own asynchronous interface (RSGI) in front of a WSGI application. A client that is slow to send holds no thread; a
read that is over in microseconds is answered at once in the loop, where no other thread takes the interpreter from it
(decision 14).
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum, unique
from functools import partial
from typing import Any, Final, Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import falcon
import msgspec
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]  # it is meant to be taken from there

from ringfence.http.around import INSTEAD
from ringfence.http.bodies import LARGEST_BODY

BODIES_AT_ONCE: Final = 64 << 20
"""Bytes of larger bodies that a process holds at a time."""
SECONDS_FOR_A_BODY: Final = 20.0
"""For the whole of it; less than what a stop leaves to requests that are running."""
_SMALL: Final = 16 << 10
"""Bytes of a body that is read in one piece, and not counted."""
_LONGEST_SHORT_QUERY: Final = 1000
"""Characters; reading the options of a longer one takes a while."""
_MOST_NAMES: Final = 1000
_LONGEST_NAME: Final = 64
"""Names of headers whose form in WSGI is remembered; a stranger may send any number of others, of any length."""
_WITH_BODIES: Final = frozenset({"DELETE", "PATCH", "POST", "PUT"})
_SEPARATORS: Final = {"HTTP_COOKIE": "; "}

Headers = list[tuple[str, str]]
IsShort = Callable[[str, str], bool]
"""Whether a request with this method and path, and few options, is answered within microseconds."""


@unique
class Refusal(Enum):
    """Why a request goes no further than here: status, code and words."""

    BROKEN = (400, "badRequest", "The body broke off. Send the request again.")
    BUSY = (503, "serviceUnavailable", "Too many large bodies arrive at once. Try again.")
    INTERNAL = (500, "internalServerError", "Internal error.")
    LATE = (408, "requestTimeout", "The body did not arrive in time. Send the request again.")

    def __call__(self, _environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer so, as an application of WSGI."""
        status, code, message = self.value
        body = msgspec.json.encode({"error": {"code": code, "message": message}})
        kind = ("content-type", "application/json; charset=utf-8")
        start_response(falcon.code_to_http_status(status), [kind, ("content-length", str(len(body)))])
        return [body]


class Head(Protocol):
    """What a request begins with. `path` is decoded, `query_string` is not; `authority` is of HTTP/2 or of a whole address."""

    method: str
    path: str
    query_string: str
    client: str
    http_version: str
    authority: str | None

    @property
    def headers(self) -> Any:  # noqa: ANN401 - the server's own type
        """Names in lower case, with their values in order."""


class Exchange(Protocol):
    """The rest of a request, and the way back."""

    async def __call__(self) -> bytes:
        """The whole body."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The body, piece by piece. An empty piece ends it; over HTTP/1, another behind that one says that it broke off."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Answer."""


class Gate:
    """An RSGI application in front of one of WSGI, whose answers are bodies of one piece."""

    def __init__(self, inner: WSGIApplication, threads: int, is_short: IsShort, note: Callable[[Exception], None]) -> None:
        """Answer in the loop what is short, and everything else in so many threads; `note` hears of errors nobody expected."""
        self._inner = inner
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="ringfence-request")
        self._is_short = is_short
        self._note = note
        self._held = 0
        self._names = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
        self._environ: WSGIEnvironment = {
            "SCRIPT_NAME": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "443",
            "wsgi.errors": sys.stderr,
            "wsgi.input_terminated": True,
            "wsgi.multiprocess": True,
            "wsgi.multithread": True,
            "wsgi.run_once": False,
            "wsgi.url_scheme": "https",
            "wsgi.version": (1, 0),
        }

    async def __call__(self, head: Head, exchange: Exchange) -> None:
        """Answer a request."""
        try:
            answer = await self._take(head, exchange)
        except Exception as error:  # noqa: BLE001 - the outermost handler of all surfaces
            self._note(error)
            answer = _run(Refusal.INTERNAL, {})
        exchange.response_bytes(*answer)

    async def _take(self, head: Head, exchange: Exchange) -> tuple[int, Headers, bytes]:
        environ = self._environ_of(head)
        method, body = environ["REQUEST_METHOD"], b""
        if "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ or (_is_stream(head) and method in _WITH_BODIES):
            found = await self._body(exchange, environ.get("CONTENT_LENGTH", ""), is_stream=_is_stream(head))
            if isinstance(found, Refusal):
                environ[INSTEAD] = found
            elif found is not None:
                body, environ["CONTENT_LENGTH"] = found, str(len(found))
        environ["wsgi.input"] = io.BytesIO(body)
        if self._is_short(method, environ["PATH_INFO"]) and len(environ["QUERY_STRING"]) <= _LONGEST_SHORT_QUERY:
            return _run(self._inner, environ)
        self._held += len(body)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, partial(_run, self._inner, environ))
        finally:
            self._held -= len(body)

    async def _body(self, exchange: Exchange, length: str, *, is_stream: bool) -> bytes | Refusal | None:
        """The body, or the beginning of one that is too large; None for one that says so, which the application refuses."""
        size = int(length) if length.isdecimal() else None
        if size is not None and size > LARGEST_BODY:
            return None
        try:
            async with asyncio.timeout(SECONDS_FOR_A_BODY):
                # A small one that was announced is cheaper to wait for; of others each piece is counted.
                if size is not None and size <= _SMALL:
                    return await exchange()
                found = await self._pieces(exchange, is_stream=is_stream)
        except TimeoutError:
            return Refusal.LATE
        except ProtocolClosed:
            return Refusal.BROKEN
        return Refusal.BROKEN if isinstance(found, bytes) and size not in {None, len(found)} else found

    async def _pieces(self, exchange: Exchange, *, is_stream: bool) -> bytes | Refusal:
        read, ended = bytearray(), False
        try:
            async for piece in exchange:
                if ended and not is_stream:
                    return Refusal.BROKEN
                ended = not piece
                read += piece
                self._held += len(piece)
                if len(read) > LARGEST_BODY:
                    break
                if self._held > BODIES_AT_ONCE:
                    return Refusal.BUSY
        finally:
            self._held -= len(read)
        return bytes(read)

    def _environ_of(self, head: Head) -> WSGIEnvironment:
        environ, names = self._environ.copy(), self._names
        environ["REQUEST_METHOD"] = head.method
        environ["PATH_INFO"] = _as_wsgi(head.path)
        environ["QUERY_STRING"] = _as_wsgi(head.query_string)
        environ["SERVER_PROTOCOL"] = f"HTTP/{head.http_version}"
        environ["REMOTE_ADDR"] = head.client.rpartition(":")[0].strip("[]")
        for sent, value in head.headers.items():
            name = names.get(sent) or self._name(sent)
            if name in environ:
                environ[name] = f"{environ[name]}{_SEPARATORS.get(name, ',')}{value}"
            elif name:
                environ[name] = value
        if "HTTP_HOST" not in environ:
            environ["HTTP_HOST"] = head.authority or ""
        return environ

    def _name(self, sent: str) -> str:
        """A header's name in WSGI; empty for one with an underscore, which would be taken for another with a dash."""
        name = "" if "_" in sent else f"HTTP_{sent.upper().replace('-', '_')}"
        if name and len(sent) <= _LONGEST_NAME and len(self._names) < _MOST_NAMES:
            self._names[sent] = name
        return name


def _is_stream(head: Head) -> bool:
    """Whether it came over HTTP/2, where nothing need announce a body, and empty pieces say nothing."""
    return head.http_version.startswith("2")


def _run(application: WSGIApplication, environ: WSGIEnvironment) -> tuple[int, Headers, bytes]:
    told: list[tuple[str, Headers]] = []

    def start(status: str, headers: Headers, _error: object = None) -> Callable[[bytes], object]:
        told.append((status, headers))
        return _write

    body: Iterable[bytes] = application(environ, start)
    status, headers = told[0]
    return int(status[:3]), headers, b"".join(body)


def _as_wsgi(text: str) -> str:
    """Text as WSGI has it: each byte of its UTF-8 as one character."""
    return text if text.isascii() else text.encode().decode("latin-1")


def _write(_data: bytes) -> object:
    """WSGI's way of old, which no part of ours uses."""
    raise NotImplementedError

"""Where requests come in: one event loop takes them and reads their bodies, and threads do what may take long.

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
from typing import Any, Final, Protocol
from wsgiref.types import WSGIApplication

from ringfence.http.bodies import LARGEST_BODY

SECONDS_FOR_A_BODY: Final = 20.0
"""For the whole of it; less than what a stop leaves to requests that are running."""
_MOST_NAMES: Final = 1000
"""Names of headers whose form in WSGI is remembered; a stranger may send any number of others."""
_SEPARATORS: Final = {"HTTP_COOKIE": "; "}
_LATE: Final = b'{"error":{"code":"requestTimeout","message":"The body did not arrive in time. Send the request again."}}'
_LATE_HEADERS: Final = [("content-type", "application/json; charset=utf-8"), ("connection", "close")]

Headers = list[tuple[str, str]]
IsShort = Callable[[str, str], bool]
"""Whether a request with this method and path is answered within microseconds, whatever else it says."""


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
        """The body, piece by piece."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Answer."""


class Gate:
    """An RSGI application in front of one of WSGI, whose answers are bodies of one piece."""

    def __init__(self, inner: WSGIApplication, threads: int, is_short: IsShort) -> None:
        """Answer in the loop what is short, and everything else in so many threads."""
        self._inner = inner
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="ringfence-request")
        self._is_short = is_short
        self._names = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
        self._environ: dict[str, Any] = {
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
        environ = self._environ_of(head)
        if "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ:
            body = await _body(exchange, environ.get("CONTENT_LENGTH", ""))
            if body is None:
                exchange.response_bytes(408, _LATE_HEADERS, _LATE)
                return
            environ["wsgi.input"] = io.BytesIO(body)
        else:
            environ["wsgi.input"] = io.BytesIO()
        if self._is_short(environ["REQUEST_METHOD"], environ["PATH_INFO"]):
            answer = self._answer(environ)
        else:
            answer = await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, environ)
        exchange.response_bytes(*answer)

    def _answer(self, environ: dict[str, Any]) -> tuple[int, Headers, bytes]:
        told: list[tuple[str, Headers]] = []

        def start(status: str, headers: Headers, _error: object = None) -> Callable[[bytes], object]:
            told.append((status, headers))
            return _write

        body: Iterable[bytes] = self._inner(environ, start)
        status, headers = told[0]
        return int(status[:3]), headers, b"".join(body)

    def _environ_of(self, head: Head) -> dict[str, Any]:
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
        if name and len(self._names) < _MOST_NAMES:
            self._names[sent] = name
        return name


async def _body(exchange: Exchange, length: str) -> bytes | None:
    """The body, or the beginning of one that is too large, which is enough to refuse it; None when it does not arrive in time."""
    size = int(length) if length.isdecimal() else None
    if size is not None and size > LARGEST_BODY:
        return b""
    try:
        async with asyncio.timeout(SECONDS_FOR_A_BODY):
            # A length that was announced is kept to, and cheaper to wait for; without one the pieces are counted.
            return await exchange() if size is not None else await _pieces(exchange)
    except TimeoutError:
        return None


async def _pieces(exchange: Exchange) -> bytes:
    read = bytearray()
    async for piece in exchange:
        read += piece
        if len(read) > LARGEST_BODY:
            break
    return bytes(read)


def _as_wsgi(text: str) -> str:
    """Text as WSGI has it: each byte of its UTF-8 as one character."""
    return text if text.isascii() else text.encode().decode("latin-1")


def _write(_data: bytes) -> object:
    """WSGI's way of old, which no part of ours uses."""
    raise NotImplementedError

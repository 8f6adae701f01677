"""What happens around every request: its id, its measure, compression, and headers that keep browsers safe.

It stands around the application as plain WSGI, since each step of a framework would cost every request as much as a row read.
"""

from __future__ import annotations

import gzip
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from random import Random
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from ringfence.http.measures import Measures

_ID: Final = re.compile(r"[A-Za-z0-9._{}-]{1,64}")
_WORTH_PACKING: Final = 1024
_LEVEL: Final = 5
_IDS: Final = "ringfence.ids"
INSTEAD: Final = "ringfence.instead"
"""Where the environment of a request may hold an application that answers it in place of all others."""
_SURFACES: Final = {"v1.0": "graph", "beta": "graph", "demo": "demo", "health": "health", "mfa": "mfa", "metrics": "metrics"}
_SAFE: Final = [("x-content-type-options", "nosniff"), ("strict-transport-security", "max-age=31536000")]
_METHODS: Final = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"})

Headers = list[tuple[str, str]]


class Around:
    """A WSGI application around others, whose answers are bodies of one piece.

    `request-id` is on every answer; `client-request-id` comes back as it was sent, if it is harmless.
    """

    def __init__(self, inner: WSGIApplication, measures: Measures, first: Mapping[str, WSGIApplication] | None = None) -> None:
        """Note every request in these measures. `first`: who answers for paths that begin with a segment, before `inner`."""
        self._inner = inner
        self._first = first or {}
        self._measures = measures
        # Of this process: seeded before the workers are forked, all would give the same ids.
        self._random = partial(Random(os.urandom(16)).getrandbits, 128)  # noqa: S311 - no secret

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        began = time.perf_counter()
        own, sent = _as_uuid(self._random()), environ.get("HTTP_CLIENT_REQUEST_ID", "")
        ids = environ[_IDS] = {"request-id": own, "client-request-id": sent if _ID.fullmatch(sent) else own}
        status, headers = "", []

        def keep(told: str, lines: Headers, _error: object = None) -> Callable[[bytes], object]:
            nonlocal status, headers
            status, headers = told, lines
            return _write

        segment = _first_segment(environ["PATH_INFO"])
        inner = environ.get(INSTEAD) or self._first.get(segment, self._inner)
        body = inner(environ, keep)
        headers = [*headers, *ids.items(), *_SAFE]
        if isinstance(body, list) and body and len(body[0]) >= _WORTH_PACKING:
            body = _packed(environ, headers, body)
        method = environ["REQUEST_METHOD"]
        kind = _SURFACES.get(segment, "oauth"), method if method in _METHODS else "other", status[:3]
        self._measures.note(kind, time.perf_counter() - began)
        start_response(status, headers)
        return body


def correlation(environ: WSGIEnvironment) -> dict[str, Any]:
    """The ids of a request, as errors repeat them."""
    ids: dict[str, Any] = environ[_IDS]
    return ids


def _packed(environ: WSGIEnvironment, headers: Headers, body: list[bytes]) -> list[bytes]:
    """The body in gzip where the client takes it; never one that says `no-store`.

    That may hold a secret beside what a stranger sent, and its length would tell of the secret.
    """
    if any(name == "cache-control" and "no-store" in value for name, value in headers):
        return body
    headers.append(("vary", "Accept-Encoding"))
    if "gzip" not in environ.get("HTTP_ACCEPT_ENCODING", "").lower():
        return body
    packed = gzip.compress(body[0], _LEVEL, mtime=0)
    kept = [header for header in headers if header[0] != "content-length"]
    headers[:] = [*kept, ("content-encoding", "gzip"), ("content-length", str(len(packed)))]
    return [packed]


def _write(_data: bytes) -> object:
    """WSGI's way of old, which no part of ours uses."""
    raise NotImplementedError


def _as_uuid(number: int) -> str:
    """A UUID of version 4 as text. It may be guessed: it only tells one request from another."""
    digits = f"{number:032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _first_segment(path: str) -> str:
    return path[1:].partition("/")[0]

"""Reading bodies under a limit, and writing JSON."""

from __future__ import annotations

from typing import Any, Final
from wsgiref.types import WSGIEnvironment

import falcon
import msgspec

LARGEST_BODY: Final = 1 << 20
"""Bytes; a `$batch` of twenty items fits well."""

_encode: Final = msgspec.json.Encoder().encode


def read_body(environ: WSGIEnvironment) -> bytes:
    """The whole body, whose length is known by now; raises `falcon.HTTPContentTooLarge` over `LARGEST_BODY`."""
    length: str = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        return b""
    if int(length) > LARGEST_BODY:
        raise falcon.HTTPContentTooLarge
    body: bytes = environ["wsgi.input"].read(int(length))
    return body


def write_json(response: falcon.Response, document: Any, status: int = 200) -> None:  # noqa: ANN401 - any JSON
    """Answer in JSON."""
    response.status = falcon.code_to_http_status(status)
    response.content_type = "application/json; charset=utf-8"
    response.data = _encode(document)

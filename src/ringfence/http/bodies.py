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
    """The whole body; raises `falcon.HTTPContentTooLarge` over `LARGEST_BODY`."""
    length: str = environ.get("CONTENT_LENGTH") or ""
    if not length and "HTTP_TRANSFER_ENCODING" not in environ:
        return b""
    size = int(length) if length.isdecimal() else LARGEST_BODY + 1
    if length.isdecimal() and size > LARGEST_BODY:
        raise falcon.HTTPContentTooLarge
    body: bytes = environ["wsgi.input"].read(size)
    if len(body) > LARGEST_BODY:
        raise falcon.HTTPContentTooLarge
    return body


def write_json(response: falcon.Response, document: Any, status: int = 200) -> None:  # noqa: ANN401 - any JSON
    """Answer in JSON."""
    response.status = falcon.code_to_http_status(status)
    response.content_type = "application/json; charset=utf-8"
    response.data = _encode(document)

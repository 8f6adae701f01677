"""Reading bodies under a limit, and writing JSON."""

from __future__ import annotations

from typing import Any, Final

import falcon
import msgspec

LARGEST_BODY: Final = 1 << 20
"""Bytes; a `$batch` of twenty items fits well."""

_encode: Final = msgspec.json.Encoder().encode


def read_body(request: falcon.Request) -> bytes:
    """The whole body; raises `falcon.HTTPContentTooLarge` over `LARGEST_BODY`."""
    length = request.content_length
    if length is not None and length > LARGEST_BODY:
        raise falcon.HTTPContentTooLarge
    body: bytes = request.bounded_stream.read(LARGEST_BODY + 1) if length else b""
    if length is None and "HTTP_TRANSFER_ENCODING" in request.env:
        body = request.stream.read(LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        raise falcon.HTTPContentTooLarge
    return body


def write_json(response: falcon.Response, document: Any, status: int = 200) -> None:  # noqa: ANN401 - any JSON
    """Answer in JSON."""
    response.status = falcon.code_to_http_status(status)
    response.content_type = "application/json; charset=utf-8"
    response.data = _encode(document)

"""The access token of a request and the caller behind it."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from wsgiref.types import WSGIEnvironment

from ringfence.application.identity.callers import Callers, TokenFailure
from ringfence.domain.identity.callers import Caller

LONGEST_TOKEN: Final = 16_384


def caller_of(environ: WSGIEnvironment, callers: Callers, now: datetime) -> Caller | TokenFailure | None:
    """The caller; None when there is no token at all."""
    header = environ.get("HTTP_AUTHORIZATION")
    if not header:
        return None
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.casefold() != "bearer" or not token or len(token) > LONGEST_TOKEN or not token.isascii():
        return TokenFailure.INVALID
    return callers.resolve(token, now)

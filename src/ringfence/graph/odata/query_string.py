"""The query string as names and values. A plus is a space, as clients that encode forms mean it."""

from __future__ import annotations

from urllib.parse import unquote_plus

from ringfence.graph.odata.errors import ODataError
from ringfence.graph.odata.lexer import check_text


def read_pairs(query: str) -> list[tuple[str, str]]:
    """Return names and values in their order, percent-decoded; raises `ODataError` where the bytes are no UTF-8."""
    pairs = (piece.partition("=") for piece in query.split("&") if piece)
    return [(_decoded(name), _decoded(value)) for name, _, value in pairs]


def _decoded(text: str) -> str:
    try:
        decoded = unquote_plus(text, errors="strict")
    except UnicodeError:
        message = "The query string is not percent-encoded UTF-8."
        raise ODataError(message) from None
    check_text(decoded)
    return decoded

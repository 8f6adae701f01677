"""Reading what came: form fields, each once, and the client's credentials from the form or from HTTP Basic."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

import falcon

from ringfence.application.identity.clients import ClientProof
from ringfence.http.bodies import read_body
from ringfence.oauth.refusals import Code, Refusal, missing

FORM: Final = "application/x-www-form-urlencoded"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_MOST_FIELDS: Final = 100


def read_form(request: falcon.Request) -> dict[str, str]:
    """The fields of a form; raises `Refusal` for another type, for one that stands twice, and for what is no UTF-8."""
    kind = (request.content_type or "").partition(";")[0].strip().casefold()
    if kind != FORM:
        words = f"The request must have Content-Type {FORM}."
        raise Refusal(Code.INVALID_REQUEST, 900561, words)
    try:
        body = read_body(request.env).decode("utf-8")
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except (UnicodeDecodeError, ValueError) as error:
        words = "The request body cannot be read as a form."
        raise Refusal(Code.INVALID_REQUEST, 900144, words) from error
    return once(pairs)


def once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """The pairs by name; raises `Refusal` for a name that stands twice, and for a NUL."""
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in fields:
            words = f"The parameter '{name[:64]}' was sent more than once."
            raise Refusal(Code.INVALID_REQUEST, 9002329, words)
        if "\x00" in value:
            words = f"The parameter '{name[:64]}' cannot be used."
            raise Refusal(Code.INVALID_REQUEST, 900144, words)
        fields[name] = value
    return fields


def client_proof(request: falcon.Request, fields: Mapping[str, str]) -> ClientProof:
    """Who the client says it is, and its proof; raises `Refusal` when it says nothing."""
    header = request.get_header("Authorization") or ""
    if header[:6].casefold() == "basic ":
        name, secret = _basic(header[6:])
        if fields.get("client_secret") or fields.get("client_assertion") or fields.get("client_id", name) != name:
            words = "The client proved itself in more than one way."  # RFC 6749, 2.3
            raise Refusal(Code.INVALID_REQUEST, 90100, words)
        return ClientProof(name, secret)
    assertion = fields.get("client_assertion")
    if assertion is not None and fields.get("client_assertion_type") != ASSERTION_TYPE:
        raise missing(name="client_assertion_type")
    if not fields.get("client_id"):
        raise missing(name="client_id")
    return ClientProof(fields["client_id"], fields.get("client_secret") or None, assertion)


def _basic(encoded: str) -> tuple[str, str]:
    """Both halves are form-encoded inside (RFC 6749, 2.3.1)."""
    try:
        name, _, secret = b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
        return unquote_plus(name, errors="strict"), unquote_plus(secret, errors="strict")
    except (Error, UnicodeDecodeError, ValueError) as error:
        words = "The Authorization header cannot be read."
        raise Refusal(Code.INVALID_CLIENT, 7000218, words, 401) from error

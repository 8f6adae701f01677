"""What an application asks of the authorize endpoint, and the answer it is sent through the browser.

Until the redirect URI is known to be the application's own, nothing is sent there: errors are shown to the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlencode, urlsplit

from ringfence.application.identity.scopes import decide_scopes, parse_scopes
from ringfence.domain.identity.applications import Application
from ringfence.oauth.refusals import Code, Refusal

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_MODES: Final = frozenset({"query", "fragment", "form_post"})
_LONGEST_CHALLENGE: Final = 128


class Reply(NamedTuple):
    """Where the answer goes and how."""

    redirect_uri: str
    mode: str
    state: str | None


class Wanted(NamedTuple):
    """A valid request."""

    application: Application
    reply: Reply
    scopes: tuple[str, ...]
    challenge: str | None
    nonce: str | None
    login_hint: str
    with_client_info: bool


def decide_reply(application: Application, fields: Mapping[str, str]) -> Reply:
    """Where to answer; raises `Refusal` (AADSTS50011) for an address that is not the application's."""
    asked = fields.get("redirect_uri") or (application.redirect_uris[0] if len(application.redirect_uris) == 1 else "")
    if not any(_matches(registered, asked) for registered in application.redirect_uris):
        words = "The redirect URI in the request does not match the ones registered for the application."
        raise Refusal(Code.INVALID_REQUEST, 50011, words)
    mode = fields.get("response_mode") or "query"
    return Reply(asked, mode if mode in _MODES else "query", fields.get("state"))


def _matches(registered: str, asked: str) -> bool:
    """Exactly the same; on this machine any port will do (RFC 8252, 7.3)."""
    if registered == asked:
        return True
    try:
        mine, theirs = urlsplit(registered), urlsplit(asked)
        known, given = mine.hostname, theirs.hostname
        _ = theirs.port
    except ValueError:
        return False
    if mine.scheme != "http" or known not in _LOOPBACK or "@" in theirs.netloc:
        return False
    return (theirs.scheme, given, theirs.path, theirs.query, theirs.fragment) == ("http", known, mine.path, mine.query, "")


def decide_wanted(application: Application, reply: Reply, fields: Mapping[str, str]) -> Wanted:
    """The request as a whole; raises `Refusal`, to be sent to the application."""
    if fields.get("response_type") != "code":
        words = "The response_type 'code' is the only one supported."
        raise Refusal(Code.UNSUPPORTED_RESPONSE_TYPE, 700054, words)
    if fields.get("response_mode", "query") not in _MODES:
        words = "The response_mode is not supported."
        raise Refusal(Code.INVALID_REQUEST, 70007, words)
    challenge = fields.get("code_challenge")
    _check_challenge(application, challenge, fields.get("code_challenge_method"))
    scopes = decide_scopes(application, parse_scopes(fields.get("scope", "")))
    if isinstance(scopes, str):
        words = f"The application is not registered for the scope '{scopes[:128]}'."
        raise Refusal(Code.INVALID_SCOPE, 65001, words)
    if fields.get("prompt") == "none":
        words = "A silent sign-in request was sent but no user is signed in."
        raise Refusal(Code.LOGIN_REQUIRED, 50058, words)
    hint = fields.get("login_hint", "")[:256]
    return Wanted(application, reply, scopes, challenge, fields.get("nonce"), hint, fields.get("client_info") == "1")


def _check_challenge(application: Application, challenge: str | None, method: str | None) -> None:
    if challenge is None:
        if application.is_public:
            words = "Proof Key for Code Exchange is required for public clients: send code_challenge."
            raise Refusal(Code.INVALID_REQUEST, 9002325, words)
        return
    if method != "S256" or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
        words = "The code_challenge_method must be S256."
        raise Refusal(Code.INVALID_REQUEST, 501491, words)


def address_of(reply: Reply, answer: Mapping[str, str]) -> str:
    """The redirect URI with the answer in query or fragment."""
    parts = urlsplit(reply.redirect_uri)
    encoded = urlencode(answer)
    if reply.mode == "fragment":
        return parts._replace(fragment=encoded).geturl()
    return parts._replace(query=f"{parts.query}&{encoded}" if parts.query else encoded).geturl()

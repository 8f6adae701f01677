"""What all pages for people share: headers that keep them safe in any browser, and forms that nobody else can fill in.

Every form carries a random value that equals a cookie of this site alone (`__Host-`): another site can make a browser send the
cookie, but not the value. Where the browser says which site a form came from (`Sec-Fetch-Site`, `Origin`), it has to be this one.

Pages tell other sites nothing of their address (`same-origin`). Under `no-referrer` a browser would hide it from this one too,
and send `Origin: null` (Fetch standard, "append a request Origin header").
"""

from __future__ import annotations

import hmac
import secrets
from typing import Final

import falcon

from ringfence.http.roots import Roots

_SAME_SITE: Final = frozenset({"same-origin", "none", ""})
_LENGTH: Final = len(secrets.token_urlsafe(32))


def answer_page(response: falcon.Response, page: str, policy: str, status: int = 200) -> None:
    """Answer with a page; `policy` is what it may load and where its forms go, the rest of the content policy is here."""
    response.status = falcon.code_to_http_status(status)
    response.content_type = "text/html; charset=utf-8"
    response.text = page
    whole = f"default-src 'none'; {policy}; frame-ancestors 'none'; base-uri 'none'"
    response.set_header("Content-Security-Policy", whole)
    response.set_header("X-Frame-Options", "DENY")
    response.set_header("Referrer-Policy", "same-origin")
    response.set_header("Cache-Control", "no-store")


def form_canary(request: falcon.Request, response: falcon.Response, cookie: str) -> str:
    """The value for a form: the browser's own one, or a new one, set as this cookie."""
    held = request.get_cookie_values(cookie)
    value = held[0] if held and len(held[0]) == _LENGTH else secrets.token_urlsafe(32)
    response.set_cookie(cookie, value, path="/", secure=True, http_only=True, same_site="Lax")
    return value


def is_own_form(request: falcon.Request, sent: str, cookie: str, roots: Roots) -> bool:
    """Whether the form with this value was one of ours, filled in here."""
    held = request.get_cookie_values(cookie) or [""]
    return bool(held[0]) and hmac.compare_digest(held[0].encode(), sent.encode()) and _is_from_here(request, roots)


def _is_from_here(request: falcon.Request, roots: Roots) -> bool:
    """What the browser says of the page with the form; a client that says nothing is no browser that another site could use."""
    site, origin = request.get_header("Sec-Fetch-Site") or "", request.get_header("Origin")
    if site not in _SAME_SITE:
        return False
    # A browser that was told to hide where it comes from says `null` of every page: then the other header has to say it.
    return origin is None or roots.is_ours(origin) or (origin == "null" and site == "same-origin")

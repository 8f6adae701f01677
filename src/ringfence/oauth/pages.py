"""Pages for people: rendered plainly, safe in any browser, and forms that nobody else can fill in.

Every form carries a random value that equals a cookie of this site alone (`__Host-`): another site can make a browser send the
cookie, but not the value. Where the browser says which site a form came from (`Sec-Fetch-Site`, `Origin`), it has to be this one.

Pages tell other sites nothing of their address (`same-origin`). Under `no-referrer` a browser would hide it from this one too,
and send `Origin: null` (Fetch standard, "append a request Origin header").
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import falcon
from jinja2 import Environment, PackageLoader, StrictUndefined

from ringfence.http.roots import Roots
from ringfence.oauth.journeys import Journey
from ringfence.oauth.refusals import Code, Refusal

COOKIE: Final = "__Host-ringfence-signin"
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(:\d+)?")
_SAME_SITE: Final = frozenset({"same-origin", "none", ""})
_USUAL: Final = {"problem": "", "login": "", "user_code": "", "must_change": False, "canary": "", "script": ""}

_environment: Final = Environment(
    loader=PackageLoader("ringfence.oauth"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def show(
    response: falcon.Response, template: str, values: Mapping[str, object], *, status: int = 200, leads_to: str = ""
) -> None:
    """Answer with a page; `leads_to` is the address its form may end at besides this site."""
    response.status = falcon.code_to_http_status(status)
    response.content_type = "text/html; charset=utf-8"
    response.text = _environment.get_template(template).render({**_USUAL, **values})
    target = f" {_origin(leads_to)}" if leads_to else ""
    script = " script-src 'self'; connect-src 'self';" if values.get("script") else ""
    policy = f"default-src 'none'; style-src 'self';{script} form-action 'self'{target}; frame-ancestors 'none'; base-uri 'none'"
    response.set_header("Content-Security-Policy", policy)
    response.set_header("X-Frame-Options", "DENY")
    response.set_header("Referrer-Policy", "same-origin")
    response.set_header("Cache-Control", "no-store")


def stylesheet() -> str:
    """The one stylesheet."""
    return _environment.get_template("style.css").render()


def waiting_script() -> str:
    """What the page of a call asks with."""
    return _environment.get_template("wait.js").render()


def new_canary(request: falcon.Request, response: falcon.Response) -> str:
    """The value for a form: the browser's own one, or a new one, set as a cookie."""
    held = request.get_cookie_values(COOKIE)
    value = held[0] if held and len(held[0]) == _LENGTH else secrets.token_urlsafe(32)
    response.set_cookie(COOKIE, value, path="/", secure=True, http_only=True, same_site="Lax")
    return value


def form_values(request: falcon.Request, response: falcon.Response, journey: Journey) -> dict[str, object]:
    """What every form of a sign-in has."""
    canary = new_canary(request, response)
    return {"application": journey.application, "action": journey.action, "canary": canary, "hidden": dict(journey.hidden)}


_LENGTH: Final = len(secrets.token_urlsafe(32))


def check_canary(request: falcon.Request, fields: Mapping[str, str], roots: Roots) -> None:
    """Raise `Refusal` unless the form was one of ours, filled in here."""
    held = request.get_cookie_values(COOKIE) or [""]
    sent = fields.get("canary", "")
    if not held[0] or not hmac.compare_digest(held[0].encode(), sent.encode()) or not _is_from_here(request, roots):
        words = "This form has expired. Go back and begin again."
        raise Refusal(Code.INVALID_REQUEST, 165000, words)


def _is_from_here(request: falcon.Request, roots: Roots) -> bool:
    """What the browser says of the page with the form; a client that says nothing is no browser that another site could use."""
    site, origin = request.get_header("Sec-Fetch-Site") or "", request.get_header("Origin")
    if site not in _SAME_SITE:
        return False
    # A browser that was told to hide where it comes from says `null` of every page: then the other header has to say it.
    return origin is None or roots.is_ours(origin) or (origin == "null" and site == "same-origin")


def _origin(address: str) -> str:
    """The address's origin as a policy can say it: the whole scheme where the host is one that its grammar has no word for."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if _HOST.fullmatch(parts.netloc) else f"{parts.scheme}:"

"""Pages for people: rendered plainly, safe in any browser, and forms that nobody else can fill in.

Every form carries a random value that equals a cookie of this site alone (`__Host-`): another site can make a browser send the
cookie, but not the value.
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

from ringfence.oauth.refusals import Code, Refusal

COOKIE: Final = "__Host-ringfence-signin"
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(:\d+)?")
_SAME_SITE: Final = frozenset({"same-origin", "none", ""})
_USUAL: Final = {"problem": "", "login": "", "user_code": "", "must_change": False, "canary": ""}

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
    policy = f"default-src 'none'; style-src 'self'; form-action 'self'{target}; frame-ancestors 'none'; base-uri 'none'"
    response.set_header("Content-Security-Policy", policy)
    response.set_header("X-Frame-Options", "DENY")
    response.set_header("Referrer-Policy", "no-referrer")
    response.set_header("Cache-Control", "no-store")


def stylesheet() -> str:
    """The one stylesheet."""
    return _environment.get_template("style.css").render()


def new_canary(request: falcon.Request, response: falcon.Response) -> str:
    """The value for a form: the browser's own one, or a new one, set as a cookie."""
    held = request.get_cookie_values(COOKIE)
    value = held[0] if held and len(held[0]) == _LENGTH else secrets.token_urlsafe(32)
    response.set_cookie(COOKIE, value, path="/", secure=True, http_only=True, same_site="Lax")
    return value


_LENGTH: Final = len(secrets.token_urlsafe(32))


def check_canary(request: falcon.Request, fields: Mapping[str, str]) -> None:
    """Raise `Refusal` unless the form was one of ours, filled in here."""
    held = request.get_cookie_values(COOKIE) or [""]
    sent = fields.get("canary", "")
    from_here = (request.get_header("Sec-Fetch-Site") or "") in _SAME_SITE
    if not held[0] or not hmac.compare_digest(held[0].encode(), sent.encode()) or not from_here:
        words = "This form has expired. Go back and begin again."
        raise Refusal(Code.INVALID_REQUEST, 165000, words)


def _origin(address: str) -> str:
    """The address's origin as a policy can say it: the whole scheme where the host is one that its grammar has no word for."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if _HOST.fullmatch(parts.netloc) else f"{parts.scheme}:"

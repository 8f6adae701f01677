"""The pages of the sign-in, rendered plainly; what keeps them and their forms safe is `ringfence.http.pages`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import falcon
from jinja2 import Environment, PackageLoader, StrictUndefined

from ringfence.http.pages import answer_page, form_canary, is_own_form
from ringfence.http.roots import Roots
from ringfence.oauth.journeys import Journey
from ringfence.oauth.refusals import Code, Refusal

COOKIE: Final = "__Host-ringfence-signin"
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(:\d+)?")
_USUAL: Final = {
    "problem": "",
    "problem_at": "",
    "login": "",
    "user_code": "",
    "must_change": False,
    "canary": "",
    "script": "",
    "again": "",
}

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
    target = f" {_origin(leads_to)}" if leads_to else ""
    script = " script-src 'self'; connect-src 'self';" if values.get("script") else ""
    page = _environment.get_template(template).render({**_USUAL, **values})
    answer_page(response, page, f"style-src 'self';{script} form-action 'self'{target}", status)


def stylesheet() -> str:
    """The one stylesheet."""
    return _environment.get_template("style.css").render()


def waiting_script() -> str:
    """What the page of a call asks with."""
    return _environment.get_template("wait.js").render()


def new_canary(request: falcon.Request, response: falcon.Response) -> str:
    """The value for a form."""
    return form_canary(request, response, COOKIE)


def form_values(request: falcon.Request, response: falcon.Response, journey: Journey) -> dict[str, object]:
    """What every form of a sign-in has."""
    canary = new_canary(request, response)
    return {"application": journey.application, "action": journey.action, "canary": canary, "hidden": dict(journey.hidden)}


def check_canary(request: falcon.Request, fields: Mapping[str, str], roots: Roots) -> None:
    """Raise `Refusal` unless the form was one of ours, filled in here."""
    if not is_own_form(request, fields.get("canary", ""), COOKIE, roots):
        words = "This form has expired. Go back and begin again."
        raise Refusal(Code.INVALID_REQUEST, 165000, words)


def _origin(address: str) -> str:
    """The address's origin as a policy can say it: the whole scheme where the host is one that its grammar has no word for."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if _HOST.fullmatch(parts.netloc) else f"{parts.scheme}:"

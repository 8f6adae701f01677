"""The page behind the link of a notice: it says what its one button does, and looking at it does nothing.

Mail programs and scanners open links by themselves, so nothing changes but by the form. A link that was used, is too old, or
never was, leads to one and the same page.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs

import falcon

from ringfence.application.identity.parts import Identity
from ringfence.application.mfa.not_me import find_not_me, use_not_me
from ringfence.domain.errors import RingfenceError
from ringfence.http.around import correlation
from ringfence.http.roots import Roots
from ringfence.oauth.forms import read_form
from ringfence.oauth.pages import check_canary, new_canary, show
from ringfence.oauth.refusals import Refusal, busy

_LONGEST: Final = 64
_USELESS: Final = {
    "title": "This link cannot be used",
    "message": "It was used before, or it is too old. If you fear for your account, ask your administrator.",
}
_DONE: Final = {
    "title": "Your account is blocked",
    "message": "It is signed out everywhere, and takes no second proof from anybody. Ask your administrator to lift that.",
}


class NotMe:
    """`/oauth/not-me`."""

    def __init__(self, identity: Identity, roots: Roots) -> None:
        """Over this deployment; the form comes from a page under `roots`."""
        self._identity = identity
        self._roots = roots

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """Say what the button does."""
        secret = parse_qs(request.query_string).get("t", [""])[0][:_LONGEST]
        try:
            upn = find_not_me(self._identity.services, secret, self._identity.services.clock.now())
        except RingfenceError:
            self._refuse(request, response, busy())
            return
        if upn is None:
            show(response, "message.html", _USELESS, status=404)
            return
        canary = new_canary(request, response)
        show(response, "not_me.html", {"title": "Was that not you?", "upn": upn, "secret": secret, "canary": canary})

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """Do it."""
        try:
            fields = read_form(request)
            check_canary(request, fields, self._roots)
            is_done = use_not_me(self._identity, fields.get("t", "")[:_LONGEST], self._identity.services.clock.now())
        except Refusal as refusal:
            self._refuse(request, response, refusal)
        except RingfenceError:
            self._refuse(request, response, busy())
        else:
            show(response, "message.html", _DONE if is_done else _USELESS, status=200 if is_done else 404)

    def _refuse(self, request: falcon.Request, response: falcon.Response, refusal: Refusal) -> None:
        words = refusal.description(self._identity.services.clock.now(), correlation(request.env))
        show(response, "message.html", {"title": "Sorry, that did not work", "message": words}, status=refusal.status)

"""`/demo/phones`: the phones of the example company as a page, on which texts arrive and calls are answered.

It shows numbers and codes to whoever looks, so it is for connections from this machine alone, under a name of ours: to anybody
else it does not exist. It works without its script, which only fetches what is new.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl

import falcon
from jinja2 import Environment, PackageLoader, StrictUndefined

from ringfence.application.board import KEYS, Phone, PhoneAct, act_on_call, find_call, is_live, press_key, show_board
from ringfence.application.ports.board import BoardCall, CallState
from ringfence.application.ports.calls import CallEnd
from ringfence.demo.board_keys import hear
from ringfence.demo.demonstration import Demonstration
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.signin.call_keys import Heard
from ringfence.http.bodies import read_body
from ringfence.http.metrics import this_machine
from ringfence.http.pages import answer_page, form_canary, is_own_form
from ringfence.http.roots import Roots

PATH: Final = "/demo/phones"
COOKIE: Final = "__Host-ringfence-board"
_KEY: Final = "key-"
_MOST_FIELDS: Final = 10
_POLICY: Final = "style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'"
_SHOWN: Final = 5
"""Texts, and calls that are over, of one phone."""
_PAIRS: Final = {Pair.MOBILE: "mobile", Pair.OFFICE: "office", Pair.ALTERNATE: "alternate mobile"}
_ENDS: Final = {
    CallEnd.APPROVED: "approved",
    CallEnd.DECLINED: "declined",
    CallEnd.FRAUD: "reported as fraud",
    CallEnd.HUNG_UP: "hung up",
    CallEnd.NO_ANSWER: "nobody answered",
    CallEnd.NO_KEY: "nothing valid was pressed",
}
_OVER: Final = "over"

_environment: Final = Environment(
    loader=PackageLoader("ringfence.demo"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_ASSETS: Final = {"phones.css": "text/css; charset=utf-8", "phones.js": "text/javascript; charset=utf-8"}


class BoardSurface:
    """The page, what its script fetches, and what its buttons do."""

    def __init__(self, demonstration: Demonstration, roots: Roots) -> None:
        """Show this demonstration's phones; forms come from pages under `roots`."""
        self._services = demonstration.services
        self._roots = roots

    def mount(self, app: falcon.App[falcon.Request, falcon.Response]) -> None:
        """Add the paths."""
        app.add_route(PATH, self)
        app.add_route(f"{PATH}/{{asset}}", self, suffix="asset")

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """All phones."""
        self._check(request)
        now = self._services.clock.now()
        values = {
            "canary": form_canary(request, response, COOKIE),
            "keys": KEYS,
            "phones": [phone_values(phone, now) for phone in show_board(self._services, now)],
        }
        template = "phones_now.html" if request.get_header("X-Part") else "phones.html"
        answer_page(response, _environment.get_template(template).render(values), _POLICY)

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """Do something with a phone, and show how they stand. What comes too late changes nothing."""
        self._check(request)
        fields = _fields(request)
        if not is_own_form(request, fields.get("canary", ""), COOKIE, self._roots):
            page = _environment.get_template("refused.html").render()
            answer_page(response, page, _POLICY, 403)
            return
        call = self._act(fields)
        response.status = falcon.HTTP_303
        response.location = PATH if call is None else f"{PATH}#{place_of(call.number)}"

    def on_get_asset(self, request: falcon.Request, response: falcon.Response, asset: str) -> None:
        """The stylesheet and the script."""
        self._check(request)
        if asset not in _ASSETS:
            raise falcon.HTTPRouteNotFound
        response.content_type = _ASSETS[asset]
        response.text = _environment.get_template(asset).render()
        response.set_header("Cache-Control", "no-cache")

    def _act(self, fields: Mapping[str, str]) -> BoardCall | None:
        now, does = self._services.clock.now(), fields.get("do", "")
        try:
            call_id = bytes.fromhex(fields.get("call", ""))
        except ValueError:
            return None
        if does.startswith(_KEY):
            press_key(self._services, call_id, does.removeprefix(_KEY), now)
        elif does in set(PhoneAct):
            act_on_call(self._services, call_id, PhoneAct(does), now)
        return find_call(self._services, call_id)

    def _check(self, request: falcon.Request) -> None:
        """Whoever is not on this machine, or calls us by a name that is not ours, is told that there is nothing."""
        if not this_machine(request) or not self._roots.is_ours(f"https://{request.get_header('Host') or ''}"):
            raise falcon.HTTPRouteNotFound


def _fields(request: falcon.Request) -> Mapping[str, str]:
    """The fields of the form; none when it is none that a page of ours would send."""
    try:
        return dict(parse_qsl(read_body(request.env).decode("utf-8"), max_num_fields=_MOST_FIELDS, errors="strict"))
    except (UnicodeDecodeError, ValueError, falcon.HTTPContentTooLarge):
        return {}


def phone_values(phone: Phone, now: datetime) -> Mapping[str, object]:
    """What the page says of a phone."""
    live = [call for call in phone.calls if is_live(call, now)]
    return {
        "place": place_of(phone.number),
        "number": phone.number,
        "owners": [f"{owner.name}, {_PAIRS[owner.pair]}" for owner in phone.owners],
        "names": [owner.upn for owner in phone.owners],
        "live": [_live(call) for call in live[:1]],
        "past": [_past(call) for call in phone.calls if call not in live][:_SHOWN],
        "texts": [
            {"text": one.text, "at": _clock(one.arrived_at), "is_over": now >= one.expires_at} for one in phone.texts[:_SHOWN]
        ],
    }


def place_of(number: str) -> str:
    """The id of a phone on the page."""
    return "phone-" + number.lstrip("+").replace(" ", "-")


def _live(call: BoardCall) -> Mapping[str, object]:
    return {
        "id": call.call_id.hex(),
        "is_ringing": call.state is CallState.RINGING,
        "is_confirming": hear(call) is Heard.FRAUD_TO_CONFIRM,
        "fraud_code": call.fraud_code,
        "pressed": call.keys,
    }


def _past(call: BoardCall) -> Mapping[str, object]:
    return {"at": _clock(call.rang_at), "end": _OVER if call.end is None else _ENDS.get(call.end, call.end.value)}


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S} UTC"

"""The WSGI application: what is around it, health, and the surfaces mounted on it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol
from wsgiref.types import WSGIApplication

import falcon
from prometheus_client import CollectorRegistry

from ringfence.application.services import Services
from ringfence.domain.errors import RingfenceError
from ringfence.http.around import Around
from ringfence.http.bodies import write_json
from ringfence.http.measures import Measures
from ringfence.http.metrics import MaySee, Metrics, this_machine
from ringfence.http.telephony_metrics import TelephonyMetrics


class Surface(Protocol):
    """Something that has paths."""

    def mount(self, app: falcon.App[falcon.Request, falcon.Response]) -> None:
        """Add the paths."""


_LIVE: Final = "/health/live"


def asks_if_alive(_method: str, path: str) -> bool:
    """Whether this request only asks that the process answers."""
    return path == _LIVE


class Health:
    """`/health/live`: the process answers. `/health/ready`: the database does too."""

    def __init__(self, services: Services) -> None:
        """Look into this store."""
        self._services = services

    def on_get_live(self, _request: falcon.Request, response: falcon.Response) -> None:
        """Answer."""
        write_json(response, {"status": "live"})

    def on_get_ready(self, _request: falcon.Request, response: falcon.Response) -> None:
        """Answer 200 once a read works, else 503."""
        try:
            with self._services.store.snapshot() as unit:
                ready = bool(unit.administration.keys())
        except RingfenceError:
            ready = False
        write_json(response, {"status": "ready" if ready else "not ready"}, 200 if ready else 503)


def build_application(
    services: Services,
    first: Mapping[str, WSGIApplication],
    surfaces: Iterable[Surface],
    note: Callable[[Exception], None],
    may_see_metrics: MaySee = this_machine,
) -> Around:
    """Join everything; `note` is told of errors nobody expected, which the caller sees as an id alone.

    `first` has an application for each first segment of a path that is not for the surfaces.
    """
    registry, measures = CollectorRegistry(), Measures()
    registry.register(measures)
    registry.register(TelephonyMetrics(services))
    app: falcon.App[falcon.Request, falcon.Response] = falcon.App()
    app.req_options.strip_url_path_trailing_slash = True
    app.req_options.auto_parse_form_urlencoded = False
    app.resp_options.secure_cookies_by_default = True
    health = Health(services)
    app.add_route(_LIVE, health, suffix="live")
    app.add_route("/health/ready", health, suffix="ready")
    app.add_route("/metrics", Metrics(registry, may_see_metrics))
    app.add_error_handler(Exception, _unexpected(note))
    for surface in surfaces:
        surface.mount(app)
    return Around(app, measures, first)


def _unexpected(note: Callable[[Exception], None]) -> Callable[..., None]:
    def handle(_request: falcon.Request, response: falcon.Response, error: Exception, _parameters: object) -> None:
        if isinstance(error, falcon.HTTPError):
            write_json(
                response, {"error": {"code": error.title or "error", "message": error.description or ""}}, error.status_code
            )
            return
        note(error)
        write_json(response, {"error": {"code": "internalServerError", "message": "Internal error."}}, 500)

    return handle


def note_on_stderr(error: Exception) -> None:
    """The kind of the error and the places it went through; never its values, which might hold numbers."""
    sys.stderr.write(f"Internal error: {type(error).__name__}\n")
    trace = error.__traceback__
    while trace is not None:
        sys.stderr.write(f"  {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno} {trace.tb_frame.f_code.co_name}\n")
        trace = trace.tb_next

"""The Graph API on Falcon: one sink for each version, in front of the dispatcher."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import falcon
import msgspec

from ringfence.application.identity.callers import Callers, TokenFailure
from ringfence.application.identity.parts import Identity
from ringfence.domain.errors import RingfenceError
from ringfence.domain.identity.callers import Caller
from ringfence.graph.batch import answer_batch, is_batch
from ringfence.graph.call import JSON_TYPE, Answer, Request
from ringfence.graph.dispatch import Dispatcher
from ringfence.graph.errors import Family, GraphError, not_allowed, translate, unauthenticated
from ringfence.graph.metadata import METADATA
from ringfence.graph.resources import all_routes
from ringfence.graph.routes import VERSIONS, Router
from ringfence.http.around import correlation
from ringfence.http.bearer import caller_of
from ringfence.http.bodies import read_body
from ringfence.http.roots import Roots

_FAILURES: Final = {
    None: "Access token is empty.",
    TokenFailure.EXPIRED: "Lifetime validation failed, the token is expired.",
    TokenFailure.INVALID: "Access token validation failure. The token is not one of this service, or not for this API.",
    TokenFailure.REVOKED: "Access token validation failure. The token has been revoked.",
}
_HEADERS: Final = (
    ("content-type", "CONTENT_TYPE"),
    ("consistencylevel", "HTTP_CONSISTENCYLEVEL"),
    ("prefer", "HTTP_PREFER"),
    ("if-match", "HTTP_IF_MATCH"),
)
"""Those that handlers read, and their names in the environment of WSGI."""

_encode: Final = msgspec.json.Encoder().encode


class GraphSurface:
    """`/v1.0/…` and `/beta/…`."""

    def __init__(self, identity: Identity, callers: Callers, roots: Roots, note: Callable[[Exception], None]) -> None:
        """Serve this deployment."""
        self._identity = identity
        self._callers = callers
        self._roots = roots
        self._dispatcher = Dispatcher(identity, Router(all_routes()), note)

    def mount(self, app: falcon.App[falcon.Request, falcon.Response]) -> None:
        """Take everything below the two versions."""
        for version in VERSIONS:
            app.add_sink(self._sink(version), f"/{version.replace('.', '[.]')}(?=/|$)")

    def _sink(self, version: str) -> Callable[..., None]:
        def handle(request: falcon.Request, response: falcon.Response, **_groups: object) -> None:
            now = self._identity.services.clock.now()
            try:
                answer = self._answer(request, version, now)
            except (GraphError, RingfenceError) as error:
                refusal = error if isinstance(error, GraphError) else translate(error, Family.DIRECTORY)
                answer = Answer(refusal.status, refusal.document(now, correlation(request)), refusal.headers)
            _render(response, answer)

        return handle

    def _answer(self, request: falcon.Request, version: str, now: datetime) -> Answer:
        path = request.path[len(version) + 1 :]
        if path.strip("/") == "$metadata":
            return _metadata(request.method)
        caller = caller_of(request, self._callers, now)
        if not isinstance(caller, Caller):
            raise unauthenticated(_FAILURES[caller])
        try:
            body = read_body(request)
        except falcon.HTTPContentTooLarge as error:
            raise GraphError(413, "RequestEntityTooLarge", "The body is larger than 1 MiB.") from error
        headers = {name: value for name, key in _HEADERS if (value := request.env.get(key)) is not None}
        root = self._roots.of(request)
        asked = Request(request.method, version, path, request.query_string, headers, body, root)
        ids: dict[str, Any] = correlation(request)
        if is_batch(asked):
            if asked.method != "POST":
                raise not_allowed(asked.method, ["POST"])
            return answer_batch(asked, lambda item: self._dispatcher.answer(item, caller, now, ids))
        return self._dispatcher.answer(asked, caller, now, ids)


def _metadata(method: str) -> Answer:
    if method != "GET":
        raise not_allowed(method, ["GET"])
    return Answer(200, METADATA, {"Content-Type": "application/xml"})


def _render(response: falcon.Response, answer: Answer) -> None:
    response.status = falcon.code_to_http_status(answer.status)
    response.set_header("OData-Version", "4.0")
    response.set_header("Cache-Control", "no-store" if answer.status == 201 else "no-cache")  # noqa: PLR2004 - created
    for name, value in answer.headers.items():
        response.set_header(name, value)
    if isinstance(answer.body, str):
        response.content_type = answer.headers.get("Content-Type", "text/plain")
        response.data = answer.body.encode()
    elif answer.body is not None:
        response.content_type = JSON_TYPE
        response.data = _encode(answer.body)

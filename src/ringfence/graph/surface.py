"""The Graph API over HTTP, in front of the dispatcher: an application of WSGI for both versions (decision 9)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final
from wsgiref.types import StartResponse, WSGIEnvironment

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
from ringfence.graph.routes import Router
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

_OF_ONE_USER: Final = re.compile(r"/(?:v1\.0|beta)/(?:me|users/(?!\$|[^/]*delta)[^/(]+)(?:/|$)", re.IGNORECASE).match

_CREATED: Final = 201
_NO_CONTENT: Final = 204
_encode: Final = msgspec.json.Encoder().encode


def reads_one_user(method: str, path: str) -> bool:
    """Whether this request reads a few rows of one user, and no more."""
    return method == "GET" and _OF_ONE_USER(path) is not None


_Rendered = tuple[int, list[tuple[str, str]], bytes]


class GraphSurface:
    """`/v1.0/…` and `/beta/…`."""

    def __init__(self, identity: Identity, callers: Callers, roots: Roots, note: Callable[[Exception], None]) -> None:
        """Serve this deployment."""
        self._identity = identity
        self._callers = callers
        self._roots = roots
        self._note = note
        self._dispatcher = Dispatcher(identity, Router(all_routes()), note)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, errors included."""
        now = self._identity.services.clock.now()
        try:
            status, headers, body = _rendered(self._answer(environ, now))
        except GraphError as error:
            status, headers, body = self._refused(environ, error, now)
        except RingfenceError as error:
            status, headers, body = self._refused(environ, translate(error, Family.DIRECTORY), now)
        except Exception as error:  # noqa: BLE001 - the outermost handler of this surface
            self._note(error)
            refusal = GraphError(500, "generalException", "Internal error.")
            status, headers, body = self._refused(environ, refusal, now)
        start_response(falcon.code_to_http_status(status), headers)
        return [body]

    def _answer(self, environ: WSGIEnvironment, now: datetime) -> Answer:
        method, (version, path) = environ["REQUEST_METHOD"], _path_of(environ)
        if path.strip("/") == "$metadata":
            return _metadata(method)
        caller = caller_of(environ, self._callers, now)
        if not isinstance(caller, Caller):
            raise unauthenticated(_FAILURES[caller])
        try:
            body = read_body(environ)
        except falcon.HTTPContentTooLarge as error:
            raise GraphError(413, "RequestEntityTooLarge", "The body is larger than 1 MiB.") from error
        headers = {name: value for name, key in _HEADERS if (value := environ.get(key)) is not None}
        asked = Request(method, version, path, environ["QUERY_STRING"], headers, body, self._roots.of(environ))
        ids = correlation(environ)
        if is_batch(asked):
            if method != "POST":
                raise not_allowed(method, ["POST"])
            return answer_batch(asked, lambda item: self._dispatcher.answer(item, caller, now, ids))
        return self._dispatcher.answer(asked, caller, now, ids)

    def _refused(self, environ: WSGIEnvironment, refusal: GraphError, now: datetime) -> _Rendered:
        return _rendered(Answer(refusal.status, refusal.document(now, correlation(environ)), refusal.headers))


def _path_of(environ: WSGIEnvironment) -> tuple[str, str]:
    """The version, and the path behind it; what is no UTF-8 stands for nothing that could be found."""
    path: str = environ["PATH_INFO"]
    if not path.isascii():
        path = path.encode("latin-1").decode("utf-8", "replace")
    version, _, rest = path[1:].partition("/")
    return version, rest


def _metadata(method: str) -> Answer:
    if method != "GET":
        raise not_allowed(method, ["GET"])
    return Answer(200, METADATA, {"Content-Type": "application/xml"})


def _rendered(answer: Answer) -> _Rendered:
    """Status, headers with their names in lower case, and the body."""
    headers = [("odata-version", "4.0"), ("cache-control", "no-store" if answer.status == _CREATED else "no-cache")]
    kind, body = "", b""
    if isinstance(answer.body, str):
        kind, body = "text/plain", answer.body.encode()
    elif answer.body is not None:
        kind, body = JSON_TYPE, _encode(answer.body)
    for name, value in answer.headers.items():
        if name == "Content-Type":
            kind = value
        else:
            headers.append((name.lower(), value))
    if kind:
        headers.append(("content-type", kind))
    if answer.status != _NO_CONTENT:
        headers.append(("content-length", str(len(body))))
    return answer.status, headers, body

"""What happens around every request: its id, its measure, compression, and headers that keep browsers safe."""

from __future__ import annotations

import gzip
import os
import re
import time
from typing import Any, Final

import falcon
from prometheus_client import CollectorRegistry, Counter, Histogram

_ID: Final = re.compile(r"[A-Za-z0-9._{}-]{1,64}")
_WORTH_PACKING: Final = 1024
_LEVEL: Final = 5
_VARIANTS: Final = "89ab"


class RequestIds:
    """`request-id` on every answer; `client-request-id` comes back as it was sent, if it is harmless."""

    def process_request(self, request: falcon.Request, _response: falcon.Response) -> None:
        """Give the request an id."""
        sent = request.env.get("HTTP_CLIENT_REQUEST_ID", "")
        request.context.request_id = _new_id()
        request.context.client_request_id = sent if _ID.fullmatch(sent) else request.context.request_id

    def process_response(self, request: falcon.Request, response: falcon.Response, _resource: object, _ok: bool) -> None:  # noqa: FBT001 - falcon's
        """Tell it."""
        response.set_header("request-id", request.context.request_id)
        response.set_header("client-request-id", request.context.client_request_id)
        response.set_header("X-Content-Type-Options", "nosniff")
        response.set_header("Strict-Transport-Security", "max-age=31536000")


def _new_id() -> str:
    """A UUID of version 4 as text; the library's way by way of a number costs several times as much."""
    digits = os.urandom(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{_VARIANTS[int(digits[16], 16) & 3]}{digits[17:20]}-{digits[20:]}"


class Compression:
    """gzip for answers worth it; never for one that says `no-store`, which may hold a secret beside what a stranger sent."""

    def process_response(self, request: falcon.Request, response: falcon.Response, _resource: object, _ok: bool) -> None:  # noqa: FBT001 - falcon's
        """Pack the body where the client takes it."""
        body = response.data
        if body is None or len(body) < _WORTH_PACKING or "no-store" in (response.get_header("Cache-Control") or ""):
            return
        response.append_header("Vary", "Accept-Encoding")
        if "gzip" in (request.get_header("Accept-Encoding") or "").lower():
            response.data = gzip.compress(body, _LEVEL, mtime=0)
            response.set_header("Content-Encoding", "gzip")


class Measures:
    """Counts and durations of requests by surface, method and status, for `/metrics`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register the two series."""
        self._requests = Counter(
            "ringfence_http_requests", "Requests answered.", ("surface", "method", "status"), registry=registry
        )
        self._seconds = Histogram("ringfence_http_request_seconds", "How long an answer took.", ("surface",), registry=registry)
        self._series: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}

    def process_request(self, request: falcon.Request, _response: falcon.Response) -> None:
        """Start the watch."""
        request.context.began = time.perf_counter()

    def process_response(self, request: falcon.Request, response: falcon.Response, _resource: object, _ok: bool) -> None:  # noqa: FBT001 - falcon's
        """Note the answer."""
        key = _surface(request.path), request.method, str(response.status)[:3]
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self._requests.labels(*key), self._seconds.labels(key[0])
        series[0].inc()
        series[1].observe(time.perf_counter() - request.context.began)


_SURFACES: Final = {"v1.0": "graph", "beta": "graph", "health": "health", "metrics": "metrics"}


def _surface(path: str) -> str:
    return _SURFACES.get(path.split("/", 2)[1] if "/" in path else "", "oauth")


def correlation(request: falcon.Request) -> dict[str, Any]:
    """The ids of a request, as errors repeat them."""
    return {"request-id": request.context.request_id, "client-request-id": request.context.client_request_id}

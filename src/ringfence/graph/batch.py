"""`$batch`: up to twenty requests in one, run in the order given. Sources: surface d3, clients 1.6."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from ringfence.graph.call import JSON_TYPE, Answer, Request
from ringfence.graph.errors import GraphError

MOST: Final = 20
_VERBS: Final = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE"})
_FAILED: Final = 400


def is_batch(request: Request) -> bool:
    """Whether it is about the batch endpoint, with whatever method."""
    return request.path.strip("/").casefold() == "$batch"


def answer_batch(request: Request, answer: Callable[[Request], Answer]) -> Answer:
    """200 with one answer an item; 400 for the whole when it cannot be read as a batch."""
    items = _items(request.body)
    done: dict[str, int] = {}
    responses = []
    for item in items:
        name = item["id"]
        failed = [one for one in _dependencies(item) if done.get(one.casefold(), _FAILED) >= _FAILED]
        got = _failed_dependency() if failed else answer(_request(item, request))
        done[name.casefold()] = got.status
        responses.append(_rendered(name, got))
    return Answer(200, {"responses": responses})


def _bad(message: str) -> GraphError:
    return GraphError(400, "BadRequest", message)


def _items(body: bytes) -> list[dict[str, Any]]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = "Invalid batch payload format."
        raise _bad(message) from error
    items = found.get("requests") if isinstance(found, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        message = "Invalid batch payload format: an object with a list `requests` is expected."
        raise _bad(message)
    if not 1 <= len(items) <= MOST:
        message = f"Number of batch request steps must lie between 1 and {MOST}."
        raise _bad(message)
    seen: set[str] = set()
    for item in items:
        _check(item, seen)
    return items


def _check(item: dict[str, Any], seen: set[str]) -> None:
    name, verb, url = item.get("id"), item.get("method"), item.get("url")
    if not isinstance(name, str) or not name or name.casefold() in seen:
        message = "Every item of a batch needs an id of its own."
        raise _bad(message)
    seen.add(name.casefold())
    if not isinstance(verb, str) or verb.upper() not in _VERBS or not isinstance(url, str) or not url:
        message = f"Item {name[:64]} needs a method and a url."
        raise _bad(message)
    try:
        urlsplit(item["url"])
    except ValueError as error:
        message = f"The url of item {name[:64]} cannot be read."
        raise _bad(message) from error
    body, headers = item.get("body"), item.get("headers")
    if headers is not None and not (isinstance(headers, dict) and all(isinstance(value, str) for value in headers.values())):
        message = f"The headers of item {name[:64]} are to be an object of texts."
        raise _bad(message)
    if body is not None and not any(header.casefold() == "content-type" for header in headers or ()):
        message = f"Item {name[:64]} has a body and so needs a Content-Type header."
        raise _bad(message)


def _dependencies(item: Mapping[str, Any]) -> list[str]:
    """What it waits for; the Python SDK writes `depends_on`."""
    named = item.get("dependsOn", item.get("depends_on")) or []
    return [one for one in named if isinstance(one, str)] if isinstance(named, list) else []


def _request(item: Mapping[str, Any], outer: Request) -> Request:
    """The item as a request; an absolute URL and a leading version are taken too, as SDKs write them."""
    parts = urlsplit(item["url"])
    version, path = outer.version, unquote(parts.path)
    first, _, rest = path.strip("/").partition("/")
    if first in {"v1.0", "beta"}:
        version, path = first, rest
    body = item.get("body")
    encoded = b"" if body is None else msgspec.json.encode(body)
    headers = {name.casefold(): value for name, value in (item.get("headers") or {}).items()}
    return Request(item["method"].upper(), version, path, parts.query, headers, encoded, outer.root)


def _failed_dependency() -> Answer:
    error = {"code": "FailedDependency", "message": "A request that this one depends on failed."}
    return Answer(424, {"error": error})


def _rendered(name: str, answer: Answer) -> dict[str, Any]:
    headers = dict(answer.headers)
    rendered: dict[str, Any] = {"id": name, "status": answer.status, "headers": headers}
    if answer.body is not None:
        headers.setdefault("Content-Type", "text/plain" if isinstance(answer.body, str) else JSON_TYPE)
        rendered["body"] = answer.body
    return rendered

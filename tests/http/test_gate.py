"""Where requests come in: what the application behind is told, which bodies are read, and what runs where."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Final, NamedTuple

import pytest

from ringfence.graph.surface import reads_one_user
from ringfence.http import gate
from ringfence.http.bodies import LARGEST_BODY
from ringfence.http.gate import Gate

Headers = list[tuple[str, str]]


class Lines:
    """Headers, some of them perhaps more than once."""

    def __init__(self, lines: Headers) -> None:
        """In this order."""
        self._lines = lines

    def items(self) -> Headers:
        """All of them."""
        return self._lines


class Asked:
    """The head of a request."""

    query_string: str = ""
    http_version: str = "1.1"

    def __init__(self, path: str = "/v1.0/users", headers: Headers | None = None, method: str = "GET", **more: Any) -> None:  # noqa: ANN401 - attributes
        """What is not given is usual."""
        self.path, self.method, self.headers = path, method, Lines(headers or [])
        self.client = str(more.get("client", "192.0.2.7:40000"))
        self.authority: str | None = more.get("authority")


class Wire:
    """A client that sends these pieces, then perhaps nothing more; and what it was answered."""

    def __init__(self, *pieces: bytes, ends: bool = True) -> None:
        """Nothing was taken yet."""
        self._pieces, self._ends = pieces, ends
        self.taken = 0
        self.answers: list[tuple[int, Headers, bytes]] = []

    async def __call__(self) -> bytes:
        """All in one."""
        return b"".join([piece async for piece in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """One after the other."""
        for piece in self._pieces:
            self.taken += 1
            yield piece
        if not self._ends:
            await asyncio.sleep(3600)

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Note the answer."""
        self.answers.append((status, headers, body))


class Told(NamedTuple):
    """What the application saw of a request, and in which thread."""

    environ: dict[str, Any]
    body: bytes
    thread: str


def ask(head: Asked, wire: Wire, is_short: Callable[[str, str], bool] = lambda _method, _path: False) -> list[Told]:
    """Send a request through a gate; the application answers 201 with `done`."""
    told: list[Told] = []

    def application(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        told.append(Told(environ, environ["wsgi.input"].read(), threading.current_thread().name))
        start("201 Created", [("x-made", "yes")])
        return [b"do", b"ne"]

    asyncio.run(Gate(application, 2, is_short)(head, wire))
    return told


def environ(head: Asked) -> dict[str, Any]:
    """What the application is told of a request without a body."""
    [told] = ask(head, Wire())
    return told.environ


def test_the_answer_is_the_applications() -> None:
    """Status, headers, and the body in one piece."""
    wire = Wire()
    ask(Asked(), wire)
    assert [(201, [("x-made", "yes")], b"done")] == wire.answers


@pytest.mark.parametrize(
    ("headers", "name", "value"),
    [
        pytest.param([("authorization", "Bearer x")], "HTTP_AUTHORIZATION", "Bearer x", id="a header"),
        pytest.param([("content-type", "text/plain")], "CONTENT_TYPE", "text/plain", id="one without a prefix"),
        pytest.param([("prefer", "a"), ("prefer", "b")], "HTTP_PREFER", "a,b", id="twice"),
        pytest.param([("cookie", "a=1"), ("cookie", "b=2")], "HTTP_COOKIE", "a=1; b=2", id="cookies of HTTP/2"),
        pytest.param([("x_forwarded_for", "127.0.0.1")], "HTTP_X_FORWARDED_FOR", None, id="an underscore for a dash"),
        pytest.param([("x-forwarded-for", "a"), ("x_forwarded_for", "b")], "HTTP_X_FORWARDED_FOR", "a", id="both"),
    ],
)
def test_headers(headers: Headers, name: str, value: str | None) -> None:
    """As WSGI has them."""
    assert value == environ(Asked(headers=headers)).get(name)


def test_headers_nobody_sends_do_not_fill_the_memory() -> None:
    """Each is passed on; only so many names are remembered."""

    def application(_environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        start("200 OK", [])
        return []

    door = Gate(application, 1, lambda _method, _path: True)
    for number in range(2000):
        asyncio.run(door(Asked(headers=[(f"x-{number}", "1")]), Wire()))
    assert len(door._names) == gate._MOST_NAMES  # noqa: SLF001 - memory is not seen from outside


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param(Asked("/a b/\u00e9"), {"PATH_INFO": "/a b/\u00c3\u00a9"}, id="each byte is a character"),
        pytest.param(Asked(client="[2001:db8::1]:50000"), {"REMOTE_ADDR": "2001:db8::1"}, id="IPv6"),
        pytest.param(Asked(client="192.0.2.7:50000"), {"REMOTE_ADDR": "192.0.2.7"}, id="IPv4"),
        pytest.param(Asked(authority="a.example:8443"), {"HTTP_HOST": "a.example:8443"}, id="HTTP/2 has no Host"),
        pytest.param(Asked(headers=[("host", "b")], authority="a"), {"HTTP_HOST": "b"}, id="a Host goes before an address"),
        pytest.param(Asked(), {"HTTP_HOST": "", "SCRIPT_NAME": "", "wsgi.url_scheme": "https"}, id="neither"),
    ],
)
def test_the_request_line(head: Asked, expected: dict[str, str]) -> None:
    """Address, path and host."""
    told = environ(head)
    assert expected == {name: told[name] for name in expected}


_CHUNKED: Final[Headers] = [("transfer-encoding", "chunked")]


@pytest.mark.parametrize(
    ("headers", "pieces", "body", "taken"),
    [
        pytest.param([("content-length", "4")], [b"ab", b"cd"], b"abcd", 2, id="as long as it says"),
        pytest.param(_CHUNKED, [b"ab", b"cd"], b"abcd", 2, id="in pieces"),
        pytest.param(_CHUNKED, [b"x" * LARGEST_BODY, b"y", b"z"], b"x" * LARGEST_BODY + b"y", 2, id="too large, in pieces"),
        pytest.param([("content-length", str(LARGEST_BODY + 1))], [b"x"], b"", 0, id="too large, and says so"),
        pytest.param([], [b"x"], b"", 0, id="none announced"),
    ],
)
def test_bodies(headers: Headers, pieces: list[bytes], body: bytes, taken: int) -> None:
    """No more is taken from the wire than it takes to refuse it."""
    wire = Wire(*pieces)
    [told] = ask(Asked(headers=headers, method="POST"), wire)
    assert (body, taken) == (told.body, wire.taken)


@pytest.mark.parametrize("headers", [[("content-length", "4")], _CHUNKED], ids=["announced", "in pieces"])
def test_a_body_that_does_not_arrive(headers: Headers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is given up; nothing runs, and the client is told."""
    monkeypatch.setattr(gate, "SECONDS_FOR_A_BODY", 0.05)
    wire = Wire(b"ab", ends=False)
    assert [] == ask(Asked(headers=headers, method="POST"), wire)
    [(status, _, body)] = wire.answers
    assert (408, True) == (status, b"requestTimeout" in body)


@pytest.mark.parametrize("is_short", [True, False], ids=["short", "long"])
def test_where_it_runs(is_short: bool) -> None:  # noqa: FBT001 - a column of the table
    """What is short in the loop's own thread, the rest beside it."""
    [told] = ask(Asked(), Wire(), lambda _method, _path: is_short)
    assert is_short == (told.thread == threading.current_thread().name)


@pytest.mark.parametrize(
    ("request_line", "expected"),
    [
        ("GET /v1.0/users/kim@contoso.example/authentication/phoneMethods", True),
        ("GET /beta/users/6e7b768e-07e2-4810-8459-485f84f8f204", True),
        ("GET /v1.0/ME/authentication/methods", True),
        ("GET /v1.0/me", True),
        ("PATCH /v1.0/users/kim@contoso.example", False),
        ("GET /v1.0/users", False),
        ("GET /v1.0/users/", False),
        ("GET /v1.0/users/$count", False),
        ("GET /v1.0/users/delta", False),
        ("GET /v1.0/users/delta()", False),
        ("GET /v1.0/users/microsoft.graph.delta", False),
        ("GET /v1.0/users('kim@contoso.example')", False),
        ("GET /v1.0/reports/authenticationMethods/userRegistrationDetails", False),
        ("GET /v2.0/users/kim", False),
        ("GET /v1.0/menu", False),
    ],
)
def test_what_is_short(request_line: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """Reads of one user alone: whatever goes through many users runs beside the loop."""
    assert expected == reads_one_user(*request_line.split(" "))

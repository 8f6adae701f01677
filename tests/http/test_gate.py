"""Where requests come in: what the application behind is told, which bodies are read, and what runs where."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Final, NamedTuple

import pytest

from ringfence.graph.surface import reads_one_user
from ringfence.http import gate
from ringfence.http.around import INSTEAD, Around
from ringfence.http.bodies import LARGEST_BODY
from ringfence.http.gate import Gate
from ringfence.http.measures import Measures

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
        """One after the other, and an empty one at the end."""
        for piece in self._pieces:
            self.taken += 1
            yield piece
        if not self._ends:
            await asyncio.sleep(3600)
        yield b""

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

    asyncio.run(Gate(Around(application, Measures()), 2, is_short, _unexpected)(head, wire))
    return told


def _nothing(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
    if INSTEAD in environ:
        return list(environ[INSTEAD](environ, start))
    start("200 OK", [])
    return []


def _unexpected(error: Exception) -> None:
    raise error


def environ(head: Asked) -> dict[str, Any]:
    """What the application is told of a request without a body."""
    [told] = ask(head, Wire())
    return told.environ


def test_the_answer_is_the_applications() -> None:
    """Status, headers, and the body in one piece."""
    wire = Wire()
    ask(Asked(), wire)
    [(status, headers, body)] = wire.answers
    assert (201, ("x-made", "yes"), b"done") == (status, headers[0], body)


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
    door = Gate(_nothing, 1, lambda _method, _path: True, _unexpected)

    async def many() -> None:
        for number in range(2000):
            await door(Asked(headers=[(f"x-{number}", "1"), (f"x-{number}-{'long' * 16}", "1")]), Wire())

    asyncio.run(many())
    assert len(door._names) == gate._MOST_NAMES  # noqa: SLF001 - memory is not seen from outside
    assert max(map(len, door._names)) <= gate._LONGEST_NAME  # noqa: SLF001 - as above


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


_NUMBER: Final = "+1 4255550100"
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
    [(status, headers, body)] = wire.answers
    assert (408, True, True) == (status, b"requestTimeout" in body, "request-id" in dict(headers))


def test_a_body_that_breaks_off_is_not_taken_for_whole() -> None:
    """The server says so by another piece behind the end: half a form would be half a password."""
    wire = Wire(b"passwd=secr", b"")
    assert [] == ask(Asked(headers=_CHUNKED, method="POST"), wire)
    assert 400 == wire.answers[0][0]


def test_a_large_body_that_is_shorter_than_it_says() -> None:
    """Over HTTP/2 nothing else tells that it broke off."""
    head = Asked(headers=[("content-length", "20000")], method="POST")
    head.http_version = "2"
    wire = Wire(b"x" * 19_999)
    assert [] == ask(head, wire)
    assert 400 == wire.answers[0][0]


def test_large_bodies_are_held_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes beyond it is refused before it is read to the end; what was let go makes room."""
    monkeypatch.setattr(gate, "BODIES_AT_ONCE", 100_000)
    door = Gate(_nothing, 1, lambda _method, _path: False, _unexpected)
    for pieces, status, taken in ((3, 200, 3), (9, 503, 6), (5, 200, 5)):
        wire = Wire(*[b"x" * 20_000] * pieces)
        asyncio.run(door(Asked(headers=_CHUNKED, method="POST"), wire))
        assert (status, taken) == (wire.answers[0][0], wire.taken)


def test_http_2_announces_no_length() -> None:
    """Its bodies are read all the same, and their length told."""
    head = Asked(method="POST")
    head.http_version = "2"
    [told] = ask(head, Wire(b"ab", b"", b"cd", b""))
    assert (b"abcd", "4") == (told.body, told.environ["CONTENT_LENGTH"])


def test_what_nobody_expected() -> None:
    """Is noted and answered 500, with nothing of it in the answer."""
    noted: list[Exception] = []

    def application(_environ: dict[str, Any], _start: Callable[..., object]) -> Iterable[bytes]:
        raise KeyError(_NUMBER)

    wire = Wire()
    asyncio.run(Gate(application, 1, lambda _method, _path: False, noted.append)(Asked(), wire))
    assert ([KeyError], 500, False) == (list(map(type, noted)), wire.answers[0][0], _NUMBER.encode() in wire.answers[0][2])


@pytest.mark.parametrize("is_short", [True, False], ids=["short", "long"])
def test_where_it_runs(is_short: bool) -> None:  # noqa: FBT001 - a column of the table
    """What is short in the loop's own thread, the rest beside it, and so what has many options."""
    long = Asked()
    long.query_string = "$select=" + "id," * 400
    for head, in_the_loop in ((Asked(), is_short), (long, False)):
        [told] = ask(head, Wire(), lambda _method, _path: is_short)
        assert in_the_loop == (told.thread == threading.current_thread().name)


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

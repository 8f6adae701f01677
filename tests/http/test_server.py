"""`ringfence serve` as a process: health, metrics, limits, compression, several workers, killed and stopped."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import ssl
import time
import urllib.error
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import pytest

from tests.servers.ringfence import Served, get, served

pytestmark = pytest.mark.slow

_SECONDS: Final = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served deployment with two workers."""
    with served(tmp_path_factory.mktemp("served"), "--workers", "2") as one:
        one.command("app", "create", "scripts", "--permission", "User.Read.All")
        yield one


class Answered(NamedTuple):
    """An answer, read to its end."""

    status: int
    encoding: str | None
    body: bytes


def ask(server: Served, verb: str, path: str, body: str | None = None, /, **headers: str) -> Answered:
    """One request on a connection of its own."""
    where = urlsplit(server.root)
    context = ssl.create_default_context(cafile=str(server.ca))
    connection = http.client.HTTPSConnection(where.hostname or "", where.port, context=context, timeout=_SECONDS)
    with contextlib.closing(connection):
        connection.request(verb, path, body, headers={name.replace("_", "-"): value for name, value in headers.items()})
        got = connection.getresponse()
        return Answered(got.status, got.headers["Content-Encoding"], got.read())


def tell(server: Served, verb: str, path: str, **headers: str) -> bytes:
    """What is answered to a head the server may refuse, and close the connection, before it has been sent to its end.

    The TLS runs beside the socket: what had arrived before the connection was cut can still be read, and is.
    """
    where = urlsplit(server.root)
    received, to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = ssl.create_default_context(cafile=str(server.ca)).wrap_bio(received, to_send, server_hostname=where.hostname)
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection((where.hostname or "", where.port or 443), _SECONDS) as raw:

        def exchanged(step: Callable[[], bytes | None]) -> bytes | None:
            while True:
                try:
                    return step()
                except ssl.SSLWantReadError:
                    with contextlib.suppress(ConnectionError):
                        raw.sendall(to_send.read())
                    if not received.write(raw.recv(1 << 16)):
                        received.write_eof()

        exchanged(tls.do_handshake)
        tls.write(f"{verb} {path} HTTP/1.1\r\nHost: {where.netloc}\r\n{lines}\r\n".encode())
        return exchanged(lambda: tls.read(1 << 16)) or b""


def token(server: Served) -> str:
    """An application's token, from the command line."""
    return str(server.command("token", "--app", "scripts")["accessToken"])


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health(server: Served, path: str) -> None:
    """Without a token."""
    assert "status" in get(server, path)


def test_metrics_are_prometheus_text(server: Served) -> None:
    """Requests by surface, method and status, of whichever worker answers."""
    series = b'ringfence_http_requests_total{method="GET",status="200",surface="health"}'

    def is_told() -> bool:
        get(server, "/health/live")
        return series in ask(server, "GET", "/metrics").body

    assert any(is_told() for _ in range(50))


def test_a_sign_in_is_logged_with_the_address_of_the_connection(server: Served) -> None:
    """As the server knows it, not as a header says."""
    options = ("--public", "--delegated", "User.Read", "--redirect-uri", "http://localhost/done")
    app = server.command("app", "create", "page", *options)["appId"]
    asked = f"client_id={app}&response_type=code&scope=User.Read&code_challenge=x&code_challenge_method=S256"
    canary = "x" * 43
    sent = {
        "Cookie": f"__Host-ringfence-signin={canary}",
        "Content_Type": "application/x-www-form-urlencoded",
        "X_Forwarded_For": "203.0.113.9",
    }
    form = f"canary={canary}&login=nobody@contoso.example&passwd=wrong"
    assert 200 == ask(server, "POST", f"/{server.tenant}/oauth2/v2.0/authorize?{asked}", form, **sent).status
    [line] = server.command("audit", "sign-ins")["signIns"]
    assert ("nobody@contoso.example", "127.0.0.1", "page") == (
        line["userPrincipalName"],
        line["ipAddress"],
        line["appDisplayName"],
    )


def test_a_token_of_the_command_line_opens_the_api(server: Served) -> None:
    """Both are one deployment."""
    assert [] == get(server, "/v1.0/users", token(server))["value"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Content_Length": str(2 << 20)}, 413, id="a body over 1 MiB"),
        pytest.param({"X_Long": "x" * 100_000}, 431, id="a header over 64 KiB"),
    ],
)
def test_limits(server: Served, headers: dict[str, str], status: int) -> None:
    """Refused before it is read; the server goes on."""
    own = {"Authorization": f"Bearer {token(server)}", "Content_Type": "application/json", **headers}
    assert b"HTTP/1.1 %d " % status == tell(server, "POST", "/v1.0/users", **own)[:13]
    assert "status" in get(server, "/health/live")


def test_large_answers_are_packed_for_who_takes_it(server: Served) -> None:
    """gzip, and never without being asked."""
    path = "/v1.0/$metadata"
    packed, plain = ask(server, "GET", path, Accept_Encoding="gzip"), ask(server, "GET", path)
    assert ("gzip", None) == (packed.encoding, plain.encoding)
    assert len(packed.body) < len(plain.body) / 4


def test_many_at_once_over_two_workers(server: Served) -> None:
    """Each gets its answer."""
    bearer = token(server)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: get(server, "/v1.0/users", bearer)["value"], range(60)))
    assert [[]] * 60 == answers


@contextlib.contextmanager
def sent(server: Served, head: str) -> Iterator[ssl.SSLSocket]:
    """A connection over which this much of a request went, and no more."""
    where = urlsplit(server.root)
    context = ssl.create_default_context(cafile=str(server.ca))
    with (
        socket.create_connection((where.hostname or "", where.port or 443), _SECONDS) as raw,
        context.wrap_socket(raw, server_hostname=where.hostname) as connection,
    ):
        connection.sendall(f"{head}Host: {where.netloc}\r\n\r\n".encode())
        yield connection


@pytest.mark.parametrize("length", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_bodies_that_never_come_hold_up_nobody(server: Served, length: str) -> None:
    """More of them than there are threads; whoever sends a whole request is answered."""
    bearer = token(server)
    head = f"POST /v1.0/users HTTP/1.1\r\nAuthorization: Bearer {bearer}\r\nContent-Type: application/json\r\n{length}\r\n"
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(sent(server, head))
        assert [] == get(server, "/v1.0/users", bearer)["value"]
        refused = ask(server, "PATCH", "/v1.0/users/nobody", "{}", Authorization=f"Bearer {bearer}")
        assert 403 == refused.status


def test_a_form_that_breaks_off_is_no_sign_in(tmp_path: Path) -> None:
    """A password cut short is not a wrong password: nothing is tried, and nothing counted."""
    with served(tmp_path) as one:
        options = ("--public", "--delegated", "User.Read", "--redirect-uri", "http://localhost/done")
        app = one.command("app", "create", "page", *options)["appId"]
        asked = f"client_id={app}&response_type=code&scope=User.Read&code_challenge=x&code_challenge_method=S256"
        path, canary = f"/{one.tenant}/oauth2/v2.0/authorize?{asked}", "x" * 43
        form = f"canary={canary}&login=nobody@contoso.example&passwd=wr"
        head = {"Cookie": f"__Host-ringfence-signin={canary}", "Content-Type": "application/x-www-form-urlencoded"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        for length in (f"Content-Length: {len(form) + 5}", "Transfer-Encoding: chunked"):
            with sent(one, f"POST {path} HTTP/1.1\r\n{lines}{length}\r\n") as connection:
                connection.sendall(f"{len(form):x}\r\n{form}\r\n".encode() if "chunked" in length else form.encode())
        whole = {name.replace("-", "_"): value for name, value in head.items()}
        assert 200 == ask(one, "POST", path, f"{form}ong", **whole).status
        assert 1 == len(one.command("audit", "sign-ins")["signIns"])


def test_long_work_holds_up_no_short_read(tmp_path: Path) -> None:
    """While every thread hashes passwords, a user's numbers are read, and the server says that it lives."""
    with served(tmp_path, "--threads", "1") as one:
        one.command("app", "create", "scripts", "--permission", "UserAuthenticationMethod.Read.All")
        one.command("user", "create", "kim@contoso.example")
        options = ("--public", "--delegated", "User.Read", "--redirect-uri", "http://localhost/done")
        app, bearer = one.command("app", "create", "page", *options)["appId"], token(one)
        canary = "x" * 43
        form = f"canary={canary}&login=nobody@contoso.example&passwd=wrong"
        path = f"/{one.tenant}/oauth2/v2.0/authorize?client_id={app}&response_type=code&scope=User.Read&code_challenge=x"
        head = {"Cookie": f"__Host-ringfence-signin={canary}", "Content_Type": "application/x-www-form-urlencoded"}
        many = 60
        with ThreadPoolExecutor(many) as pool:
            running = [pool.submit(ask, one, "POST", f"{path}&code_challenge_method=S256", form, **head) for _ in range(many)]
            while not any(sign_in.done() for sign_in in running):
                time.sleep(0.01)
            assert [] == get(one, "/v1.0/users/kim@contoso.example/authentication/phoneMethods", bearer)["value"]
            assert "status" in get(one, "/health/live")
            assert not all(sign_in.done() for sign_in in running)
        assert {200} == {sign_in.result().status for sign_in in running}


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def test_a_worker_that_is_killed_is_started_again(server: Served) -> None:
    """Kill -9 of all workers: the API is back by itself."""
    for child in _children(server.process.pid):
        os.kill(child, signal.SIGKILL)
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError, urllib.error.URLError):
            assert "status" in get(server, "/health/ready")
            return
        time.sleep(0.2)
    pytest.fail("the server did not come back")


def test_a_stop_ends_it_cleanly(tmp_path: Path) -> None:
    """SIGTERM: exit 0, and nobody is left listening."""
    with served(tmp_path) as one:
        get(one, "/health/ready")
        one.process.send_signal(signal.SIGTERM)
        assert 0 == one.process.wait(_SECONDS)
    with pytest.raises(OSError, match="refused"):
        get(one, "/health/live")

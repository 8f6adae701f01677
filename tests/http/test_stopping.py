"""What becomes of work at a stop: requests that are running finish, and the background worker ends cleanly."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest

from ringfence.cli.clock import SystemClock
from ringfence.domain.identity.sign_ins import Attempt, ClientApp, SignIn, SignInResult
from tests.contract.deployments import TENANT, Joined, opened
from tests.contract.engines import empty_database
from tests.graph.conftest import ENGINES
from tests.servers.ringfence import Served, deployed, served, serving

pytestmark = pytest.mark.slow

_SECONDS: Final = 30
_AT_ONCE: Final = 20
_WORKERS: Final = 2
_WITHOUT_BEING_KILLED: Final = 20
"""Seconds; a worker that does not end by itself is killed after 30."""
_CANARY: Final = "x" * 43


class SignInRequest:
    """A sign-in with a wrong password, whose hash takes a while, sent on a connection of its own."""

    def __init__(self, server: Served, path: str, login: str) -> None:
        """Send it to its end."""
        where = urlsplit(server.root)
        body = f"canary={_CANARY}&login={login}&passwd=Wrong-Horse-9"
        raw = socket.create_connection((where.hostname or "", where.port or 443), _SECONDS)
        context = ssl.create_default_context(cafile=str(server.ca))
        self._connection = context.wrap_socket(raw, server_hostname=where.hostname)
        head = {
            "Host": where.netloc,
            "Cookie": f"__Host-ringfence-signin={_CANARY}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(body)),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        self._connection.sendall(f"POST {path} HTTP/1.1\r\n{lines}\r\n{body}".encode())

    def answer(self) -> tuple[int, bool]:
        """Status, and whether the page says that the password is wrong, which only a check that was finished knows."""
        with contextlib.closing(self._connection), http.client.HTTPResponse(self._connection) as got:
            got.begin()
            return got.status, b"is incorrect" in got.read()


def test_requests_that_are_running_at_a_stop_are_all_answered(tmp_path: Path) -> None:
    """SIGTERM when the first of twenty sign-ins is done: each is answered in full, each is in the log, and the exit is 0."""
    with served(tmp_path) as server:
        options = ("--public", "--delegated", "User.Read", "--redirect-uri", "http://localhost/done")
        app = server.command("app", "create", "page", *options)["appId"]
        asked = f"client_id={app}&response_type=code&scope=User.Read&code_challenge=x&code_challenge_method=S256"
        path = f"/{server.tenant}/oauth2/v2.0/authorize?{asked}"
        running = [SignInRequest(server, path, f"nobody{number}@contoso.example") for number in range(_AT_ONCE)]
        answers = [running[0].answer()]
        server.process.send_signal(signal.SIGTERM)
        answers += [one.answer() for one in running[1:]]
        assert [(200, True)] * _AT_ONCE == answers
        assert 0 == server.process.wait(_SECONDS)
        lines = server.command("audit", "sign-ins")["signIns"]
        assert {f"nobody{number}@contoso.example" for number in range(_AT_ONCE)} == {line["userPrincipalName"] for line in lines}


@pytest.fixture(params=ENGINES)
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Of a deployment that nobody serves yet, once per engine."""
    with empty_database(request.param, request, tmp_path) as url:
        yield deployed(tmp_path, url)


def old_sign_in(joined: Joined) -> bytes:
    """Something for the housekeeping: a sign-in of forty days ago."""
    attempt = Attempt(bytes(16), "page", ClientApp.BROWSER, None, bytes(16))
    at = joined.services.clock.now() - timedelta(days=40)
    line = SignIn(bytes([7]) * 16, at, None, "nobody", "", "nobody", attempt, SignInResult.UNKNOWN_USER)
    with joined.services.store.begin() as unit:
        unit.sign_ins.add(TENANT, line)
        unit.commit()
    return line.sign_in_id


def is_there(joined: Joined, sign_in: bytes) -> bool:
    """Whether the log still has it."""
    with joined.services.store.snapshot() as unit:
        return unit.sign_ins.find(TENANT, sign_in) is not None


def test_a_worker_clears_away_and_listens_nowhere(environment: dict[str, str], tmp_path: Path) -> None:
    """`--role worker`: the housekeeping alone, and exit 0 at SIGTERM."""
    host, _, port = environment["RINGFENCE_LISTEN"].rpartition(":")
    with opened(environment["RINGFENCE_DATABASE"], tmp_path / "ringfence.key", SystemClock()) as joined:
        sign_in = old_sign_in(joined)
        with serving(environment, "--role", "worker") as process:
            until = time.monotonic() + _SECONDS
            while is_there(joined, sign_in):
                assert process.poll() is None, "the worker ended by itself"
                assert time.monotonic() < until, "nothing was cleared away"
                time.sleep(0.1)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((host, int(port)), 1).close()
            process.send_signal(signal.SIGTERM)
            assert 0 == process.wait(_SECONDS)


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C in a terminal", "SIGTERM"])
@pytest.mark.parametrize("is_up", [True, False], ids=["while it serves", "while its workers load"])
def test_a_stop_ends_it_at_once(tmp_path: Path, told: signal.Signals, is_up: bool) -> None:  # noqa: FBT001 - a column
    """A terminal tells every process of the group, others the server alone; the workers leave it to the server to tell them."""
    environment = deployed(tmp_path)
    line = [sys.executable, "-m", "ringfence", "serve", "--workers", "2"]
    with subprocess.Popen(line, env=environment, start_new_session=True, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "Ctrl-C ends it." in process.stderr.readline()
        _until(lambda: len(_children(process.pid)) == _WORKERS)
        if is_up:
            _until(lambda: _is_live(environment["RINGFENCE_LISTEN"], tmp_path))
        if told is signal.SIGINT:
            os.killpg(process.pid, told)
        else:
            process.send_signal(told)
        assert 0 == process.wait(_WITHOUT_BEING_KILLED)


def test_a_stop_is_not_lost_on_the_way_to_the_first_turn_of_the_loop(tmp_path: Path) -> None:
    """It comes when the handlers are set and the loop does not turn yet."""
    environment, mark = deployed(tmp_path), tmp_path / "mark"
    with subprocess.Popen([sys.executable, "-m", "tests.servers.slow_start", str(mark)], env=environment) as process:
        _until(mark.exists)
        process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(_WITHOUT_BEING_KILLED)


def _until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + _SECONDS
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()


def _is_live(listen: str, folder: Path) -> bool:
    context = ssl.create_default_context(cafile=str(folder / "tls" / "ca.pem"))
    with contextlib.suppress(OSError), contextlib.closing(http.client.HTTPSConnection(listen, context=context)) as connection:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == http.HTTPStatus.OK
    return False


def test_an_address_in_use_is_told(tmp_path: Path) -> None:
    """Whoever listens there, another server of the same kind too: exit 4, and what to do."""
    with served(tmp_path) as server:
        line = [sys.executable, "-m", "ringfence", "serve"]
        second = subprocess.run(line, env=server.environment, capture_output=True, text=True, check=False, timeout=_SECONDS)
        assert (4, True) == (second.returncode, "or choose another address with --listen" in second.stderr)
        assert server.process.poll() is None

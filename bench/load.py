"""Servers of the bench and the load on them: each a process of its own over TLS on loopback, under `wrk`.

`wrk` makes the load (Debian's package of that name): whatever is written in Python would be slower than what it measures.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.stage import Stage
from tests.servers.ringfence import free_port

CONNECTIONS: Final = 8
SECONDS: Final = 5
_START: Final = 30.0
_UNITS: Final = {"us": 0.001, "ms": 1.0, "s": 1000.0}
_SCRIPT: Final = """\
local paths = {%s}
local turn = 0
wrk.method = "%s"
wrk.body = %s
%s
request = function()
  turn = turn %% #paths + 1
  return wrk.format(nil, paths[turn])
end
"""


class Load(NamedTuple):
    """What `wrk` measured: requests a second, and the latency of the slowest in a hundred, in milliseconds."""

    rate: float
    p99: float


class Ask(NamedTuple):
    """The requests of a load: paths in turn, one method, body and headers for all."""

    paths: Sequence[str]
    headers: Mapping[str, str]
    method: str = "GET"
    body: str | None = None


class Place(NamedTuple):
    """A deployment to serve: its database, and the folder of its certificates."""

    stage: Stage
    url: str
    tls: Path

    def command(self, *words: str) -> Any:  # noqa: ANN401 - JSON
        """What a command of `ringfence` answers with --json. Raises `RuntimeError` when it fails."""
        line = [sys.executable, "-m", "ringfence", "--json", *words]
        done = subprocess.run(line, check=False, capture_output=True, text=True, env=self._environment())  # noqa: S603 - ours
        if done.returncode:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout)

    def _environment(self, port: int = 0) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RINGFENCE_")}
        return kept | {
            "RINGFENCE_DATABASE": self.url,
            "RINGFENCE_KEY_FILE": str(self.stage.key_file),
            "RINGFENCE_TLS_FOLDER": str(self.tls),
            "RINGFENCE_LISTEN": f"127.0.0.1:{port or 8443}",
            "RINGFENCE_TENANT": "contoso.example",
        }

    @contextlib.contextmanager
    def served(self, *options: str) -> Iterator[Server]:
        """The product."""
        port = free_port()
        with _running([sys.executable, "-m", "ringfence", "serve", *options], self._environment(port)) as process:
            yield _up(Server(port, self.tls, process))

    @contextlib.contextmanager
    def bare(self) -> Iterator[Server]:
        """The bare minimum over the same database."""
        port = free_port()
        own = [self.url, str(self.stage.key_file), str(port), str(self.tls / "server.pem"), str(self.tls / "server.key")]
        with _running([sys.executable, "-m", "bench.bare_api", *own], dict(os.environ)) as process:
            yield _up(Server(port, self.tls, process))


class Server(NamedTuple):
    """A server that answers."""

    port: int
    tls: Path
    process: subprocess.Popen[bytes]

    def connect(self) -> http.client.HTTPSConnection:
        """A connection that trusts it."""
        context = ssl.create_default_context(cafile=str(self.tls / "ca.pem"))
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=_START)

    def load(self, ask: Ask, folder: Path) -> Load:
        """Put it under load. Raises `RuntimeError` when an answer is no success."""
        script = folder / "load.lua"
        headers = "\n".join(f'wrk.headers["{name}"] = "{value}"' for name, value in ask.headers.items())
        paths = ", ".join(f'"{path}"' for path in ask.paths)
        script.write_text(_SCRIPT % (paths, ask.method, "nil" if ask.body is None else f'"{ask.body}"', headers), "ascii")
        line = [wrk(), "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-s", str(script)]
        done = subprocess.run([*line, f"https://127.0.0.1:{self.port}/"], check=True, capture_output=True, text=True)  # noqa: S603
        return _read(done.stdout)

    def run(self, script: Path) -> dict[str, float]:
        """Put it under a load that a script makes, a thread for each connection; return what the script's last line says, JSON.

        Raises `RuntimeError` with that line where it is a complaint.
        """
        line = [wrk(), f"-t{CONNECTIONS}", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(script)]
        done = subprocess.run([*line, f"https://127.0.0.1:{self.port}/"], check=True, capture_output=True, text=True)  # noqa: S603
        told = done.stdout.rstrip().rpartition("\n")[2]
        if not told.startswith("{"):
            raise RuntimeError(told)
        found: dict[str, float] = json.loads(told)
        return found

    def processes(self) -> list[int]:
        """The server's own process and its workers."""
        mine = self.process.pid
        children = Path(f"/proc/{mine}/task/{mine}/children").read_text("ascii").split()
        return [mine, *map(int, children)]


def wrk() -> str:
    """Where it is. Raises `RuntimeError` when it is nowhere."""
    found = shutil.which("wrk")
    if found is None:
        message = "wrk, which makes the load, is not installed. Type: apt-get install -y wrk"
        raise RuntimeError(message)
    return found


def _read(text: str) -> Load:
    rate, slow = re.search(r"Requests/sec:\s+([\d.]+)", text), re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    if rate is None or slow is None or "Non-2xx" in text:
        raise RuntimeError(text)
    return Load(float(rate[1]), float(slow[1]) * _UNITS[slow[2]])


@contextlib.contextmanager
def _running(line: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(line, env=environment)  # noqa: S603 - a command of the bench's own
    try:
        yield process
    finally:
        process.terminate()
        process.wait(_START)


def _up(server: Server) -> Server:
    """The same once it answers."""
    until = time.monotonic() + _START
    while time.monotonic() < until:
        with contextlib.suppress(OSError), contextlib.closing(server.connect()) as connection:
            connection.request("GET", "/health/live")
            connection.getresponse().read()
            return server
        time.sleep(0.05)
    message = "the server did not come up"
    raise RuntimeError(message)

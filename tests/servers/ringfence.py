"""A served deployment: the program as its users start it, over TLS with its own authority, on a free port of loopback."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

_SECONDS: Final = 30
_EVERY: Final = 0.05
TENANT: Final = "contoso.example"


class Served(NamedTuple):
    """Where it is served, the file of its authority, its tenant's id, and the environment its commands run in."""

    root: str
    ca: Path
    tenant: str
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    def command(self, *words: str, stdin: str = "") -> Any:  # noqa: ANN401 - JSON
        """What a command of `ringfence` answers with --json."""
        return run(self.environment, *words, stdin=stdin)


def run(environment: dict[str, str], *words: str, stdin: str = "") -> Any:  # noqa: ANN401 - JSON
    """Run `ringfence … --json` and read its answer."""
    command = [sys.executable, "-m", "ringfence", "--json", *words]
    done = subprocess.run(command, env=environment, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


def free_port() -> int:
    """A port of loopback nobody listens on now."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def deployed(folder: Path, database: str | None = None) -> dict[str, str]:
    """Make a deployment in the folder and return the environment of its commands; it listens on a free port once it is served."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RINGFENCE_")}
    environment |= {
        "RINGFENCE_DATABASE": database or f"sqlite:///{folder}/ringfence.db",
        "RINGFENCE_KEY_FILE": str(folder / "ringfence.key"),
        "RINGFENCE_LISTEN": f"127.0.0.1:{free_port()}",
        "RINGFENCE_TLS_FOLDER": str(folder / "tls"),
        "RINGFENCE_TENANT": TENANT,
    }
    run(environment, "init")
    return environment


@contextlib.contextmanager
def serving(environment: dict[str, str], *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """`ringfence serve` as a process, until the end."""
    process = subprocess.Popen([sys.executable, "-m", "ringfence", "serve", *options], env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(_SECONDS)


@contextlib.contextmanager
def served(folder: Path, *options: str, database: str | None = None) -> Iterator[Served]:
    """A new deployment in the folder, served until the end."""
    environment = deployed(folder, database)
    port = environment["RINGFENCE_LISTEN"].rpartition(":")[2]
    with serving(environment, *options) as process:
        one = Served(f"https://localhost:{port}", folder / "tls" / "ca.pem", "", environment, process)
        _wait(one)
        yield one._replace(tenant=one.command("status")["tenantId"])


def _wait(one: Served) -> None:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        assert one.process.poll() is None, "the server ended by itself"
        with contextlib.suppress(OSError):
            get(one, "/health/ready")
            return
        time.sleep(_EVERY)
    message = "the server did not come up"
    raise TimeoutError(message)


def get(one: Served, path: str, token: str = "") -> Any:  # noqa: ANN401 - JSON
    """GET a path and read its JSON, trusting the deployment's own authority alone."""
    return _ask(one, path, None, {"Authorization": f"Bearer {token}"} if token else {})


def post(one: Served, path: str, document: Any, token: str) -> Any:  # noqa: ANN401 - JSON
    """POST a document and read the one that is answered."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return _ask(one, path, json.dumps(document).encode(), headers)


def _ask(one: Served, path: str, body: bytes | None, headers: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    request = urllib.request.Request(f"{one.root}{path}", body, headers)  # noqa: S310 - https to loopback
    context = ssl.create_default_context(cafile=str(one.ca))
    with urllib.request.urlopen(request, context=context, timeout=_SECONDS) as answer:  # noqa: S310 - as above
        return json.load(answer)

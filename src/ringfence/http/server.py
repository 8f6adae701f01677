"""The HTTPS server: Granian, with workers of their own process that each build the application from the environment.

A stop lets requests that are running finish. A worker that dies is started again.
"""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from typing import Final, NamedTuple

from granian import Granian
from granian.constants import Interfaces, SSLProtocols
from granian.http import HTTP1Settings

from ringfence.domain.errors import ErrorCode, UnavailableError

THREADS_BESIDE_A_FILE: Final = 2
"""Requests at once in a worker over SQLite: a second one, so that a password being hashed or a writer waiting for its turn holds
up nobody. Reads are over in microseconds, and every further thread takes the interpreter from the others at each of them:
measured, 2 threads answer up to a half more than 4 (decision 13)."""
THREADS_BESIDE_A_SERVER: Final = 4
"""The same over PostgreSQL, where requests wait beside each other for the answers."""
_LARGEST_HEAD: Final = 65_536
_SECONDS_TO_FINISH: Final = 30


class Listener(NamedTuple):
    """Where to listen, and with which certificate."""

    host: str
    port: int
    certificate: Path
    key: Path


def usual_threads(database: str) -> int:
    """How many threads a worker has for a database with this URL, unless told otherwise."""
    return THREADS_BESIDE_A_FILE if database.startswith("sqlite") else THREADS_BESIDE_A_SERVER


def check_address(listener: Listener) -> None:
    """Raise `UnavailableError` (ADDRESS_UNUSABLE) where somebody listens already.

    The server's socket is shared with its workers, and would be with any other server of its kind, request by request.
    """
    family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listener.host, listener.port))
        except OSError as error:
            address = f"{listener.host}:{listener.port}"
            raise UnavailableError(ErrorCode.ADDRESS_UNUSABLE, address=address, reason=error.strerror or str(error)) from error


def leave_interrupts_to_the_server() -> None:
    """In a worker: Ctrl-C in a terminal goes to every process of it, but the server tells its workers when to stop.

    A worker that was told by both waited for itself until it was killed.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def serve(target: str, listener: Listener, workers: int, threads: int) -> None:
    """Serve `target` (module:factory) until SIGTERM or SIGINT."""
    Granian(
        target,
        address=listener.host,
        port=listener.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        http1_settings=HTTP1Settings(max_buffer_size=_LARGEST_HEAD),
        websockets=False,
        log_access=False,
        log_enabled=False,
        ssl_cert=listener.certificate,
        ssl_key=listener.key,
        ssl_protocol_min=SSLProtocols.tls12,
        respawn_failed_workers=True,
        workers_kill_timeout=_SECONDS_TO_FINISH,
        factory=True,
    ).serve()

"""The HTTPS server: Granian, with workers of their own process that each build the application from the environment.

A stop lets requests that are running finish. A worker that dies is started again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from granian import Granian
from granian.constants import Interfaces, SSLProtocols
from granian.http import HTTP1Settings

THREADS: Final = 4
"""Requests at once in a worker: they take turns in Python, and wait beside each other for the database."""
_LARGEST_HEAD: Final = 65_536
_SECONDS_TO_FINISH: Final = 30


class Listener(NamedTuple):
    """Where to listen, and with which certificate."""

    host: str
    port: int
    certificate: Path
    key: Path


def serve(target: str, listener: Listener, workers: int) -> None:
    """Serve `target` (module:factory) until SIGTERM or SIGINT."""
    Granian(
        target,
        address=listener.host,
        port=listener.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
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

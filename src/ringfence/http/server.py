"""The HTTPS server: Granian, with workers of their own process that each build the application from the environment.

A stop lets requests that are running finish. A worker that dies is started again.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from granian import Granian
from granian.constants import Interfaces, SSLProtocols
from granian.http import HTTP1Settings, HTTP2Settings

from ringfence.domain.errors import ErrorCode, UnavailableError
from ringfence.http.gate import Gate

_LARGEST_HEAD: Final = 65_536
_MOST_CONNECTIONS: Final = 1024
"""Of a worker; others wait until one of them ends."""
_MOST_STREAMS: Final = 32
"""Requests at once on one connection of HTTP/2."""
_SECONDS_TO_FINISH: Final = 30


class Listener(NamedTuple):
    """Where to listen, and with which certificate."""

    host: str
    port: int
    certificate: Path
    key: Path


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


_STOPS: Final = frozenset({signal.SIGINT, signal.SIGTERM})


def begin_as_worker() -> None:
    """Hear of a stop from the server alone: never take SIGINT, and until requests are served end by SIGTERM at once.

    Ctrl-C in a terminal goes to every process: a worker that was told by both waited for itself until it was killed.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def hold_stops() -> None:
    """Keep SIGTERM waiting, for this thread and those it starts, until requests are served.

    Between the moment its handler is set and the first turn of the event loop, the loop would forget it.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


class WorkerApplication:
    """What a worker process serves: a gate, which hears of a stop in the first turn of its loop, and what ends after the last."""

    def __init__(self, gate: Gate, ends: Sequence[Callable[[], object]] = ()) -> None:
        """`ends` are called one after the other once the last request is answered."""
        self.__rsgi__ = gate
        self._ends = ends

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let a stop in as soon as the loop turns."""
        loop.call_soon(signal.pthread_sigmask, signal.SIG_UNBLOCK, {signal.SIGTERM})

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        """End what else runs."""
        for end in self._ends:
            end()


def _begin_at_the_fork() -> None:
    """Let workers begin so in their first moment.

    A fork keeps the handlers of the server, in which a worker that is still loading would lose the server's word to stop.
    """
    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS),
        after_in_child=begin_as_worker,
    )


def serve(target: str, listener: Listener, workers: int) -> None:
    """Serve `target` (module:factory of an RSGI application) until SIGTERM or SIGINT."""
    _begin_at_the_fork()
    Granian(
        target,
        address=listener.host,
        port=listener.port,
        interface=Interfaces.RSGI,
        workers=workers,
        backpressure=_MOST_CONNECTIONS,
        http1_settings=HTTP1Settings(max_buffer_size=_LARGEST_HEAD),
        http2_settings=HTTP2Settings(max_concurrent_streams=_MOST_STREAMS),
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

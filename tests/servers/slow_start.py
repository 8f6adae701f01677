"""A server whose worker takes a second between setting its handlers of signals and the first turn of its event loop.

`python -m tests.servers.slow_start MARK` serves the environment's deployment, and makes the file MARK when that second begins.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Final

from ringfence.bootstrap import certificates
from ringfence.cli.clock import SystemClock
from ringfence.http.server import Listener, WorkerApplication, serve
from ringfence.serving import whole_application
from ringfence.settings import read_settings

_MARK: Final = "RINGFENCE_TEST_MARK"
_PAUSE: Final = 1.0


class SlowStart:
    """The application of a worker, with a pause before it takes its loop."""

    def __init__(self, application: WorkerApplication) -> None:
        """Serve this one."""
        self._application = application
        self.__rsgi__ = application.__rsgi__
        self.__rsgi_del__ = application.__rsgi_del__

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Make the mark, and wait."""
        Path(os.environ[_MARK]).touch()
        time.sleep(_PAUSE)
        self._application.__rsgi_init__(loop)


def application() -> SlowStart:
    """What the worker serves."""
    return SlowStart(whole_application())


def main() -> None:
    """Serve."""
    os.environ[_MARK] = sys.argv[1]
    server = read_settings({}).server
    certificate, key = certificates(server, SystemClock().now())
    serve(f"{__spec__.name}:{application.__name__}", Listener(server.host, server.port, certificate, key), 1)


if __name__ == "__main__":
    main()

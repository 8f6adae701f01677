"""A process that is asked all the time, so that what it remembers is never older than a moment."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Final

from ringfence.application.ports.identity import EPOCH_LEASE

_OFTEN: Final = EPOCH_LEASE.total_seconds() / 10


@contextlib.contextmanager
def busy(ask: Callable[[], object]) -> Iterator[None]:
    """Ask again and again meanwhile."""
    done = threading.Event()

    def run() -> None:
        while not done.wait(_OFTEN):
            ask()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()

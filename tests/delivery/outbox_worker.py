"""The worker of a deployment as a process that a test can kill: `python -m tests.delivery.outbox_worker SETTINGS`.

SETTINGS is JSON: database, key file, file of senders, and the instant at which its clock begins.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

from ringfence.bootstrap import open_deployment
from ringfence.serving import open_drain
from ringfence.settings import Settings


class _MovedClock:
    """Begins at an instant and goes on from there."""

    def __init__(self, begins_at: datetime) -> None:
        self._begins_at = begins_at
        self._started = time.monotonic()

    def now(self) -> datetime:
        """The instant."""
        return self._begins_at + timedelta(seconds=time.monotonic() - self._started)

    def elapsed(self) -> timedelta:
        """The machine's own span."""
        return timedelta(seconds=time.monotonic())


def main() -> None:
    """Drain until SIGTERM."""
    given = json.loads(sys.argv[1])
    settings = Settings(database=given["database"], key_file=Path(given["key_file"]), senders=Path(given["senders"]))
    deployment = open_deployment(settings, _MovedClock(datetime.fromisoformat(given["begins_at"])))
    drain = open_drain(settings, deployment)
    assert drain is not None
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    drain.start()
    ended.wait()
    drain.stop()
    deployment.dispose()


if __name__ == "__main__":
    main()

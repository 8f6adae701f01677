"""Background work: tasks that run again and again until told to stop. One process is enough; more do no harm."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

_FIRST_WAIT: Final = 5.0


class Task(NamedTuple):
    """Something to be done every so many seconds."""

    every: float
    run: Callable[[], object]


class Worker:
    """Runs its tasks one after the other in one thread."""

    def __init__(self, tasks: Sequence[Task], note: Callable[[Exception], None]) -> None:
        """`note` is told of a task that failed; it is tried again at its next turn."""
        self._tasks = tasks
        self._note = note
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Run beside everything else."""
        self._thread = threading.Thread(target=self._run, name="ringfence-worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the task at hand finish, then stop."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def run_until_stopped(self) -> None:
        """Run alone, until SIGTERM or SIGINT."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: self._stop.set())
        self._run()

    def _run(self) -> None:
        waits = [_FIRST_WAIT for _ in self._tasks]
        while self._tasks and not self._stop.wait(min(waits)):
            passed = min(waits)
            for at, task in enumerate(self._tasks):
                waits[at] -= passed
                if waits[at] <= 0:
                    self._try(task)
                    waits[at] = task.every

    def _try(self, task: Task) -> None:
        try:
            task.run()
        except Exception as error:  # noqa: BLE001 - the outermost handler of the worker: one task must not end the others
            self._note(error)

"""Places where a process can be killed, and processes that kill themselves there.

A place is a moment that counts: before and after a commit, after each statement, before and after the key file is written and
between its writing and its putting in place. The n-th of a kind is chosen, so that a run can be broken everywhere.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import ParamSpec, TypeVar

from sqlalchemy import event

from ringfence.crypto import key_file
from ringfence.crypto.key_file import FileKeys
from ringfence.storage.unit_of_work import SqlUnitOfWork
from tests.contract.deployments import Joined

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Place(Enum):
    """Kinds of places."""

    COMMIT = "before and after each commit"
    KEY_FILE = "before, during and after each write of the key file"
    STATEMENT = "after each statement"


class Countdown:
    """Counts places of one kind, and kills the process at the one that was chosen (none for 0)."""

    def __init__(self, chosen: int) -> None:
        """Kill at the `chosen`-th place."""
        self.passed = 0
        self._chosen = chosen

    def pass_by(self) -> None:
        """A place: go on, or die without a word."""
        self.passed += 1
        if self.passed == self._chosen:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, work: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        """The same work with a place before and after it."""

        def counted(*words: Parameters.args, **named: Parameters.kwargs) -> Result:
            self.pass_by()
            result = work(*words, **named)
            self.pass_by()
            return result

        return counted


@contextmanager
def counting(joined: Joined, kind: Place, countdown: Countdown) -> Iterator[None]:
    """Count the places of a kind on this deployment."""
    kept = (SqlUnitOfWork.commit, FileKeys._write, os.fsync)  # noqa: SLF001 - where a write of the file begins and ends
    if kind is Place.COMMIT:
        SqlUnitOfWork.commit = countdown.around(SqlUnitOfWork.commit)  # type: ignore[method-assign]
    elif kind is Place.KEY_FILE:
        FileKeys._write = countdown.around(FileKeys._write)  # type: ignore[method-assign]  # noqa: SLF001
        key_file.os.fsync = countdown.around(os.fsync)  # type: ignore[attr-defined]
    else:
        event.listen(joined.database.engine, "after_cursor_execute", lambda *_: countdown.pass_by())
    try:
        yield
    finally:
        SqlUnitOfWork.commit, FileKeys._write, key_file.os.fsync = kept  # type: ignore[method-assign, attr-defined]  # noqa: SLF001


def in_child(work: Callable[[], int]) -> int | None:
    """Run `work` in a forked child and return what it returned, or None when the child was killed. Only in a single thread."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, work().to_bytes(4, "big"))
            os._exit(0)
        finally:
            traceback.print_exc()
            os._exit(1)
    os.close(writing)
    answer = os.read(reading, 4)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return None
    assert os.WEXITSTATUS(status) == 0
    return int.from_bytes(answer, "big")

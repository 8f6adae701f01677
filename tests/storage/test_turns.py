"""Long work on SQLite leaves everybody else their turn: short transactions, and a second process that goes on writing.

How long the transactions are is printed (`pytest -rP`), not asserted: the promise of 250 ms is for a machine, not for a test.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from ringfence.application.copy_numbers import copy_numbers, undo_copy
from ringfence.application.rotate_key import rotate_key
from tests.contract.clocks import PacingClock
from tests.contract.deployments import TENANT, Joined, deployed
from tests.storage import processes
from tests.storage.imports import configure, mobile_number, quietly, synced_row, take_over
from tests.storage.watching import Chunk, WatchedStore, watched

PEERS: Final = range(1, 51)
CROWD: Final = range(51, 15_001)
PHASES: Final = ("import", "import mfa", "copy", "undo", "mirror", "rotate")
PATIENCE: Final = 10
"""Chunks within which the second process must have written; it asks twice in each pause between two of them."""


@contextlib.contextmanager
def peer_beside(folder: Path, url: str) -> Iterator[Path]:
    """A second process that sets phone numbers all the time; it must end well, so nobody told it that the database is busy."""
    progress, stop = folder / "progress", folder / "stop"
    process = processes.start("worker", "set_phones", url, folder / "key", PEERS[0], len(PEERS), progress, stop)
    try:
        until_it_writes(progress, process)
        yield progress
    finally:
        stop.touch()
        processes.finish(process)


def until_it_writes(progress: Path, process: subprocess.Popen[str]) -> None:
    """Wait for the second process to have begun."""
    pause = threading.Event()
    while process.poll() is None and not (progress.exists() and progress.stat().st_size):
        pause.wait(0.01)


def work_through(joined: Joined, progress: Path) -> WatchedStore:
    """All the long work there is, over a crowd."""
    store, services = watched(joined, progress)
    store.phase = "import"
    take_over(services, [synced_row(number, mobile_number(number, 1)) for number in CROWD])
    store.phase = "import mfa"
    configure(services, CROWD)
    store.phase = "copy"
    run = copy_numbers(services, TENANT, quietly)
    store.phase = "undo"
    undo_copy(services, TENANT, run.run_id, quietly)
    copy_numbers(services, TENANT, quietly)
    store.phase = "mirror"
    take_over(services, [synced_row(number, mobile_number(number, 2)) for number in CROWD])
    store.phase = "rotate"
    rotate_key(services, joined.keys, quietly)
    return store


@pytest.fixture(scope="module")
def watched_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedStore]:
    """A store after all the long work, done while a second process was writing."""
    folder = tmp_path_factory.mktemp("turns")
    url = f"sqlite:///{folder}/ringfence.db"
    with deployed(url, folder / "key", PacingClock()) as joined:
        take_over(joined.services, [synced_row(number, mobile_number(number)) for number in PEERS])
        with peer_beside(folder, url) as progress:
            store = work_through(joined, progress)
        yield store


def waits(chunks: list[Chunk]) -> int:
    """The longest run of chunks during which the peer wrote nothing."""
    longest = present = 0
    for before, after in pairwise(chunks):
        present = present + 1 if before.peer_writes == after.peer_writes else 0
        longest = max(longest, present)
    return longest


def tell(phase: str, chunks: list[Chunk], writes: int) -> None:
    """Print how long the transactions were."""
    longest = max(chunks, key=lambda chunk: chunk.seconds)
    milliseconds = f"{1000 * longest.seconds:.0f} ms ({1000 * longest.computing:.0f} ms computing)"
    print(f"{phase}: {len(chunks)} transactions, the longest {milliseconds}; {writes} writes beside them")  # noqa: T201


@pytest.mark.slow
@pytest.mark.parametrize("phase", PHASES)
def test_a_second_process_keeps_writing(watched_store: WatchedStore, phase: str) -> None:
    """In every phase the second process writes again and again, never locked out for many chunks in a row."""
    chunks = watched_store.of(phase)
    writes = chunks[-1].peer_writes - chunks[0].peer_writes
    tell(phase, chunks, writes)
    assert waits(chunks) < PATIENCE
    assert writes >= 3

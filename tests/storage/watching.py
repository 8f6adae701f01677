"""A store that watches its own transactions: how long each holds the database, and what a second process did meanwhile."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ringfence.application.services import Services
from ringfence.storage.unit_of_work import SqlStore, SqlUnitOfWork
from tests.contract.deployments import Joined


class Chunk(NamedTuple):
    """One committed write transaction: how long it held the database, how long it computed, and the peer's writes until then."""

    phase: str
    seconds: float
    computing: float
    peer_writes: int


class WatchedStore(SqlStore):
    """`SqlStore` that notes each committed write transaction; the file `peer` grows by a byte with each write of the peer."""

    def __init__(self, store: SqlStore, peer: Path) -> None:
        """Watch what is done on this store's database."""
        super().__init__(store.database, store._policy)  # noqa: SLF001 - the same store, only watched
        self.phase = ""
        self.chunks: list[Chunk] = []
        self._peer = peer

    @contextlib.contextmanager
    def begin(self) -> Iterator[SqlUnitOfWork]:
        """A unit that may write, watched from the moment it has the database until its commit is through."""
        with super().begin() as unit:
            began, computed = time.perf_counter(), time.thread_time()
            commit = unit.commit

            def watched() -> None:
                commit()
                spans = (time.perf_counter() - began, time.thread_time() - computed)
                self.chunks.append(Chunk(self.phase, *spans, self._peer.stat().st_size if self._peer.exists() else 0))

            unit.commit = watched  # type: ignore[method-assign]
            yield unit

    def of(self, phase: str) -> list[Chunk]:
        """The chunks of one phase, in order."""
        return [chunk for chunk in self.chunks if chunk.phase == phase]


def watched(joined: Joined, peer: Path) -> tuple[WatchedStore, Services]:
    """The services of a deployment over a store that is watched."""
    services = joined.services
    assert isinstance(services.store, SqlStore)
    store = WatchedStore(services.store, peer)
    return store, Services(store, services.sealer, services.clock, services.new_id, services.policy)

"""The epoch of each tenant and of the deployment, read again when a *lease* is over, and the applications it vouches for.

Whoever takes something away waits a lease before the work counts as done (`EPOCH_LEASE`): nobody believes an older one then.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Final
from weakref import WeakKeyDictionary

from ringfence.application.ports import Store
from ringfence.application.ports.identity import EPOCH_LEASE
from ringfence.application.services import Services
from ringfence.domain.identity.applications import Application

_MOST_APPLICATIONS: Final = 10_000


class _Known:
    """What one process knows of a store. Threads replace entries whole."""

    __slots__ = ("applications", "epochs", "reading")

    def __init__(self) -> None:
        self.reading = threading.Lock()
        self.epochs: dict[int, tuple[int, timedelta]] = {}
        self.applications: dict[tuple[int, bytes], tuple[int, Application]] = {}


_KNOWN: Final[WeakKeyDictionary[Store, _Known]] = WeakKeyDictionary()


def epoch_of(services: Services, tenant_id: int) -> int:
    """The epoch as the store has it, or had it less than a lease ago."""
    known = _known(services.store)
    read = known.epochs.get(tenant_id)
    if read is not None and services.clock.elapsed() < read[1]:
        return read[0]
    with known.reading:  # one thread reads when a lease is over, for all that wait
        # The lease begins before the read: what is committed while it runs may not be in it.
        began, read = services.clock.elapsed(), known.epochs.get(tenant_id)
        if read is not None and began < read[1]:
            return read[0]
        with services.store.look() as unit:
            epoch = unit.identity.epoch(tenant_id)
        known.epochs[tenant_id] = epoch, began + EPOCH_LEASE
    return epoch


def application_of(services: Services, tenant_id: int, app_id: bytes) -> Application | None:
    """An application as it stands: one that is changed or deleted advances the epoch."""
    epoch, known = epoch_of(services, tenant_id), _known(services.store)
    remembered = known.applications.get((tenant_id, app_id))
    if remembered is not None and remembered[0] == epoch:
        return remembered[1]
    with services.store.look() as unit:
        found = unit.identity.application(tenant_id, app_id)
    if found is not None:
        if len(known.applications) >= _MOST_APPLICATIONS:
            known.applications.clear()
        known.applications[tenant_id, app_id] = epoch, found
    return found


def _known(store: Store) -> _Known:
    found = _KNOWN.get(store)
    return found if found is not None else _KNOWN.setdefault(store, _Known())

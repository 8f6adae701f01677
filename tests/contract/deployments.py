"""A deployment for tests: store, sealer and a clock joined as `ringfence.bootstrap` joins them, with a tenant and a key."""

from __future__ import annotations

import contextlib
import itertools
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from ringfence.application.ports import Clock, NewIdentifiers
from ringfence.application.services import Services
from ringfence.application.tenancy import initialise_tenant
from ringfence.crypto.key_file import FileKeys
from ringfence.crypto.sealing import AesSivSealer
from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.domain.numbers.transition import PRESETS, Transition
from ringfence.storage.engine import Database
from ringfence.storage.unit_of_work import SqlStore
from tests.contract.clocks import IN_WINDOW, FakeClock
from tests.contract.schemas import put_schema

TENANT: Final = 1
"""The number of the only tenant."""


class Joined:
    """A deployment that exists: its database, its key file and the services over them."""

    def __init__(self, url: str, key_file: Path, clock: Clock | None = None, new_id: NewIdentifiers | None = None) -> None:
        """Join the parts; nothing is opened yet."""
        self.database = Database(url)
        self.keys = FileKeys(key_file)
        policy = NumberPolicy()
        self.services = Services(
            SqlStore(self.database, policy), AesSivSealer(self.keys), clock or FakeClock(), new_id or random_identifier, policy
        )


def random_identifier() -> bytes:
    """A new identifier, as in production."""
    return uuid.uuid4().bytes


def counted_identifiers(kind: int) -> Callable[[], bytes]:
    """Identifiers in a fixed order that no other kind makes."""
    numbers = itertools.count(1)
    return lambda: bytes([kind]) * 8 + next(numbers).to_bytes(8, "big")


@contextlib.contextmanager
def deployed(url: str, key_file: Path, clock: Clock | None = None) -> Iterator[Joined]:
    """Make the deployment at this URL, with a key, one tenant and the transition of the announcement."""
    joined = Joined(url, key_file, clock)
    put_schema(joined.database)
    joined.keys.create()
    joined.keys.add_key()
    initialise_tenant(joined.services, joined.keys, "contoso.example", IN_WINDOW)
    with joined.services.store.begin() as unit:
        unit.administration.add_transition(TENANT, Transition(*PRESETS["entra-2021"], opened_at=IN_WINDOW))
        unit.commit()
    yield joined
    joined.database.dispose()


@contextlib.contextmanager
def opened(url: str, key_file: Path, clock: Clock | None = None) -> Iterator[Joined]:
    """Open a deployment that exists."""
    joined = Joined(url, key_file, clock)
    yield joined
    joined.database.dispose()

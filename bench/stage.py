"""Directories in every state the measures begin from: imported, prepared for a copy, copied. Each is made once and copied from.

*Prepared* is the private side as it stands before a copy: who has which method entries, some authentication numbers already
equal to the public one, some different, and an open transition. SQL gives these out by bytes of the ids.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench import people
from bench.engines import Engine
from ringfence.application.copy_numbers import copy_numbers
from ringfence.application.deployment import Deployment
from ringfence.application.import_directory import ImportOptions, ImportResult, import_directory
from ringfence.application.sync_cycle import Reporting
from ringfence.application.tenancy import initialise_tenant
from ringfence.bootstrap import create_deployment
from ringfence.cli.clock import SystemClock
from ringfence.domain.directory.records import RejectedRow
from ringfence.domain.numbers.transition import Transition
from ringfence.settings import Settings

TENANT: Final = 1

_PREPARE: Final = (
    # Bits 0, 2, 5: call to mobile, call to office, text message, which is the default; then those without the office.
    "UPDATE users SET methods = 37, default_method = 5 WHERE {last} < 128",
    "UPDATE users SET methods = 33, default_method = 5 WHERE {last} BETWEEN 128 AND 191",
    """UPDATE pairs SET authentication_sealed = public_sealed, origin = 1, written_at = 0, written_by = 'user'
       WHERE public_sealed IS NOT NULL AND {before} < 16""",
    # The number stays one that was sealed for its user and pair; it differs, because the public one is gone.
    "UPDATE pairs SET public_text = '', public_state = 0, public_sealed = NULL, baseline_sealed = NULL WHERE {before} < 4",
)


class _Dropped:
    """Rejected rows are counted by the import; the bench keeps none."""

    def add(self, row: RejectedRow) -> None:
        """Forget it."""


def _silent(done: int, total: int) -> None:
    del done, total


class Timed(NamedTuple):
    """What work returned, and the seconds it took."""

    result: Any
    seconds: float


def timed(work: Callable[[], Any]) -> Timed:
    """Run and time."""
    began = time.perf_counter()
    result = work()
    return Timed(result, time.perf_counter() - began)


class Stage:
    """The directories of one engine, under one key file."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        """Nothing is made yet."""
        self.engine = engine
        self.folder = folder
        self.key_file = folder / f"{engine.name}.key"
        self._made: dict[tuple[str, int], str] = {}

    def file(self, users: int) -> Path:
        """The directory file of that many users."""
        path = self.folder / f"directory_{users}.jsonl"
        return path if path.exists() else people.write_directory(path, users)

    def delta(self, users: int, changed: int, turn: int) -> Path:
        """A file of changed users."""
        path = self.folder / f"delta_{users}_{changed}_{turn}.jsonl"
        return path if path.exists() else people.write_delta(path, users, changed, turn)

    def open(self, url: str) -> Deployment:
        """The product on this database, set up and with a tenant."""
        clock = SystemClock()
        deployment = create_deployment(Settings(url, self.key_file), clock)
        initialise_tenant(deployment.services, deployment.keys, "contoso.example", clock.now())
        return deployment

    def empty(self) -> str:
        """A database with nothing but a tenant."""
        url = self.engine.create()
        self.open(url).dispose()
        return url

    def take(self, path: Path, url: str) -> Timed:
        """Import a directory file by the product, closing the database included."""
        deployment = self.open(url)

        def work() -> ImportResult:
            reporting = Reporting(_silent, {str(path): _Dropped()})
            reader = deployment.open_directory(path)
            result = import_directory(deployment.services, TENANT, [reader], ImportOptions(), reporting)
            deployment.dispose()
            return result

        return timed(work)

    def imported(self, users: int) -> str:
        """Everybody, just imported."""
        return self._once("imported", users, lambda: self._import_new(users))

    def keep_imported(self, users: int, url: str) -> None:
        """Use a database that a measure has filled, instead of filling one again."""
        if self._made.setdefault(("imported", users), url) != url:
            self.engine.drop(url)

    def prepared(self, users: int) -> str:
        """Ready for a copy."""
        return self._once("prepared", users, lambda: self._prepare(self.engine.copy(self.imported(users))))

    def copied(self, users: int) -> str:
        """After the copy."""
        return self._once("copied", users, lambda: self._copy(self.engine.copy(self.prepared(users))))

    @contextlib.contextmanager
    def scratch(self, url: str) -> Iterator[str]:
        """A copy to write into, dropped afterwards."""
        made = self.engine.copy(url)
        try:
            yield made
        finally:
            self.engine.drop(made)

    def _once(self, state: str, users: int, make: Callable[[], str]) -> str:
        if (state, users) not in self._made:
            self._made[state, users] = make()
        return self._made[state, users]

    def _import_new(self, users: int) -> str:
        url = self.empty()
        self.take(self.file(users), url)
        return url

    def _prepare(self, url: str) -> str:
        self.give_private_side(url)
        deployment = self.open(url)
        now = deployment.services.clock.now()
        window = Transition(now - timedelta(days=1), now + timedelta(days=60), now)
        with deployment.services.store.begin() as unit:
            unit.administration.add_transition(TENANT, window)
            unit.commit()
        deployment.dispose()
        return url

    def give_private_side(self, url: str) -> None:
        """Method entries, and authentication numbers of some."""
        last, before = (self.engine.id_byte("user_id", at) for at in (16, 15))
        with contextlib.closing(self.engine.connect(url)) as hand:
            for text in _PREPARE:
                hand.run(text.format(last=last, before=before))

    def _copy(self, url: str) -> str:
        deployment = self.open(url)
        copy_numbers(deployment.services, TENANT, _silent)
        deployment.dispose()
        return url

"""The only place that chooses and joins concrete parts; the same functions build production and tests."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path

from ringfence.application.deployment import Deployment
from ringfence.application.ports import Clock, MfaReader
from ringfence.application.services import Services
from ringfence.application.tenancy import check_keys
from ringfence.crypto.key_file import FileKeys
from ringfence.crypto.sealing import AesSivSealer
from ringfence.domain.errors import ConflictError
from ringfence.domain.numbers.canonical import parse_authentication_number
from ringfence.settings import Settings
from ringfence.sources.files import open_directory, open_mfa
from ringfence.sources.rejected import RejectedFile
from ringfence.storage.engine import Database
from ringfence.storage.schema import migrate
from ringfence.storage.unit_of_work import SqlStore, check_schema


def open_deployment(settings: Settings, clock: Clock) -> Deployment:
    """Open a deployment that exists; raises `UnavailableError` for a missing or newer database, a lost or a wrong key."""
    with _database(settings) as database:
        check_schema(database)
        deployment = _join(settings, clock, database)
        check_keys(deployment.services.store, deployment.services.sealer, str(settings.key_file))
        return deployment


def create_deployment(settings: Settings, clock: Clock) -> Deployment:
    """Make the database and the key file where they are missing, bring the schema to date, and open the deployment.

    A key is only ever made for a database that has none: raises `UnavailableError` (KEY_MISSING) when the key of an existing
    database is gone.
    """
    with _database(settings) as database:
        migrate(database)
        deployment = _join(settings, clock, database)
        with deployment.services.store.snapshot() as unit:
            is_new = not unit.administration.keys()
        if not is_new:
            check_keys(deployment.services.store, deployment.services.sealer, str(settings.key_file))
            return deployment
        keys = FileKeys(settings.key_file)
        if not settings.key_file.exists():
            with contextlib.suppress(ConflictError):  # somebody made it meanwhile: then it is theirs that is used
                keys.create()
        keys.add_first_key()
        return deployment


@contextlib.contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    """The database, open for whoever gets it, and closed again when it is refused."""
    database = Database(settings.database)
    with contextlib.ExitStack() as refused:
        refused.callback(database.dispose)
        yield database
        refused.pop_all()


def _join(settings: Settings, clock: Clock, database: Database) -> Deployment:
    keys = FileKeys(settings.key_file)
    services = Services(SqlStore(database, settings.policy), AesSivSealer(keys), clock, new_identifier, settings.policy)
    return Deployment(services, keys, database.shown, open_directory, _open_mfa, RejectedFile, database.dispose)


def _open_mfa(path: Path) -> MfaReader:
    return open_mfa(path, parse_authentication_number)


def new_identifier() -> bytes:
    """A random identifier: a UUID of version 8, so that it is told from one that a directory gave (`is_made_here`)."""
    octets = bytearray(uuid.uuid4().bytes)
    octets[6] = octets[6] & 0x0F | 0x80
    return bytes(octets)

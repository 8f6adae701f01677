"""The only place that chooses and joins concrete parts; the same functions build production and tests."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.application.deployment import Deployment, Reach
from ringfence.application.identity.parts import Identity
from ringfence.application.ports import Clock, MfaReader
from ringfence.application.services import Services
from ringfence.application.tenancy import check_keys
from ringfence.crypto.key_file import FileKeys
from ringfence.crypto.sealing import AesSivSealer
from ringfence.demo.demonstration import Demonstration
from ringfence.domain.errors import ConflictError
from ringfence.domain.numbers.canonical import parse_authentication_number
from ringfence.domain.policy.own_permissions import OWN
from ringfence.domain.signin.challenge import Channel
from ringfence.settings import ServerSettings, Settings
from ringfence.sources.files import open_directory, open_mfa
from ringfence.sources.rejected import RejectedFile
from ringfence.storage.engine import Database
from ringfence.storage.schema import HEAD, migrate
from ringfence.storage.unit_of_work import SqlStore, check_schema

if TYPE_CHECKING:  # slow to import, needed by few commands
    from ringfence.delivery.sender_file import SenderPlan


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
    deployment: Deployment = Deployment(
        services,
        keys,
        database.shown,
        HEAD,
        _reach(settings),
        open_directory,
        _open_mfa,
        RejectedFile,
        database.dispose,
        lambda: open_identity(settings, deployment),
        _read_certificate,
        lambda: certificates(settings.server, clock.now()),
        lambda: _channels(settings, services),
        _known_permissions,
    )
    return deployment


def open_identity(settings: Settings, deployment: Deployment) -> Identity:
    """Join what proves who somebody is to a deployment; most commands of the command line do without."""
    from ringfence.crypto.assertions import CertificateAssertions  # noqa: PLC0415 - slow to import, needed by few commands
    from ringfence.crypto.fingerprints import KeyedFingerprints  # noqa: PLC0415 - as above
    from ringfence.crypto.passwords import Argon2Passwords  # noqa: PLC0415 - as above
    from ringfence.crypto.tokens import Rs256Reader, Rs256Signer, SealedSigningKeys  # noqa: PLC0415 - as above

    keys = FileKeys(settings.key_file)
    return Identity(
        deployment.services,
        Argon2Passwords(),
        SealedSigningKeys(keys),
        Rs256Signer(),
        Rs256Reader(),
        CertificateAssertions(),
        KeyedFingerprints(keys),
        deployment.channels(),
    )


def senders_of(settings: Settings, services: Services) -> SenderPlan | None:
    """The senders of a deployment, None where it has none; raises `InvalidError` for a file that cannot be used."""
    if settings.senders is None:
        return None
    from ringfence.delivery.sender_file import Kind, read_senders  # noqa: PLC0415 - slow to import, needed by few commands
    from ringfence.demo.board_senders import BoardCaller, BoardTexts  # noqa: PLC0415 - as above

    kind = Kind(
        lambda _take_receipt: BoardTexts(demonstration_of(settings, services)),
        lambda take_progress: BoardCaller(demonstration_of(settings, services), take_progress),
    )
    return read_senders(settings.senders, {"phone-board": kind})


def demonstration_of(settings: Settings, services: Services) -> Demonstration:
    """The demonstration that this deployment is; raises `InvalidError` (DEMO_ONLY) where it is none."""
    return Demonstration(services, settings.server.host, is_demo=settings.is_demo)


def _channels(settings: Settings, services: Services) -> frozenset[Channel]:
    """What there are senders for."""
    plan = senders_of(settings, services)
    if plan is None:
        return frozenset()
    there = {Channel.SMS: plan.sends_texts, Channel.VOICE: plan.calls, Channel.MAIL: plan.mail is not None}
    return frozenset(channel for channel, is_there in there.items() if is_there)


def certificates(server: ServerSettings, now: datetime) -> tuple[Path, Path]:
    """The server's certificate and key: those it was given, or its own, made or renewed as needed."""
    if server.certificate is not None and server.key is not None:
        return server.certificate, server.key
    from ringfence.crypto.certificates import ensure_certificates  # noqa: PLC0415 - slow to import, needed by two commands

    made = ensure_certificates(server.tls_folder, own_names(server), now)
    return made.certificate, made.key


def own_names(server: ServerSettings) -> list[str]:
    """The names that the server's own certificate has beside the usual ones."""
    public = server.public_url.removeprefix("https://").rpartition(":")
    name = public[0] or public[2]
    listened = [] if server.host in {"0.0.0.0", "::"} else [server.host]  # noqa: S104 - compared, not listened on
    return list(dict.fromkeys([name.strip("[]"), *listened, *server.hosts]))


def _reach(settings: Settings) -> Reach:
    server = settings.server
    authority = server.tls_folder / "ca.pem" if server.certificate is None else None
    return Reach(server.listen, server.public_url, authority)


def _read_certificate(path: Path) -> str:
    from ringfence.crypto.client_certificates import read_client_certificate  # noqa: PLC0415 - slow to import, rarely needed

    return read_client_certificate(path)


def _known_permissions() -> Mapping[str, tuple[bool, bool]]:
    from ringfence.graph.permissions import known_permissions  # noqa: PLC0415 - as above

    graph = {name: (one.delegated_id is not None, one.application_id is not None) for name, one in known_permissions().items()}
    return graph | dict.fromkeys(OWN, (False, True))


def _open_mfa(path: Path) -> MfaReader:
    return open_mfa(path, parse_authentication_number)


def new_identifier() -> bytes:
    """A random identifier: a UUID of version 8, so that it is told from one that a directory gave (`is_made_here`)."""
    octets = bytearray(uuid.uuid4().bytes)
    octets[6] = octets[6] & 0x0F | 0x80
    return bytes(octets)

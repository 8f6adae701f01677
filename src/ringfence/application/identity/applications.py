"""Register applications, list them, give them another secret, remove them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from ringfence.application.identity.parts import hash_of, new_secret
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.domain.errors import ErrorCode, InvalidError, NotFoundError
from ringfence.domain.identity.applications import Application

_LONGEST_NAME = 256


class CreateApplication(NamedTuple):
    """A new application. `permissions` and `delegated` are names of Graph permissions, known to exist; `certificate` is PEM."""

    name: str
    permissions: tuple[str, ...] = ()
    delegated: tuple[str, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    is_public: bool = False
    certificate: str | None = None
    app_id: bytes | None = None


class Issued(NamedTuple):
    """An application with the secret that is shown this once; None where it has none."""

    application: Application
    secret: str | None


def create_application(services: Services, tenant_id: int, command: CreateApplication, now: datetime) -> Issued:
    """Register it; a confidential one without a certificate gets a secret.

    Raises `InvalidError` (APP_NAME, APP_REDIRECT_URI, APP_EXISTS).
    """
    if not command.name.strip() or len(command.name) > _LONGEST_NAME:
        raise InvalidError(ErrorCode.APP_NAME)
    for uri in command.redirect_uris:
        if not is_redirect_uri(uri):
            raise InvalidError(ErrorCode.APP_REDIRECT_URI, uri=uri)
    secret = None if command.is_public or command.certificate else new_secret()
    app_id = command.app_id or uuid.uuid4().bytes
    application = Application(
        app_id=app_id,
        object_id=uuid.uuid4().bytes,
        name=command.name,
        created_at=now,
        secret_hash=None if secret is None else hash_of(secret),
        is_public=command.is_public,
        redirect_uris=command.redirect_uris,
        permissions=tuple(dict.fromkeys(command.permissions)),
        delegated=tuple(dict.fromkeys(command.delegated)),
        certificate=command.certificate,
    )

    def work(unit: UnitOfWork) -> Issued:
        if unit.identity.application(tenant_id, app_id) is not None:
            raise InvalidError(ErrorCode.APP_EXISTS, app=str(uuid.UUID(bytes=app_id)))
        unit.identity.save_application(tenant_id, application)
        return Issued(application, secret)

    return in_transaction(services, work)


def is_redirect_uri(uri: str) -> bool:
    """Whether a code may be sent there: https, or http to this machine only; no fragment, nothing that splits a header."""
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError:
        return False
    if parts.fragment or not host or not uri.isprintable() or " " in uri:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in {"localhost", "127.0.0.1", "::1"})


def find_application(unit: UnitOfWork, tenant_id: int, name: str) -> Application:
    """The application with this id, or the only one with this name; raises `NotFoundError` (APP_UNKNOWN)."""
    try:
        found = unit.identity.application(tenant_id, uuid.UUID(name).bytes)
        named = [] if found is None else [found]
    except ValueError:
        named = [one for one in unit.identity.applications(tenant_id) if one.name == name]
    if len(named) != 1:
        raise NotFoundError(ErrorCode.APP_UNKNOWN, app=name)
    return named[0]


def list_applications(services: Services, tenant_id: int) -> list[Application]:
    """All applications by name."""
    with services.store.snapshot() as unit:
        return unit.identity.applications(tenant_id)


def show_application(services: Services, tenant_id: int, name: str) -> Application:
    """One of them, by id or name; raises `NotFoundError` (APP_UNKNOWN)."""
    with services.store.snapshot() as unit:
        return find_application(unit, tenant_id, name)


def rotate_secret(services: Services, tenant_id: int, name: str) -> Issued:
    """Give another secret; the old one is void at once. Tokens given stay valid until they expire."""

    def work(unit: UnitOfWork) -> Issued:
        application = find_application(unit, tenant_id, name)
        if application.is_public:
            raise InvalidError(ErrorCode.APP_PUBLIC, app=application.name)
        secret = new_secret()
        changed = application._replace(secret_hash=hash_of(secret))
        unit.identity.save_application(tenant_id, changed)
        unit.identity.advance_epoch(tenant_id)
        return Issued(changed, secret)

    return in_transaction(services, work)


def delete_application(services: Services, tenant_id: int, name: str) -> Application:
    """Remove it; its tokens are void at once."""

    def work(unit: UnitOfWork) -> Application:
        application = find_application(unit, tenant_id, name)
        unit.identity.delete_application(tenant_id, application.app_id)
        for role in unit.identity.roles_of(tenant_id, [application.object_id]).get(application.object_id, frozenset()):
            unit.identity.revoke_role(tenant_id, application.object_id, role)
        unit.identity.advance_epoch(tenant_id)
        return application

    return in_transaction(services, work)

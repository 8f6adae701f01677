"""`ringfence status`: which deployment this is, and where its server is set to be reached."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Final

import typer

from ringfence.application.find_people import count_people
from ringfence.application.ports.people import UserQuestion
from ringfence.cli.output import print_json, print_table
from ringfence.cli.session import Session, session_of
from ringfence.domain.values import Tenant

_WORDS: Final = {"listen": "listen (as set)", "publicUrl": "publicUrl (as set)"}
"""Of what is not looked at: whether a server is there, `/health/live` says."""


def status(context: typer.Context) -> None:
    """Show the tenant, the database, the key file, and where a server is to be reached: as it is set, running or not.

    The server listens on RINGFENCE_LISTEN and is known as RINGFENCE_PUBLIC_URL, and by the names in RINGFENCE_HOSTS too. Its
    certificate is RINGFENCE_TLS_CERT with RINGFENCE_TLS_KEY, or else one by an authority of its own, kept in
    RINGFENCE_TLS_FOLDER: clients have to trust that authority (`ca`).
    """
    session = session_of(context)
    document = _document(session)
    if session.json:
        print_json(document)
    else:
        print_table(("what", "value"), [(_WORDS.get(name, name), _cell(value)) for name, value in document.items()])


def _document(session: Session) -> dict[str, Any]:
    deployment = session.deployment
    with session.services.store.snapshot() as unit:
        tenants = unit.administration.tenants()
    tenant = _meant(session, tenants)
    reach = deployment.reach
    return {
        "tenantId": None if tenant is None else str(uuid.UUID(bytes=tenant.directory_id)),
        "tenant": None if tenant is None else tenant.name,
        "tenants": [known.name for known in tenants],
        "database": deployment.database,
        "schema": deployment.schema,
        "listen": reach.listen,
        "publicUrl": reach.public_url,
        "ca": None if reach.authority is None else str(reach.authority),
        "keyFile": str(deployment.keys.path),
        "users": None if tenant is None else count_people(session.services, tenant.tenant_id, UserQuestion()),
    }


def _meant(session: Session, tenants: Sequence[Tenant]) -> Tenant | None:
    """The tenant named, or the only one; None when nobody said which."""
    if session.tenant_name is None and len(tenants) != 1:
        return None
    return session.tenant()


def _cell(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value

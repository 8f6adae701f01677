"""`ringfence init`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated, Final

import typer

from ringfence.application.deployment import Deployment
from ringfence.application.tenancy import initialise_tenant
from ringfence.cli.output import print_json, say
from ringfence.cli.session import Session, session_of
from ringfence.domain.numbers.metadata import calling_code
from ringfence.domain.values import Tenant

DEFAULT_TENANT = "contoso.example"
_NO_COUNTRY: Final = "a country is its code of two letters (ISO 3166), such as DE or US"


def init(
    context: typer.Context,
    country: Annotated[
        str | None,
        typer.Option(
            metavar="CODE", help="The organisation's country (DE, US): a new tenant may text and call it. Without it, none."
        ),
    ] = None,
) -> None:
    """Make the database, the key file and the tenant, as far as they are missing. Running it again changes nothing.

    A tenant is added when there is none yet (contoso.example), or when --tenant NAME names a new one. Without --country nothing
    is texted or called until `ringfence telephony allow` names a country; for a tenant that is there already it does nothing.

    It also brings an older database to the newest schema. The key file (mode 0600) belongs into your backup, apart from the
    database: without it no number can be read again.
    """
    session = session_of(context)
    code = None if country is None else _code_of(country)
    deployment = session.create()
    try:
        tenant, created = _initialise(session, deployment, code)
        deployment.make_certificates()
        tenants = _tenants(deployment)
    finally:
        deployment.dispose()
    authority = deployment.reach.authority
    if session.json:
        print_json(
            {
                "tenant": None if tenant is None else tenant.name,
                "tenantId": None if tenant is None else str(uuid.UUID(bytes=tenant.directory_id)),
                "tenants": [known.name for known in tenants],
                "created": created,
                "database": deployment.database,
                "keyFile": str(deployment.keys.path),
                "ca": None if authority is None else str(authority),
            }
        )
        return
    if tenant is None:
        say(f"Tenants were there already: {', '.join(known.name for known in tenants)}.")
    else:
        say(f"Tenant {tenant.name} {'is ready' if created else 'was there already'}.")
    say(f"Database {deployment.database}")
    say(f"Key file {deployment.keys.path} (keep a copy apart from the database)")
    if authority is not None:
        say(f"To trust the server: curl --cacert {authority}; other clients by SSL_CERT_FILE or NODE_EXTRA_CA_CERTS")


def _code_of(country: str) -> str:
    code = calling_code(country)
    if code is None:
        raise typer.BadParameter(_NO_COUNTRY, param_hint="--country")
    return code


def _initialise(session: Session, deployment: Deployment, code: str | None) -> tuple[Tenant | None, bool]:
    """Make sure of the key and of the tenant that is meant, which may text that calling code; None when nobody said which one."""
    known = _tenants(deployment)
    name = session.tenant_name or (known[0].name if known else DEFAULT_TENANT)
    tenant, created = initialise_tenant(deployment.services, deployment.keys, name, session.now(), code)
    return (None if session.tenant_name is None and len(known) > 1 else tenant), created


def _tenants(deployment: Deployment) -> Sequence[Tenant]:
    with deployment.services.store.snapshot() as unit:
        return unit.administration.tenants()

"""`ringfence init`."""

from __future__ import annotations

import uuid

import typer

from ringfence.application.tenancy import initialise_tenant
from ringfence.cli.output import print_json, say
from ringfence.cli.session import session_of

DEFAULT_TENANT = "contoso.example"


def init(context: typer.Context) -> None:
    """Make the database, the key file and the tenant, as far as they are missing. Running it again changes nothing.

    It also brings an older database to the newest schema. The key file (mode 0600) belongs into your backup, apart from the
    database: without it no number can be read again.
    """
    session = session_of(context)
    deployment = session.create()
    try:
        name = session.tenant_name or DEFAULT_TENANT
        tenant, created = initialise_tenant(deployment.services, deployment.keys, name, session.now())
    finally:
        deployment.dispose()
    if session.json:
        print_json(
            {
                "tenant": tenant.name,
                "tenantId": str(uuid.UUID(bytes=tenant.directory_id)),
                "created": created,
                "database": deployment.database,
                "keyFile": str(deployment.keys.path),
            }
        )
        return
    say(f"Tenant {tenant.name} {'is ready' if created else 'was there already'}.")
    say(f"Database {deployment.database}")
    say(f"Key file {deployment.keys.path} (keep a copy apart from the database)")

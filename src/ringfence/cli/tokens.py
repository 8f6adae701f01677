"""`ringfence token`: an access token for a script, made by whoever has the key file."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Annotated, Final

import typer

from ringfence.application.accounts import find_active_account
from ringfence.application.identity.applications import find_application
from ringfence.application.identity.issue import GrantFailure, TokenIssuer, Tokens
from ringfence.application.identity.keyring import Keyring
from ringfence.application.identity.scopes import DEFAULT, decide_scopes, parse_scopes
from ringfence.application.identity.tokens import OPENID, Issuer
from ringfence.application.ports import UnitOfWork
from ringfence.cli.clock import show_instant
from ringfence.cli.output import print_json, say
from ringfence.cli.session import Session, session_of
from ringfence.domain.identity.applications import Application
from ringfence.domain.identity.grants import Grant
from ringfence.domain.values import Tenant

_SCOPE_OF_WHOM: Final = "scopes are what a person gives: name one with --user"


def token(
    context: typer.Context,
    application: Annotated[str, typer.Option("--app", metavar="APPID", help="For which application: its id or name.")],
    user: Annotated[str | None, typer.Option(metavar="UPN", help="In whose name; without it the application's own.")] = None,
    scope: Annotated[list[str] | None, typer.Option(metavar="S", help="Only this delegated permission; may be repeated.")] = None,
) -> None:
    """Print an access token for curl or Connect-MgGraph.

    It is the application's own, with its permissions; with --user it is a person's, with the application's delegated ones. Nobody
    signs in for it: the key file is proof enough. It is valid for an hour, unless what it stands on is taken away before.
    """
    session = session_of(context)
    if scope and user is None:
        raise typer.BadParameter(_SCOPE_OF_WHOM, param_hint="--scope")
    tenant, now = session.tenant(), session.now()
    identity = session.deployment.identity()
    keyring = Keyring(identity)
    keyring.signing_key(now)  # where there is none yet it is written, which must not happen within the reading below
    issuer = TokenIssuer(identity, keyring)
    with session.services.store.snapshot() as unit:
        known = find_application(unit, tenant.tenant_id, application)
        at = _issuer(session, tenant)
        if user is None:
            issued = issuer.for_application(at, known, now)
        else:
            grant = _grant(unit, tenant, known, (user, scope or [DEFAULT]), now)
            given = issuer.for_person((tenant.tenant_id, at), known, grant, now, unit)
            issued = _refused_or(given, user)
    _print(session, tenant, issued, now)


def _issuer(session: Session, tenant: Tenant) -> Issuer:
    directory_id = uuid.UUID(bytes=tenant.directory_id)
    return Issuer(f"{session.deployment.reach.public_url}/{directory_id}/v2.0", tenant.directory_id)


def _grant(unit: UnitOfWork, tenant: Tenant, application: Application, asked: tuple[str, list[str]], now: datetime) -> Grant:
    """What the person (asked first) is taken to have given of the scopes (asked second)."""
    person = find_active_account(unit, tenant.tenant_id, asked[0]).user
    scopes = decide_scopes(application, parse_scopes(" ".join(asked[1])))
    if isinstance(scopes, str):
        message = f"{application.name} may not ask for {scopes}"
        raise typer.BadParameter(message, param_hint="--scope")
    return Grant(application.app_id, person.user_id, tuple(one for one in scopes if one not in OPENID), now)


def _refused_or(given: Tokens | GrantFailure, user: str) -> Tokens:
    if isinstance(given, GrantFailure):
        message = f"{user} is disabled"
        raise typer.BadParameter(message, param_hint="--user")
    return given


def _print(session: Session, tenant: Tenant, issued: Tokens, now: datetime) -> None:
    if not session.json:
        say(issued.access)
        return
    expires_at = now.replace(microsecond=0) + timedelta(seconds=issued.expires_in)
    tenant_id = str(uuid.UUID(bytes=tenant.directory_id))
    print_json({"accessToken": issued.access, "expiresAt": show_instant(expires_at), "tenantId": tenant_id})

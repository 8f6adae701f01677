"""`ringfence app create|list|show|delete|rotate-secret`: the applications that may ask for tokens."""

from __future__ import annotations

import difflib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from ringfence.application.identity.applications import (
    CreateApplication,
    Issued,
    create_application,
    delete_application,
    list_applications,
    rotate_secret,
    show_application,
)
from ringfence.application.identity.tokens import OPENID
from ringfence.cli.clock import show_instant
from ringfence.cli.output import one_line, print_json, print_table, say
from ringfence.cli.session import Session, session_of
from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.identity.applications import Application
from ringfence.domain.values import Tenant

app = typer.Typer(
    no_args_is_help=True,
    help="The applications that may ask for tokens of the API.",
    epilog="Example: ringfence app create scripts --permission UserAuthenticationMethod.ReadWrite.All",
)

_APPLICATION: Final = "application"
_DELEGATED: Final = "delegated"
_OPTION: Final = {_APPLICATION: "--permission", _DELEGATED: "--delegated"}
_EITHER: Final = "a public application can keep no key: give --public or --certificate, not both"

_APP = Annotated[str, typer.Argument(metavar="APP", help="Application id or name.")]


@app.command("create", epilog="Example: ringfence app create scripts --permission UserAuthenticationMethod.ReadWrite.All")
@dataclass(frozen=True)
class AppCreate:
    """Register an application.

    Its secret is shown this once; Ringfence keeps a hash of it. A public application (one that runs at people's hands) has
    none, nor has one that proves itself by a certificate.
    """

    context: typer.Context
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")]
    permission: Annotated[list[str] | None, typer.Option(metavar="P", help="A permission it has by itself; may be repeated.")] = (
        None
    )
    delegated: Annotated[
        list[str] | None, typer.Option(metavar="P", help="A permission it may ask a person for; may be repeated.")
    ] = None
    redirect_uri: Annotated[
        list[str] | None, typer.Option(metavar="URI", help="Where people come back to after signing in; may be repeated.")
    ] = None
    public: Annotated[bool, typer.Option("--public", help="It can keep no secret.")] = False
    certificate: Annotated[Path | None, typer.Option(metavar="FILE", help="Its RSA certificate (PEM), instead of a secret.")] = (
        None
    )
    app_id: Annotated[uuid.UUID | None, typer.Option(metavar="GUID", help="Its id, if it has one already.")] = None

    def __post_init__(self) -> None:
        """Run the command: typer calls it with its options, which are the fields."""
        if self.public and self.certificate is not None:
            raise typer.BadParameter(_EITHER)
        session = session_of(self.context)
        tenant = session.tenant()
        issued = create_application(session.services, tenant.tenant_id, self._command(session), session.now())
        _tell(session, tenant, issued, "is registered")

    def _command(self, session: Session) -> CreateApplication:
        known = session.deployment.known_permissions()
        return CreateApplication(
            self.name,
            _spelled(known, _APPLICATION, self.permission or ()),
            _spelled(known, _DELEGATED, self.delegated or ()),
            tuple(self.redirect_uri or ()),
            self.public,
            None if self.certificate is None else session.deployment.read_certificate(self.certificate),
            None if self.app_id is None else self.app_id.bytes,
        )


def _spelled(known: Mapping[str, tuple[bool, bool]], kind: str, names: Sequence[str]) -> tuple[str, ...]:
    """The permissions as the data spells them; raises `InvalidError` (PERMISSION_UNKNOWN)."""
    at = kind == _APPLICATION
    ours = {name.casefold(): name for name, exists in known.items() if exists[at]}
    other = {name.casefold(): name for name, exists in known.items() if exists[not at]}
    for name in names:
        if name.casefold() not in ours:
            hint = _hint(name.casefold(), ours, other, _DELEGATED if at else _APPLICATION)
            raise InvalidError(ErrorCode.PERMISSION_UNKNOWN, kind=kind, name=name, hint=hint)
    return tuple(ours[name.casefold()] for name in names)


def _hint(plain: str, ours: Mapping[str, str], other: Mapping[str, str], other_kind: str) -> str:
    if plain in OPENID:
        return f": {plain} is a scope of OpenID, which every application may ask people for; leave it out"
    if plain in other:
        return f" (it exists as the other kind: {_OPTION[other_kind]} {other[plain]})"
    near = difflib.get_close_matches(plain, ours, n=1)
    return f" (did you mean {ours[near[0]]}?)" if near else ""


@app.command("list", epilog="Example: ringfence app list --json")
def list_(context: typer.Context) -> None:
    """List the applications and what they may do; a secret is never shown again. Redirect URIs: `app show`, or --json."""
    session = session_of(context)
    known = list_applications(session.services, session.tenant().tenant_id)
    if session.json:
        print_json({"applications": [_document(one) for one in known]})
    elif known:
        rows = [(one.name, _guid(one.app_id), _proof(one), " ".join(one.permissions), " ".join(one.delegated)) for one in known]
        columns = ("name", "app id", "proof", "permissions", "delegated")
        print_table(columns, rows, folds=("permissions", "delegated"))
    else:
        say("No applications.")


@app.command("show", epilog="Example: ringfence app show scripts --json")
def show(context: typer.Context, application: _APP) -> None:
    """Show one application: how it proves itself, what it may do, where people come back to. Its secret is never shown again."""
    session = session_of(context)
    document = _document(show_application(session.services, session.tenant().tenant_id, application))
    if session.json:
        print_json(document)
    else:
        print_table(("attribute", "value"), [(name, _cell(value)) for name, value in document.items()])


def _cell(value: Any) -> str:  # noqa: ANN401 - of a document
    return " ".join(value) if isinstance(value, list) else str(value)


@app.command("delete", epilog="Example: ringfence app delete scripts")
def delete(context: typer.Context, application: _APP) -> None:
    """Delete an application; its tokens are void at once."""
    session = session_of(context)
    gone = delete_application(session.services, session.tenant().tenant_id, application)
    if session.json:
        print_json({"appId": _guid(gone.app_id), "name": gone.name, "changed": True})
    else:
        say(f"Application {one_line(gone.name)} is deleted.")


@app.command("rotate-secret", epilog="Example: ringfence app rotate-secret scripts")
def rotate(context: typer.Context, application: _APP) -> None:
    """Give an application another secret, shown this once; the old one is void at once."""
    session = session_of(context)
    tenant = session.tenant()
    _tell(session, tenant, rotate_secret(session.services, tenant.tenant_id, application), "has another secret")


def _tell(session: Session, tenant: Tenant, issued: Issued, what: str) -> None:
    application = issued.application
    if session.json:
        print_json(
            {
                "appId": _guid(application.app_id),
                "secret": issued.secret,
                "tenantId": _guid(tenant.directory_id),
                "name": application.name,
                "objectId": _guid(application.object_id),
            }
        )
        return
    say(f"Application {one_line(application.name)} {what}.")
    say(f"App id     {_guid(application.app_id)}")
    say(f"Tenant id  {_guid(tenant.directory_id)}")
    if issued.secret is not None:
        say(f"Secret     {issued.secret} (shown this once)")


def _document(application: Application) -> dict[str, Any]:
    return {
        "appId": _guid(application.app_id),
        "objectId": _guid(application.object_id),
        "name": application.name,
        "proof": _proof(application),
        "permissions": list(application.permissions),
        "delegated": list(application.delegated),
        "redirectUris": list(application.redirect_uris),
        "createdDateTime": show_instant(application.created_at),
    }


def _proof(application: Application) -> str:
    """How the application proves who it is."""
    if application.is_public:
        return "none (public)"
    has = {"secret": application.secret_hash is not None, "certificate": application.certificate is not None}
    return ", ".join(name for name, is_there in has.items() if is_there)


def _guid(identifier: bytes) -> str:
    return str(uuid.UUID(bytes=identifier))

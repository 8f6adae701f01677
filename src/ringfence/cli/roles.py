"""`ringfence role list|assign|revoke`: who administers what."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from ringfence.application.identity.roles import assign_role, list_assignments, revoke_role
from ringfence.cli.output import one_line, print_json, print_table, say
from ringfence.cli.session import Session, session_of
from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.policy.roles import DirectoryRole, role_named

app = typer.Typer(
    no_args_is_help=True,
    help="The directory roles: what a person may do to others, beside the permissions of the application they use.",
    epilog='Example: ringfence role assign "Authentication Administrator" kim@contoso.example',
)

_ROLE = Annotated[str, typer.Argument(metavar="ROLE", help="Title, template id or short name: global-reader.")]
_HOLDER = Annotated[str, typer.Argument(metavar="HOLDER", help="User principal name, application name, or the id of either.")]


@app.command("list", epilog="Example: ringfence role list --available")
def list_(
    context: typer.Context,
    available: Annotated[bool, typer.Option("--available", help="The roles there are, not who has them.")] = False,
) -> None:
    """List who has which role."""
    session = session_of(context)
    if available:
        _print_available(session)
        return
    held = list_assignments(session.services, session.tenant().tenant_id)
    if session.json:
        documents = [
            {
                "role": one.role.title,
                "templateId": one.role.template_id,
                "holder": one.name,
                "holderId": str(uuid.UUID(bytes=one.principal_id)),
            }
            for one in held
        ]
        print_json({"assignments": documents})
    elif held:
        print_table(("role", "holder"), [(one.role.title, one.name) for one in held])
    else:
        say("Nobody has a role.")


def _print_available(session: Session) -> None:
    if session.json:
        print_json({"roles": [{"role": role.title, "templateId": role.template_id} for role in DirectoryRole]})
    else:
        print_table(("role", "template id"), [(role.title, role.template_id) for role in DirectoryRole])


@app.command("assign", epilog='Example: ringfence role assign "Authentication Administrator" kim@contoso.example')
def assign(context: typer.Context, role: _ROLE, holder: _HOLDER) -> None:
    """Give a role to a user or an application. It counts from the next request on."""
    session = session_of(context)
    meant = _role(role)
    changed = assign_role(session.services, session.tenant().tenant_id, holder, meant, session.now())
    _tell(session, meant, holder, ("has" if changed else "had", "now" if changed else "already"), changed=changed)


@app.command("revoke", epilog="Example: ringfence role revoke global-reader kim@contoso.example")
def revoke(context: typer.Context, role: _ROLE, holder: _HOLDER) -> None:
    """Take a role from a user or an application. It counts from the next request on."""
    session = session_of(context)
    meant = _role(role)
    changed = revoke_role(session.services, session.tenant().tenant_id, holder, meant)
    _tell(session, meant, holder, ("no longer has" if changed else "did not have", "" if changed else "before"), changed=changed)


def _role(text: str) -> DirectoryRole:
    try:
        return role_named(text)
    except KeyError as error:
        titles = [role.title for role in DirectoryRole]
        raise InvalidError(ErrorCode.ROLE_UNKNOWN, role=text, known=titles) from error


def _tell(session: Session, role: DirectoryRole, holder: str, says: tuple[str, str], *, changed: bool) -> None:
    if session.json:
        print_json({"role": role.title, "templateId": role.template_id, "holder": holder, "changed": changed})
    else:
        say(" ".join(filter(None, (one_line(holder), says[0], "the role", role.title, says[1]))) + ".")

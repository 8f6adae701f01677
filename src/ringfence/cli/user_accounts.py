"""`ringfence user create|delete|restore` and what is done to a user: users of the cloud, and how they sign in."""

from __future__ import annotations

import uuid
from typing import Annotated, Final, NamedTuple

import typer

from ringfence.application.identity.passwords import set_password, temporary_password
from ringfence.application.identity.people import CreateUser, create_user, delete_user, restore_user
from ringfence.application.mfa.remembered_browsers import revoke_mfa_sessions
from ringfence.application.mfa.reregistration import RequireReregister, require_reregister
from ringfence.application.mfa.software_oath import EnrolSoftwareOath, enrol_software_oath, otpauth_uri
from ringfence.cli.output import counted, one_line, print_json, say
from ringfence.cli.session import session_of
from ringfence.cli.typed_passwords import read_password
from ringfence.domain.directory.records import DirectoryRecord
from ringfence.domain.identity.profiles import Profile
from ringfence.domain.methods.oath import HashFunction, write_secret

app = typer.Typer()
"""Its commands stand beside those of `people.users`."""

_EITHER: Final = "give --password-stdin or --no-password, not both"
_NOTHING_TO_CHANGE: Final = "without a password there is none to change"

_USER = Annotated[str, typer.Argument(metavar="USER", help="User principal name or id.")]
_STDIN = Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin, one line.")]
_MUST_CHANGE = Annotated[bool, typer.Option("--must-change", help="It must be changed at the first sign-in.")]


class _Password(NamedTuple):
    """What is stored, and what of it is shown because it was made here."""

    stored: str | None
    shown: str | None
    must_change: bool


@app.command("create", epilog='Example: ringfence user create kim@contoso.example --display-name "Kim Akers"')
def create(
    context: typer.Context,
    upn: Annotated[str, typer.Argument(metavar="UPN", help="User principal name: kim@contoso.example.")],
    display_name: Annotated[str | None, typer.Option(metavar="NAME", help="Default: what stands before the @.")] = None,
    password_stdin: _STDIN = False,
    no_password: Annotated[bool, typer.Option("--no-password", help="No password: the user cannot sign in with one.")] = False,
    must_change: _MUST_CHANGE = False,
) -> None:
    """Create a cloud-only user.

    Without an option there is a temporary password, shown this once and to be changed at the first sign-in.
    """
    if password_stdin and no_password:
        raise typer.BadParameter(_EITHER)
    if no_password and must_change:
        raise typer.BadParameter(_NOTHING_TO_CHANGE, param_hint="--must-change")
    session = session_of(context)
    tenant_id = session.tenant().tenant_id
    password = _Password(None, None, must_change=False) if no_password else _password(password_stdin, must_change=must_change)
    record = DirectoryRecord(0, upn=upn, display_name=display_name or upn.partition("@")[0])
    command = CreateUser(record, Profile(), password.stored, password.must_change, session.actor())
    user = create_user(session.deployment.identity(), tenant_id, command, session.now()).user
    if session.json:
        print_json(
            {
                "id": str(uuid.UUID(bytes=user.user_id)),
                "userPrincipalName": user.upn,
                "displayName": user.display_name,
                "password": password.shown,
                "mustChange": password.must_change,
            }
        )
        return
    say(f"User {one_line(user.upn)} is created.")
    _show(password)


@app.command("set-password", epilog="Example: ringfence user set-password kim@contoso.example")
def reset(context: typer.Context, user: _USER, password_stdin: _STDIN = False, must_change: _MUST_CHANGE = False) -> None:
    """Give a user another password; whoever is signed in with the old one is signed out.

    Without --password-stdin it is a temporary one, shown this once and to be changed at the next sign-in.
    """
    session = session_of(context)
    tenant_id = session.tenant().tenant_id
    password = _password(password_stdin, must_change=must_change)
    set_password(
        session.deployment.identity(),
        tenant_id,
        user,
        password.stored or "",
        session.now(),
        must_change=password.must_change,
    )
    if session.json:
        print_json({"user": user, "password": password.shown, "mustChange": password.must_change})
        return
    say(f"The password of {one_line(user)} is set.")
    _show(password)


@app.command("delete", epilog="Example: ringfence user delete kim@contoso.example")
def delete(context: typer.Context, user: _USER) -> None:
    """Delete a user: everything is kept for a restore, nothing is contacted, and nobody gets in."""
    session = session_of(context)
    delete_user(session.services, session.tenant().tenant_id, user, session.actor(), session.now())
    if session.json:
        print_json({"user": user, "changed": True})
    else:
        say(f"User {one_line(user)} is deleted.")


@app.command("restore", epilog="Example: ringfence user restore 4d8f0e3c-6a1b-4b7e-9a57-2f0c1d3e5a77")
def restore(
    context: typer.Context,
    user: Annotated[str, typer.Argument(metavar="ID", help="Id or user principal name of a deleted user.")],
) -> None:
    """Bring a deleted user back. Who is deleted: ringfence user list --deleted."""
    session = session_of(context)
    account = restore_user(session.services, session.tenant().tenant_id, user, session.actor(), session.now())
    if session.json:
        document = {"id": str(uuid.UUID(bytes=account.user.user_id)), "userPrincipalName": account.user.upn, "changed": True}
        print_json(document)
    else:
        say(f"User {one_line(account.user.upn)} is restored.")


@app.command("add-software-oath", epilog="Example: ringfence user add-software-oath kim@contoso.example")
def add_software_oath(
    context: typer.Context,
    user: _USER,
    name: Annotated[str, typer.Option(metavar="NAME", help="What the app or the device is called.")] = "",
    period: Annotated[int, typer.Option(metavar="SECONDS", help="How long a code is shown: 30 or 60.")] = 30,
    sha256: Annotated[bool, typer.Option("--sha256", help="Codes by SHA-256 instead of SHA-1, which some apps ignore.")] = False,
) -> None:
    """Enrol an app that shows one-time codes. Its secret is shown this once."""
    session = session_of(context)
    hash_function = HashFunction.SHA256 if sha256 else HashFunction.SHA1
    command = EnrolSoftwareOath(user, session.actor(), name, period, hash_function)
    made = enrol_software_oath(session.deployment.identity(), session.tenant().tenant_id, command, session.now())
    secret, address = write_secret(made.token.seed), otpauth_uri(made.token, made.user, made.issuer)
    if session.json:
        print_json({"user": made.user, "id": made.method_id, "secretKey": secret, "otpauthUri": address})
        return
    say(f"An app is enrolled for {one_line(made.user)}.")
    say(f"Secret   {secret} (shown this once)")
    say(f"Address  {address}")


@app.command("require-reregister", epilog="Example: ringfence user require-reregister kim@contoso.example")
def reregister(
    context: typer.Context,
    user: _USER,
    keep_methods: Annotated[bool, typer.Option("--keep-methods", help="Keep all methods, as before 2023.")] = False,
) -> None:
    """Delete phones, Authenticator and one-time-code apps of a user, who registers anew at the next second factor.

    Passkeys, Windows Hello, the e-mail address and a temporary access pass stay, and so does the per-user MFA state.
    """
    session = session_of(context)
    command = RequireReregister(user, session.actor(), keep_methods)
    deleted = require_reregister(session.services, session.tenant().tenant_id, command, session.now())
    if session.json:
        print_json({"user": user, "deleted": deleted})
    else:
        say(f"{one_line(user)} has to register anew; {counted(deleted, 'method is', 'methods are')} deleted.")


@app.command("revoke-mfa-sessions", epilog="Example: ringfence user revoke-mfa-sessions kim@contoso.example")
def revoke(context: typer.Context, user: _USER) -> None:
    """Forget every browser in which a user need not give a second factor."""
    session = session_of(context)
    forgotten = revoke_mfa_sessions(session.services, session.tenant().tenant_id, user, session.actor(), session.now())
    if session.json:
        print_json({"user": user, "forgotten": forgotten})
    else:
        say(f"{counted(forgotten, 'browser', 'browsers')} of {one_line(user)} forgotten.")


def _password(from_stdin: bool, *, must_change: bool) -> _Password:  # noqa: FBT001 - the option, handed on
    if from_stdin:
        return _Password(read_password(), None, must_change)
    made = temporary_password()
    return _Password(made, made, must_change=True)


def _show(password: _Password) -> None:
    if password.shown is not None:
        say(f"Temporary password  {password.shown} (shown this once)")

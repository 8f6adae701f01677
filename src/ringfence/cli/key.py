"""`ringfence key rotate` and `ringfence key forget`."""

from __future__ import annotations

import typer

from ringfence.application.rotate_key import forget_keys, rotate_key
from ringfence.cli.output import counted, print_json, progress, say
from ringfence.cli.session import session_of

app = typer.Typer(no_args_is_help=True, help="The key that numbers are sealed with.", epilog="Example: ringfence key rotate")


@app.command("rotate", epilog="Example: ringfence key rotate")
def rotate(context: typer.Context) -> None:
    """Seal everything under a new key, user by user, while everybody goes on working.

    If it is interrupted, run it again: it goes on where it stopped. The old key stays in the key file until
    `ringfence key forget`, so backups and copies of the database can still be read.
    """
    session = session_of(context)
    with progress("rotate key") as report:
        rotation = rotate_key(session.services, session.deployment.keys, report)
    if session.json:
        document = {
            "primaryKey": rotation.primary,
            "retiredKey": rotation.retired,
            "users": rotation.users,
            "resumed": rotation.resumed,
        }
        print_json(document)
    else:
        went_on = ", going on with an interrupted rotation" if rotation.resumed else ""
        sealed = counted(rotation.users, "user", "users")
        say(f"Sealed {sealed} under key {rotation.primary}{went_on}. Key {rotation.retired} is retired.")


@app.command("forget", epilog="Example: ringfence key forget")
def forget(context: typer.Context) -> None:
    """Erase the keys from the key file that this database has retired.

    This cannot be taken back: backups and other databases (copies too) that are still under one of these keys become
    unreadable. Rotate the copies first, and keep the key file as it is for as long as you keep a backup.
    """
    session = session_of(context)
    forgotten = forget_keys(session.services, session.deployment.keys)
    if session.json:
        print_json({"forgottenKeys": forgotten})
    elif forgotten:
        named = ", ".join(map(str, forgotten))
        say(f"Erased from the key file: {'key' if len(forgotten) == 1 else 'keys'} {named}.")
    else:
        say("The key file holds no key that this database has retired. Nothing was erased.")

"""`ringfence key rotate`."""

from __future__ import annotations

import typer

from ringfence.application.rotate_key import rotate_key
from ringfence.cli.output import counted, print_json, progress, say
from ringfence.cli.session import session_of

app = typer.Typer(no_args_is_help=True, help="The key that numbers are sealed with.", epilog="Example: ringfence key rotate")


@app.callback()
def group() -> None:
    """Keep `rotate` a command of the group."""


@app.command("rotate", epilog="Example: ringfence key rotate")
def rotate(context: typer.Context) -> None:
    """Seal everything under a new key, user by user, while everybody goes on working.

    If it is interrupted, run it again: it goes on where it stopped. The old key leaves the key file at the end, so keep a
    copy of the file as it was if you may have to read an older backup of the database.
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

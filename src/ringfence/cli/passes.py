"""`ringfence user create-pass|list-passes|delete-pass`: temporary access passes."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ringfence.application.registered_methods import IssuePass, delete_registration, issue_pass, list_registrations, usability
from ringfence.cli.clock import parse_instant, show_instant, show_second
from ringfence.cli.output import one_line, print_json, print_table, say
from ringfence.cli.session import Session, session_of
from ringfence.domain.errors import ErrorCode, NotFoundError
from ringfence.domain.methods.registrations import MethodKind, Registration
from ringfence.domain.policy.methods_policy import MethodsPolicy

app = typer.Typer()
"""Its commands stand beside those of `people.users`."""

_USER = Annotated[str, typer.Argument(metavar="USER", help="User principal name or id.")]


@app.command("create-pass", epilog="Example: ringfence user create-pass kim@contoso.example --minutes 60")
def create_pass(
    context: typer.Context,
    user: _USER,
    minutes: Annotated[int | None, typer.Option(metavar="N", help="How long it is good for. Default: the policy's.")] = None,
    once: Annotated[
        bool | None, typer.Option("--once/--several-times", help="Good for one sign-in, or for several. Default: the policy's.")
    ] = None,
    starts_at: Annotated[str | None, typer.Option(metavar="INSTANT", help="From when on it is good. Default: now.")] = None,
) -> None:
    """Give a user a temporary access pass, shown this once, in place of the one there is; the user is told by mail.

    It is a second factor beside the password, and opens the way to registering a method. Its length and lifetimes are the
    policy's (`ringfence policy show`).
    """
    session = session_of(context)
    start = None if starts_at is None else parse_instant(starts_at)
    command = IssuePass(user, session.actor(), start, minutes, once)
    issued = issue_pass(session.deployment.identity(), session.tenant().tenant_id, command, session.now())
    document = _document(session, issued.registration, issued.policy)
    if session.json:
        print_json({"user": user, "pass": issued.code, **document})
        return
    made = issued.registration
    say(f"Pass    {issued.code} (shown this once)")
    say(f"Good    from {show_second(made.starts_at)} to {show_second(made.expires_at)}, {_times(made)}")
    if not document["isUsable"]:
        say(f"Usable  not now: {document['reason']}")


@app.command("list-passes", epilog="Example: ringfence user list-passes kim@contoso.example")
def list_passes(context: typer.Context, user: _USER) -> None:
    """List the temporary access passes of a user: one at most, without its code, which nobody is shown again."""
    session = session_of(context)
    held, policy = list_registrations(session.services, session.tenant().tenant_id, user)
    passes = [one for one in held if one.kind is MethodKind.TEMPORARY_ACCESS_PASS]
    if session.json:
        print_json({"user": user, "passes": [_document(session, one, policy) for one in passes]})
    elif passes:
        rows = [
            (show_second(one.starts_at), show_second(one.expires_at), _times(one), usability(one, policy, session.now()).value)
            for one in passes
        ]
        print_table(("good from", "to", "times", "state"), rows)
    else:
        say("No temporary access pass.")


@app.command("delete-pass", epilog="Example: ringfence user delete-pass kim@contoso.example")
def delete_pass(context: typer.Context, user: _USER) -> None:
    """Delete the temporary access pass of a user: nobody signs in with it any more."""
    session = session_of(context)
    tenant_id = session.tenant().tenant_id
    kind = MethodKind.TEMPORARY_ACCESS_PASS
    held = [one for one in list_registrations(session.services, tenant_id, user).registrations if one.kind is kind]
    if not held:
        raise NotFoundError(ErrorCode.METHOD_ABSENT)
    for one in held:
        delete_registration(session.services, tenant_id, (user, kind, one.method_id), session.actor(), session.now())
    if session.json:
        print_json({"user": user, "changed": True})
    else:
        say(f"The temporary access pass of {one_line(user)} is deleted.")


def _times(one: Registration) -> str:
    return "once" if one.details.get("isUsableOnce") else "several times"


def _document(session: Session, one: Registration, policy: MethodsPolicy) -> dict[str, Any]:
    reason = usability(one, policy, session.now())
    return {
        "id": one.method_id,
        "startsAt": show_instant(one.starts_at),
        "expiresAt": show_instant(one.expires_at),
        "isUsableOnce": bool(one.details.get("isUsableOnce")),
        "isUsable": reason.value == "EnabledByPolicy",
        "reason": reason.value,
    }

"""`ringfence transition open|show|close`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer

from ringfence.application.plan_numbers import plan_numbers
from ringfence.application.transitions import close_transition, open_transition, show_transitions
from ringfence.cli.clock import parse_instant, show_instant, show_second
from ringfence.cli.output import counted, note, print_json, print_table, say
from ringfence.cli.session import Session, session_of
from ringfence.domain.numbers.facts import Moment
from ringfence.domain.numbers.tables import Status
from ringfence.domain.numbers.transition import PRESETS, Transition

app = typer.Typer(
    no_args_is_help=True,
    help="The window in which public numbers are copied and mirrored.",
    epilog="Example: ringfence transition open --preset entra-2021",
)

Show = Callable[[datetime | None], str | None]

_EITHER = "give --start and --end, or --preset entra-2021"
_UNKNOWN = "there is no preset {preset}; known: {known}"
_LEFT_BEHIND = (
    "Left behind: {} a method entry and only a public number, which is contacted no more. "
    "Who that is: ringfence numbers report --users FILE.csv; a transition opened anew lets numbers copy reach them."
)
_WORDS = {Moment.BEFORE: "not begun", Moment.INSIDE: "open", Moment.AFTER: "ended"}


@app.command("open", epilog="Example: ringfence transition open --start 2021-02-01 --end 2021-05-01T00:00Z")
def open_(
    context: typer.Context,
    start: Annotated[str | None, typer.Option(help="First instant of the window: 2021-02-01 or 2021-02-01T00:00Z.")] = None,
    end: Annotated[str | None, typer.Option(help="First instant after the window.")] = None,
    preset: Annotated[str | None, typer.Option(help="A named window: entra-2021 (1 February to 1 May 2021).")] = None,
) -> None:
    """Open a transition. Opening the same one again changes nothing; another one needs the open one to be closed first."""
    session = session_of(context)
    window = _window(start, end, preset)
    tenant = session.tenant()
    wanted = Transition(*window, session.now(), preset)
    transition, created = open_transition(session.services, tenant.tenant_id, wanted, session.actor())
    is_past = transition.moment(session.now()) is Moment.AFTER
    _tell(session, transition, created=created, left_behind=_left_behind(session) if is_past else 0)
    if not session.json and is_past:
        note("It is in the past, so nothing will be copied or mirrored.")


@app.command("show", epilog="Example: ringfence transition show --json")
def show(context: typer.Context) -> None:
    """Show the transition, and those before it."""
    session = session_of(context)
    known = show_transitions(session.services, session.tenant().tenant_id)
    if session.json:
        documents = [_document(session, transition) for transition in known]
        print_json({"transition": documents[-1] if documents else None, "earlier": documents[:-1]})
    elif not known:
        say("No transition was opened yet.")
    else:
        rows = [tuple(_document(session, one, show_second).values()) for one in reversed(known)]
        print_table(("start", "end", "preset", "state", "opened", "closed"), rows)


@app.command("close", epilog="Example: ringfence transition close")
def close(context: typer.Context) -> None:
    """Close the open transition: from now on it counts as ended, and public numbers are contacted no more.

    Says how many pairs are left behind by that; numbers report tells the number beforehand.
    """
    session = session_of(context)
    transition = close_transition(session.services, session.tenant().tenant_id, session.now(), session.actor())
    _tell(session, transition, created=True, left_behind=_left_behind(session))


def _left_behind(session: Session) -> int:
    """How many pairs have nothing but a public number, now that the window is over."""
    counted_now = plan_numbers(session.services, session.tenant().tenant_id, session.now()).by_status()
    return counted_now[Status.LEFT_BEHIND]


def _window(start: str | None, end: str | None, preset: str | None) -> tuple[datetime, datetime]:
    """The window that the options name, by dates or by preset, not both."""
    if preset is None and start is not None and end is not None:
        return parse_instant(start), parse_instant(end)
    if preset is None or start is not None or end is not None:
        raise typer.BadParameter(_EITHER)
    if preset not in PRESETS:
        raise typer.BadParameter(_UNKNOWN.format(preset=preset, known=", ".join(PRESETS)), param_hint="--preset")
    return PRESETS[preset]


def _tell(session: Session, transition: Transition, *, created: bool, left_behind: int) -> None:
    document = _document(session, transition)
    if session.json:
        print_json({**document, "changed": created, "leftBehind": left_behind})
        return
    say(f"Transition from {document['start']} to {document['end']}: {document['state']}.")
    if left_behind:
        note(_LEFT_BEHIND.format(counted(left_behind, "pair has", "pairs have")))


def _document(session: Session, transition: Transition, show: Show = show_instant) -> dict[str, Any]:
    return {
        "start": show_instant(transition.start_at),
        "end": show_instant(transition.end_at),
        "preset": transition.preset,
        "state": _WORDS[transition.moment(session.now())],
        "openedAt": show(transition.opened_at),
        "closedAt": show(transition.closed_at),
    }

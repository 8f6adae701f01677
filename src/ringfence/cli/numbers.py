"""`ringfence numbers plan|copy|undo|report|runs`; `contacts`, `explain` and `rules` have modules of their own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from ringfence.application.copy_numbers import copy_numbers, each_kept, list_runs, undo_copy
from ringfence.application.plan_numbers import NumberLine, NumbersPlan, plan_numbers
from ringfence.application.transitions import show_transitions
from ringfence.cli.clock import parse_instant, show_instant, show_second
from ringfence.cli.contacts import contacts
from ringfence.cli.explain import explain
from ringfence.cli.number_files import user_file
from ringfence.cli.output import JsonList, bar, counted, note, print_json, print_table, progress, say
from ringfence.cli.rules import rules
from ringfence.cli.session import Session, session_of
from ringfence.domain.errors import ErrorCode, NotFoundError
from ringfence.domain.numbers.facts import Moment
from ringfence.domain.numbers.tables import STATUS, StatusRule
from ringfence.domain.numbers.transition import Transition
from ringfence.domain.values import Run

app = typer.Typer(
    no_args_is_help=True,
    help="Both sets of numbers: plan, copy, undo, explain, report.",
    epilog="Example: ringfence numbers plan",
)
app.command("rules", epilog="Example: ringfence numbers rules --markdown")(rules)
app.command("contacts", epilog="Example: ringfence numbers contacts --against before.csv")(contacts)
app.command("explain", epilog="Example: ringfence numbers explain kim@contoso.example --json")(explain)

_USERS = Annotated[
    Path | None, typer.Option("--users", metavar="FILE.csv", help="Write one line per user and pair to this file.")
]
_REVEAL = Annotated[bool, typer.Option("--reveal", help="Show authentication numbers in full.")]
_AT = Annotated[
    str | None, typer.Option(metavar="INSTANT", help="Plan for this instant instead of now: 2021-02-01 or 2021-02-01T00:00Z.")
]
_WINDOW = Annotated[
    str | None,
    typer.Option(metavar="START/END", help="Plan as if this transition were open: 2026-12-01/2027-03-01."),
]
_TWO_DATES = "a window has a start and an end: 2026-12-01/2027-03-01"
_DETAILS = Annotated[bool, typer.Option("--details", help="Also print one line per user and pair.")]

_MOMENTS = {
    Moment.BEFORE: "The transition has not begun, so nothing is copied yet.",
    Moment.INSIDE: "",
    Moment.AFTER: "The transition is over, so nothing is copied any more.",
}
_KEPT = {
    "authentication_changed": "the authentication number has changed since",
    "deleted": "the user is deleted",
    "not_synced": "the user is not synced any more",
    "public_changed": "the public number has changed since",
}
_NO_TRANSITION = (
    "No transition was opened yet: ringfence transition open --start 2026-12-01 --end 2027-03-01. "
    "To see beforehand what it will do: ringfence numbers plan --window 2026-12-01/2027-03-01"
)
_REASONS = {Moment.BEFORE: "before_window", Moment.INSIDE: None, Moment.AFTER: "window_closed"}
"""Why a copy writes nothing at all, in JSON; statuses of the pairs are called the same."""


@app.command("plan", epilog="Example: ringfence numbers plan --users plan.csv")
def plan(
    context: typer.Context,
    at: _AT = None,
    window: _WINDOW = None,
    users: _USERS = None,
    details: _DETAILS = False,
    reveal: _REVEAL = False,
) -> None:
    """Say what a copy would do, to whom and why; write nothing.

    Counts pairs (mobile, office) by outcome. "follows" counts the pairs whose authentication number will follow later changes
    of the directory from now on. With --users, the row of the table that matched for every user and pair. With --window,
    as if that transition were open, for its first instant unless --at says another.
    """
    session = session_of(context)
    assumed = _assumed(session, window)
    instant = parse_instant(at) if at is not None else session.now() if assumed is None else assumed.start_at
    lines = JsonList("pairs") if details and session.json else None
    with ExitStack() as stack:
        takers: list[Callable[[NumberLine], None]] = []
        if users is not None:
            takers.append(stack.enter_context(user_file(users, reveal=reveal)).add)
        if details:
            takers.append(_print_line if lines is None else _json_line(lines))
        planned = plan_numbers(session.services, session.tenant().tenant_id, instant, _all(takers), assumed)
    document = {
        "at": show_instant(planned.at),
        "outcomes": {status.value: count for status, count in planned.by_status().items()},
        "users": planned.users,
        "follows": planned.following,
        "extensionsDropped": planned.extensions_dropped,
        "leftBehindAtEnd": planned.left_behind_at_end,
    }
    if lines is not None:
        lines.close(**document)
    elif session.json:
        print_json(document)
    else:
        _print_plan(planned)


def _assumed(session: Session, window: str | None) -> Transition | None:
    """The transition to plan with, when one is given."""
    if window is None:
        return None
    start, slash, end = window.partition("/")
    if not slash:
        raise typer.BadParameter(_TWO_DATES, param_hint="--window")
    return Transition(parse_instant(start), parse_instant(end), session.now())


def _all(takers: list[Callable[[NumberLine], None]]) -> Callable[[NumberLine], None] | None:
    def take(line: NumberLine) -> None:
        for taker in takers:
            taker(line)

    return take if takers else None


def _print_line(line: NumberLine) -> None:
    say(f"{line.upn}\t{line.pair.phone_type}\t{line.rule}\t{line.status.value}\t{'follows' if line.follows else '-'}")


def _json_line(lines: JsonList) -> Callable[[NumberLine], None]:
    def add(line: NumberLine) -> None:
        document = {"user": line.upn, "pair": line.pair.phone_type, "rule": line.rule, "status": line.status.value}
        lines.add({**document, "follows": line.follows})

    return add


def _print_plan(planned: NumbersPlan) -> None:
    _print_counts(planned, f"Plan for {show_second(planned.at)}: {counted(planned.users, 'user', 'users')}")
    if planned.extensions_dropped:
        dropped = counted(planned.extensions_dropped, "public mobile number has", "public mobile numbers have")
        note(f"{dropped} an extension, which is dropped.")
    if planned.left_behind_at_end:
        note(f"{counted(planned.left_behind_at_end, 'pair', 'pairs')} would be left behind at the window's end without a copy.")
    _remark(planned)


def _remark(planned: NumbersPlan) -> None:
    """Say why nothing is copied at this time, if so."""
    if remark := _NO_TRANSITION if planned.transition is None else _MOMENTS[planned.moment]:
        note(remark)


def _print_counts(planned: NumbersPlan, title: str) -> None:
    says = {row.outcome: row.says for row in STATUS.rows}
    tally: dict[StatusRule, tuple[int, int]] = {}
    for outcome in planned.outcomes:
        pairs, follows = tally.get(outcome.row, (0, 0))
        tally[outcome.row] = (pairs + outcome.pairs, follows + outcome.pairs * outcome.follows)
    most = max((pairs for pairs, _ in tally.values()), default=0)
    rows = [
        (row.status.value, row.rule, tally[row][0], bar(tally[row][0], most), tally[row][1], says[row])
        for row in says
        if row in tally
    ]
    if rows:
        print_table(("status", "rule", "pairs", "", "follows", "why"), rows, title=title, numeric=("pairs", "follows"))
    else:
        say(f"{title}. Import some: ringfence import directory FILE")


@app.command("copy", epilog="Example: ringfence numbers copy")
def copy(context: typer.Context) -> None:
    """Copy the public number into the empty authentication number wherever the public one is in use for MFA.

    Nobody is contacted, no method entry and no default changes. Running it again writes nothing; a run that was killed is
    simply run again. Prints the id of the run, for numbers undo.
    """
    session = session_of(context)
    tenant = session.tenant()
    with progress("copy") as report:
        result = copy_numbers(session.services, tenant.tenant_id, report)
    run = str(uuid.UUID(bytes=result.run_id)) if result.run_id else None
    if session.json:
        print_json({"run": run, "copied": result.copied, "reason": _REASONS[result.moment]})
        return
    say(f"Copied {counted(result.copied, 'number', 'numbers')}." + (f" Run {run}" if run else ""))
    if result.moment is not Moment.INSIDE:
        opened = show_transitions(session.services, tenant.tenant_id)
        note(_MOMENTS[result.moment] if opened else _NO_TRANSITION)


@app.command("undo", epilog="Example: ringfence numbers undo 6f1c0a52-58a3-4d0f-9a5e-0c3f2b7f4c1d")
def undo(
    context: typer.Context, run: Annotated[str, typer.Argument(metavar="RUN", help="The id that numbers copy printed.")]
) -> None:
    """Take back what a copy wrote, where nothing has changed since; list the rest.

    Method entries stay, so the public number stands in again. The next copy would repeat it. Refused after the transition's
    end, when nothing would stand in any more.
    """
    session = session_of(context)
    tenant = session.tenant()
    undone = _run_id(run)
    with progress("undo") as report:
        result = undo_copy(session.services, tenant.tenant_id, undone, report)
    taken = str(uuid.UUID(bytes=result.run_id))
    if session.json:
        kept = JsonList("kept")
        each_kept(
            session.services,
            tenant.tenant_id,
            undone,
            lambda line: kept.add({"user": line.upn, "pair": line.pair.phone_type, "reason": line.reason}),
        )
        kept.close(run=taken, takenBack=result.taken_back, nextCopyRepeats=True)
        return
    left = each_kept(
        session.services,
        tenant.tenant_id,
        undone,
        lambda line: say(f"kept: {line.upn} {line.pair.phone_type}, {_KEPT[line.reason]}"),
    )
    say(f"Took back {counted(result.taken_back, 'number', 'numbers')}, kept {left}. Run {taken}")
    if result.taken_back:
        say("The next copy would repeat it. At the end of the transition whoever has no number is left behind.")


def _run_id(text: str) -> bytes:
    try:
        return uuid.UUID(text).bytes
    except ValueError as error:
        raise NotFoundError(ErrorCode.RUN_UNKNOWN, run=text) from error


@app.command("report", epilog="Example: ringfence numbers report --users report.csv")
def report(context: typer.Context, users: _USERS = None, reveal: _REVEAL = False) -> None:
    """Report how things stand now: pairs by status, and those that would be left behind at the window's end."""
    session = session_of(context)
    with ExitStack() as stack:
        taker = None if users is None else stack.enter_context(user_file(users, reveal=reveal)).add
        planned = plan_numbers(session.services, session.tenant().tenant_id, session.now(), taker)
    if session.json:
        document = {
            "at": show_instant(planned.at),
            "statuses": {status.value: count for status, count in planned.by_status().items()},
            "users": planned.users,
            "follows": planned.following,
            "leftBehindAtEnd": planned.left_behind_at_end,
        }
        print_json(document)
        return
    _print_counts(planned, f"Report of {show_second(planned.at)}: {counted(planned.users, 'user', 'users')}")
    _remark(planned)
    if planned.transition is not None and planned.moment is not Moment.AFTER:
        end = show_instant(planned.transition.end_at)
        say(f"Left behind at the window's end ({end}) if nothing is copied: {planned.left_behind_at_end}")


@app.command("runs", epilog="Example: ringfence numbers runs")
def runs(
    context: typer.Context, limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many to show.")] = 20
) -> None:
    """List the newest runs: copies, undos, imports, and who opened and closed the transition, with their results."""
    session = session_of(context)
    found = list_runs(session.services, session.tenant().tenant_id, limit)
    if session.json:
        print_json({"runs": [_run_document(run) for run in found]})
        return
    rows = [
        (
            str(uuid.UUID(bytes=run.run_id)),
            run.kind.name.lower().replace("_", " "),
            run.label,
            show_second(run.started_at),
            "no" if run.finished_at is None else "yes",
            _counted(run.counts or {}),
        )
        for run in found
    ]
    if rows:
        print_table(("run", "kind", "label", "started", "finished", "results"), rows)
    else:
        say("No runs yet.")


def _run_document(run: Run) -> dict[str, object]:
    return {
        "run": str(uuid.UUID(bytes=run.run_id)),
        "kind": run.kind.name.lower(),
        "label": run.label,
        "startedAt": show_instant(run.started_at),
        "finishedAt": show_instant(run.finished_at),
        "counts": dict(run.counts or {}),
    }


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items() if count)

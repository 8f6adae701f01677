"""`ringfence numbers explain USER`."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

import typer

from ringfence.application.explain_user import (
    DELETED_RULE,
    DELETED_SAYS,
    ExplainedMethod,
    ExplainedPair,
    Explanation,
    explain_user,
)
from ringfence.cli.clock import show_instant, show_second
from ringfence.cli.number_files import shown_number
from ringfence.cli.output import one_line, print_json, print_table, say
from ringfence.cli.session import session_of
from ringfence.domain.directory.records import SyncState
from ringfence.domain.directory.user import Written
from ringfence.domain.numbers.tables import EFFECTIVE, Contact


def explain(
    context: typer.Context,
    user: Annotated[str, typer.Argument(metavar="USER", help="User principal name or id.")],
    reveal: Annotated[bool, typer.Option("--reveal", help="Show authentication numbers in full.")] = False,
) -> None:
    """Explain a user: both numbers, who wrote which when, and per method which number would be contacted and by which rule."""
    session = session_of(context)
    explanation = explain_user(session.services, session.tenant().tenant_id, user, session.now())
    if session.json:
        print_json(_document(explanation, reveal=reveal))
    else:
        _print(explanation, reveal=reveal)


def _document(explanation: Explanation, *, reveal: bool) -> dict[str, Any]:
    user = explanation.user
    return {
        "user": user.upn,
        "id": str(uuid.UUID(bytes=user.user_id)),
        "synced": user.sync_state is SyncState.SYNCED,
        "deleted": user.deleted_at is not None,
        "pairs": {pair.pair.phone_type: _pair_document(pair, reveal=reveal) for pair in explanation.pairs},
        "alternateMobile": shown_number(explanation.alternate, reveal=reveal),
        "methods": [
            {
                "type": method.method.name,
                "isDefault": method.is_default,
                "contacts": _contacted(method, reveal=reveal),
                "source": method.source.value,
                "rule": method.rule,
            }
            for method in explanation.methods
        ],
    }


def _pair_document(pair: ExplainedPair, *, reveal: bool) -> dict[str, Any]:
    return {
        "public": pair.public or None,
        "authentication": shown_number(pair.authentication, reveal=reveal),
        "origin": None if pair.written is None else pair.written.origin.name.lower(),
        "writtenAt": None if pair.written is None else show_instant(pair.written.at),
        "writtenBy": None if pair.written is None else pair.written.by,
        "run": None if pair.written is None or pair.written.run_id is None else str(uuid.UUID(bytes=pair.written.run_id)),
        "status": None if pair.status is None else pair.status.value,
        "rule": pair.rule,
        "why": pair.says,
        "follows": pair.follows,
        "managedInCloud": pair.is_override,
    }


def _contacted(method: ExplainedMethod, *, reveal: bool) -> str | None:
    """The number contacted; public numbers are never masked."""
    return method.contacts if method.source is Contact.PUBLIC else shown_number(method.contacts, reveal=reveal)


def _print(explanation: Explanation, *, reveal: bool) -> None:
    user = explanation.user
    state = "deleted, " if user.deleted_at is not None else ""
    say(f"{one_line(user.upn)} ({state}{user.sync_state.name.lower().replace('_', ' ')})")
    for pair in explanation.pairs:
        follows = "; it follows the directory" if pair.follows else ""
        status = "deleted" if pair.status is None else pair.status.value
        say(f"{pair.pair.phone_type}: {status}{follows}\n  {pair.rule}: {pair.says}")
        managed = " (managed in the cloud: what the directory sends is ignored)" if pair.is_override else ""
        say(f"  public          {one_line(pair.public) or '(none)'}{managed}")
        say(f"  authentication  {_authentication(pair.authentication, pair.written, reveal=reveal)}")
    if explanation.alternate is not None:
        number = _authentication(explanation.alternate, explanation.alternate_written, reveal=reveal)
        say(f"alternateMobile:\n  authentication  {number}")
    if explanation.methods:
        _print_methods(explanation.methods, reveal=reveal)
    elif user.deleted_at is None:
        say("No method entries: the user would be sent to registration.")
    else:
        say("No method entries.")


def _print_methods(explained: list[ExplainedMethod], *, reveal: bool) -> None:
    says = {DELETED_RULE: DELETED_SAYS, **{row.id: row.says for row in EFFECTIVE.rows}}
    methods = [
        (
            method.method.name + (" (default)" if method.is_default else ""),
            _contacted(method, reveal=reveal) or ("(an app or token)" if method.method.pair is None else "(no number)"),
            method.source.value if method.rule else "",
            f"{method.rule}: {says[method.rule]}" if method.rule else "",
        )
        for method in explained
    ]
    print_table(("method", "contacts", "source", "rule"), methods)


def _authentication(number: str | None, written: Written | None, *, reveal: bool) -> str:
    shown = shown_number(number, reveal=reveal) or "(none)"
    if written is None:
        return shown
    return f"{shown}, {written.origin.name.lower()} {show_second(written.at)}, {written.by}"

"""`ringfence audit sign-ins`: who signed in, and who failed to."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final

import typer

from ringfence.application.accounts import show_user
from ringfence.application.find_sign_ins import Document, list_sign_ins
from ringfence.application.ports.sign_ins import SignInQuestion
from ringfence.cli.clock import parse_instant
from ringfence.cli.output import JsonList, print_table, say
from ringfence.cli.session import Session, session_of
from ringfence.domain.directory.query import And, Comparison, Filter, Operator
from ringfence.domain.errors import NotFoundError
from ringfence.domain.identity.sign_ins import GOES_ON, INTERRUPTS, SignInResult

_PAGE: Final = 500
_MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True)
class SignIns:
    """List the newest sign-ins of people, newest first; they are kept for 30 days.

    A sign-in that a second factor is demanded of leaves two lines: the demand, which is no failure, and how the second step
    ended. --failed with --interrupted lists all but successes, as Graph's `status/errorCode ne 0` does.
    """

    context: typer.Context
    user: Annotated[str | None, typer.Option("--user", metavar="USER", help="Only this user, or this name nobody has.")] = None
    since: Annotated[str | None, typer.Option(metavar="INSTANT", help="Only from this instant on.")] = None
    until: Annotated[str | None, typer.Option(metavar="INSTANT", help="Only before this instant.")] = None
    failed: Annotated[bool, typer.Option("--failed", help="Only those that failed; demands are none.")] = False
    interrupted: Annotated[
        bool, typer.Option("--interrupted", help="Only demands of a second factor (50074) or a registration (50079).")
    ] = False
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="At most this many.")] = 50

    def __post_init__(self) -> None:
        """Run the command: typer calls it with its options, which are the fields."""
        session = session_of(self.context)
        wanted = (_FAILURES if self.failed else frozenset()) | (INTERRUPTS if self.interrupted else frozenset())
        asked = _joined([*_whose(session, self.user), *_when(self.since, self.until)])
        found = _each(session, SignInQuestion(asked, results=wanted or None), self.limit)
        if session.json:
            listed = JsonList("signIns")
            for sign_in in found:
                listed.add(sign_in)
            listed.close()
            return
        rows = [_row(sign_in) for sign_in in found]
        if rows:
            print_table(("at", "user", "code", "application", "address", "client", "result"), rows)
        else:
            say("No sign-ins.")


_FAILURES: Final = frozenset(SignInResult) - GOES_ON


def _whose(session: Session, user: str | None) -> Iterator[Filter]:
    if user is None:
        return
    try:
        found = show_user(session.services, session.tenant().tenant_id, user).user.user_id
    except NotFoundError:
        yield Comparison("userPrincipalName", Operator.EQ, user)
    else:
        yield Comparison("userId", Operator.EQ, str(uuid.UUID(bytes=found)))


def _when(since: str | None, until: str | None) -> Iterator[Filter]:
    if since is not None:
        yield Comparison("createdDateTime", Operator.GE, parse_instant(since))
    if until is not None:
        yield Comparison("createdDateTime", Operator.LE, parse_instant(until) - _MOMENT)


def _joined(asked: list[Filter]) -> Filter | None:
    return And(tuple(asked)) if len(asked) > 1 else next(iter(asked), None)


def _each(session: Session, asked: SignInQuestion, limit: int) -> Iterator[Document]:
    """The sign-ins, page by page."""
    tenant_id, after, left = session.tenant().tenant_id, None, limit
    while left:
        question = asked._replace(after=after, limit=min(left, _PAGE))
        found = list_sign_ins(session.services, tenant_id, question, in_full=True)
        yield from found.documents
        after, left = found.after, left - len(found.documents)
        if after is None:
            return


def _row(sign_in: dict[str, Any]) -> tuple[str, ...]:
    status = sign_in["status"]
    told = [text for text in (status["failureReason"] or "signed in", status["additionalDetails"]) if text]
    return (
        sign_in["createdDateTime"][:19] + "Z",
        sign_in["userPrincipalName"],
        str(status["errorCode"]),
        sign_in["appDisplayName"],
        sign_in["ipAddress"] or "",
        sign_in["clientAppUsed"],
        " ".join(told),
    )

"""The log of sign-ins: written line by line, asked for a page at a time, newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple, Protocol

from ringfence.domain.directory.query import Filter
from ringfence.domain.identity.sign_ins import SignIn, SignInResult

FIXED: Final = {
    "conditionalAccessStatus": "notApplied",
    "resourceDisplayName": "Microsoft Graph",
    "resourceId": "00000003-0000-0000-c000-000000000000",
    "riskDetail": "none",
    "riskLevelAggregated": "none",
    "riskLevelDuringSignIn": "none",
    "riskState": "none",
}
"""What is the same for every sign-in so far, by Graph's name: one resource, no conditional access, no risk."""


class SignInKey(NamedTuple):
    """Where a line stands in the order of the log."""

    at: datetime
    sign_in_id: bytes


class SignInQuestion(NamedTuple):
    """Which lines, and behind which one; the filter's fields are those of Graph's `signIn`."""

    filter: Filter | None = None
    after: SignInKey | None = None
    limit: int = 100
    results: frozenset[SignInResult] | None = None
    """Only lines that ended so; None for all."""


class SignInPage(NamedTuple):
    """A page, and the key to go on behind; None at the end."""

    sign_ins: list[SignIn]
    after: SignInKey | None


class SignInLog(Protocol):
    """Where the lines are kept."""

    def add(self, tenant_id: int, sign_in: SignIn) -> None:
        """Store a line."""

    def latest_failures(self, tenant_id: int, user_id: bytes | None, since: datetime, limit: int) -> list[SignInKey]:
        """The lines of failures of a user (None: of nobody that is known) from an instant on, newest first, at most `limit`."""

    def count_further(self, tenant_id: int, key: SignInKey) -> None:
        """Count one more sign-in on a line that stands for it too."""

    def page(self, tenant_id: int, question: SignInQuestion) -> SignInPage:
        """At most `question.limit` lines, newest first; raises `UnknownField` for what cannot be asked."""

    def find(self, tenant_id: int, sign_in_id: bytes) -> SignIn | None:
        """One line."""

    def forget_before(self, tenant_id: int, before: datetime, limit: int) -> int:
        """Remove the oldest lines before an instant, about `limit` of them; return how many."""

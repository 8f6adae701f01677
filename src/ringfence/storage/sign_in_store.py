"""The log of sign-ins: lines are added, counted and removed; questions over it stand in `sign_in_query`."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ringfence.application.ports.sign_ins import SignInKey, SignInPage, SignInQuestion
from ringfence.domain.identity.sign_ins import SignIn
from ringfence.storage.rows import from_micros, to_micros
from ringfence.storage.sign_in_query import COLUMNS, SqlSignInQuery, second_row, sign_in_of
from ringfence.storage.statements import Statements

_PLACES: Final = ", ".join("?" * (1 + len(COLUMNS)))


class SqlSignInLog:
    """`SignInLog` over SQL."""

    def __init__(self, statements: Statements) -> None:
        """Work on this transaction."""
        self._sql = statements

    def add(self, tenant_id: int, sign_in: SignIn) -> None:
        """Store a line."""
        attempt = sign_in.attempt
        self._sql.run(
            f"INSERT INTO sign_ins (tenant_id, {', '.join(COLUMNS)}) VALUES ({_PLACES})",  # noqa: S608 - columns of ours
            tenant_id,
            to_micros(sign_in.at),
            sign_in.sign_in_id,
            sign_in.user_id,
            sign_in.upn,
            sign_in.display_name,
            sign_in.typed,
            attempt.app_id,
            attempt.app_name,
            int(attempt.client),
            attempt.ip_address,
            attempt.correlation_id,
            int(attempt.is_device_code),
            int(sign_in.result),
            sign_in.further,
            *second_row(sign_in.second),
            None if sign_in.requirement is None else int(sign_in.requirement),
        )

    def latest_failures(self, tenant_id: int, user_id: bytes | None, since: datetime, limit: int) -> list[SignInKey]:
        """The lines of failures of a user (None: of nobody that is known) from an instant on, newest first, at most `limit`."""
        whose, values = ("user_id IS NULL", ()) if user_id is None else ("user_id = ?", (user_id,))
        text = (
            f"SELECT created_at, sign_in_id FROM sign_ins WHERE tenant_id = ? AND {whose} AND created_at >= ? "  # noqa: S608 - ours
            "AND result <> 0 ORDER BY created_at DESC LIMIT ?"
        )
        rows = self._sql.all(text, tenant_id, *values, to_micros(since), limit)
        return [SignInKey(from_micros(row[0]), bytes(row[1])) for row in rows]

    def count_further(self, tenant_id: int, key: SignInKey) -> None:
        """Count one more sign-in on a line that stands for it too."""
        text = "UPDATE sign_ins SET further = further + 1 WHERE tenant_id = ? AND sign_in_id = ?"
        self._sql.run(text, tenant_id, key.sign_in_id)

    def page(self, tenant_id: int, question: SignInQuestion) -> SignInPage:
        """At most `question.limit` lines, newest first; raises `UnknownField` for what cannot be asked."""
        return SqlSignInQuery(self._sql).page(tenant_id, question)

    def find(self, tenant_id: int, sign_in_id: bytes) -> SignIn | None:
        """One line."""
        text = f"SELECT {', '.join(COLUMNS)} FROM sign_ins WHERE tenant_id = ? AND sign_in_id = ?"  # noqa: S608 - columns of ours
        row = self._sql.one(text, tenant_id, sign_in_id)
        return None if row is None else sign_in_of(row)

    def forget_before(self, tenant_id: int, before: datetime, limit: int) -> int:
        """Remove the oldest lines before an instant, about `limit` of them (all of one moment go together); return how many."""
        oldest = "SELECT created_at FROM sign_ins WHERE tenant_id = ? AND created_at < ? ORDER BY created_at LIMIT ?"
        rows = self._sql.all(oldest, tenant_id, to_micros(before), limit)
        if not rows:
            return 0
        return self._sql.run("DELETE FROM sign_ins WHERE tenant_id = ? AND created_at <= ?", tenant_id, rows[-1][0])

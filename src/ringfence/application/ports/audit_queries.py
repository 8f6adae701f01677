"""Questions over the audit records of a tenant, a page at a time, newest first."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol

from ringfence.application.ports.lines import AuditLine
from ringfence.domain.directory.query import Filter


class AuditKey(NamedTuple):
    """Where a record stands in the order of the log."""

    at: datetime
    user_id: bytes
    correlation_id: bytes
    part: int


class AuditQuestion(NamedTuple):
    """Which records, and behind which one; the filter's fields are those of Graph's `directoryAudit`."""

    filter: Filter | None = None
    after: AuditKey | None = None
    limit: int = 100


class AuditEntry(NamedTuple):
    """A stored record, and the name that its user shows today."""

    line: AuditLine
    display_name: str

    @property
    def key(self) -> AuditKey:
        """Where it stands."""
        record = self.line.record
        return AuditKey(record.at, record.user_id, record.correlation_id, record.part)


class AuditPage(NamedTuple):
    """A page, and the key to go on behind; None at the end."""

    entries: list[AuditEntry]
    after: AuditKey | None


class AuditQueries(Protocol):
    """Where questions are answered."""

    def page(self, tenant_id: int, question: AuditQuestion) -> AuditPage:
        """At most `question.limit` records, newest first; raises `UnknownField` for what cannot be asked."""

    def find(self, tenant_id: int, user_id: bytes, correlation_id: bytes, part: int) -> AuditEntry | None:
        """One record."""

"""What notices ask of the store, and how whoever sends mails sees them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from ringfence.application.ports.delivery import SendOutcome
from ringfence.application.ports.mail import MailMessage
from ringfence.domain.signin.notices import Notice, NoticeState


class NoticeStore(Protocol):
    """Notices of all tenants, and the links in them."""

    def add(self, tenant_id: int, notice: Notice) -> None:
        """Store one that waits."""

    def waits(self, now: datetime) -> bool:
        """Whether anything is due."""

    def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[tuple[int, Notice]]:
        """Take due notices, those of claims that ran out included; nobody else gets them before `until`."""

    def settle(self, tenant_id: int, notice: Notice, state: NoticeState, due_at: datetime | None) -> bool:
        """Store what became of one that was claimed; return whether the claim still was ours."""

    def save_link(self, tenant_id: int, notice: Notice, secret_hash: bytes) -> None:
        """Note what its link is known by."""

    def find_link(self, secret_hash: bytes) -> tuple[int, Notice] | None:
        """The notice with this link."""

    def use_link(self, tenant_id: int, notice: Notice, at: datetime) -> bool:
        """Note that its link was used; return whether it was not before, which it is once."""

    def newest(self, tenant_id: int, limit: int) -> Sequence[Notice]:
        """The newest, newest first."""

    def count_waiting(self) -> tuple[int, datetime | None]:
        """How many wait, of all tenants, and since when the first of them does."""

    def forget_before(self, tenant_id: int, before: datetime, limit: int) -> int:
        """Remove the oldest, about `limit` of them; return how many."""


class OutgoingMail(NamedTuple):
    """A notice that is to go out now, of which tenant."""

    tenant_id: int
    notice: Notice
    what: MailMessage


class MailOutbox(Protocol):
    """Every method is one transaction and may wait for others."""

    def waits(self, now: datetime) -> bool:
        """Whether anything is due."""

    def take(self, now: datetime, limit: int) -> Sequence[OutgoingMail]:
        """Take notices that are due, at most `limit` of them. What is too late, or for nobody, is closed instead."""

    def settle(self, ended: Sequence[tuple[OutgoingMail, SendOutcome]], now: datetime) -> None:
        """Store what became of notices that were taken."""

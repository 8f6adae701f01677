"""What notices ask of the store, and how whoever sends mails sees them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from ringfence.application.ports.delivery import SendOutcome
from ringfence.application.ports.mail import MailMessage
from ringfence.application.ports.telephony import Order
from ringfence.domain.signin.notices import Notice, NoticeState

ROOM_FOR_CODES: Final = 8
"""Mails in hand that notices never take the place of: somebody waits for a code."""


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


class OutgoingCode(NamedTuple):
    """A mail with the code of a challenge, that is to go out now."""

    order: Order
    what: MailMessage


class MailOutbox(Protocol):
    """Codes before notices, which leave room for them. Every method may wait for others."""

    def waits(self, now: datetime) -> bool:
        """Whether anything is due."""

    def take(self, now: datetime, limit: int) -> Sequence[OutgoingMail | OutgoingCode]:
        """Take what is due, at most `limit`, and notices only what leaves `ROOM_FOR_CODES`.

        What is too late, not wanted any more, or for nobody, is closed instead.
        """

    def settle(self, ended: Sequence[tuple[OutgoingMail | OutgoingCode, SendOutcome]], now: datetime) -> None:
        """Store what became of mails that were taken."""

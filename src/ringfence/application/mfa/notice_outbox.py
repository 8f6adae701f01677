"""The outbox of mails: codes first, which are messages of challenges (`outbox`), and then notices. Claimed before they go.

The secret of a link is made from the key file and the notice when the mail is: the database knows its hash alone. What may have
been sent does not go again; what was refused for our own configuration does, for that may be put right within the day.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from ringfence.application.identity.parts import Identity, hash_of
from ringfence.application.mfa.notices import address_of
from ringfence.application.mfa.outbox import SqlOutbox
from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.delivery import Accepted, Later, RefusalReason, Refused, SendOutcome, Unknown
from ringfence.application.ports.mail import MailMessage, is_address
from ringfence.application.ports.notices import ROOM_FOR_CODES, OutgoingCode, OutgoingMail
from ringfence.application.ports.outbox import LEASE, Outgoing
from ringfence.application.services import in_transaction
from ringfence.domain.signin.challenge import Channel
from ringfence.domain.signin.notice_texts import DEFAULT_LANGUAGE, notice_language, notice_text
from ringfence.domain.signin.notices import Notice, NoticeKind, NoticeState, pause_after

PATH: Final = "/oauth/not-me"


class _Ready(NamedTuple):
    """A mail, and the hash of the secret in it."""

    mail: OutgoingMail
    link_hash: bytes | None


class _Closed(NamedTuple):
    tenant_id: int
    notice: Notice
    state: NoticeState


class SqlMailOutbox:
    """`MailOutbox` of a deployment."""

    def __init__(self, identity: Identity, public_url: str) -> None:
        """Drain this deployment's; links lead to this address."""
        self._identity = identity
        self._public_url = public_url.rstrip("/")
        self._codes = SqlOutbox(identity, {Channel.MAIL: LEASE})

    def waits(self, now: datetime) -> bool:
        """Whether anything is due."""
        if self._codes.waits(now):
            return True
        with self._identity.services.store.look() as unit:
            return unit.notices.waits(now)

    def take(self, now: datetime, limit: int) -> Sequence[OutgoingMail | OutgoingCode]:
        """Take what is due, at most `limit`, and notices only what leaves `ROOM_FOR_CODES`; close what goes to nobody."""
        taken = self._codes.take(now, limit) if self._codes.waits(now) else ()
        codes = [OutgoingCode(one.order, one.what) for one in taken if isinstance(one.what, MailMessage)]
        room = limit - max(len(codes), ROOM_FOR_CODES)
        return [*codes, *(self._take_notices(now, room) if room > 0 else ())]

    def _take_notices(self, now: datetime, limit: int) -> Sequence[OutgoingMail]:
        services = self._identity.services
        claimed = in_transaction(services, lambda unit: unit.notices.claim(now, now + LEASE, limit))
        if not claimed:
            return []
        with services.store.look() as unit:
            names = {tenant.tenant_id: tenant.name for tenant in unit.administration.tenants()}
            found = [self._ready(unit, (tenant_id, names[tenant_id]), notice, now) for tenant_id, notice in claimed]

        def work(unit: UnitOfWork) -> None:
            for one in found:
                if isinstance(one, _Closed):
                    unit.notices.settle(one.tenant_id, one.notice, one.state, None)
                elif one.link_hash is not None:
                    unit.notices.save_link(one.mail.tenant_id, one.mail.notice, one.link_hash)

        in_transaction(services, work)
        return [one.mail for one in found if isinstance(one, _Ready)]

    def _ready(self, unit: UnitOfWork, tenant: tuple[int, str], notice: Notice, now: datetime) -> _Ready | _Closed:
        tenant_id, organisation = tenant
        if now >= notice.is_too_late_at:
            return _Closed(tenant_id, notice, NoticeState.FAILED)
        account = unit.directory.load(tenant_id, [notice.user_id]).get(notice.user_id)
        to = None if account is None else notice.recipient or address_of(unit, tenant_id, account.user)
        if account is None or to is None or not is_address(to):
            return _Closed(tenant_id, notice, NoticeState.DROPPED)
        secret = self._secret(tenant_id, notice) if notice.kind.has_link else None
        link = None if secret is None else f"{self._public_url}{PATH}?t={secret}"
        said = notice_text(notice, self._language(unit, tenant_id, notice), (organisation, account.user.upn), link)
        mail = OutgoingMail(tenant_id, notice, MailMessage(notice.notice_id, to, said.subject, said.text))
        return _Ready(mail, None if secret is None else hash_of(secret))

    def _secret(self, tenant_id: int, notice: Notice) -> str:
        content = b"not me:%d:" % tenant_id + notice.notice_id
        return urlsafe_b64encode(self._identity.fingerprint(content)).decode().rstrip("=")

    def _language(self, unit: UnitOfWork, tenant_id: int, notice: Notice) -> str:
        if notice.kind is NoticeKind.FRAUD_REPORTED:
            return DEFAULT_LANGUAGE  # its reader is another than its user
        profile = unit.identity.profiles(tenant_id, [notice.user_id]).get(notice.user_id)
        return notice_language(None if profile is None else profile.preferred_language)

    def settle(self, ended: Sequence[tuple[OutgoingMail | OutgoingCode, SendOutcome]], now: datetime) -> None:
        """Store what became of mails that were taken: of the codes, and of the notices."""
        codes = [(Outgoing(*mail), outcome) for mail, outcome in ended if isinstance(mail, OutgoingCode)]
        if codes:
            self._codes.settle(codes, now)
        notices = [(mail, outcome) for mail, outcome in ended if isinstance(mail, OutgoingMail)]
        if notices:
            self._settle_notices(notices, now)

    def _settle_notices(self, ended: Sequence[tuple[OutgoingMail, SendOutcome]], now: datetime) -> None:
        def work(unit: UnitOfWork) -> None:
            for mail, outcome in sorted(ended, key=lambda one: one[0].notice.notice_id):
                unit.notices.settle(mail.tenant_id, mail.notice, *_after(mail.notice, outcome, now))

        in_transaction(self._identity.services, work)


def _after(notice: Notice, outcome: SendOutcome, now: datetime) -> tuple[NoticeState, datetime | None]:
    """The state after an outcome, and when it is tried again."""
    if isinstance(outcome, Accepted | Unknown):
        return NoticeState.SENT, None
    if isinstance(outcome, Refused) and outcome.reason is not RefusalReason.CONFIGURATION:
        return NoticeState.FAILED, None
    pause = pause_after(notice.attempts - 1)
    due_at = now + (max(pause, outcome.after) if isinstance(outcome, Later) else pause)
    return (NoticeState.PENDING, due_at) if due_at < notice.is_too_late_at else (NoticeState.FAILED, None)

"""What the worker does when its store fails: nothing that was sent is forgotten, and one bad message stops no other."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import pytest

from ringfence.application.mfa.outbox import SqlOutbox
from ringfence.application.ports.calls import CallOutcome
from ringfence.application.ports.delivery import SendOutcome
from ringfence.application.ports.outbox import Outgoing
from ringfence.application.ports.telephony import MessageState
from ringfence.delivery.drain import Drain, NoCaller, NoMailer
from ringfence.domain.errors import ConflictError, ErrorCode
from tests.api.test_texts import Phones
from tests.contract.deployments import TENANT
from tests.delivery.messages import run, until
from tests.delivery.test_mail_drain import _Texts, api
from tests.graph.served import Api

__all__ = ["api"]
_PEOPLE: Final = ("ann", "ben", "cid")


class _Failing(SqlOutbox):
    """Cannot store at first, or never anything of one number."""

    fails = 1
    never: bytes | None = None

    def settle(self, ended: Sequence[tuple[Outgoing, SendOutcome | CallOutcome]], now: datetime) -> None:
        """Store, or fail as a busy database does."""
        if self.fails or self.never in {outgoing.order.message.user_id for outgoing, _ in ended}:
            self.fails = max(0, self.fails - 1)
            raise ConflictError(ErrorCode.DATABASE_BUSY)
        super().settle(ended, now)


@pytest.mark.parametrize("is_bad", [False, True])
def test_a_store_that_fails_loses_no_outcome(api: Api, is_bad: bool) -> None:  # noqa: FBT001 - a case
    """Each text goes out once, and all that can be stored are stored as sent."""
    phones, outbox, texts = Phones(api), _Failing(api.identity), _Texts()
    users = [phones.user(name, f"+49 1511234567{number}") for number, name in enumerate(_PEOPLE)]
    for user in users:
        phones.asked(user, method="sms")
    with api.joined.services.store.snapshot() as unit:
        outbox.never = unit.directory.ids_by_upn(TENANT, users[:1])[users[0]] if is_bad else None
    expected = len(users) - is_bad

    def sent() -> int:
        with api.joined.services.store.snapshot() as unit:
            states = unit.messages.count_by_state(TENANT, api.clock.now() - timedelta(minutes=1))
        return sum(count for _, state, count in states if state is MessageState.SENT)

    async def drain() -> None:
        stop, errors = threading.Event(), list[Exception]()
        worker = Drain(outbox, api.clock.now, errors.append)
        task = asyncio.create_task(worker.run((texts, NoCaller(), NoMailer()), stop))
        await until(lambda: sent() == expected)
        api.later(3600)  # a claim that ran out is no longer ours to tell of
        stop.set()
        await task

    run(drain())
    assert len(users) == len(texts.numbers)

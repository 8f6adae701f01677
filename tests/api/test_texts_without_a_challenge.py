"""A message whose challenge is gone goes nowhere, and is not looked at again and again."""

from __future__ import annotations

from datetime import timedelta

from ringfence.application.ports.outbox import LEASE
from ringfence.application.ports.telephony import MessageState
from ringfence.application.services import in_transaction
from tests.api.test_texts import Phones
from tests.contract.deployments import TENANT
from tests.graph.served import Api


def test_it_is_dropped_at_the_first_look(api: Api) -> None:
    """It was claimed anew at the end of each claim, for the month that messages are kept."""
    phones = Phones(api)
    phones.asked(phones.user("ann"))
    services, now = api.joined.services, api.clock.now()
    assert 1 == in_transaction(services, lambda unit: unit.challenges.forget_before(TENANT, now + timedelta(days=1), 10))
    assert [] == phones.take()
    api.later(LEASE.total_seconds() + 1)
    assert not phones.outbox.waits(api.clock.now())
    with services.store.snapshot() as unit:
        assert [MessageState.DROPPED] == [state for _, state, _ in unit.messages.count_by_state(TENANT, now)]

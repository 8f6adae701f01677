"""Calls through a provider's trunk (Kamailio), which wants a password."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ringfence.application.ports.calls import CallEnd, CallOutcome
from ringfence.application.ports.delivery import Later, LaterReason, RefusalReason, Refused
from tests.delivery.messages import NOW
from tests.delivery.telephones import account_at, call_to, caller, outcome_of
from tests.servers.kamailio import PASSWORD, USER, trunk
from tests.servers.sipp import callee, free_port, takes_it

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def phone_port() -> int:
    """Where the phone is that the trunk rings."""
    return free_port()


@pytest.fixture(scope="module")
def trunk_port(phone_port: int) -> Iterator[int]:
    """The port of a trunk."""
    with trunk(phone_port) as one:
        yield one.port


KNOWN = {"auth_user": USER, "password": PASSWORD}
REFUSED = Refused(RefusalReason.CONFIGURATION)
OUTCOMES: dict[str, tuple[str, dict[str, Any], CallOutcome]] = {
    "wrong-password": ("+1 4255550100", {"auth_user": USER, "password": "wrong"}, REFUSED),
    "wrong-user": ("+1 4255550100", {"password": PASSWORD}, REFUSED),
    "no-password": ("+1 4255550100", {}, REFUSED),
    "registered-with-a-wrong-password": ("+1 4255550100", {"password": "wrong", "is_registered": True}, REFUSED),
    "unknown-number": ("+49 15112345678", KNOWN, Refused(RefusalReason.DESTINATION)),
    "number-in-another-form": ("+1 4255550100", KNOWN | {"dial_prefix": "00"}, Refused(RefusalReason.DESTINATION)),
    "not-for-us": ("+1 4255550109", KNOWN, REFUSED),
}


@pytest.mark.parametrize(("number", "fields", "outcome"), OUTCOMES.values(), ids=OUTCOMES)
def test_refusals(trunk_port: int, number: str, fields: dict[str, Any], outcome: CallOutcome) -> None:
    """What a trunk does not let through is told from a phone that nobody takes, and the number from the account."""
    assert outcome == outcome_of(account_at(trunk_port, **fields), call_to(number))


@pytest.mark.parametrize("is_registered", [False, True], ids=["unregistered", "registered"])
def test_through_the_trunk(tmp_path: Path, phone_port: int, trunk_port: int, is_registered: bool) -> None:  # noqa: FBT001 - a column
    """With the right password the phone behind it rings and answers, registered or not."""
    account = account_at(trunk_port, is_registered=is_registered, **KNOWN)
    with callee(tmp_path, takes_it("#"), port=phone_port) as phone:
        assert (CallEnd.APPROVED, "") == (outcome_of(account, call_to()), phone.verdict())


def test_a_registrar_that_is_not_there() -> None:
    """An account that cannot register for now is for later, and rings nobody."""
    outcome = outcome_of(account_at(free_port(), is_registered=True), call_to())
    assert isinstance(outcome, Later)
    assert LaterReason.UNREACHABLE == outcome.reason


def test_a_registrar_that_comes_back(tmp_path: Path) -> None:
    """A trunk that was away at the start is registered with by the next call, and rings the phone."""
    port = free_port()

    async def place() -> None:
        account = account_at(port, is_registered=True, **KNOWN)
        async with caller(account) as one:
            with callee(tmp_path, takes_it("#")) as phone, trunk(phone.port, port):
                assert CallEnd.APPROVED == await one.place(call_to(), NOW)

    asyncio.run(place())

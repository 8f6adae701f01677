"""The epoch of a tenant: believed for a lease by every process, and never longer than whoever took something away waits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from ringfence.application.identity.applications import CreateApplication, create_application, delete_application, rotate_secret
from ringfence.application.identity.epochs import application_of, epoch_of
from ringfence.application.ports.identity import EPOCH_LEASE
from ringfence.application.services import Services
from tests.contract.clocks import IN_WINDOW, FakeClock, PacingClock
from tests.contract.deployments import TENANT, Joined, deployed, opened
from tests.contract.engines import ENGINES, empty_database
from tests.contract.leases import busy

_ROUNDS: Final = 25


class StillClock(FakeClock):
    """No time passes but what the test says."""

    span = timedelta()

    def elapsed(self) -> timedelta:
        """As far as the test moved it."""
        return self.span


class Two(NamedTuple):
    """Two processes of one deployment, as far as memory goes."""

    one: Joined
    other: Joined
    clock: StillClock
    """Of the other."""


@pytest.fixture(params=ENGINES)
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Two]:
    """A deployment opened twice."""
    key_file, clock = tmp_path / "ringfence.key", StillClock()
    with (
        empty_database(request.param, request, tmp_path) as url,
        deployed(url, key_file, PacingClock()) as one,
        opened(url, key_file, clock) as other,
    ):
        yield Two(one, other, clock)


def advance(services: Services) -> None:
    """Take something away from somebody."""
    with services.store.begin() as unit:
        unit.identity.advance_epoch(TENANT)
        unit.commit()


def test_it_is_read_again_when_the_lease_is_over(two: Two) -> None:
    """And not before."""
    first = epoch_of(two.other.services, TENANT)
    advance(two.one.services)
    two.clock.span = EPOCH_LEASE - timedelta(microseconds=1)
    assert first == epoch_of(two.other.services, TENANT)
    two.clock.span = EPOCH_LEASE
    assert first + 1 == epoch_of(two.other.services, TENANT)


def test_only_what_takes_something_away_waits(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease, once the transaction is over."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    create_application(two.one.services, TENANT, CreateApplication("scripts"), IN_WINDOW)
    assert [] == waited
    rotate_secret(two.one.services, TENANT, "scripts")
    assert [EPOCH_LEASE.total_seconds()] == waited


def test_nobody_believes_what_was_taken_away(two: Two, tmp_path: Path) -> None:
    """However busy the other process is: it knows of another secret, and of an application that is gone, once that is done."""
    url = two.one.database.engine.url.render_as_string(hide_password=False)
    with opened(url, tmp_path / "ringfence.key", PacingClock()) as other:
        mine, theirs = two.one.services, other.services
        for number in range(_ROUNDS):
            made = create_application(mine, TENANT, CreateApplication(f"app {number}"), IN_WINDOW).application
            with busy(lambda app_id=made.app_id: application_of(theirs, TENANT, app_id)):  # type: ignore[misc]
                changed = rotate_secret(mine, TENANT, made.name).application
                assert changed == application_of(theirs, TENANT, made.app_id)
                delete_application(mine, TENANT, made.name)
                assert application_of(theirs, TENANT, made.app_id) is None

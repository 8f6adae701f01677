"""Fixtures: a world before the transition is opened, and one in the middle of the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ringfence.application.services import Services
from ringfence.domain.numbers.policy import NumberPolicy
from tests.application.fakes import QuickStore, RivalStore
from tests.application.worlds import INSIDE, Ground, World, found_world

WorldUnder = Callable[[NumberPolicy], World]


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """Where deployments come from."""
    return Ground(tmp_path_factory.mktemp("ground"))


@pytest.fixture(scope="session")
def world_under(ground: Ground) -> Iterator[WorldUnder]:
    """Makes a world under a policy; worlds under the same policy are tenants of one deployment. For properties."""
    deployments: dict[NumberPolicy, tuple[Services, Callable[[], World]]] = {}

    def make(policy: NumberPolicy) -> World:
        if policy not in deployments:
            services, keys = ground.deployment(policy)
            names = iter(range(1_000_000))
            deployments[policy] = (services, lambda: found_world(services, keys, f"tenant {next(names)}"))
        return deployments[policy][1]()

    yield make
    for services, _ in deployments.values():
        close(services)


@pytest.fixture
def early(ground: Ground) -> Iterator[World]:
    """The day of the announcement; no transition yet."""
    services, keys = ground.deployment(NumberPolicy())
    yield found_world(services, keys)
    close(services)


@pytest.fixture
def world(early: World) -> World:
    """The middle of the window."""
    early.open_window()
    early.clock.time = INSIDE
    return early


@pytest.fixture
def contested(ground: Ground) -> Iterator[World]:
    """The middle of the window, in a store where a rival can write in between (`RivalStore`)."""
    services, keys = ground.deployment(NumberPolicy(), RivalStore)
    world = found_world(services, keys)
    world.open_window()
    world.clock.time = INSIDE
    yield world
    close(services)


def close(services: Services) -> None:
    """Close the database."""
    assert isinstance(services.store, QuickStore)
    services.store.database.dispose()

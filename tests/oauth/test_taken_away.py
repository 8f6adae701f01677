"""What is taken away in one process is gone in every other by the time that is answered, however busy the other one is."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from ringfence.application.identity.applications import delete_application
from ringfence.application.identity.callers import Callers, TokenFailure
from ringfence.application.identity.passwords import revoke_sessions, set_password
from ringfence.application.identity.people import delete_user
from ringfence.application.identity.roles import revoke_role
from ringfence.application.rotate_key import forget_keys, rotate_key
from ringfence.domain.identity.callers import Caller
from ringfence.domain.policy.roles import DirectoryRole
from tests.application.fakes import FakeClock
from tests.contract.clocks import IN_WINDOW
from tests.contract.deployments import TENANT, deployed, opened
from tests.contract.engines import empty_database
from tests.contract.leases import busy
from tests.graph.conftest import ENGINES
from tests.graph.served import ADMIN, Api


class Walking(FakeClock):
    """The time of day stands still until a test moves it; spans are the machine's own."""

    def elapsed(self) -> timedelta:
        """As in production."""
        return timedelta(seconds=time.monotonic())


class Two(NamedTuple):
    """Two processes of one deployment, as far as memory goes; the second checks tokens."""

    one: Api
    callers: Callers


@pytest.fixture(params=ENGINES)
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Two]:
    """A deployment opened twice."""
    key_file, clock = tmp_path / "ringfence.key", Walking(IN_WINDOW)
    with (
        empty_database(request.param, request, tmp_path) as url,
        deployed(url, key_file, clock) as first,
        opened(url, key_file, clock) as second,
    ):
        other = Api(second, clock)
        yield Two(Api(first, clock), Callers(other.identity, other.keyring))


def _forget_keys(api: Api) -> None:
    services, keys = api.joined.services, api.joined.keys
    rotate_key(services, keys, lambda _done, _total: None)
    forget_keys(services, keys)


def _user_id(api: Api, upn: str) -> bytes:
    with api.joined.services.store.snapshot() as unit:
        return unit.directory.ids_by_upn(TENANT, [upn])[upn]


TAKERS: Final[dict[str, Callable[[Api, str], object]]] = {
    "disable": lambda api, upn: api.call("PATCH", f"/v1.0/users/{upn}", {"accountEnabled": False}),
    "delete": lambda api, upn: delete_user(api.joined.services, TENANT, upn, ADMIN, api.clock.now()),
    "revoke sessions": lambda api, upn: revoke_sessions(api.identity, TENANT, _user_id(api, upn), api.clock.now()),
    "set a password": lambda api, upn: set_password(api.identity, TENANT, upn, "Right-Horse-9", api.clock.now()),
    "delete the application": lambda api, _upn: delete_application(
        api.joined.services, TENANT, str(uuid.UUID(bytes=api.application.app_id))
    ),
    "forget keys": lambda api, _upn: _forget_keys(api),
}


@pytest.mark.parametrize("take", TAKERS.values(), ids=TAKERS)
def test_a_token_is_void_at_once(two: Two, take: Callable[[Api, str], object]) -> None:
    """And stays so."""
    api, upn = two.one, two.one.new_user("kim")
    api.later(1)
    token, now = api.user_token(upn, "User.Read"), api.clock.now()
    assert isinstance(two.callers.resolve(token, now), Caller)
    api.later(0.000001)
    with busy(lambda: two.callers.resolve(token, api.clock.now())):
        take(api, upn)
        found = two.callers.resolve(token, api.clock.now())
    assert isinstance(found, TokenFailure)
    assert isinstance(two.callers.resolve(token, api.clock.now()), TokenFailure)


def test_a_role_that_was_taken_is_gone_at_once(two: Two) -> None:
    """The token holds, without it."""
    api = two.one
    upn = api.new_user("kim", DirectoryRole.GLOBAL_READER)
    token = api.user_token(upn, "User.Read")
    with busy(lambda: two.callers.resolve(token, api.clock.now())):
        revoke_role(api.joined.services, TENANT, upn, DirectoryRole.GLOBAL_READER)
        found = two.callers.resolve(token, api.clock.now())
    assert isinstance(found, Caller)
    assert frozenset() == found.roles

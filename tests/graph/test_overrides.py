"""`mobilePhone` of a synced user, written in the cloud: it holds against the directory from then on (domain-rules H.4, T7)."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Any, Final

import pytest

from ringfence.domain.directory.records import Edit
from ringfence.domain.directory.sync_plan import cleared_pairs
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.policy import NumberPolicy, PublicSource
from tests.application.worlds import SMS, World, entries, person
from tests.contract.deployments import TENANT
from tests.graph.served import Api

A: Final = "+1 4255550100"
B: Final = "+1 4255550101"
C: Final = "+1 4255550102"
UPN: Final = "ada@contoso.example"


def world_of(api: Api) -> World:
    """The same deployment, for imports."""
    return World(api.joined.services, api.joined.keys, api.clock, TENANT)


def under(api: Api, **policy: bool) -> Api:
    """The same deployment under other switches."""
    joined = copy(api.joined)
    joined.services = replace(api.joined.services, policy=NumberPolicy(**policy))  # type: ignore[arg-type] # switches alone
    return Api(joined, api.clock)


def write(api: Api, number: str | None) -> int:
    """Write the mobile number through the API; return the status."""
    return api.call("PATCH", f"/v1.0/users/{UPN}", {"mobilePhone": number}).status


def public(api: Api) -> str | None:
    """The mobile number that everybody sees."""
    found: str | None = api.call("GET", f"/v1.0/users/{UPN}?$select=mobilePhone").body["mobilePhone"]
    return found


@pytest.fixture
def ada(api: Api) -> Api:
    """Ada is synced with number A, is sent text messages, and has it as her authentication number too."""
    world = world_of(api)
    world.sync(person("ada", mobile=A, office=""))
    world.mfa(entries("ada", SMS, mobile=A))
    return api


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        pytest.param(B, {"mobile": C}, id="another number"),
        pytest.param(B, {"mobile": ""}, id="none any more"),
        pytest.param(B, {"mobile": "ask my wife"}, id="no number"),
        pytest.param(B, {"edits": (Edit("mobile", (A,), (C,)),)}, id="an edit"),
        pytest.param(None, {"mobile": C}, id="the cloud has none"),
    ],
)
def test_what_the_directory_sends_later_is_ignored(ada: Api, written: str | None, sent: dict[str, Any]) -> None:
    """The import reports success, changes neither number, and writes no audit record."""
    assert write(ada, written) == 204
    world = world_of(ada)
    before = world.account("ada"), len(world.audit())
    world.sync(person("ada", **sent))
    assert (before, []) == ((world.account("ada"), len(world.audit())), world.rejected)
    assert written == public(ada)


def test_the_write_itself_is_mirrored_as_an_administrator_s(ada: Api) -> None:
    """A17: within the window, where the two numbers were the same."""
    write(ada, B)
    assert (B, B) == (public(ada), world_of(ada).authentication("ada"))


def test_a_blocked_update_is_not_mirrored(ada: Api) -> None:
    """T7: though the pair is the same, and the directory's number another."""
    write(ada, B)
    world_of(ada).sync(person("ada", mobile=C))
    assert world_of(ada).authentication("ada") == B


def test_the_bypass_lets_the_directory_win(ada: Api) -> None:
    """The next import is a real public change, which is mirrored inside the window if the pair was the same."""
    write(ada, B)
    bypassed = under(ada, bypass_overrides=True)
    world_of(bypassed).sync(person("ada", mobile=C))
    world = world_of(ada)
    assert (C, PublicSource.SYNC) == (public(ada), world.account("ada").pairs[Pair.MOBILE].public.source)
    assert world.authentication("ada") == C


def test_without_the_bypass_again_the_directory_is_followed(ada: Api) -> None:
    """What it took back is no override any more."""
    write(ada, B)
    world_of(under(ada, bypass_overrides=True)).sync(person("ada", mobile=C))
    world_of(ada).sync(person("ada", mobile=A))
    assert public(ada) == A


def test_a_takeover_begins_without_overrides(ada: Api) -> None:
    """H.3: released and taken over again, the user gets what the directory has."""
    write(ada, B)
    world = world_of(ada)
    world.sync(person("ada", synced=False))
    world.sync(person("ada", mobile=C))
    assert public(ada) == C


def test_a_release_keeps_the_number_as_an_administrator_s(ada: Api) -> None:
    """It overrides nothing any more; a takeover that has no number leaves it (H.3), one with a number overwrites it."""
    write(ada, B)
    world = world_of(ada)
    world.sync(person("ada", synced=False))
    state = world.account("ada").pairs[Pair.MOBILE].public
    assert (B, PublicSource.ADMIN, False) == (state.text, state.source, world.pair("ada").is_override)
    world.sync(person("ada", mobile=""))
    assert public(ada) == B
    world.sync(person("ada", mobile=C))
    assert public(ada) == C


def test_a_takeover_of_somebody_deleted_begins_without_overrides_too(ada: Api) -> None:
    """Released, deleted, and back in the directory."""
    write(ada, B)
    world = world_of(ada)
    world.sync(person("ada", synced=False))
    assert ada.call("DELETE", f"/v1.0/users/{UPN}").status == 204
    world.sync(person("ada", mobile=C))
    assert public(ada) == C


def test_it_is_shown(ada: Api) -> None:
    """`numbers explain` says whose word counts; nothing else of the user is managed there."""
    before = world_of(ada).pair("ada").is_override
    write(ada, B)
    pairs = [world_of(ada).pair("ada", pair).is_override for pair in (Pair.MOBILE, Pair.OFFICE)]
    assert (False, [True, False]) == (before, pairs)


def _reject(api: Api) -> Api:
    return under(api, reject_cloud_phone_writes=True)


@pytest.mark.parametrize(
    ("which", "body"),
    [
        pytest.param(lambda api: api, {"businessPhones": [B]}, id="business phones"),
        pytest.param(lambda api: api, {"mobilePhone": B, "displayName": "Ada"}, id="another property with it"),
        pytest.param(_reject, {"mobilePhone": B}, id="where it is forbidden"),
    ],
)
def test_what_stays_refused(ada: Api, which: Callable[[Api], Api], body: dict[str, Any]) -> None:
    """400 with the text scripts look for, and nothing changed."""
    refused = which(ada).call("PATCH", f"/v1.0/users/{UPN}", body)
    assert (400, True, A) == (refused.status, "on-premises mastered" in refused.body["error"]["message"], public(ada))


def test_the_guard_counts_no_override(ada: Api) -> None:
    """The guard against mass clearing counts numbers that an import takes away; an override is not taken away."""
    world = world_of(ada)
    blank = person("ada", mobile="")
    before = len(cleared_pairs(world.account("ada"), blank, NumberPolicy()))
    write(ada, B)
    held, bypassed = (
        len(cleared_pairs(world.account("ada"), blank, NumberPolicy(bypass_overrides=bypass))) for bypass in (False, True)
    )
    assert (1, 0, 1) == (before, held, bypassed)

"""Numbers of a cloud-only user whom a directory takes over: values overwrite, blanks do not (domain-rules H.3, A12)."""

from __future__ import annotations

from typing import Final

import pytest

from ringfence.domain.directory.records import UNSENT, SyncState, Unsent
from ringfence.domain.numbers.canonical import PublicState
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.policy import PublicSource
from tests.application.worlds import OFFICE_VOICE, SMS, World, entries, person

A: Final = "+1 4255550100"
B: Final = "+1 4255550101"
C: Final = "+1 4255550102"
ATTRIBUTE_OF: Final = {Pair.MOBILE: "mobile", Pair.OFFICE: "office"}
ADMIN: Final = PublicSource.ADMIN
SYNC: Final = PublicSource.SYNC

blanks = pytest.mark.parametrize("blank", ["", "  "], ids=["empty", "blanks"])
pairs = pytest.mark.parametrize("pair", ATTRIBUTE_OF, ids=["mobile", "office"])


def in_the_cloud(world: World, pair: Pair, text: str) -> None:
    """A cloud-only user with what an administrator wrote there."""
    world.sync(person("ada", synced=None, anchor=None, **{ATTRIBUTE_OF[pair]: text}))


def on_premises(world: World, pair: Pair, text: str | Unsent) -> None:
    """A row of the directory that masters the user, or is about to."""
    world.sync(person("ada", **{ATTRIBUTE_OF[pair]: text}))


def number(world: World, pair: Pair) -> tuple[str, PublicSource]:
    """The public number and who wrote it."""
    public = world.account("ada").pairs[pair].public
    return public.text, public.source


@pairs
@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param("", (A, ADMIN), id="empty"),
        pytest.param("  ", (A, ADMIN), id="blanks"),
        pytest.param(UNSENT, (A, ADMIN), id="not sent"),
        pytest.param(B, (B, SYNC), id="another number"),
        pytest.param(A, (A, SYNC), id="the same number"),
        pytest.param("ask my wife", ("ask my wife", SYNC), id="malformed is a value"),
    ],
)
def test_a_takeover_overwrites_with_values_alone(
    early: World, pair: Pair, sent: str | Unsent, expected: tuple[str, PublicSource]
) -> None:
    """H.3: attributes that have an on-premises value overwrite the cloud's; where there is none, the cloud's number stays."""
    in_the_cloud(early, pair, A)
    on_premises(early, pair, sent)
    assert (SyncState.SYNCED, expected) == (early.account("ada").user.sync_state, number(early, pair))


@pairs
@blanks
def test_a_malformed_number_of_the_cloud_stays_too(early: World, pair: Pair, blank: str) -> None:
    """What an administrator wrote is data, whether or not it can be rung."""
    in_the_cloud(early, pair, "ask my wife")
    on_premises(early, pair, blank)
    state = early.account("ada").pairs[pair].public.state
    assert ("ask my wife", PublicState.MALFORMED) == (number(early, pair)[0], state)


@pairs
@blanks
def test_later_blanks_leave_the_cloud_s_number_alone(early: World, pair: Pair, blank: str) -> None:
    """Every cycle sends the blank again; the second and third change as little as the first."""
    in_the_cloud(early, pair, A)
    on_premises(early, pair, blank)
    before = early.dump("users", "pairs", "audit_records")
    on_premises(early, pair, blank)
    on_premises(early, pair, blank)
    assert ((A, ADMIN), before) == (number(early, pair), early.dump(*before))


@pairs
@blanks
@pytest.mark.parametrize("value", [A, B], ids=["the cloud's own", "another"])
def test_a_blank_clears_what_sync_wrote(early: World, pair: Pair, value: str, blank: str) -> None:
    """Once the directory has had a value, the number is its own: it may clear it, and the cloud's does not come back."""
    in_the_cloud(early, pair, A)
    on_premises(early, pair, "")
    on_premises(early, pair, value)
    on_premises(early, pair, blank)
    assert (blank, SYNC) == number(early, pair)


@pairs
def test_a_first_value_after_blanks_overwrites(early: World, pair: Pair) -> None:
    """The cloud's number stays until the directory has one."""
    in_the_cloud(early, pair, A)
    on_premises(early, pair, "")
    on_premises(early, pair, B)
    assert (B, SYNC) == number(early, pair)


def test_each_number_is_judged_by_itself(early: World) -> None:
    """A value for one number says nothing about the other."""
    early.sync(person("ada", synced=None, anchor=None, mobile=A, office=B))
    early.sync(person("ada", mobile=C, office=""))
    assert [(C, SYNC), (B, ADMIN)] == [number(early, pair) for pair in (Pair.MOBILE, Pair.OFFICE)]
    early.sync(person("ada", mobile="", office=""))
    assert ["", B] == [number(early, pair)[0] for pair in (Pair.MOBILE, Pair.OFFICE)]


def test_sync_that_comes_back_meets_what_was_written_meanwhile(early: World) -> None:
    """A formerly synced user's number, written in the cloud while nobody synced it, stays through a blank as well."""
    on_premises(early, Pair.MOBILE, A)
    early.sync(person("ada", synced=False, mobile=B))
    on_premises(early, Pair.MOBILE, "")
    assert (B, ADMIN) == number(early, Pair.MOBILE)


def test_sync_that_comes_back_clears_its_own(early: World) -> None:
    """Where nobody wrote meanwhile, the number is still the one sync wrote."""
    on_premises(early, Pair.MOBILE, A)
    early.sync(person("ada", synced=False))
    on_premises(early, Pair.MOBILE, "")
    assert ("", SYNC) == number(early, Pair.MOBILE)


def test_a_cloud_number_that_stays_is_copied_at_the_takeover(world: World) -> None:
    """A12: the copy table is asked once the user is synced; the number that stayed is in use and the other one empty (C6)."""
    world.sync(person("ada", synced=None, anchor=None, mobile=A, office=B))
    world.mfa(entries("ada", SMS, OFFICE_VOICE))
    result = world.sync(person("ada", mobile="", office=C))
    assert (2, [A, C]) == (result.counts["copied"], [world.authentication("ada", pair) for pair in ATTRIBUTE_OF])


@pytest.mark.parametrize("sent", ["", B], ids=["blank", "another number"])
def test_a_takeover_never_rewrites_the_authentication_number(world: World, sent: str) -> None:
    """A12: becoming synced is no later change, though the two numbers were the same before."""
    world.sync(person("ada", synced=None, anchor=None, mobile=A))
    world.mfa(entries("ada", SMS, mobile=A))
    result = world.sync(person("ada", mobile=sent))
    assert (0, A) == (result.counts["mirrored"], world.authentication("ada"))

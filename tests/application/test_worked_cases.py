"""The worked cases of B.6, through the use cases an administrator calls (domain-rules B.6; the case is the test's id)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.numbers.pairs import MethodType, Pair
from tests.application.worlds import END, OFFICE_VOICE, PUSH, SMS, World, entries, person

A = "+1 4255550100"
B = "+1 4255550101"
C = "+1 4255550102"
OTHER = "+1 4255550199"

Step = Callable[[World], object]


def mobile(number: str) -> Step:
    """The directory says so at the next sync."""
    return lambda world: world.sync(person("ada", mobile=number))


def office(number: str) -> Step:
    """The same for `telephoneNumber`."""
    return lambda world: world.sync(person("ada", office=number))


def cloud_only(number: str) -> Step:
    """A user that was never synced."""
    return lambda world: world.sync(person("ada", mobile=number, synced=None, anchor=None))


def uses(*methods: MethodType, **numbers: str) -> Step:
    """The MFA export says so."""
    return lambda world: world.mfa(entries("ada", *methods, **numbers))


def administrator_sets(number: str) -> Step:
    """An administrator sets the authentication number."""
    return lambda world: world.set_phone("ada", number)


def administrator_deletes(world: World) -> None:
    """An administrator deletes the authentication number."""
    world.delete_phone("ada")


def run(world: World) -> None:
    """The copy runs."""
    world.copy()


def at_the_end(world: World) -> None:
    """The window ends (A18)."""
    world.clock.time = END


SAME = (mobile(A), uses(SMS, mobile=A))
"""auth = pub."""

CASES = [
    pytest.param([mobile(A), uses(SMS), run], Pair.MOBILE, A, id="1"),
    pytest.param([mobile(A), run], Pair.MOBILE, None, id="2"),
    pytest.param([*SAME, mobile(B)], Pair.MOBILE, B, id="3"),
    pytest.param([mobile(A), uses(SMS, mobile=OTHER), mobile(B)], Pair.MOBILE, OTHER, id="4"),
    pytest.param([*SAME, mobile("")], Pair.MOBILE, A, id="5"),
    pytest.param([*SAME, mobile(""), mobile(C)], Pair.MOBILE, A, id="6"),
    pytest.param([*SAME, mobile("4255550101")], Pair.MOBILE, A, id="7, step 1"),
    pytest.param([*SAME, mobile("4255550101"), mobile(B)], Pair.MOBILE, B, id="7, step 2"),
    pytest.param([mobile(A), uses(SMS, mobile=OTHER), administrator_sets(A), mobile(B)], Pair.MOBILE, B, id="8"),
    pytest.param([*SAME, at_the_end, mobile(B)], Pair.MOBILE, A, id="9"),
    pytest.param([mobile(A), uses(PUSH, SMS, mobile=A), administrator_deletes, run], Pair.MOBILE, None, id="10"),
    pytest.param([cloud_only(A), uses(SMS), run], Pair.MOBILE, None, id="12"),
    pytest.param([office(f"{A}x123"), uses(OFFICE_VOICE), run], Pair.OFFICE, f"{A}x123", id="13"),
]


@pytest.mark.parametrize(("steps", "pair", "expected"), CASES)
def test_authentication_number_after(world: World, steps: Iterable[Step], pair: Pair, expected: str | None) -> None:
    """After the events of the case, the authentication number is what the case says."""
    for step in steps:
        step(world)
    assert expected == world.authentication("ada", pair)


def test_case_9_the_instant_before_the_end_still_mirrors(world: World) -> None:
    """One microsecond before 2021-05-01T00:00:00Z the change of case 9 is carried over: the boundary is exact."""
    for step in SAME:
        step(world)
    world.clock.time = END - END.resolution
    world.sync(person("ada", mobile=B))
    assert B == world.authentication("ada")


def test_case_10_takes_the_entries_along(world: World) -> None:
    """Deleting the number removes its method entries; the app stays the default."""
    for step in (mobile(A), uses(PUSH, SMS, mobile=A), administrator_deletes, run):
        step(world)
    user = world.account("ada").user
    assert (frozenset({PUSH}), PUSH) == (user.methods, user.default)


def test_case_11_refuses_to_delete_the_default(world: World) -> None:
    """The number of the default method is not deleted while the app is registered too."""
    for step in (mobile(A), uses(SMS, PUSH, mobile=A)):
        step(world)
    with pytest.raises(ConflictError) as refused:
        world.delete_phone("ada")
    assert ErrorCode.METHOD_IS_DEFAULT is refused.value.code

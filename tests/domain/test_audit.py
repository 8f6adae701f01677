"""The records of a private change: a chain from the state before to the state after (domain-rules F.3, T11)."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.audit import Activity, Trail, record_private_change, snapshot
from ringfence.domain.directory.user import Account, PairState, User
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.values import COPY_TASK, DIRECTORY_IMPORT, MIRROR_TASK

TRAIL: Final = Trail(b"\x02" * 16, datetime(2021, 3, 15, tzinfo=UTC), DIRECTORY_IMPORT)

numbers = st.sampled_from([None, b"one", b"two"])
accounts = st.builds(
    lambda methods, mobile, office, alternate, email: Account(
        User(
            b"\x01" * 16,
            1,
            "ada@contoso.example",
            TRAIL.at,
            methods=frozenset(methods),
            default=next(iter(methods), None),
            email=email,
        ),
        {
            pair: PairState(pair, authentication=number)
            for pair, number in ((Pair.MOBILE, mobile), (Pair.OFFICE, office), (Pair.ALTERNATE, alternate))
        },
    ),
    st.lists(st.sampled_from(MethodType), unique=True),
    numbers,
    numbers,
    numbers,
    st.sampled_from(["", "ada@example.org"]),
)


def changed(before: Account, after: Account) -> list[Pair]:
    """The pairs whose authentication number is another one."""
    return [pair for pair in Pair if before.pairs[pair].authentication != after.pairs[pair].authentication]


@given(accounts, accounts)
def test_two_records_for_each_number(before: Account, after: Account) -> None:
    """Two for each number that changed, or two for the rest alone, or none; numbered in order under one correlation."""
    records = record_private_change(before, after, TRAIL)
    expected = 0 if snapshot(before) == snapshot(after) else 2 * max(1, len(changed(before, after)))
    assert list(range(expected)) == [record.part for record in records]
    assert {TRAIL.correlation_id} >= {record.correlation_id for record in records}


@given(accounts, accounts)
def test_the_records_lead_from_before_to_after(before: Account, after: Account) -> None:
    """Read in order, each record begins where the one before it ended."""
    records = record_private_change(before, after, TRAIL)[1::2]
    if records:
        assert (snapshot(before), snapshot(after)) == (records[0].old, records[-1].new)
    for one, following in pairwise(records):
        assert one.new == following.old


@given(accounts, accounts)
def test_the_first_of_two_tells_the_second_shows(before: Account, after: Account) -> None:
    """T11: telling activities and "Update user" take turns."""
    activities = [record.activity for record in record_private_change(before, after, TRAIL)]
    assert all(activity < Activity.UPDATE_USER for activity in activities[::2])
    assert {Activity.UPDATE_USER} >= set(activities[1::2])


@given(accounts, accounts)
def test_a_rule_makes_the_record_its_task_s(before: Account, after: Account) -> None:
    """F.3: what C6 and M3 write is written by the tasks, whoever set them off."""
    rules = {Pair.MOBILE: "C6", Pair.OFFICE: "M3"}
    actors = {
        pair: {record.actor for record in record_private_change(before, after, TRAIL, rules) if record.pair is pair}
        for pair in Pair
    }
    expected = {Pair.MOBILE: COPY_TASK, Pair.OFFICE: MIRROR_TASK, Pair.ALTERNATE: DIRECTORY_IMPORT}
    for pair in changed(before, after):
        assert {expected[pair]} == actors[pair]

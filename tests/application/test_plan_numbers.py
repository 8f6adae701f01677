"""What will happen to whom and why, said beforehand; how things stand, said afterwards (domain-rules B.2, G)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

import pytest

from ringfence.application.explain_user import explain_user
from ringfence.application.plan_numbers import NumberLine, NumbersPlan, plan_numbers
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.tables import Contact, Status
from tests.application.worlds import END, INSIDE, OFFICE_VOICE, PUSH, SMS, START, World, entries, person, removal, upn_of

A: Final = "+1 4255550100"
B: Final = "+1 4255550101"

COMPANY: Final = [
    # name, mobile in the directory, entries, authentication number -> status, row of B.2 (G; the window is open)
    ("cloud", A, (SMS,), None, "not_synced", "C1"),
    ("lazy", A, (), None, "not_configured", "C3"),
    ("empty", "", (SMS,), None, "no_number", "C4"),
    ("typo", "0425 5550100", (SMS,), None, "invalid_format", "C5"),
    ("waits", A, (SMS,), None, "to_copy", "C6"),
    ("equal", A, (SMS,), A, "in_sync", "C7"),
    ("frozen", "", (SMS,), A, "frozen_after_delete", "C8"),
    ("broken", "n/a", (SMS,), A, "invalid_format", "C8"),
    ("apart", A, (SMS,), B, "diverged", "C8"),
]
FOLLOWING: Final = {"empty", "typo", "waits", "equal"}
"""Whom a later valid number would reach: M2 with C6, or M3."""


@pytest.fixture
def company(world: World) -> World:
    """One user for each row of G that the open window has, but `copied`."""
    for name, mobile, methods, number, _, _ in COMPANY:
        synced = None if name == "cloud" else True
        world.sync(person(name, mobile=mobile, synced=synced, anchor=None if name == "cloud" else f"{name}-anchor=="))
        world.mfa(entries(name, *methods, **({} if number is None else {"mobile": number})))
    return world


def plan(world: World, at: datetime | None = None) -> tuple[NumbersPlan, dict[str, NumberLine]]:
    """The plan, and by name what it says of each mobile number."""
    lines: list[NumberLine] = []
    made = plan_numbers(world.services, world.tenant_id, at or world.clock.time, lines.append)
    return made, {line.upn.partition("@")[0]: line for line in lines if line.pair is Pair.MOBILE}


def test_every_row_of_g(company: World) -> None:
    """Per user and pair the status and the row of the copy table that matched."""
    told = {name: (line.status.value, line.rule) for name, line in plan(company)[1].items()}
    assert {name: (status, rule) for name, *_, status, rule in COMPANY} == told


def test_who_follows_the_directory(company: World) -> None:
    """Whether the pair will follow the directory from now on."""
    assert set(FOLLOWING) == {name for name, line in plan(company)[1].items() if line.follows}


def test_counts_are_of_pairs(company: World) -> None:
    """Users are counted once, outcomes are pairs: nobody has an office number or an entry for one."""
    made, _ = plan(company)
    assert 9 == made.users
    assert 18 == sum(made.by_status().values())
    assert (9, 1, 2) == tuple(
        made.by_status()[status] for status in (Status.NOT_CONFIGURED, Status.TO_COPY, Status.INVALID_FORMAT)
    )


def test_a_copy_turns_to_copy_into_copied(company: World) -> None:
    """G: that, and nothing else."""
    before = plan(company)[0].by_status()
    company.copy()
    expected = {**before, Status.TO_COPY: 0, Status.COPIED: before[Status.TO_COPY]}
    assert expected == plan(company)[0].by_status()


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param(START, Status.TO_COPY, id="at the start"),
        pytest.param(START - START.resolution, Status.BEFORE_WINDOW, id="before it"),
        pytest.param(END, Status.LEFT_BEHIND, id="at the end"),
    ],
)
def test_a_plan_for_another_instant(company: World, at: datetime, expected: Status) -> None:
    """`--at`: the same numbers, seen from another time; the clock stands still."""
    assert expected is plan(company, at)[1]["waits"].status
    assert INSIDE == company.clock.time


def test_after_the_end_all_else_is_closed(company: World) -> None:
    """G, rows 3 and 4."""
    told = {name: line.status.value for name, line in plan(company, END)[1].items()}
    expected = dict.fromkeys(told, "window_closed") | {"cloud": "not_synced", "waits": "left_behind"}
    assert expected == told


def test_planning_writes_nothing(company: World) -> None:
    """Not a row of any table."""
    before = company.dump()
    plan(company)
    assert before == company.dump()


def test_deleted_users_are_left_out(company: World) -> None:
    """A14, G."""
    company.sync(removal("waits"))
    made, lines = plan(company)
    assert (8, 0, False) == (made.users, made.by_status()[Status.TO_COPY], "waits" in lines)


def test_numbers_stand_in_the_lines(company: World) -> None:
    """The public number as written, the authentication number in canonical form, empty where there is none."""
    lines = plan(company)[1]
    assert ("0425 5550100", "", A, B) == (
        lines["typo"].public,
        lines["typo"].authentication,
        lines["apart"].public,
        lines["apart"].authentication,
    )


def test_lines_come_by_name(company: World) -> None:
    """By name, so that two lists can be compared."""
    names = list(plan(company)[1])
    assert sorted(names) == names


def test_explain_names_writer_rule_and_contact(company: World) -> None:
    """Per method the number contacted, from which set and by which row of A.5; apps contact no number."""
    company.mfa(entries("waits", PUSH, SMS, OFFICE_VOICE))
    told = [(one.method, one.is_default, one.contacts, one.source, one.rule) for one in company.explain("waits").methods]
    assert [
        (PUSH, True, None, Contact.NONE, None),
        (SMS, False, A, Contact.PUBLIC, "E4"),
        (OFFICE_VOICE, False, None, Contact.NONE, "E5"),
    ] == told


def test_explain_finds_users_by_id(company: World) -> None:
    """A user is named by user principal name or by id."""
    user = company.account("waits").user
    by_id = explain_user(company.services, company.tenant_id, str(uuid.UUID(bytes=user.user_id)), company.clock.time)
    assert upn_of("waits") == by_id.user.upn


def test_a_deleted_user_is_contacted_by_nobody(company: World) -> None:
    """H.5: explained, with all that is kept, and no contact."""
    company.sync(removal("equal"))
    explained = company.explain("equal")
    assert (A, [None]) == (explained.pairs[0].authentication, [one.contacts for one in explained.methods])

"""Rows an import refuses: each reason with its column, and nothing stored for it (domain-rules H.3, H.5)."""

from __future__ import annotations

import uuid
from typing import Final

import pytest

from ringfence.domain.directory.matching import MatchRefusal
from ringfence.domain.directory.records import DirectoryRecord, RecordAction
from ringfence.domain.numbers.pairs import Pair
from tests.application.worlds import World, person, removal, upn_of

A: Final = "+1 4255550100"
B: Final = "+1 4255550101"

ADA_ID: Final = uuid.UUID("3e1c5d8e-0f1d-4a53-9c5c-5f0f3b0f4e10").bytes
BOB_ID: Final = uuid.UUID("7b0c9a52-52a3-4c1e-8b0e-2f8d1f6a9d21").bytes
NEW_ID: Final = uuid.UUID("c2a7be0d-6f3b-4d52-a9f4-0d7c5e9b3a32").bytes
"""Ids as directories give them (version 4)."""
OUR_ID: Final = uuid.UUID("5d0f6a1c-93b7-8e24-8a6b-1c9e4f7d2b05").bytes
"""An id as Ringfence makes them itself (version 8)."""


def dn_of(name: str) -> str:
    """Where somebody stands."""
    return f"CN={name},DC=contoso,DC=example"


def modification(name: str, **fields: object) -> DirectoryRecord:
    """An LDIF change record: another number for whoever has that distinguished name, unless the fields say otherwise."""
    row = DirectoryRecord(3, RecordAction.MODIFY, dn=dn_of(name), synced=True, mobile=B)
    return row._replace(**fields)  # type: ignore[arg-type]


def told(world: World) -> list[tuple[str, str]]:
    """Column and reason of every row the last import rejected."""
    return [(row.column, row.reason) for row in world.rejected]


@pytest.fixture
def people(early: World) -> World:
    """Ada and Bob with every name there is, and Gone, who is deleted."""
    early.sync(
        person("ada", user_id=ADA_ID, dn=dn_of("ada"), mobile=A),
        person("bob", user_id=BOB_ID, dn=dn_of("bob"), mobile=A),
        person("gone", dn=dn_of("gone"), mobile=A),
    )
    early.sync(removal("gone"))
    return early


LONG_ANCHOR: Final = "a" * 60
LONG_UPN: Final = upn_of("u" * 256)


@pytest.mark.parametrize(
    ("row", "refusal", "column"),
    [
        pytest.param(person("eve", user_id=ADA_ID, anchor="bob-anchor=="), MatchRefusal.AMBIGUOUS, "", id="id and anchor of two"),
        pytest.param(
            person("ada", user_id=ADA_ID, anchor="new=="),
            MatchRefusal.ANCHOR_CHANGED,
            "onPremisesImmutableId",
            id="another anchor, by id",
        ),
        pytest.param(
            modification("ada", user_id=ADA_ID, anchor="new=="),
            MatchRefusal.ANCHOR_CHANGED,
            "onPremisesImmutableId",
            id="another anchor in a change record",
        ),
        pytest.param(
            person("eve", anchor=LONG_ANCHOR), MatchRefusal.ANCHOR_TOO_LONG, "onPremisesImmutableId", id="anchor of 60, new user"
        ),
        pytest.param(
            person("ada", user_id=ADA_ID, anchor=LONG_ANCHOR),
            MatchRefusal.ANCHOR_TOO_LONG,
            "onPremisesImmutableId",
            id="anchor of 60, known user",
        ),
        pytest.param(modification("gone"), MatchRefusal.DELETED, "distinguishedName", id="change of a deleted user"),
        pytest.param(
            modification("gone", new_dn=dn_of("back")), MatchRefusal.DELETED, "distinguishedName", id="rename of a deleted user"
        ),
        pytest.param(
            person("ada", user_id=BOB_ID, anchor=None), MatchRefusal.DUPLICATE_UPN, "userPrincipalName", id="name of another"
        ),
        pytest.param(
            modification("ada", upn=upn_of("bob")),
            MatchRefusal.DUPLICATE_UPN,
            "userPrincipalName",
            id="renamed to another's name",
        ),
        pytest.param(person("ada", user_id=NEW_ID, anchor=None), MatchRefusal.ID_CHANGED, "id", id="another id"),
        pytest.param(
            person("ada", user_id=NEW_ID, anchor="new=="), MatchRefusal.ID_CHANGED, "id", id="another id and another anchor"
        ),
        pytest.param(
            person("ada", anchor="new=="), MatchRefusal.INVALID_SOFT_MATCH, "onPremisesImmutableId", id="another anchor, by name"
        ),
        pytest.param(person("eve")._replace(upn=None), MatchRefusal.NO_UPN, "userPrincipalName", id="new user without a name"),
        pytest.param(modification("eve"), MatchRefusal.UNKNOWN, "distinguishedName", id="change of nobody"),
        pytest.param(modification("eve", upn=upn_of("ada")), MatchRefusal.UNKNOWN, "distinguishedName", id="not found by upn"),
        pytest.param(
            modification("ada", anchor="new=="), MatchRefusal.UNKNOWN, "distinguishedName", id="the place is another object's"
        ),
        pytest.param(person("ada")._replace(upn=LONG_UPN), MatchRefusal.UPN_TOO_LONG, "userPrincipalName", id="name of over 256"),
        pytest.param(modification("ada", upn=LONG_UPN), MatchRefusal.UPN_TOO_LONG, "userPrincipalName", id="renamed to over 256"),
    ],
)
def test_a_refused_row_changes_nothing(people: World, row: DirectoryRecord, refusal: MatchRefusal, column: str) -> None:
    """The row goes to the rejected file with its reason and the column to look at; users, names and numbers are as before."""
    row = row._replace(line=9, mobile=B)
    kept = ("users", "pairs", "user_principal_names", "source_anchors", "distinguished_names", "audit_records")
    before = people.dump(*kept)
    result = people.sync(row)
    assert [(9, column, refusal)] == [(one.line, one.column, one.reason) for one in people.rejected]
    assert {"read": 1, "rejected": 1} == {name: count for name, count in result.counts.items() if count}
    assert before == people.dump(*kept)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(person("eve", anchor="a" * 59), id="anchor of 59"),
        pytest.param(person("eve")._replace(upn="u" * 240 + "@contoso.example"), id="name of 256"),
    ],
)
def test_the_longest_names_there_may_be(people: World, row: DirectoryRecord) -> None:
    """One character fewer is no reason to refuse."""
    assert (1, []) == (people.sync(row).counts["added"], told(people))


def test_an_id_made_here_is_no_other_id(early: World) -> None:
    """Whoever was imported without an id has one of ours, which no directory knows: its row finds the user by name."""
    early.sync(person("ada", user_id=OUR_ID, mobile=A))
    result = early.sync(person("ada", user_id=NEW_ID, anchor=None, mobile=B))
    assert (1, [], OUR_ID) == (result.counts["updated"], told(early), early.account("ada").user.user_id)


def test_a_refused_row_stops_nobody_else(people: World) -> None:
    """Rows around it are applied, in the same transaction."""
    result = people.sync(person("ada", mobile=B), person("eve")._replace(upn=None), person("bob", mobile=B))
    assert (2, 1) == (result.counts["updated"], result.counts["rejected"])
    assert [B, B] == [people.account(name).pairs[Pair.MOBILE].public.text for name in ("ada", "bob")]


@pytest.mark.parametrize(
    ("first", "second", "column"),
    [
        pytest.param({"user_id": ADA_ID}, {"user_id": ADA_ID}, "id", id="id"),
        pytest.param({"anchor": "same=="}, {"anchor": "same=="}, "onPremisesImmutableId", id="anchor"),
        pytest.param({"anchor": "same==", "user_id": ADA_ID}, {"user_id": ADA_ID}, "id", id="id, of 3 names"),
        pytest.param(
            {"anchor": "same==", "user_id": ADA_ID}, {"anchor": "same=="}, "onPremisesImmutableId", id="anchor, of 3 names"
        ),
    ],
)
@pytest.mark.parametrize("known", [False, True], ids=["new user", "known user"])
def test_the_second_row_with_a_name_is_rejected(
    early: World, first: dict[str, object], second: dict[str, object], column: str, *, known: bool
) -> None:
    """An id or an anchor that stands twice in a file: the first row counts, the second is rejected with the column at fault."""
    if known:
        early.sync(person("ada", **first))
    early.sync(person("ada", mobile=A, **first), person("bob", line=3, mobile=B, **second), person("eve"))
    assert [(3, column, f"this {column} stands in an earlier row of the file")] == [
        (row.line, row.column, row.reason) for row in early.rejected
    ]
    assert (A, {upn_of("ada"), upn_of("eve")}) == (early.account("ada").pairs[Pair.MOBILE].public.text, set(upns(early)))


def upns(world: World) -> list[str]:
    """The names of everybody, deleted or not."""
    return [row[3] for row in world.dump("users")["users"]]


def test_a_rejected_repetition_takes_no_name(early: World) -> None:
    """The name a rejected row brought along is free for a later row, which is the first that counts under it."""
    early.sync(person("ada"), person("bob", line=3, anchor="ada-anchor=="), person("bob", line=4))
    assert ([3], [upn_of("ada"), upn_of("bob")]) == ([row.line for row in early.rejected], sorted(upns(early)))


def test_anchors_in_another_case_are_two(early: World) -> None:
    """H.3: anchors are case-sensitive, in this too."""
    early.sync(person("ada", anchor="same=="), person("bob", anchor="SAME=="))
    assert [] == told(early)


@pytest.mark.parametrize("names", [{"user_id": ADA_ID}, {"anchor": "same=="}], ids=["id", "anchor"])
def test_change_records_may_come_many_times(early: World, names: dict[str, object]) -> None:
    """A log speaks of the same user again and again; only whole entries stand for one user each."""
    early.sync(person("ada", dn=dn_of("ada"), **names))
    early.sync(modification("ada", mobile=A, **names), modification("ada", **names))
    assert ([], B) == (told(early), early.account("ada").pairs[Pair.MOBILE].public.text)


@pytest.fixture
def succeeded(early: World) -> World:
    """Ada is deleted, and a successor has her name."""
    early.sync(person("ada", user_id=ADA_ID, mobile=A))
    early.sync(removal("ada"))
    early.sync(person("ada", anchor="successor=="))
    return early


back_by = pytest.mark.parametrize(
    "names", [{"anchor": "ada-anchor=="}, {"user_id": ADA_ID}], ids=["found by anchor", "found by id"]
)


@back_by
def test_nobody_comes_back_under_a_name_that_was_taken(succeeded: World, names: dict[str, object]) -> None:
    """A row that gives no name would bring the old one back, which is the successor's: refused, and both are as before."""
    before = succeeded.dump("users", "pairs", "user_principal_names", "audit_records")
    succeeded.sync(DirectoryRecord(2, synced=True, mobile=B, **names))  # type: ignore[arg-type]
    assert [("userPrincipalName", MatchRefusal.DUPLICATE_UPN)] == told(succeeded)
    assert before == succeeded.dump(*before)


@back_by
def test_somebody_comes_back_under_a_new_name(succeeded: World, names: dict[str, object]) -> None:
    """A row that gives a new name restores the same user under it; the successor keeps the old one."""
    result = succeeded.sync(DirectoryRecord(2, upn=upn_of("countess"), synced=True, **names))  # type: ignore[arg-type]
    countess, successor = succeeded.account("countess"), succeeded.account("ada").user
    assert (1, ADA_ID, None) == (result.counts["restored"], countess.user.user_id, countess.user.deleted_at)
    assert (A, "successor==") == (countess.pairs[Pair.MOBILE].public.text, successor.anchor)


def test_a_name_taken_in_the_same_transaction_is_taken(early: World) -> None:
    """The successor and the one who would come back may stand in one file."""
    early.sync(person("ada", user_id=ADA_ID))
    early.sync(removal("ada"))
    early.sync(person("ada", anchor="successor=="), DirectoryRecord(3, user_id=ADA_ID, synced=True))
    assert [("userPrincipalName", MatchRefusal.DUPLICATE_UPN)] == told(early)


def test_who_lost_no_name_comes_back_without_one(early: World) -> None:
    """A row that gives no name restores the user under the old one, as long as it is free."""
    early.sync(person("ada", user_id=ADA_ID))
    early.sync(removal("ada"))
    result = early.sync(DirectoryRecord(2, user_id=ADA_ID, synced=True))
    assert (1, None) == (result.counts["restored"], early.account("ada").user.deleted_at)

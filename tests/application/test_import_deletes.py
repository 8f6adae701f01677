"""Rows that delete, beside rows that could not be used: whom a lost row may have spoken of is kept (domain-rules H.5)."""

from __future__ import annotations

import uuid
from typing import Final

import pytest

from ringfence.application.import_directory import ImportOptions
from ringfence.domain.directory.matching import MatchRefusal
from ringfence.domain.directory.records import DirectoryRecord, RecordAction, RejectedRow
from tests.application.fakes import MemoryReader
from tests.application.worlds import World, fields, person, removal, upn_of

ADA_ID: Final = uuid.UUID("3e1c5d8e-0f1d-4a53-9c5c-5f0f3b0f4e10")
ADA_DN: Final = "CN=Ada,DC=contoso,DC=example"
KEPT_UNREADABLE: Final = ("", MatchRefusal.KEPT_UNREADABLE)
KEPT_REJECTED: Final = ("", MatchRefusal.KEPT_REJECTED)
LOST: Final = ("accountEnabled", "no good")
UNREADABLE: Final = RejectedRow(7, *LOST, {}, unreadable=True)


def lost(*keys: str) -> RejectedRow:
    """A row its reader had to reject, with what could be read of the user's names."""
    return RejectedRow(7, *LOST, {}, keys=keys)


@pytest.fixture
def people(early: World) -> World:
    """Ada with every name there is, Bob, and Gone, who is deleted."""
    early.sync(person("ada", user_id=ADA_ID.bytes, dn=ADA_DN), person("bob"), person("gone"))
    early.sync(removal("gone"))
    return early


def deleted(world: World) -> list[str]:
    """Those who are deleted."""
    return [name for name in ("ada", "bob", "gone") if world.account(name).user.deleted_at is not None]


def told(world: World) -> list[tuple[str, str]]:
    """Column and reason of every row the last import rejected."""
    return [(row.column, row.reason) for row in world.rejected]


@pytest.mark.parametrize("last", [True, False], ids=["behind them", "before them"])
def test_an_unreadable_row_keeps_everybody(people: World, *, last: bool) -> None:
    """Rows that delete are rejected wherever the unreadable one stands; the result says so, and the rest is applied."""
    deletes = [removal("ada"), removal("bob"), person("new")]
    result = people.sync(*deletes, UNREADABLE) if last else people.sync(UNREADABLE, *deletes)
    assert sorted([LOST, KEPT_UNREADABLE, KEPT_UNREADABLE]) == sorted(told(people))
    assert (["gone"], True, 0, 1, 3) == (
        deleted(people),
        result.deletes_disabled,
        *(result.counts[name] for name in ("deleted", "added", "rejected")),
    )


def test_an_unreadable_row_of_another_file_keeps_everybody_too(people: World) -> None:
    """The files are one cycle: a row of the second may be about whom the first deletes."""
    first: list[DirectoryRecord | RejectedRow] = [removal("ada")]
    result = people.sync_files([MemoryReader(first, "a.ldif"), MemoryReader([UNREADABLE], "b.ldif")])
    assert ([KEPT_UNREADABLE, LOST], ["gone"], True) == (told(people), deleted(people), result.deletes_disabled)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(removal("gone"), id="deleted already"),
        pytest.param(removal("stranger"), id="never heard of"),
        pytest.param(person("bob"), id="no deletion"),
    ],
)
def test_where_nobody_was_kept_there_is_nothing_to_say(people: World, row: DirectoryRecord) -> None:
    """A deletion that changes nothing is neither rejected nor called disabled for an unreadable row."""
    result = people.sync(row, UNREADABLE)
    assert ([LOST], False) == (told(people), result.deletes_disabled)


def test_whoever_is_kept_is_no_loss(people: World) -> None:
    """The guard does not count deletions that an unreadable row, read before, disables."""
    result = people.sync(UNREADABLE, removal("ada"), removal("bob"), options=ImportOptions(allowed=0))
    assert (["gone"], True) == (deleted(people), result.deletes_disabled)


def test_a_kept_user_s_row_can_be_fed_again(people: World) -> None:
    """The row that deletes is written out with its line and its names; imported alone, it deletes."""
    row = DirectoryRecord(9, RecordAction.DELETE, anchor="ada-anchor==", dn=ADA_DN)
    people.sync(UNREADABLE, row)
    names = {"onPremisesImmutableId": "ada-anchor==", "distinguishedName": ADA_DN}
    assert (9, names) == (people.rejected[1].line, fields(people.rejected[1]))
    assert (1, ["ada", "gone"]) == (people.sync(row).counts["deleted"], deleted(people))


names_of_ada = pytest.mark.parametrize(
    "key",
    [
        pytest.param(upn_of("ada"), id="name"),
        pytest.param(upn_of("ADA"), id="name in capitals"),
        pytest.param("ada-anchor==", id="anchor"),
        pytest.param("cn=ada, dc=contoso, dc=example", id="distinguished name"),
        pytest.param(str(ADA_ID).upper(), id="id"),
    ],
)


@names_of_ada
@pytest.mark.parametrize(
    "row",
    [
        pytest.param(removal("ada"), id="deleted by anchor"),
        pytest.param(DirectoryRecord(2, RecordAction.DELETE, dn=ADA_DN, synced=True), id="deleted by distinguished name"),
        pytest.param(DirectoryRecord(2, RecordAction.DELETE, upn=upn_of("ada")), id="deleted by name"),
        pytest.param(DirectoryRecord(2, RecordAction.DELETE, user_id=ADA_ID.bytes), id="deleted by id"),
    ],
)
def test_a_rejected_row_keeps_its_user(people: World, row: DirectoryRecord, key: str) -> None:
    """Whoever a rejected row spoke of is not deleted, by whatever names the two rows call the user."""
    before = people.account("ada")
    people.sync(lost(key), row)
    assert ([LOST, KEPT_REJECTED], before) == (told(people), people.account("ada"))


@names_of_ada
def test_a_rejected_row_keeps_nobody_else(people: World, key: str) -> None:
    """Others are deleted all the same, and deletes are not called disabled."""
    result = people.sync(lost(key), removal("bob"))
    assert ([LOST], ["bob", "gone"], False) == (told(people), deleted(people), result.deletes_disabled)


def test_a_rejected_row_keeps_its_user_wherever_it_stands(people: World) -> None:
    """Behind the row that deletes, or in another file of the cycle."""
    people.sync(removal("ada"), lost("ada-anchor=="))
    first: list[DirectoryRecord | RejectedRow] = [removal("ada")]
    people.sync_files([MemoryReader(first, "a.ldif"), MemoryReader([lost(upn_of("ada"))], "b.ldif")])
    assert ([KEPT_REJECTED, LOST], ["gone"]) == (told(people), deleted(people))


def test_a_rejected_row_of_a_deleted_user_changes_nothing(people: World) -> None:
    """There is nobody to keep: the deletion stays what it was, and is not rejected."""
    result = people.sync(lost(upn_of("gone")), removal("gone"))
    assert ([LOST], 1) == (told(people), result.counts["unchanged"])


def test_a_rejected_row_under_a_new_place_keeps_its_user(people: World) -> None:
    """Renamed by the log, then a row that could not be used, then deleted: all under the new place."""
    place = "CN=Countess,DC=contoso,DC=example"
    renamed = DirectoryRecord(2, RecordAction.MODIFY, dn=ADA_DN, new_dn=place, synced=True)
    people.sync(renamed, lost(place), DirectoryRecord(4, RecordAction.DELETE, dn=place, synced=True))
    assert ([LOST, KEPT_REJECTED], ["gone"]) == (told(people), deleted(people))


@pytest.mark.parametrize("rows", [[UNREADABLE], [lost("ada-anchor==")]], ids=["unreadable", "rejected"])
def test_a_dry_run_says_whom_it_keeps(people: World, rows: list[RejectedRow]) -> None:
    """Its rejected rows and its result are those of the import that follows."""
    dry = people.sync(*rows, removal("ada"), options=ImportOptions(dry_run=True))
    said = told(people)
    real = people.sync(*rows, removal("ada"))
    assert (said, dry.counts, dry.deletes_disabled) == (told(people), real.counts, real.deletes_disabled)
    assert ["gone"] == deleted(people)

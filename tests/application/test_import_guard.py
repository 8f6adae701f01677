"""What an import may not take away unasked: the guard, full imports, users whose rows were rejected (domain-rules H.5)."""

from __future__ import annotations

import uuid

import pytest

from ringfence.application.import_directory import ImportOptions
from ringfence.domain.directory.deletion_guard import THRESHOLD
from ringfence.domain.directory.records import DirectoryRecord, RejectedRow
from ringfence.domain.errors import DeniedError, ErrorCode
from tests.application.fakes import MemoryReader
from tests.application.worlds import World, person, removal, upn_of

A = "+1 4255550100"
FULL = ImportOptions(full=True)
CROWD = [f"user{number}" for number in range(6)]
"""Guards are tried with 5 allowed; one test holds the default to Microsoft's 500."""
FIVE = ImportOptions(allowed=5)
FIVE_FULL = ImportOptions(full=True, allowed=5)


def crowd(world: World, **fields: object) -> None:
    """Six synced users."""
    world.sync(*(person(name, **fields) for name in CROWD))


def deleted(world: World, *names: str) -> list[str]:
    """Those of these users that are deleted."""
    return [name for name in names if world.account(name).user.deleted_at is not None]


def rejected(*keys: str, unreadable: bool = False) -> RejectedRow:
    """A row its reader had to reject, with what could be read of the user's names."""
    return RejectedRow(3, "", "no good", {}, unreadable=unreadable, keys=keys)


def check_stopped(world: World, code: ErrorCode, rows: list[DirectoryRecord], options: ImportOptions) -> None:
    """The import is stopped with this code, having written nothing."""
    before = world.dump()
    with pytest.raises(DeniedError) as stopped:
        world.sync(*rows, options=options)
    assert (code, 6, 5) == (stopped.value.code, stopped.value.facts["pending"], stopped.value.facts["allowed"])
    assert before == world.dump()


def test_the_threshold_is_500() -> None:
    """H.5: on by default, with Microsoft's 500."""
    assert 500 == THRESHOLD == ImportOptions().allowed


def test_more_deletions_than_allowed_stop_everything(early: World) -> None:
    """H.5: *more than* the threshold stops the import before any delete, and before anything else."""
    crowd(early)
    check_stopped(early, ErrorCode.GUARD_DELETES, [person("new"), *map(removal, CROWD)], FIVE)


def test_missing_users_count_as_deletions(early: World) -> None:
    """The same where a full file simply lacks them."""
    crowd(early)
    check_stopped(early, ErrorCode.GUARD_DELETES, [person("new")], FIVE_FULL)


def test_deletions_and_missing_users_add_up(early: World) -> None:
    """Three that the file deletes and three that it lacks are six."""
    crowd(early)
    check_stopped(early, ErrorCode.GUARD_DELETES, list(map(removal, CROWD[:3])), FIVE_FULL)


@pytest.mark.parametrize("blank", ["", "  "], ids=["empty", "blanks"])
@pytest.mark.parametrize("attribute", ["mobile", "office"])
def test_more_clears_than_allowed_stop_everything(early: World, attribute: str, blank: str) -> None:
    """Clearing numbers is under the guard too, written as nothing or as blanks."""
    crowd(early, **{attribute: A})
    check_stopped(early, ErrorCode.GUARD_CLEARS, [person(name, **{attribute: blank}) for name in CROWD], FIVE)


def test_as_many_as_allowed_pass(early: World) -> None:
    """Exactly the threshold is no accident."""
    crowd(early, mobile=A)
    early.sync(*(person(name, mobile="") for name in CROWD[:5]), options=FIVE)
    early.sync(*map(removal, CROWD[:5]), options=FIVE)
    assert CROWD[:5] == deleted(early, *CROWD)


def test_the_guard_can_be_raised(early: World) -> None:
    """H.5, override: who allows as many gets them."""
    crowd(early, mobile=A)
    early.sync(*(person(name, mobile="") for name in CROWD), options=ImportOptions(allowed=6))
    early.sync(person("new"), options=ImportOptions(full=True, allowed=6))
    assert CROWD == deleted(early, *CROWD)


def test_files_that_hold_nobody_are_no_directory(early: World) -> None:
    """An empty export with --full stops before anybody is deleted, however few there are."""
    crowd(early)
    with pytest.raises(DeniedError) as caught:
        early.sync(options=ImportOptions(full=True, allowed=6))
    assert (ErrorCode.GUARD_EMPTY, []) == (caught.value.code, deleted(early, *CROWD))


def test_a_number_that_was_empty_is_not_cleared(early: World) -> None:
    """An empty cell for a user who has no number takes nothing away."""
    crowd(early, mobile="")
    assert 6 == early.sync(*(person(name, mobile="") for name in CROWD), options=ImportOptions(allowed=0)).counts["unchanged"]


def test_who_is_deleted_already_is_not_deleted_again(early: World) -> None:
    """The guard counts users that are still there."""
    crowd(early)
    early.sync(*map(removal, CROWD), options=ImportOptions(allowed=6))
    early.sync(*map(removal, CROWD), options=ImportOptions(allowed=0, full=True))
    assert CROWD == deleted(early, *CROWD)


def test_a_dry_run_is_guarded_too(early: World) -> None:
    """A dry run says what the import would say."""
    crowd(early)
    check_stopped(early, ErrorCode.GUARD_DELETES, list(map(removal, CROWD)), ImportOptions(allowed=5, dry_run=True))


def test_full_deletes_who_is_missing(early: World) -> None:
    """H.5: out of scope is a soft delete; cloud-only users are not in its scope, formerly synced ones no more."""
    early.sync(person("ada"), person("bob"), person("cloud", synced=None, anchor=None), person("was", synced=False))
    result = early.sync(person("ada"), options=FULL)
    assert (1, ["bob"]) == (result.counts["deleted"], deleted(early, "ada", "bob", "cloud", "was"))


def test_without_full_nobody_is_missing(early: World) -> None:
    """A file may hold a part of the directory."""
    early.sync(person("ada"), person("bob"))
    early.sync(person("ada"))
    assert [] == deleted(early, "ada", "bob")


def test_full_looks_at_all_files(early: World) -> None:
    """Whoever stands in any of the files is there."""
    early.sync(person("ada"), person("bob"), person("eve"))
    early.sync_files([MemoryReader([person("ada")], "a.csv"), MemoryReader([person("bob")], "b.csv")], FULL)
    assert ["eve"] == deleted(early, "ada", "bob", "eve")


def test_full_knows_users_by_any_name(early: World) -> None:
    """Renamed, or without an anchor in this file: the user is there."""
    early.sync(person("ada"), person("bob"))
    early.sync(person("ada")._replace(upn=upn_of("countess")), person("bob", anchor=None), options=FULL)
    assert [] == deleted(early, "countess", "bob")


ADA_ID = uuid.UUID("3e1c5d8e-0f1d-4a53-9c5c-5f0f3b0f4e10")


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(upn_of("ada"), id="name"),
        pytest.param(upn_of("ADA"), id="name in capitals"),
        pytest.param("ada-anchor==", id="anchor"),
        pytest.param("cn=ada, dc=contoso, dc=example", id="distinguished name"),
        pytest.param(str(ADA_ID), id="id"),
        pytest.param(str(ADA_ID).upper(), id="id in capitals"),
    ],
)
def test_a_rejected_user_is_never_deleted(early: World, key: str) -> None:
    """A user whose row could not be used is there all the same, by whatever name the row told."""
    early.sync(person("ada", user_id=ADA_ID.bytes, dn="CN=Ada,DC=contoso,DC=example"), person("bob"))
    early.sync(rejected(key), options=FULL)
    assert ["bob"] == deleted(early, "ada", "bob")


def test_a_refused_user_is_never_deleted(early: World) -> None:
    """The same for a row refused by matching."""
    early.sync(person("ada"))
    early.sync(person("ada", anchor="other=="), options=FULL)
    assert [] == deleted(early, "ada")


def test_an_unreadable_row_disables_deletes(early: World) -> None:
    """Nobody is missing while a row may be anybody's; the result says so, and the rest is applied."""
    early.sync(person("ada"), person("bob"))
    result = early.sync(person("new"), rejected(unreadable=True), options=FULL)
    assert (True, 1, []) == (result.deletes_disabled, result.counts["added"], deleted(early, "ada", "bob"))


def test_deletes_are_not_called_disabled_otherwise(early: World) -> None:
    """Where nothing would have been deleted for being missing, there is nothing to say."""
    assert not early.sync(person("ada"), rejected(unreadable=True)).deletes_disabled
    assert not early.sync(person("ada"), options=FULL).deletes_disabled


def test_full_after_full_changes_nothing(early: World) -> None:
    """A second full import of the same file writes nothing."""
    early.sync(person("ada"), person("bob"))
    early.sync(person("ada"), options=FULL)
    before = early.dump("users", "pairs", "audit_records")
    early.sync(person("ada"), options=FULL)
    assert before == early.dump(*before)

"""However rows build on each other, an import takes away no more than it may, and keeps whom a rejected row spoke of (H.5)."""

from __future__ import annotations

from typing import Final

import pytest

from ringfence.application.accounts import list_users
from ringfence.application.import_directory import ImportOptions
from ringfence.application.ports import UserFilter
from ringfence.domain.directory.matching import MatchRefusal
from ringfence.domain.directory.records import DirectoryRecord, RecordAction, RejectedRow
from ringfence.domain.errors import DeniedError, ErrorCode
from tests.application.worlds import World, person, upn_of

A: Final = "+1 4255550100"
NOTHING: Final = ImportOptions(allowed=0)
ADA, COUNTESS, BOB = (f"CN={name},DC=contoso,DC=example" for name in ("Ada", "Countess", "Bob"))


def change(dn: str, **fields: object) -> DirectoryRecord:
    """A modification or a rename, as a log tells it."""
    return DirectoryRecord(3, RecordAction.MODIFY, dn=dn, synced=True)._replace(**fields)  # type: ignore[arg-type]


def delete(**names: str) -> DirectoryRecord:
    """A deletion that gives these names."""
    return DirectoryRecord(4, RecordAction.DELETE, synced=True)._replace(**names)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "lose"),
    [
        (person("ada", dn=COUNTESS), delete(dn=COUNTESS)),
        (change(ADA, upn="countess@contoso.example"), delete(upn="countess@contoso.example")),
        (person("ada", upn="countess@contoso.example"), delete(upn="countess@contoso.example")),
        (change("CN=nobody,DC=contoso,DC=example", new_dn=ADA), delete(dn=ADA)),
        (person("ada", dn=COUNTESS), change(COUNTESS, mobile="")),
        (change("CN=nobody,DC=contoso,DC=example", new_dn=ADA), change(ADA, mobile="")),
    ],
    ids=["moved", "name modified", "name in an entry", "refused rename", "moved, then cleared", "refused rename, then cleared"],
)
def test_what_cannot_be_foreseen_is_stopped_midway(early: World, before: DirectoryRecord, lose: DirectoryRecord) -> None:
    """The loss itself is not committed, whatever was before it."""
    early.sync(person("ada", dn=ADA, mobile=A))
    with pytest.raises(DeniedError) as stopped:
        early.sync(before, lose, options=NOTHING)
    [ada] = list_users(early.services, early.tenant_id, UserFilter())
    assert (ErrorCode.GUARD_MIDWAY, 0) == (stopped.value.code, stopped.value.facts["allowed"])
    assert A == early.pair(ada.upn.partition("@")[0]).public


def test_what_was_foreseen_is_not_stopped(early: World) -> None:
    """As many as are allowed may go."""
    early.sync(person("ada", dn=ADA, mobile=A), person("bob", dn=BOB, mobile=A))
    result = early.sync(delete(dn=ADA), change(BOB, mobile=""), options=ImportOptions(allowed=1))
    assert (1, 1) == (result.counts["deleted"], result.counts["cleared"])


def test_a_swap_that_clears_is_counted(early: World) -> None:
    """Rows that wait for each other's names are looked at like all others."""
    early.sync(person("ada", mobile=A), person("bob", mobile=A))
    rows = [person("ada", upn=upn_of("bob"), mobile=""), person("bob", upn=upn_of("ada"), mobile="")]
    with pytest.raises(DeniedError) as stopped:
        early.sync(*rows, options=NOTHING)
    assert (ErrorCode.GUARD_CLEARS, 2) == (stopped.value.code, stopped.value.facts["pending"])


def test_a_number_of_the_cloud_is_no_loss(early: World) -> None:
    """A blank on-premises never clears what an administrator wrote, at the takeover and at every later cycle."""
    early.sync(person("ada", synced=None, anchor=None, mobile=A))
    for _ in range(2):
        early.sync(person("ada", mobile=""), options=NOTHING)
    assert A == early.pair("ada").public


@pytest.mark.parametrize(
    ("rejected", "moves"),
    [
        (ADA, [change(ADA, new_dn=COUNTESS)]),
        (BOB, [change(ADA, new_dn=BOB), change(BOB, new_dn=COUNTESS)]),
        (upn_of("ada"), [change(ADA, upn="countess@contoso.example"), change(ADA, new_dn=COUNTESS)]),
    ],
    ids=["under the old place", "under a place between", "under the old name"],
)
def test_whom_a_rejected_row_spoke_of_is_kept_under_a_new_name(early: World, rejected: str, moves: list[DirectoryRecord]) -> None:
    """A rename does not take the protection away."""
    early.sync(person("ada", dn=ADA))
    result = early.sync(RejectedRow(2, "", "no good", {}, keys=(rejected,)), *moves, delete(dn=COUNTESS))
    assert (2, 0) == (result.counts["rejected"], result.counts["deleted"])


def test_whose_row_was_refused_is_not_deleted_by_a_later_one(early: World) -> None:
    """A row that matching refuses was rejected, like one that could not be read."""
    early.sync(person("ada", dn=ADA, anchor="ada=="))
    result = early.sync(change(ADA, anchor="another=="), delete(dn=ADA))
    assert (2, 0) == (result.counts["rejected"], result.counts["deleted"])


def test_a_clash_over_a_name_does_not_protect_its_owner(early: World) -> None:
    """The row that asks for the name speaks of somebody else."""
    early.sync(person("ada", dn=ADA), person("bob", dn=BOB))
    result = early.sync(person("bob", upn=upn_of("ada")), delete(dn=ADA))
    assert 1 == result.counts["deleted"]


@pytest.mark.parametrize("flags", [[None], [True, False]], ids=["cloud-only", "formerly synced"])
def test_a_log_changes_only_whom_its_directory_masters(early: World, flags: list[bool | None]) -> None:
    """H.1: whoever lives in the cloud has no other master; a change record is refused, as a deletion does nothing."""
    for flag in flags:
        early.sync(person("ada", dn=ADA, synced=flag, mobile=A))
    before = early.dump("users", "pairs")
    early.sync(change(ADA, mobile="+1 4255550101"), delete(dn=ADA))
    assert ([MatchRefusal.NOT_SYNCED], before) == ([row.reason for row in early.rejected], early.dump("users", "pairs"))

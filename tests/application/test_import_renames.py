"""The guard follows users through the renames of a change log: losses under a new name count too (domain-rules H.5)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.application.import_directory import ImportOptions
from ringfence.application.import_survey import CHUNK
from ringfence.domain.directory.records import DirectoryRecord, RecordAction
from ringfence.domain.errors import DeniedError, ErrorCode
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.policy import NumberPolicy
from tests.application.conftest import WorldUnder
from tests.application.fakes import MemoryReader
from tests.application.worlds import World, person

A: Final = "+1 4255550100"
NOTHING: Final = ImportOptions(allowed=0)

Losing = Callable[[str], DirectoryRecord]
"""What takes something away from the user with that name."""


def dn_of(name: str) -> str:
    """Where somebody stands."""
    return f"CN={name},OU=People,DC=contoso,DC=example"


def someone(name: str) -> DirectoryRecord:
    """A whole entry with its place and both numbers."""
    return person(name, dn=dn_of(name), mobile=A, office=A)


def rename(name: str, new: str) -> DirectoryRecord:
    """What the LDIF reader makes of modrdn and moddn."""
    return DirectoryRecord(3, RecordAction.MODIFY, dn=dn_of(name), new_dn=dn_of(new), synced=True)


def delete(name: str) -> DirectoryRecord:
    """What the LDIF reader makes of a deletion."""
    return DirectoryRecord(4, RecordAction.DELETE, dn=dn_of(name), synced=True)


def clear_mobile(name: str) -> DirectoryRecord:
    """A modification that deletes one number."""
    return DirectoryRecord(5, RecordAction.MODIFY, dn=dn_of(name), synced=True, mobile="")


def clear_office(name: str) -> DirectoryRecord:
    """The other one, written as blanks."""
    return DirectoryRecord(5, RecordAction.MODIFY, dn=dn_of(name), synced=True, office="  ")


def shout(row: DirectoryRecord) -> DirectoryRecord:
    """The same row, its place written in another way."""
    return row._replace(dn=(row.dn or "").upper().replace(",", ", "))


def check_stopped(world: World, code: ErrorCode, readers: list[MemoryReader[DirectoryRecord]]) -> None:
    """The guard counts one loss, and not a row of any table was written."""
    before = world.dump()
    with pytest.raises(DeniedError) as stopped:
        world.sync_files(readers, NOTHING)
    assert (code, {"pending": 1, "allowed": 0}) == (stopped.value.code, stopped.value.facts)
    assert before == world.dump()


losses = pytest.mark.parametrize(
    ("lose", "code"),
    [
        pytest.param(delete, ErrorCode.GUARD_DELETES, id="deleted"),
        pytest.param(clear_mobile, ErrorCode.GUARD_CLEARS, id="mobile cleared"),
        pytest.param(clear_office, ErrorCode.GUARD_CLEARS, id="office cleared"),
    ],
)


@losses
@pytest.mark.parametrize(
    "names",
    [["ada", "countess"], ["ada", "byron", "countess"], ["ada", "byron", "ada"]],
    ids=["renamed", "renamed twice", "renamed back"],
)
def test_a_loss_under_a_new_name_counts(early: World, names: list[str], lose: Losing, code: ErrorCode) -> None:
    """Whoever was renamed is counted under the new name, however many names lie between."""
    early.sync(someone("ada"), someone("bob"))
    renames = [rename(old, new) for old, new in pairwise(names)]
    check_stopped(early, code, [MemoryReader([*renames, lose(names[-1])])])


@losses
def test_a_loss_in_a_later_file_counts(early: World, lose: Losing, code: ErrorCode) -> None:
    """The files of one cycle are one log: a rename in the first counts in the second."""
    early.sync(someone("ada"))
    files = [MemoryReader([rename("ada", "countess")], "a.ldif"), MemoryReader([lose("countess")], "b.ldif")]
    check_stopped(early, code, files)


@losses
def test_a_loss_long_after_the_rename_counts(early: World, lose: Losing, code: ErrorCode) -> None:
    """The guard looks at rows in portions; a rename of an earlier portion is remembered."""
    early.sync(someone("ada"))
    strangers = [rename(f"no{number}", f"body{number}") for number in range(CHUNK)]
    check_stopped(early, code, [MemoryReader([rename("ada", "countess"), *strangers, lose("countess")])])


@losses
def test_a_loss_counts_however_the_name_is_written(early: World, lose: Losing, code: ErrorCode) -> None:
    """RFC 4514: case, and blanks around commas, make no other name."""
    early.sync(someone("ada"))
    check_stopped(early, code, [MemoryReader([shout(rename("ada", "countess")), shout(lose("countess"))])])


@losses
def test_a_name_that_passes_on_counts_for_its_new_owner(early: World, lose: Losing, code: ErrorCode) -> None:
    """Bob's number is gone already; the loss under his old name is Ada's, who has it now."""
    early.sync(someone("ada"), someone("bob"))
    early.sync(clear_mobile("bob"), clear_office("bob"))
    check_stopped(early, code, [MemoryReader([rename("bob", "robert"), rename("ada", "bob"), lose("bob")])])


def test_a_rename_alone_is_no_loss(early: World) -> None:
    """A name that changes takes nothing away, and what comes under the new name is Ada's."""
    early.sync(someone("ada"))
    news = DirectoryRecord(5, RecordAction.MODIFY, dn=dn_of("countess"), synced=True, mobile="+1 4255550101")
    result = early.sync(rename("ada", "countess"), news, options=NOTHING)
    assert (2, "+1 4255550101") == (result.counts["updated"], early.account("ada").pairs[Pair.MOBILE].public.text)


def test_the_old_name_is_nobody_s(early: World) -> None:
    """After a rename, a deletion under the old name is about nobody: neither counted nor done."""
    early.sync(someone("ada"))
    early.sync(rename("ada", "countess"), options=NOTHING)
    early.sync(delete("ada"), options=NOTHING)
    assert early.account("ada").user.deleted_at is None


def test_as_many_as_allowed_pass_under_new_names(early: World) -> None:
    """One deletion and one number are allowed, and happen to the one who was renamed."""
    early.sync(someone("ada"), someone("bob"))
    early.sync(rename("ada", "countess"), clear_mobile("countess"), delete("countess"), options=ImportOptions(allowed=1))
    ada, bob = early.account("ada"), early.account("bob")
    assert (early.clock.time, None) == (ada.user.deleted_at, bob.user.deleted_at)
    assert ("", A) == (ada.pairs[Pair.MOBILE].public.text, bob.pairs[Pair.MOBILE].public.text)


def test_two_who_swap_their_names(early: World) -> None:
    """Ada takes Bob's name and Bob hers, over a third one; the deletion under Bob's name is Ada's."""
    early.sync(someone("ada"), someone("bob"))
    rows = [rename("ada", "between"), rename("bob", "ada"), rename("between", "bob"), delete("bob")]
    check_stopped(early, ErrorCode.GUARD_DELETES, [MemoryReader(rows)])
    early.sync(*rows)
    assert (early.clock.time, None) == (early.account("ada").user.deleted_at, early.account("bob").user.deleted_at)


STORED: Final = ("ada", "bob", "eve")
wishes = st.lists(st.tuples(st.sampled_from([*STORED, "x", "y"]), st.sampled_from([*STORED, "x", "y", ""])), max_size=10)
"""Who is to be given which name; no name: deleted."""


def log_of(wanted: list[tuple[str, str]]) -> tuple[list[DirectoryRecord], set[str]]:
    """Those wishes that a directory grants, as its change log, and who of the stored users is deleted in the end."""
    holders = {name: name for name in STORED}
    rows: list[DirectoryRecord] = []
    gone: set[str] = set()
    for name, new in wanted:
        if name not in holders or new in holders:
            continue
        rows.append(rename(name, new) if new else delete(name))
        holder = holders.pop(name)
        if new:
            holders[new] = holder
        else:
            gone.add(holder)
    return rows, gone


@given(wanted=wishes)
def test_the_guard_counts_whom_the_import_deletes(world_under: WorldUnder, wanted: list[tuple[str, str]]) -> None:
    """Whatever a change log does with names: one deletion fewer than it makes stops it, as many pass, and it makes those."""
    world = world_under(NumberPolicy())
    rows, gone = log_of(wanted)
    world.sync(*map(someone, STORED))
    if gone:
        with pytest.raises(DeniedError) as stopped:
            world.sync(*rows, options=ImportOptions(allowed=len(gone) - 1))
        assert len(gone) == stopped.value.facts["pending"]
    world.sync(*rows, options=ImportOptions(allowed=len(gone)))
    assert gone == {name for name in STORED if world.account(name).user.deleted_at is not None}

"""A directory import as a sync cycle: two passes, sent and cleared, rejected rows, dry run (domain-rules H.2, H.5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.application.import_directory import ImportOptions, import_directory
from ringfence.application.ports import AuditFilter
from ringfence.application.services import FIRST_CHUNK
from ringfence.application.sync_cycle import Reporting
from ringfence.domain.directory.records import UNSENT, DirectoryRecord, RejectedRow, SyncState, Unsent
from ringfence.domain.directory.sync_plan import Change, Effect
from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.numbers.canonical import PublicState
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.values import RunKind
from tests.application.fakes import MemoryReader, ProgressNotes, RejectedList
from tests.application.worlds import SMS, World, entries, fields, person, removal, upn_of

A = "+1 4255550100"
B = "+1 4255550101"
DRY = ImportOptions(dry_run=True)
CUT = InvalidError(ErrorCode.SOURCE_TRUNCATED, path="people.csv")


class Interrupted(Exception):  # noqa: N818 - no error: somebody pulls the plug
    """The process dies here."""


def row_that_cannot_be_used(**fields: object) -> RejectedRow:
    """A row its reader had to reject."""
    return RejectedRow(7, "accountEnabled", "This is neither true nor false.", {"upn": "?"})._replace(**fields)  # type: ignore[arg-type]


def public_texts(world: World, name: str) -> tuple[str, str]:
    """What the directory says: mobile and office."""
    pairs = world.account(name).pairs
    return pairs[Pair.MOBILE].public.text, pairs[Pair.OFFICE].public.text


def test_counts(early: World) -> None:
    """The result tells per row what became of it."""
    early.sync(person("ada"), person("bob"), person("eve"), person("cloud", synced=None, anchor=None), person("gone"))
    early.sync(removal("gone"))
    result = early.sync(
        person("ada"), person("bob", mobile=A), person("eve", synced=False), person("cloud"), person("new"), person("gone")
    )
    told = {name: count for name, count in result.counts.items() if count}
    assert {"read": 6, "unchanged": 1, "updated": 1, "unsynced": 1, "taken_over": 1, "added": 1, "restored": 1} == told


def test_a_run_is_kept(early: World) -> None:
    """The import is a numbered run with the files' names, its times and its counts."""
    result = early.sync(person("ada"))
    with early.services.store.snapshot() as unit:
        run = unit.administration.run(early.tenant_id, result.run_id)
    assert run is not None
    assert (RunKind.IMPORT_DIRECTORY, "people.csv", result.counts) == (run.kind, run.label, run.counts)
    assert early.clock.time == run.finished_at


@pytest.mark.parametrize(
    ("sent", "expected"),
    [(UNSENT, A), ("", ""), (B, B), ("room 12", "room 12")],
    ids=["not sent", "cleared", "changed", "malformed is data"],
)
def test_not_sent_is_not_cleared(early: World, sent: str | Unsent, expected: str) -> None:
    """An attribute the file does not speak of is left alone; an empty one is cleared."""
    early.sync(person("ada", mobile=A, office=A))
    early.sync(person("ada", mobile=sent))
    assert (expected, A) == public_texts(early, "ada")


def test_a_malformed_number_is_kept_as_it_stands(early: World) -> None:
    """C.1: the profile attributes accept any text."""
    early.sync(person("ada", mobile=" 0425/5550100 (new) "))
    public = early.account("ada").pairs[Pair.MOBILE].public
    assert (" 0425/5550100 (new) ", PublicState.MALFORMED) == (public.text, public.state)


def test_profile_attributes_not_sent_are_left_alone(early: World) -> None:
    """The same for names, mails, type and state."""
    early.sync(person("ada", display_name="Ada", enabled=False, user_type="Guest", other_mails=("a@example.org",), dn="CN=Ada"))
    before = early.account("ada").user
    early.sync(person("ada"))
    assert before == early.account("ada").user


@pytest.mark.parametrize(
    ("before", "sent", "expected"),
    [
        (None, True, SyncState.SYNCED),
        (None, False, SyncState.FORMERLY_SYNCED),
        (None, UNSENT, SyncState.CLOUD_ONLY),
        (True, None, SyncState.FORMERLY_SYNCED),
        (True, UNSENT, SyncState.SYNCED),
        (False, None, SyncState.FORMERLY_SYNCED),
        (False, True, SyncState.SYNCED),
    ],
)
def test_source_of_authority(early: World, before: bool | None, sent: bool | Unsent | None, expected: SyncState) -> None:  # noqa: FBT001
    """H.1: true, false and null; whoever was synced once is never cloud-only again."""
    early.sync(person("ada", synced=before))
    early.sync(person("ada", synced=sent))
    assert expected is early.account("ada").user.sync_state


def test_a_cut_file_changes_nothing(early: World) -> None:
    """A file that turns out to be cut short is noticed in the first pass: not a row of any table changes."""
    early.sync(person("ada", mobile=A))
    before = early.dump()
    reader = MemoryReader([person("ada", mobile=B), person("bob")], breaks=CUT)
    with pytest.raises(InvalidError):
        early.sync_files([reader])
    assert before == early.dump()


def test_one_cut_file_stops_all(early: World) -> None:
    """Several files are one cycle: nothing of the whole ones is applied either."""
    before = early.dump()
    with pytest.raises(InvalidError):
        early.sync_files([MemoryReader([person("ada")], "a.csv"), MemoryReader([person("bob")], "b.csv", CUT)])
    assert before == early.dump()


def test_a_rejected_row_stops_nobody_else(early: World) -> None:
    """The row goes to the rejected file once, with its line, column and reason; the others are applied."""
    bad = row_that_cannot_be_used()
    result = early.sync(person("ada"), bad, person("bob"))
    assert [bad] == early.rejected
    assert (3, 2, 1) == (result.counts["read"], result.counts["added"], result.counts["rejected"])


def test_a_refused_row_can_be_fed_again(early: World) -> None:
    """A row refused by matching is written out under its columns, with its line."""
    early.sync(person("ada"))
    early.sync(person("ada", line=9, anchor="other==", mobile=A))
    refused = early.rejected[0]
    named = {"userPrincipalName": upn_of("ada"), "onPremisesImmutableId": "other==", "mobilePhone": A}
    assert (9, {**named, "onPremisesSyncEnabled": "true"}) == (refused.line, fields(refused))


def test_the_second_row_of_a_name_is_rejected(early: World) -> None:
    """A name that stands twice in a file, in whatever case: the first row counts, the others are rejected."""
    early.sync(person("ada", mobile=A), person("ADA", line=3, mobile=B), person("Ada", line=4))
    assert [3, 4] == [row.line for row in early.rejected]
    assert A == public_texts(early, "ada")[0]


def test_duplicates_are_found_far_apart(early: World) -> None:
    """However many rows, so transactions, lie between."""
    filler = [person(f"user{number}") for number in range(600)]
    early.sync(person("ada", mobile=A), *filler, person("ada", line=999, mobile=B))
    assert [999] == [row.line for row in early.rejected]


def test_a_name_may_stand_in_two_files(early: World) -> None:
    """Two files of one cycle may speak of the same user; the later one has the last word."""
    early.sync_files([MemoryReader([person("ada", mobile=A)], "a.csv"), MemoryReader([person("ada", mobile=B)], "b.csv")])
    assert ([], B) == (early.rejected, public_texts(early, "ada")[0])


def test_deleting_keeps_everything(early: World) -> None:
    """H.5: a soft-deleted user keeps numbers, entries and names."""
    early.sync(person("ada", mobile=A))
    early.mfa(entries("ada", SMS, mobile=B))
    before = early.account("ada")
    early.sync(removal("ada"))
    after = early.account("ada")
    assert early.clock.time == after.user.deleted_at
    assert (before.pairs, before.user.methods) == (after.pairs, after.user.methods)


def test_deleting_twice_is_once(early: World) -> None:
    """A second deletion changes nothing, the time of the first stays."""
    early.sync(person("ada"))
    early.sync(removal("ada"))
    before = early.dump("users", "audit_records")
    result = early.sync(removal("ada"))
    assert (0, 1) == (result.counts["deleted"], result.counts["unchanged"])
    assert before == early.dump(*before)


def test_coming_back_restores(early: World) -> None:
    """H.5: the same object in scope again is the same user again."""
    early.sync(person("ada"))
    early.sync(removal("ada"))
    assert 1 == early.sync(person("ada")).counts["restored"]
    assert early.account("ada").user.deleted_at is None


def some_cycle() -> list[DirectoryRecord | RejectedRow]:
    """Rows that add, update, mirror, copy, delete, refuse."""
    refused = person("ada", anchor="other==")
    return [person("ada", mobile=B), person("bob", mobile=B), person("new"), removal("gone"), refused, row_that_cannot_be_used()]


def before_some_cycle(world: World) -> None:
    """Ada's numbers are equal, Bob's method waits for a first number, Gone is still there."""
    world.sync(person("ada", mobile=A), person("bob"), person("gone"))
    world.mfa(entries("ada", SMS, mobile=A), entries("bob", SMS))


def test_a_dry_run_writes_nothing(world: World) -> None:
    """Not a row of any table changes, runs and records included."""
    before_some_cycle(world)
    before = world.dump()
    world.sync(*some_cycle(), options=ImportOptions(full=True, dry_run=True))
    assert before == world.dump()


def test_a_dry_run_tells_what_the_import_does(world: World) -> None:
    """Its counts are those of the import that follows, and it has no run."""
    before_some_cycle(world)
    dry = world.sync(*some_cycle(), options=DRY)
    real = world.sync(*some_cycle())
    assert (b"", real.counts) == (dry.run_id, dry.counts)
    assert (1, 1, 1, 1) == tuple(real.counts[name] for name in ("mirrored", "copied", "added", "deleted"))


def test_a_dry_run_shows_the_changes(world: World) -> None:
    """Who would change and how, person by person; the unchanged are left out."""
    before_some_cycle(world)
    changes: list[Change] = []
    reader = MemoryReader([person("ada", mobile=B), person("bob"), person("new", mobile=A), removal("gone")])
    reporting = Reporting(ProgressNotes(), {"people.csv": RejectedList()}, changes.append)
    import_directory(world.services, world.tenant_id, [reader], DRY, reporting)
    told = [(change.after.user.upn.split("@")[0], change.effect) for change in changes]
    assert [("ada", Effect.UPDATED), ("new", Effect.ADDED), ("gone", Effect.DELETED)] == told


def test_progress_grows_to_its_end(early: World) -> None:
    """Both passes report in the same unit, never backwards, up to the total."""
    progress = ProgressNotes()
    early.sync_files([MemoryReader([person(f"user{number}") for number in range(600)])], progress=progress)
    done = [note[0] for note in progress.notes]
    assert (sorted(done), {1200}) == (done, {total for _, total in progress.notes})
    assert 1200 == done[-1]


def what_is_stored(world: World) -> list[tuple[str, str, str | None]]:
    """Names with both mobile numbers, without ids and times."""
    names = [row[3].split("@")[0] for row in world.dump("users")["users"]]
    return sorted((name, public_texts(world, name)[0], world.authentication(name)) for name in names)


def test_killed_and_run_again_ends_the_same(world: World) -> None:
    """An import that dies in the second pass, run again, ends as if it had not died; the mirror has its two records once."""
    before_some_cycle(world)
    first_chunk = FIRST_CHUNK
    crowd = [f"user{number}" for number in range(first_chunk + 5)]
    rows = [person("ada", mobile=B), *map(person, crowd), person("bob", mobile=B)]

    def die() -> None:
        if len(progress.notes) == 2:
            raise Interrupted

    progress = ProgressNotes(die)
    with pytest.raises(Interrupted):
        world.sync_files([MemoryReader(rows)], progress=progress)
    again = world.sync(*rows)
    expected = [("ada", B, B), ("bob", B, B), ("gone", "", None), *((name, "", None) for name in crowd)]
    assert (first_chunk, sorted(expected)) == (again.counts["unchanged"], what_is_stored(world))
    mirrored = [record for record in world.audit() if {"key": "rule", "value": "M3"} in record["additionalDetails"]]
    assert 2 == len(mirrored)


def test_tenants_do_not_meet(early: World) -> None:
    """The same file in two tenants makes two users, neither of which the other tenant sees."""
    early.sync(person("ada", mobile=A))
    with early.services.store.snapshot() as unit:
        assert {} == unit.directory.ids_by_upn(early.tenant_id + 1, [upn_of("ada")])
        assert [] == list(unit.audit.records(early.tenant_id + 1, AuditFilter()))


def test_a_malformed_number_is_read_again_under_another_setting(early: World) -> None:
    """RINGFENCE_ACCEPT_UNSPACED counts for what is stored from the next import on, though the text is the same."""
    early.sync(person("ada", mobile="+14255550100"))
    early.mfa(entries("ada", SMS))
    tolerant = replace(early.services, policy=replace(early.services.policy, accept_unspaced=True))
    result = replace(early, services=tolerant).sync(person("ada", mobile="+14255550100"))
    assert (1, "+1 4255550100") == (result.counts["updated"], early.contacts("ada")[SMS])

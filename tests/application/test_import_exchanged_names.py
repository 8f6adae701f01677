"""Names that change hands within one import: chains, swaps and rotations, whatever the order of the rows (domain-rules H.3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.application.import_directory import ImportOptions, import_directory
from ringfence.application.services import FIRST_CHUNK, Services
from ringfence.application.sync_cycle import Reporting
from ringfence.application.tenancy import initialise_tenant
from ringfence.crypto.key_file import FileKeys
from ringfence.crypto.sealing import AesSivSealer
from ringfence.domain.directory.matching import MatchRefusal
from ringfence.domain.directory.records import DirectoryRecord, RecordAction
from ringfence.domain.directory.user import upn_key
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.storage.engine import Database
from ringfence.storage.rows import USER_COLUMNS
from ringfence.storage.schema import migrate
from ringfence.storage.unit_of_work import SqlStore
from tests.application.conftest import WorldUnder
from tests.application.fakes import FakeClock, MemoryReader, NumberedIds, ProgressNotes, QuickStore, RejectedList, RivalStore
from tests.application.worlds import ANNOUNCED, INSIDE, PLAIN, SMS, World, entries, person, removal, upn_of
from tests.contract.engines import ENGINES, empty_database

A: Final = "+1 4255550100"
B: Final = "+1 4255550101"
C: Final = "+1 4255550102"
DN: Final = "CN=Ada,DC=contoso,DC=example"
NAME_TABLES: Final = ("users", "pairs", "user_principal_names", "source_anchors", "distinguished_names")


class PlainStore(QuickStore):
    """The quick store on an engine that does not know SQLite's switches."""

    def __init__(self, database: Database, policy: NumberPolicy) -> None:
        """Begin units of work on this database."""
        SqlStore.__init__(self, database, policy)


@pytest.fixture(params=ENGINES)
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The middle of the window, once per engine."""
    with empty_database(request.param, request, tmp_path) as url:
        database, keys, clock = Database(url), FileKeys(tmp_path / "key"), FakeClock(ANNOUNCED)
        migrate(database)
        keys.create()
        keys.add_key()
        policy = NumberPolicy()
        services = Services(PlainStore(database, policy), AesSivSealer(keys), clock, NumberedIds(), policy)
        tenant, _ = initialise_tenant(services, keys, "contoso.example", ANNOUNCED)
        world = World(services, keys, clock, tenant.tenant_id)
        world.open_window()
        clock.time = INSIDE
        yield world
        database.dispose()


def named(name: str, new: str, **fields: object) -> DirectoryRecord:
    """The row of a person who gets another name."""
    return person(name, **fields)._replace(upn=upn_of(new))


def names(world: World) -> dict[str, str]:
    """Who (as the anchor says) is called what and not deleted, after a look at the table that names are looked up in."""
    users = [row for table in world.dump("users").values() for row in table]
    looked_up = {(key, bytes(user_id)) for _, key, user_id in world.dump("user_principal_names")["user_principal_names"]}
    live = [row for row in users if row[USER_COLUMNS.index("deleted_at")] is None]
    assert {(upn_key(row[3]), bytes(row[1])) for row in live} <= looked_up <= {(upn_key(row[3]), bytes(row[1])) for row in users}
    return {row[8].removesuffix("-anchor=="): row[3].removesuffix("@contoso.example") for row in live}


def told(world: World) -> list[tuple[int, str, str]]:
    """The rejected rows of the last import: line, column, reason."""
    return [(row.line, row.column, row.reason) for row in world.rejected]


def nonzero(counts: dict[str, int]) -> dict[str, int]:
    """The counts that tell something."""
    return {name: count for name, count in counts.items() if count and name != "read"}


def crowd(size: int) -> list[DirectoryRecord]:
    """Rows that have nothing to do with it."""
    return [person(f"user{number}") for number in range(size)]


SWAP: Final = (named("ada", "bob"), named("bob", "ada"))
SWAPPED: Final = {"ada": "bob", "bob": "ada"}
ROTATION: Final = (named("ada", "bob"), named("bob", "eve"), named("eve", "ada"))
ROTATED: Final = {"ada": "bob", "bob": "eve", "eve": "ada"}


def everybody() -> list[DirectoryRecord]:
    """Ada, Bob and Eve under their own names."""
    return [person("ada"), person("bob"), person("eve")]


@pytest.mark.parametrize("known", [True, False], ids=["known", "new"])
@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_a_chain_in_any_order(early: World, order: Sequence[int], *, known: bool) -> None:
    """The leaver becomes jsmith.old, the next one jsmith, and somebody, known or new, gets that one's name."""
    early.sync(person("jsmith"), person("joe"), *([person("jo")] if known else []))
    rows = [named("jsmith", "jsmith.old"), named("joe", "jsmith"), named("jo", "joe")]
    early.sync(*(rows[number] for number in order))
    assert ({"jsmith": "jsmith.old", "joe": "jsmith", "jo": "joe"}, []) == (names(early), told(early))


def test_a_long_chain_in_the_worst_order(early: World) -> None:
    """Three hundred users move up by one; the row that the others wait for comes last."""
    early.sync(*crowd(300))
    result = early.sync(*(named(f"user{number}", f"user{number + 1}") for number in range(300)))
    assert ({"updated": 300}, []) == (nonzero(result.counts), told(early))
    assert {f"user{number}": f"user{number + 1}" for number in range(300)} == names(early)


@pytest.mark.parametrize(
    ("rows", "expected"), [(SWAP, SWAPPED | {"eve": "eve"}), (ROTATION, ROTATED)], ids=["swap", "rotation of three"]
)
def test_names_go_round(anywhere: World, rows: Sequence[DirectoryRecord], expected: dict[str, str]) -> None:
    """Users who take each other's names have them afterwards, on every engine."""
    anywhere.sync(*everybody())
    result = anywhere.sync(*rows)
    assert (expected, {"updated": len(rows)}, []) == (names(anywhere), nonzero(result.counts), told(anywhere))


@pytest.mark.parametrize("rows", [SWAP, ROTATION], ids=["swap", "rotation of three"])
def test_a_second_run_changes_nothing(anywhere: World, rows: Sequence[DirectoryRecord]) -> None:
    """What was exchanged is as the rows say, so that they find nothing to do."""
    anywhere.sync(*everybody())
    anywhere.sync(*rows)
    before = anywhere.dump(*NAME_TABLES, "audit_records")
    assert {"unchanged": len(rows)} == nonzero(anywhere.sync(*rows).counts)
    assert before == anywhere.dump(*NAME_TABLES, "audit_records")


def test_a_swap_across_chunks(early: World) -> None:
    """The two rows stand in different transactions."""
    early.sync(*everybody())
    early.sync(SWAP[0], *crowd(FIRST_CHUNK + 5), SWAP[1])
    assert SWAPPED.items() <= names(early).items()
    assert [] == told(early)


@pytest.mark.parametrize("rows", [SWAP, ROTATION], ids=["swap", "rotation of three"])
def test_across_files(early: World, rows: Sequence[DirectoryRecord]) -> None:
    """The rows stand in different files of the import."""
    early.sync(*everybody())
    early.sync_files([MemoryReader([row], f"{number}.csv") for number, row in enumerate(rows)])
    assert ({**names(early), **(SWAPPED if rows is SWAP else ROTATED)}, []) == (names(early), told(early))


def test_many_rotations_at_once(early: World) -> None:
    """A hundred swaps, and one row that wants a name of a swap and cannot have it: only that one is rejected."""
    early.sync(*crowd(200), person("ada"))
    pairs = [named(f"user{number}", f"user{number ^ 1}") for number in range(200)]
    result = early.sync_files([MemoryReader([named("ada", "user6", line=9)], "a.csv"), MemoryReader(pairs, "b.csv")])
    assert {"updated": 200, "rejected": 1} == nonzero(result.counts)
    assert [(9, "userPrincipalName", MatchRefusal.DUPLICATE_UPN)] == told(early)
    assert {f"user{number}": f"user{number ^ 1}" for number in range(200)} | {"ada": "ada"} == names(early)


def test_where_one_of_two_is_refused_otherwise(early: World) -> None:
    """Bob's row is unusable, so that he keeps his name: Ada's row is rejected as it always was, and nothing has changed."""
    early.sync(person("ada", user_id=b"a" * 16), person("bob", user_id=b"b" * 16))
    before = early.dump(*NAME_TABLES)
    other = named("bob", "ada", line=3, user_id=b"b" * 16, mobile=B)._replace(anchor="other==")
    result = early.sync(named("ada", "bob", mobile=A), other)
    assert (before, {"rejected": 2}) == (early.dump(*NAME_TABLES), nonzero(result.counts))
    assert {
        (2, "userPrincipalName", MatchRefusal.DUPLICATE_UPN),
        (3, "onPremisesImmutableId", MatchRefusal.ANCHOR_CHANGED),
    } == set(told(early))


def test_a_new_user_whose_name_stays_taken(early: World) -> None:
    """A row that waited is rejected with the reason it was refused for."""
    early.sync(person("ada"))
    early.sync(person("ada", line=7, anchor="other=="))
    assert [(7, "onPremisesImmutableId", MatchRefusal.INVALID_SOFT_MATCH)] == told(early)


def test_rejected_into_the_file_it_came_from(early: World) -> None:
    """Rows of two files clash: each goes back to its own."""
    early.sync(*everybody())
    sinks = {name: RejectedList() for name in ("a.csv", "b.csv")}
    rows = {"a.csv": named("ada", "eve", line=4), "b.csv": named("bob", "eve", line=5)}
    readers = [MemoryReader([row], name) for name, row in rows.items()]
    import_directory(early.services, early.tenant_id, readers, PLAIN, Reporting(ProgressNotes(), {**sinks}))
    assert {"a.csv": [4], "b.csv": [5]} == {name: [row.line for row in sink.rows] for name, sink in sinks.items()}


def test_a_swap_mirrors_both_numbers(anywhere: World) -> None:
    """Inside the window changed public numbers carry over with the names, once for each row, with two audit records each."""
    anywhere.sync(person("ada", mobile=A), person("bob", mobile=B))
    anywhere.mfa(entries("ada", SMS, mobile=A), entries("bob", SMS, mobile=B))
    result = anywhere.sync(named("ada", "bob", mobile=C), named("bob", "ada", mobile=A))
    assert {"updated": 2, "mirrored": 2} == nonzero(result.counts)
    assert (SWAPPED, C, A) == (names(anywhere), anywhere.authentication("bob"), anywhere.authentication("ada"))
    mirrored = [record for record in anywhere.audit() if {"key": "rule", "value": "M3"} in record["additionalDetails"]]
    assert 4 == len(mirrored)


def test_a_conflict_in_a_rotation_is_decided_anew(contested: World) -> None:
    """Somebody sets a number while names go round: the transaction runs again and carries both over."""
    contested.sync(person("ada", mobile=A), person("bob", mobile=B))
    contested.mfa(entries("ada", SMS, mobile=A), entries("bob", SMS, mobile=B))
    store = contested.services.store
    assert isinstance(store, RivalStore)
    store.disturb(lambda: contested.set_phone("ada", C), passing=2)
    result = contested.sync(named("ada", "bob", mobile=B), named("bob", "ada", mobile=A))
    assert (SWAPPED, {"updated": 2, "mirrored": 1}) == (names(contested), nonzero(result.counts))
    assert (C, A) == (contested.authentication("bob"), contested.authentication("ada"))


def test_a_rotation_that_somebody_breaks(contested: World) -> None:
    """Bob's name goes to Eve while it is to go to Ada: nobody of the rotation is renamed, and both rows are rejected."""
    contested.sync(*everybody())
    store = contested.services.store
    assert isinstance(store, RivalStore)
    store.disturb(lambda: contested.sync(named("bob", "zoe"), named("eve", "bob")), passing=2)
    assert {"rejected": 2} == nonzero(contested.sync(*SWAP).counts)
    assert {"ada": "ada", "bob": "zoe", "eve": "bob"} == names(contested)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(SWAP, id="swap"),
        pytest.param(ROTATION, id="rotation"),
        pytest.param((named("ada", "bob"), *crowd(120), named("bob", "old")), id="chain"),
        pytest.param((named("bob", "old"), *crowd(120), named("ada", "bob")), id="chain in order"),
        pytest.param((removal("bob"), *crowd(120), named("ada", "bob")), id="deleted"),
        pytest.param((named("ada", "bob"), named("bob", "eve")), id="still taken"),
    ],
)
def test_a_dry_run_tells_the_same(early: World, rows: Sequence[DirectoryRecord]) -> None:
    """Names that would have been given up are free in a dry run too, which writes nothing."""
    early.sync(*everybody())
    before = early.dump()
    dry = early.sync(*rows, options=ImportOptions(dry_run=True))
    assert before == early.dump()
    assert early.sync(*rows).counts == dry.counts


class Interrupted(Exception):  # noqa: N818 - no error: somebody pulls the plug
    """The process dies here."""


@pytest.mark.parametrize("commits", range(1, 5))
def test_killed_and_run_again(early: World, monkeypatch: pytest.MonkeyPatch, commits: int) -> None:
    """An import that dies after any of its transactions, run again, ends as if it had not died."""
    early.sync(*everybody(), person("max"), person("zoe"))
    rows = [named("max", "zoe"), *SWAP, *crowd(120), named("zoe", "old")]
    left = iter(range(commits - 1))

    def die() -> None:
        if next(left, None) is None:
            raise Interrupted

    with monkeypatch.context() as patch:
        patch.setattr(early.services.store, "give_way", die)
        with pytest.raises(Interrupted):
            early.sync(*rows)
    early.sync(*rows)
    expected = {**SWAPPED, "eve": "eve", "max": "zoe", "zoe": "old", **{f"user{n}": f"user{n}" for n in range(120)}}
    assert (expected, []) == (names(early), told(early))


def test_a_deletion_further_on_frees_the_name(early: World) -> None:
    """The successor's row comes before the deletion of the one who has the name."""
    early.sync(person("ada"))
    early.sync(person("ada", anchor="new-anchor=="), removal("ada"))
    assert ({"new": "ada"}, []) == (names(early), told(early))


def test_whoever_comes_back_gets_a_name_that_is_given_up(early: World) -> None:
    """Ada was deleted and her name taken; she returns in the import in which the successor gives it up, further on."""
    early.sync(person("ada"))
    early.sync(removal("ada"))
    early.sync(person("ada", anchor="new-anchor=="))
    result = early.sync(person("ada"), named("new", "newer"))
    assert ({"ada": "ada", "new": "newer"}, 1) == (names(early), result.counts["restored"])


@pytest.mark.parametrize("clash", [False, True])
def test_whose_row_waits_is_not_missing(early: World, *, clash: bool) -> None:
    """A full import deletes nobody whose row waits, nor anybody whose row is rejected in the end."""
    early.sync(person("ada"), person("bob"), person("gone"))
    files = [MemoryReader([SWAP[0]], "a.csv"), MemoryReader([person("bob") if clash else SWAP[1]], "b.csv")]
    result = early.sync_files(files, ImportOptions(full=True))
    assert ({"ada": "ada", "bob": "bob"} if clash else SWAPPED) == names(early)
    assert (1, int(clash)) == (result.counts["deleted"], result.counts["rejected"])


def test_a_later_file_counts(early: World) -> None:
    """A later row that gives the user another name settles it: the one that waits is rejected."""
    early.sync(*everybody())
    files = [[named("ada", "bob", line=4)], [named("ada", "countess"), named("bob", "old")]]
    early.sync_files([MemoryReader(rows, f"{number}.csv") for number, rows in enumerate(files)])
    assert {"ada": "countess", "bob": "old", "eve": "eve"} == names(early)
    assert [(4, "userPrincipalName", MatchRefusal.DUPLICATE_UPN)] == told(early)


def test_a_later_file_that_asks_for_another_taken_name(early: World) -> None:
    """Both rows of Ada wait in turn; the later one gets what it asks for."""
    early.sync(*everybody())
    files = [[named("ada", "bob", line=4)], [named("ada", "eve"), named("eve", "ada")]]
    early.sync_files([MemoryReader(rows, f"{number}.csv") for number, rows in enumerate(files)])
    assert {"ada": "eve", "bob": "bob", "eve": "ada"} == names(early)
    assert [(4, "userPrincipalName", MatchRefusal.DUPLICATE_UPN)] == told(early)


def test_the_same_row_in_two_files(early: World) -> None:
    """Files that overlap wait as one row, in which the later file counts and the earlier one is not forgotten."""
    early.sync(*everybody())
    files = [[named("ada", "bob", mobile=A, office=A)], [named("ada", "bob", mobile=B), named("bob", "ada")]]
    result = early.sync_files([MemoryReader(rows, f"{number}.csv") for number, rows in enumerate(files)])
    pairs = early.account("bob").pairs
    assert (B, A) == (pairs[Pair.MOBILE].public.text, pairs[Pair.OFFICE].public.text)
    assert ({"updated": 2}, SWAPPED | {"eve": "eve"}) == (nonzero(result.counts), names(early))


def change(**fields: object) -> DirectoryRecord:
    """An LDIF change record about Ada."""
    return DirectoryRecord(3, RecordAction.MODIFY, dn=DN, synced=True)._replace(**fields)  # type: ignore[arg-type]


def test_later_changes_of_whoever_waits_stay(world: World) -> None:
    """Change records of a user whose renaming waits are applied at once, and the renaming takes nothing of them back."""
    moved = DN.replace("Ada", "Bob")
    world.sync(person("ada", dn=DN, mobile=A), person("bob"))
    world.mfa(entries("ada", SMS, mobile=A))
    waits = change(upn=upn_of("bob"), mobile=B, office=B)
    result = world.sync(waits, change(mobile=C), change(new_dn=moved), change(dn=moved, display_name="B"), SWAP[1])
    account = world.account("bob")
    assert (SWAPPED, moved, "B") == (names(world), account.user.dn, account.user.display_name)
    assert (C, B, C) == (
        account.pairs[Pair.MOBILE].public.text,
        account.pairs[Pair.OFFICE].public.text,
        world.authentication("bob"),
    )
    assert (1, []) == (result.counts["mirrored"], told(world))


def test_whoever_waits_is_not_deleted(early: World) -> None:
    """A user whose row may yet be rejected is kept; here the row gets its name in the end."""
    early.sync(*everybody())
    early.sync(named("ada", "bob", line=4), removal("ada"), named("bob", "old"))
    told = [row.reason for row in early.rejected]
    assert ({"ada": "bob", "bob": "old", "eve": "eve"}, [MatchRefusal.KEPT_REJECTED]) == (names(early), told)


def test_whose_row_is_rejected_in_the_end_is_not_deleted(early: World) -> None:
    """The name never comes free: the row is rejected, and nobody is deleted (H.5)."""
    early.sync(*everybody())
    early.sync(named("ada", "bob", line=4), removal("ada"))
    assert ({"ada": "ada", "bob": "bob", "eve": "eve"}, 2) == (names(early), len(early.rejected))


def test_a_newcomer_who_waits_and_is_deleted(early: World) -> None:
    """Nobody is added whom a row further on deletes, though nobody was there yet to be deleted."""
    early.sync(person("ada"))
    early.sync(person("ada", line=4, anchor="new-anchor=="), removal("new"), named("ada", "old"))
    assert ({"ada": "old"}, [4]) == (names(early), [row.line for row in early.rejected])


@given(data=st.data())
def test_whoever_may_have_a_name_gets_it(world_under: WorldUnder, data: st.DataObject) -> None:
    """Any exchange among the names of some users and new ones, in any order and over any files, comes out as the rows say."""
    world = world_under(NumberPolicy())
    users = [f"user{number}" for number in range(6)]
    world.sync(*map(person, users))
    wanted = data.draw(st.permutations([*users, "new0", "new1", "new2"]))
    rows = data.draw(st.permutations([named(user, name) for user, name in zip([*users, "newcomer"], wanted, strict=False)]))
    cut = data.draw(st.integers(0, len(rows)))
    files = [MemoryReader(rows[:cut], "a.csv"), MemoryReader(rows[cut:], "b.csv")]
    result = world.sync_files(files, data.draw(st.sampled_from([PLAIN, ImportOptions(full=True)])))
    assert (dict(zip([*users, "newcomer"], wanted, strict=False)), 0) == (names(world), result.counts["rejected"])
    assert {"unchanged": len(rows)} == nonzero(world.sync(*rows).counts)

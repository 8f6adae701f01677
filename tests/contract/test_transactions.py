"""`Store` and `UnitOfWork`: what is committed stays, everything else is as if it had never been."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import DBAPIError

from ringfence.application.ports import AuditFilter, UnitOfWork
from ringfence.domain.audit import Trail, record_private_change
from ringfence.domain.directory.user import Account
from ringfence.domain.errors import ConflictError, ErrorCode, UnavailableError
from ringfence.domain.numbers.facts import Moment
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.transition import PRESETS, Transition
from ringfence.domain.values import COPY_TASK, Run, RunKind
from ringfence.storage.engine import Database
from ringfence.storage.unit_of_work import SqlStore
from tests.contract.accounts import identifier, to_copy
from tests.contract.clocks import IN_WINDOW
from tests.contract.engines import new_tenant

RUN = Run(identifier(77), RunKind.COPY, IN_WINDOW)
PRESENT = Transition(*PRESETS["entra-2021"], opened_at=IN_WINDOW)


def renamed(one: Account, name: str) -> Account:
    """The account under another display name."""
    return one._replace(user=one.user._replace(display_name=name))


def everything(unit: UnitOfWork, tenant: int) -> list[object]:
    """All that the stores say about a tenant."""
    users = unit.directory.load(tenant, [identifier(1), identifier(2)])
    lookups = unit.directory.ids_by_upn(tenant, ["user1@contoso.example", "user2@contoso.example"])
    administration = unit.administration
    rest = [administration.runs(tenant, 10), administration.transitions(tenant), list(unit.audit.records(tenant, AuditFilter()))]
    return [users, lookups, *rest]


def insert(unit: UnitOfWork, tenant: int) -> None:
    """Add a user."""
    unit.directory.insert(tenant, [to_copy(2)])


def update(unit: UnitOfWork, tenant: int) -> None:
    """Change a user."""
    unit.directory.update(tenant, [(to_copy(1), renamed(to_copy(1), "new"))])


def free(unit: UnitOfWork, tenant: int) -> None:
    """Take a name away."""
    unit.directory.free_upns(tenant, ["user1@contoso.example"])


def copy(unit: UnitOfWork, tenant: int) -> None:
    """Copy all."""
    unit.numbers.copy(tenant, (b"", None), Moment.INSIDE, (RUN.run_id, IN_WINDOW))


def record(unit: UnitOfWork, tenant: int) -> None:
    """Add audit records."""
    before = to_copy(1)
    after = before._replace(pairs={**before.pairs, Pair.MOBILE: before.pairs[Pair.MOBILE]._replace(authentication=b"x")})
    unit.audit.append(tenant, record_private_change(before, after, Trail(identifier(5), IN_WINDOW, COPY_TASK)))


def run(unit: UnitOfWork, tenant: int) -> None:
    """Begin a run."""
    unit.administration.add_run(tenant, RUN)


def transition(unit: UnitOfWork, tenant: int) -> None:
    """Open a transition."""
    unit.administration.add_transition(tenant, PRESENT)


def attempt(store: SqlStore, work: Callable[[UnitOfWork], object]) -> None:
    """Do something in one unit and commit."""
    with store.begin() as unit:
        work(unit)
        unit.commit()


@pytest.mark.parametrize("work", [insert, update, free, copy, record, run, transition], ids=lambda work: work.__name__)
def test_leaving_without_commit_takes_back(store: SqlStore, tenant: int, work: Callable[[UnitOfWork, int], None]) -> None:
    """Whatever a unit wrote is gone when it is left without a commit; inside, it was there."""
    with store.begin() as unit:
        insert_one = unit.directory.insert
        insert_one(tenant, [to_copy(1)])
        unit.commit()
    with store.begin() as unit:
        before = everything(unit, tenant)
        work(unit, tenant)
        inside = everything(unit, tenant)
    with store.snapshot() as unit:
        after = everything(unit, tenant)
    assert before != inside
    assert before == after


def test_an_exception_takes_back(store: SqlStore, tenant: int) -> None:
    """An exception on the way out is not swallowed, and nothing stays."""

    def work(unit: UnitOfWork) -> None:
        insert(unit, tenant)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        attempt(store, work)
    with store.snapshot() as unit:
        assert unit.directory.count_users(tenant) == 0


def test_a_conflict_takes_all_back(store: SqlStore, tenant: int) -> None:
    """After a conflict nothing of the transaction stays: users, audit records, runs."""
    with store.begin() as unit:
        insert(unit, tenant)
        unit.commit()
    with store.snapshot() as unit:
        before = everything(unit, tenant)

    def work(unit: UnitOfWork) -> None:
        run(unit, tenant)
        record(unit, tenant)
        insert(unit, tenant)

    with pytest.raises(ConflictError) as caught:
        attempt(store, work)
    with store.snapshot() as unit:
        assert (ErrorCode.ROW_CHANGED, before) == (caught.value.code, everything(unit, tenant))


def test_a_unit_sees_its_own_writes(store: SqlStore, tenant: int) -> None:
    """Before the commit the unit reads what it wrote, nobody else does."""
    with store.begin() as unit:
        insert(unit, tenant)
        with store.snapshot() as other:
            seen = (unit.directory.count_users(tenant), other.directory.count_users(tenant))
    assert seen == (1, 0)


def test_a_snapshot_is_one_picture(store: SqlStore, tenant: int) -> None:
    """What others commit meanwhile does not appear in a snapshot that has read before."""
    with store.snapshot() as unit:
        first = unit.directory.count_users(tenant)
        with store.begin() as other:
            insert(other, tenant)
            other.commit()
        second = unit.directory.count_users(tenant)
    assert (first, second) == (0, 0)


def test_a_unit_may_stream_and_then_write(store: SqlStore, tenant: int) -> None:
    """Reading in steady memory leaves the unit as able to write as before."""
    with store.begin() as unit:
        unit.directory.insert(tenant, [to_copy(1)])
        read = (len(list(unit.numbers.lines(tenant, Moment.INSIDE))), len(list(unit.directory.synced_users(tenant))))
        none = list(unit.numbers.kept(tenant, RUN)), list(unit.audit.records(tenant, AuditFilter()))
        copied = unit.numbers.copy(tenant, (b"", None), Moment.INSIDE, (RUN.run_id, IN_WINDOW))
        counted = sum(outcome.pairs for outcome in unit.numbers.outcomes(tenant, Moment.INSIDE))
    assert (2, 1, ([], []), 1, 2) == (*read, none, copied, counted)


def test_writers_wait_for_each_other(store: SqlStore, tenant: int) -> None:
    """A second writer of the same user goes on when the first has committed, and nobody is told that the database is busy."""
    with store.begin() as unit:
        insert(unit, tenant)
        unit.commit()

    def write(name: str, held: threading.Event) -> None:
        with store.begin() as unit:
            held.set()
            [found] = unit.directory.load(tenant, [identifier(2)]).values()
            unit.directory.update(tenant, [(found, renamed(found, found.user.display_name + name))])
            unit.commit()

    with store.begin() as first:
        [found] = first.directory.load(tenant, [identifier(2)]).values()
        second = threading.Thread(target=write, args=("b", threading.Event()))
        second.start()
        first.directory.update(tenant, [(found, renamed(found, "a"))])
        first.commit()
    second.join()
    with store.snapshot() as unit:
        assert ["ab"] == [one.user.display_name for one in unit.directory.load(tenant, [identifier(2)]).values()]


def test_a_unit_may_commit_and_go_away(store: SqlStore) -> None:
    """A committed unit leaves nothing behind that would hinder the next."""
    made = [new_tenant(store) for _ in range(20)]
    assert sorted(set(made)) == made


def test_a_look_sees_the_newest_commit(store: SqlStore, tenant: int) -> None:
    """Even one that was lent before the commit; a snapshot begun then does not."""
    with store.look() as look, store.snapshot() as picture:
        before = [unit.directory.find(tenant, "user2@contoso.example", None) for unit in (look, picture)]
        attempt(store, lambda unit: insert(unit, tenant))
        after = [unit.directory.find(tenant, "user2@contoso.example", None) for unit in (look, picture)]
    assert ([None, None], [to_copy(2), None]) == (before, after)


def test_a_look_finds_by_name_before_id(store: SqlStore, tenant: int) -> None:
    """A look finds in one statement what a writer finds in several."""
    attempt(store, lambda unit: unit.directory.insert(tenant, [to_copy(1), to_copy(2)]))
    asked = [("user1@contoso.example", None), ("user1@contoso.example", identifier(2)), ("?", identifier(2)), ("?", None)]
    with store.look() as look, store.begin() as writer:
        found = [[unit.directory.find(tenant, *keys) for keys in asked] for unit in (look, writer)]
    assert [[to_copy(1), to_copy(1), to_copy(2), None]] * 2 == found


def test_looks_are_lent_again(store: SqlStore) -> None:
    """One connection serves one look after the other, and two at once have one each."""
    with store.look() as first, store.look() as second:
        pass
    with store.look() as third, store.look() as fourth:
        assert {id(first), id(second)} == {id(third), id(fourth)}
    assert first is not second


def test_a_look_begins_nothing(store: SqlStore, tenant: int) -> None:
    """What would begin a transaction on its connection, which nobody would end, is a mistake of ours and says so."""
    with store.look() as look, pytest.raises(RuntimeError, match="only looks"):
        look.directory.count_users(tenant)


def test_a_look_that_failed_is_not_lent_again(database: Database, store: SqlStore, tenant: int) -> None:
    """Those beside it still are."""
    with store.look() as beside, pytest.raises((UnavailableError, DBAPIError)), store.look() as failed:
        database.fetch(failed._connection, "SELECT 1 FROM nowhere", ())  # noqa: SLF001 - to have a statement fail
    with store.look() as following, store.look() as another:
        assert following.identity.epoch(tenant) == another.identity.epoch(tenant) == 0
    assert (True, False) == (beside in {following, another}, failed in {following, another})


def test_looks_outlive_a_server_that_closed_them(database: Database, store: SqlStore, tenant: int) -> None:
    """One request is told that the database cannot be reached; the next is answered, on connections that are new."""
    with store.look() as first, store.look() as second:
        pass
    with store.begin() as unit:
        own = {id(first), id(second)}
        if not database.is_sqlite:  # a file closes nothing
            close = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
            database.fetch(unit._connection, close + "pg_backend_pid()", ())  # noqa: SLF001 - to act as the server does
    with contextlib.suppress(UnavailableError), store.look() as look:
        look.identity.epoch(tenant)
    with store.look() as third, store.look() as fourth:
        assert third.identity.epoch(tenant) == fourth.identity.epoch(tenant) == 0
        assert database.is_sqlite or not own & {id(third), id(fourth)}


def test_looks_of_many_threads_beside_a_failing_one(database: Database, store: SqlStore, tenant: int) -> None:
    """Whatever fails in one thread, no other is ever lent its unit, or one that is closed."""

    def look(turn: int) -> bool:
        with contextlib.suppress(UnavailableError, DBAPIError), store.look() as unit:
            if turn % 4 == 0:
                database.fetch(unit._connection, "SELECT 1 FROM nowhere", ())  # noqa: SLF001 - to have a statement fail
            return unit.identity.epoch(tenant) == 0
        return turn % 4 == 0

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(look, range(400)))

"""What the stores lock, each by itself: `Database.write`, `DirectoryStore.user`, and the two that are called `hold`.

Whether a row is locked is asked by a second transaction that does not wait; so this is PostgreSQL's, whose locks are of rows. On
SQLite whoever writes has the whole file.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy.exc import DBAPIError

from ringfence.application.ports import UnitOfWork
from ringfence.domain.signin.challenge import ChallengeMethod
from ringfence.domain.signin.lockout import Failures
from ringfence.domain.signin.send_guard import Scope, TelephonySettings
from ringfence.storage.engine import Database
from ringfence.storage.unit_of_work import SqlStore
from tests.contract.accounts import account, identifier, plain_user
from tests.contract.clocks import IN_WINDOW
from tests.contract.engines import new_tenant

KIM, LEE, NOBODY = identifier(1), identifier(2), identifier(3)
LATER: Final = IN_WINDOW + timedelta(minutes=5)
LOCK_NOT_AVAILABLE: Final = "55P03"
"""PostgreSQL's documentation, appendix A (error codes)."""
of_rows = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
"""For SQLite locks the file: tests/storage/test_opening.py."""


@pytest.fixture
def kept(store: SqlStore, tenant: int) -> int:
    """A tenant with two users, of whom the second is deleted."""
    with store.begin() as unit:
        unit.directory.insert(tenant, [account(plain_user(1)), account(plain_user(2, deleted_at=IN_WINDOW))])
        unit.commit()
    return tenant


@contextlib.contextmanager
def begun(store: SqlStore, work: Callable[[UnitOfWork], object]) -> Iterator[UnitOfWork]:
    """A transaction that did this, and is still open."""
    with store.begin() as unit:
        work(unit)
        yield unit


def is_free(database: Database, row: str, tenant: int) -> bool:
    """Whether another transaction could change a row (`table WHERE …`) of the tenant now."""
    asked = f"SELECT 1 FROM {row} AND tenant_id = {tenant} FOR NO KEY UPDATE NOWAIT"  # noqa: S608 - rows that stand below
    told = None
    with database.engine.connect() as connection:
        try:
            connection.exec_driver_sql(asked).all()
        except DBAPIError as error:
            told = getattr(error.orig, "sqlstate", None)
    assert told in {None, LOCK_NOT_AVAILABLE}
    return told is None


def user_row(user_id: bytes) -> str:
    """The row of a user."""
    return f"users WHERE user_id = '\\x{user_id.hex()}'"


def failure_row(method: ChallengeMethod) -> str:
    """The row of what is held against a method of Kim's."""
    return f"method_failures WHERE user_id = '\\x{KIM.hex()}' AND method = {int(method)}"


def test_a_write_says_how_many_rows(database: Database, kept: int) -> None:
    """Those that its condition found, none included."""
    text = database.statement("UPDATE users SET version = version + 1 WHERE tenant_id = ? AND user_id = ?")
    both = database.statement("UPDATE users SET version = version + 1 WHERE tenant_id = ?")
    with database.connect(write=True) as connection:
        told = [database.write(connection, text, (kept, user)) for user in (KIM, NOBODY)]
        assert [1, 0, 2] == [*told, database.write(connection, both, (kept,))]


def test_a_write_wants_a_transaction(database: Database) -> None:
    """A statement that would be committed by itself is a mistake of ours, and is not run."""
    with database.engine.connect() as connection, pytest.raises(RuntimeError, match="outside a transaction"):
        database.write(connection, "DELETE FROM users", ())


def test_a_write_is_of_its_transaction(database: Database, store: SqlStore, kept: int) -> None:
    """What it wrote is gone with a transaction that is not committed."""
    text = database.statement("UPDATE users SET display_name = 'new' WHERE tenant_id = ?")
    with database.connect(write=True) as connection:
        assert 2 == database.write(connection, text, (kept,))
        connection.rollback()
    with store.snapshot() as unit:
        assert plain_user(1) == unit.directory.user(kept, KIM)


def test_a_write_that_fails(database: Database) -> None:
    """The driver's own errors come as SQLAlchemy's, which one place translates."""
    with database.connect(write=True) as connection:
        with pytest.raises(DBAPIError):
            database.write(connection, "UPDATE no_such_table SET c = 1", ())
        connection.rollback()


def test_a_user(store: SqlStore, kept: int) -> None:
    """By id, deleted or not; nobody for another id, and for another tenant."""
    deleted, other = plain_user(2, deleted_at=IN_WINDOW), new_tenant(store)
    for begin in (store.snapshot, store.look, store.begin):
        with begin() as unit:
            found = [unit.directory.user(kept, user) for user in (KIM, LEE, NOBODY)]
            assert [plain_user(1), deleted, None, None] == [*found, unit.directory.user(other, KIM)]


@of_rows
@pytest.mark.parametrize("begin", ["snapshot", "begin"])
def test_a_user_that_is_read(database: Database, store: SqlStore, kept: int, begin: str) -> None:
    """Nobody is kept from the user, also in a transaction that writes: it may hold a challenge, which comes after users."""
    with getattr(store, begin)() as unit:
        unit.directory.user(kept, KIM)
        assert is_free(database, user_row(KIM), kept)


@of_rows
def test_a_user_that_somebody_holds(store: SqlStore, kept: int) -> None:
    """Is read all the same, as committed, without waiting."""
    with begun(store, lambda unit: unit.directory.load(kept, [KIM])), store.begin() as reading:
        assert plain_user(1) == reading.directory.user(kept, KIM)


def test_failures_are_held(store: SqlStore, kept: int) -> None:
    """Holding changes nothing: of a method without a row there are none, of another what was saved."""
    locked = Failures(2, 1, LATER)
    with store.begin() as unit:
        assert Failures() == unit.challenges.hold(kept, KIM, ChallengeMethod.SMS, IN_WINDOW)
        unit.challenges.save_failures(kept, KIM, ChallengeMethod.SMS, locked, IN_WINDOW)
        unit.commit()
    asked = [(kept, KIM, ChallengeMethod.SMS), (kept, KIM, ChallengeMethod.OATH), (kept, LEE, ChallengeMethod.SMS)]
    with store.begin() as unit:
        found = [unit.challenges.hold(*one, LATER) for _ in range(2) for one in asked]
    assert 2 * [locked, Failures(), Failures()] == found


@of_rows
def test_failures_are_held_from_others(database: Database, store: SqlStore, kept: int) -> None:
    """Nobody else counts for the method until the commit; other methods are free."""
    methods = (ChallengeMethod.SMS, ChallengeMethod.OATH)
    with begun(store, lambda unit: [unit.challenges.hold(kept, KIM, one, IN_WINDOW) for one in methods]) as unit:
        unit.commit()
    with begun(store, lambda unit: unit.challenges.hold(kept, KIM, ChallengeMethod.SMS, IN_WINDOW)):
        assert [False, True] == [is_free(database, failure_row(one), kept) for one in methods]
    assert is_free(database, failure_row(ChallengeMethod.SMS), kept)


def test_telephony_is_held(store: SqlStore, kept: int) -> None:
    """Holding is no setting: a tenant without any has none afterwards, and one with some has the same."""
    some = TelephonySettings(frozenset({"49"}), most={Scope.USER: 3})
    with store.begin() as unit:
        unit.telephony.hold(kept)
        assert unit.telephony.settings(kept) is None
        unit.telephony.save_settings(kept, some)
        unit.telephony.hold(kept)
        assert some._replace(version=1) == unit.telephony.settings(kept)


@of_rows
def test_telephony_is_held_from_others(database: Database, store: SqlStore, kept: int) -> None:
    """Until the commit, of this tenant alone."""
    tenants = (kept, new_tenant(store))
    for one in tenants:
        with store.begin() as unit:
            unit.telephony.hold(one)
            unit.commit()
    with begun(store, lambda unit: unit.telephony.hold(kept)):
        assert [False, True] == [is_free(database, "telephony WHERE true", one) for one in tenants]
    assert is_free(database, "telephony WHERE true", kept)

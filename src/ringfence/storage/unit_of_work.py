"""The unit of work over SQL, the store that begins it, and the check that the schema is the one this code knows."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Connection, exc, inspect, text

from ringfence.application.ports.identity import EPOCH_LEASE
from ringfence.domain.errors import ErrorCode, UnavailableError
from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.storage.administration_store import SqlAdministration
from ringfence.storage.audit_query import SqlAuditQuery
from ringfence.storage.audit_store import SqlAuditStore
from ringfence.storage.block_store import SqlBlockStore
from ringfence.storage.board_store import SqlBoardStore
from ringfence.storage.challenge_store import SqlChallengeStore
from ringfence.storage.change_log import ChangedUsers, SqlChangeLog
from ringfence.storage.directory_store import SqlDirectoryStore
from ringfence.storage.engine import Database, translate
from ringfence.storage.flow_store import SqlFlowStore
from ringfence.storage.grant_store import SqlGrantStore
from ringfence.storage.identity_store import SqlIdentityStore
from ringfence.storage.message_store import SqlMessageStore
from ringfence.storage.methods_policy_store import SqlMethodsPolicyStore
from ringfence.storage.mfa_account_store import SqlMfaAccountStore
from ringfence.storage.notice_store import SqlNoticeStore
from ringfence.storage.number_store import SqlNumberStore
from ringfence.storage.registration_store import SqlRegistrationStore
from ringfence.storage.reseal_store import SqlResealStore
from ringfence.storage.schema import HEAD, KNOWN
from ringfence.storage.seed_store import SqlSeedStore
from ringfence.storage.sign_in_store import SqlSignInLog
from ringfence.storage.statements import Statements
from ringfence.storage.telephony_store import SqlTelephonyStore
from ringfence.storage.user_query import SqlUserQuery


class SqlUnitOfWork:
    """One transaction on one connection."""

    def __init__(self, database: Database, connection: Connection, policy: NumberPolicy, *, writes: bool) -> None:
        """Give every store the same connection."""
        changed = ChangedUsers()
        self.administration = SqlAdministration(database, connection)
        self.numbers = SqlNumberStore(connection, policy)
        self.audit = SqlAuditStore(database, connection)
        self.sealed = SqlResealStore(database, connection)
        statements = Statements(database, connection)
        self.identity = SqlIdentityStore(statements, changed)
        self.directory = SqlDirectoryStore(database, connection, changed, self.identity.advance_epoch, writes=writes)
        self.grants = SqlGrantStore(statements)
        self.registrations = SqlRegistrationStore(statements)
        self.challenges = SqlChallengeStore(statements, writes=writes)
        self.methods_policy = SqlMethodsPolicyStore(statements)
        self.seeds = SqlSeedStore(statements)
        self.messages = SqlMessageStore(statements)
        self.telephony = SqlTelephonyStore(statements)
        self.board = SqlBoardStore(statements, writes=writes)
        self.flows = SqlFlowStore(statements, writes=writes)
        self.mfa = SqlMfaAccountStore(statements)
        self.blocks = SqlBlockStore(statements)
        self.notices = SqlNoticeStore(statements)
        self.sign_ins = SqlSignInLog(statements)
        self.people = SqlUserQuery(statements)
        self.audit_queries = SqlAuditQuery(statements)
        self.changes = SqlChangeLog(statements, changed)
        self._database = database
        self._connection = connection

    def commit(self) -> None:
        """Log who changed, and make it all durable."""
        self.changes.flush()
        self._connection.commit()

    @property
    def is_lost(self) -> bool:
        """Whether the server has closed the connection, and so probably those beside it."""
        return self._database.is_lost(self._connection)

    def close(self) -> None:
        """Close the connection, for good: it is not used again by anybody."""
        self._connection.invalidate()
        self._connection.close()


class _Look:
    """A unit lent from those that only look. One whose statement failed is not lent again."""

    __slots__ = ("_store", "_unit")

    def __init__(self, store: SqlStore, unit: SqlUnitOfWork) -> None:
        self._store = store
        self._unit = unit

    def __enter__(self) -> SqlUnitOfWork:
        return self._unit

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if not isinstance(error, exc.SQLAlchemyError):
            self._store.take_back(self._unit)
            return
        is_lost = self._unit.is_lost
        self._unit.close()
        if is_lost:
            self._store.stop_looking()
        if isinstance(error, exc.DBAPIError):
            raise translate(error) from error


class SqlStore:
    """`Store` over SQL."""

    def __init__(self, database: Database, policy: NumberPolicy) -> None:
        """Begin units of work on this database under these switches."""
        self.database = database
        self._policy = policy
        self._looking: list[SqlUnitOfWork] = []
        database.before_disposal(self.stop_looking)

    @contextlib.contextmanager
    def begin(self) -> Iterator[SqlUnitOfWork]:
        """A unit that may write. One that took something away is left when every process that answers requests knows of it."""
        with self.database.connect(write=True) as connection:
            unit = SqlUnitOfWork(self.database, connection, self._policy, writes=True)
            yield unit
        if unit.identity.took_away:
            time.sleep(EPOCH_LEASE.total_seconds())

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[SqlUnitOfWork]:
        """A unit that only reads."""
        with self.database.connect(write=False) as connection:
            yield SqlUnitOfWork(self.database, connection, self._policy, writes=False)

    def look(self) -> _Look:
        """A unit that only reads, each statement for itself. It is kept with its connection, and used again."""
        try:
            unit = self._looking.pop()
        except IndexError:
            unit = SqlUnitOfWork(self.database, self.database.open_to_look(), self._policy, writes=False)
        return _Look(self, unit)

    def take_back(self, unit: SqlUnitOfWork) -> None:
        """Keep a unit that only looks for whoever looks next."""
        self._looking.append(unit)

    def stop_looking(self) -> None:
        """Close those that are not lent: each is taken out before it is closed, for others may take them meanwhile."""
        while True:
            try:
                unit = self._looking.pop()
            except IndexError:
                return
            unit.close()

    @property
    def reads_at_once(self) -> bool:
        """A file does; a server answers when it does."""
        return self.database.path is not None

    @property
    def chunk_target(self) -> timedelta:
        """How long one write transaction of long work should last here."""
        return self.database.chunk_target

    def give_way(self) -> None:
        """Let other writers have their turn."""
        self.database.give_way()


def check_schema(database: Database) -> None:
    """Raise `UnavailableError` unless the database exists and has exactly the schema this code knows."""
    if database.path is not None and not database.path.exists():
        raise UnavailableError(ErrorCode.DATABASE_MISSING, database=database.shown)
    with database.connect(write=False) as connection:
        found = _revision(connection)
    if found is None:
        raise UnavailableError(ErrorCode.DATABASE_MISSING, database=database.shown)
    if found != HEAD:
        code = ErrorCode.DATABASE_OLDER if found in KNOWN else ErrorCode.DATABASE_NEWER
        raise UnavailableError(code, database=database.shown, found=found, known=HEAD)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()

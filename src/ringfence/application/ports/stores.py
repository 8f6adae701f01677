"""What is stored, by subject, and the unit of work that holds it together: one transaction, on which all of it happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from ringfence.application.ports.audit_queries import AuditQueries
from ringfence.application.ports.board import BoardStore
from ringfence.application.ports.changes import ChangeLog
from ringfence.application.ports.flows import FlowStore
from ringfence.application.ports.identity import GrantStore, IdentityStore, RegistrationStore
from ringfence.application.ports.lines import (
    AuditFilter,
    AuditLine,
    ContactedPair,
    Kept,
    Outcome,
    PairLine,
    SealedPhones,
    SealedValue,
    UserFilter,
    UserUnderKey,
)
from ringfence.application.ports.mfa import ChallengeStore, SeedStore
from ringfence.application.ports.mfa_accounts import BlockStore, MfaAccountStore
from ringfence.application.ports.notices import NoticeStore
from ringfence.application.ports.people import UserQueries
from ringfence.application.ports.policies import MethodsPolicyStore
from ringfence.application.ports.sign_ins import SignInLog
from ringfence.application.ports.telephony import MessageStore, TelephonyStore
from ringfence.domain.audit import AuditRecord
from ringfence.domain.directory.user import Account, User
from ringfence.domain.numbers.facts import Moment
from ringfence.domain.numbers.transition import Transition
from ringfence.domain.values import Run, StoredKey, Tenant


class Administration(Protocol):
    """Tenants, transitions, runs and keys."""

    def tenants(self) -> list[Tenant]:
        """All tenants by name."""

    def add_tenant(self, tenant: Tenant) -> Tenant:
        """Store a tenant; its `tenant_id` is chosen here."""

    def lock_tenant(self, tenant_id: int) -> None:
        """Let nobody else open or close a transition of the tenant until the commit."""

    def transitions(self, tenant_id: int) -> list[Transition]:
        """All transitions of a tenant, the present one last."""

    def add_transition(self, tenant_id: int, transition: Transition) -> None:
        """Store a new transition."""

    def close_transition(self, tenant_id: int, opened_at: datetime, closed_at: datetime) -> None:
        """Mark a transition closed."""

    def add_run(self, tenant_id: int, run: Run) -> None:
        """Store a run that begins."""

    def finish_run(self, tenant_id: int, run_id: bytes, finished_at: datetime, counts: Mapping[str, int]) -> None:
        """Store how a run ended."""

    def run(self, tenant_id: int, run_id: bytes) -> Run | None:
        """One run."""

    def runs(self, tenant_id: int, limit: int) -> list[Run]:
        """The newest runs, newest first."""

    def keys(self) -> list[StoredKey]:
        """All keys the database knows, oldest first."""

    def primary_key(self) -> int:
        """The key new users are sealed under; in a write it stays so until the commit."""

    def add_primary_key(self, key_id: int, check_value: bytes, at: datetime) -> None:
        """Make a key the primary one; the one before begins to retire."""

    def key_in_use(self, key_id: int) -> bool:
        """Tell whether any user, or any seed, is under this key: a walk over all users when none is, so not for a write."""

    def retire_key(self, key_id: int) -> bool:
        """Mark a retiring key retired; return whether it is. The caller has seen that no user is under it any more."""


class DirectoryStore(Protocol):
    """Users with both number sets, and the look-ups that lead to them."""

    def ids_by_upn(self, tenant_id: int, keys: Sequence[str]) -> dict[str, bytes]:
        """`upn_key` -> user id, for those that exist (deleted users too)."""

    def ids_by_anchor(self, tenant_id: int, anchors: Sequence[str]) -> dict[str, bytes]:
        """Source anchor -> user id."""

    def ids_by_dn(self, tenant_id: int, keys: Sequence[str]) -> dict[str, bytes]:
        """`dn_key` -> user id."""

    def load(self, tenant_id: int, user_ids: Sequence[bytes]) -> dict[bytes, Account]:
        """The accounts that exist among these ids."""

    def user(self, tenant_id: int, user_id: bytes) -> User | None:
        """The user with this id, deleted or not, without pairs; a write does not hold it."""

    def find(self, tenant_id: int, name: str, user_id: bytes | None) -> Account | None:
        """The account that has this name (`upn_key`), else the one with this id, deleted or not."""

    def phones(self, tenant_id: int, name: str, user_id: bytes | None) -> SealedPhones | None:
        """The authentication numbers of the user that `find` would return, and no more of it: the question asked most."""

    def insert(self, tenant_id: int, accounts: Sequence[Account]) -> None:
        """Store new users with their pairs and look-ups; raises `ConflictError` (ROW_CHANGED) when one exists by now."""

    def update(self, tenant_id: int, changes: Sequence[tuple[Account, Account]]) -> None:
        """Store (before, after), each conditional on the versions read; raises `ConflictError` (ROW_CHANGED) otherwise (A21)."""

    def free_upns(self, tenant_id: int, keys: Sequence[str]) -> None:
        """Take names away from deleted users."""

    def synced_users(self, tenant_id: int) -> Iterator[User]:
        """All synced users that are not deleted, in steady memory."""

    def users(self, tenant_id: int, wanted: UserFilter) -> list[User]:
        """A page of users by name."""

    def count_users(self, tenant_id: int) -> int:
        """Users that are not deleted."""

    def bounds_after(self, tenant_id: int, after: bytes, count: int) -> bytes | None:
        """The id of the `count`-th user behind `after` in id order, or None when fewer are left."""


class NumberStore(Protocol):
    """Set-based work over the pairs of a tenant: a handful of statements, whatever the number of users."""

    def outcomes(self, tenant_id: int, moment: Moment) -> list[Outcome]:
        """Count the pairs (mobile, office) of all users that are not deleted, by row of the status table."""

    def count_to_copy(self, tenant_id: int, moment: Moment) -> int:
        """How many pairs a copy would write."""

    def lines(self, tenant_id: int, moment: Moment) -> Iterator[PairLine]:
        """One line per user and pair, by name, in steady memory."""

    def contacts(self, tenant_id: int, moment: Moment) -> Iterator[ContactedPair]:
        """Which number the method entries of each pair contact, by user and pair, in steady memory; others have no line."""

    def copy(self, tenant_id: int, span: tuple[bytes, bytes | None], moment: Moment, run: tuple[bytes, datetime]) -> int:
        """Copy where row C6 matches among the users in `(after, upto]`, with both audit records; return how many numbers."""

    def undo(self, tenant_id: int, span: tuple[bytes, bytes | None], undone: bytes, run: tuple[bytes, datetime]) -> int:
        """Take back what run `undone` copied where nothing changed since, with both audit records; return how many numbers."""

    def kept(self, tenant_id: int, undone: Run) -> Iterator[Kept]:
        """What run `undone` copied and no undo took back, and why."""


class ResealStore(Protocol):
    """Everything sealed, to be put under another key user by user."""

    def next_under(self, key_id: int, after: tuple[int, bytes]) -> tuple[int, bytes] | None:
        """The next user still under a key behind (tenant, user), or None: a walk over all that are not, so not for a write."""

    def users_under(self, key_id: int, first: tuple[int, bytes], limit: int) -> list[UserUnderKey]:
        """The users still under a key, in key order from (tenant, user) on; nobody else writes them until the commit."""

    def count_users(self) -> int:
        """All users of all tenants."""

    def sealed_values(self, user: UserUnderKey) -> list[SealedValue]:
        """Every sealed value of a user, locked until the commit."""

    def reseal(self, user: UserUnderKey, key_id: int, values: Sequence[SealedValue]) -> None:
        """Write them back under the new key and note it on the user; raises `ConflictError` (ROW_CHANGED) if it changed."""


class AuditStore(Protocol):
    """The audit records."""

    def append(self, tenant_id: int, records: Sequence[AuditRecord]) -> None:
        """Store records."""

    def records(self, tenant_id: int, wanted: AuditFilter) -> Iterator[AuditLine]:
        """The records wanted, in steady memory."""


class UnitOfWork(Protocol):
    """One transaction. Leaving the block without `commit()` takes everything back."""

    @property
    def administration(self) -> Administration:
        """Tenants, transitions, runs, keys."""

    @property
    def directory(self) -> DirectoryStore:
        """Users and look-ups."""

    @property
    def numbers(self) -> NumberStore:
        """Set-based work over pairs."""

    @property
    def audit(self) -> AuditStore:
        """The audit records."""

    @property
    def sealed(self) -> ResealStore:
        """Everything sealed."""

    @property
    def identity(self) -> IdentityStore:
        """Applications, keys, roles, credentials, profiles."""

    @property
    def grants(self) -> GrantStore:
        """Codes and refresh tokens."""

    @property
    def people(self) -> UserQueries:
        """Questions over users."""

    @property
    def audit_queries(self) -> AuditQueries:
        """Questions over the audit records."""

    @property
    def changes(self) -> ChangeLog:
        """The log of changed users."""

    @property
    def registrations(self) -> RegistrationStore:
        """Registered methods other than numbers, e-mail and password."""

    @property
    def challenges(self) -> ChallengeStore:
        """Challenges of the MFA service, and what is held against methods."""

    @property
    def methods_policy(self) -> MethodsPolicyStore:
        """The policies of authentication methods."""

    @property
    def seeds(self) -> SeedStore:
        """Seeds of one-time codes."""

    @property
    def messages(self) -> MessageStore:
        """The outbox."""

    @property
    def telephony(self) -> TelephonyStore:
        """The send guard's settings and counters."""

    @property
    def board(self) -> BoardStore:
        """The phones of a demonstration."""

    @property
    def flows(self) -> FlowStore:
        """Sign-ins under way."""

    @property
    def mfa(self) -> MfaAccountStore:
        """Settings of MFA, app passwords, remembered browsers."""

    @property
    def blocks(self) -> BlockStore:
        """Users who are blocked for MFA."""

    @property
    def notices(self) -> NoticeStore:
        """What people are told by mail."""

    @property
    def sign_ins(self) -> SignInLog:
        """The log of sign-ins."""

    def commit(self) -> None:
        """Log who changed, and make it all durable."""


class Store(Protocol):
    """Where units of work begin."""

    @property
    def chunk_target(self) -> timedelta:
        """How long one write transaction of long work should last here."""

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        """A unit that may write; on SQLite the only one at a time."""

    def snapshot(self) -> AbstractContextManager[UnitOfWork]:
        """A unit that only reads, a consistent picture however long it takes."""

    @property
    def reads_at_once(self) -> bool:
        """Whether a read of a few rows is over within microseconds, and waits for nobody."""

    def look(self) -> AbstractContextManager[UnitOfWork]:
        """A unit that only reads, each statement for itself, as things stand then: for what one statement answers.

        It costs a fraction of a snapshot, which every request to the API would pay.
        """

    def give_way(self) -> None:
        """Let other writers have their turn between two transactions of long work."""

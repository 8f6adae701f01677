"""What stores hand over and are asked by: counts, lines of reports, filters. Plain values."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ringfence.domain.audit import AuditRecord
from ringfence.domain.directory.records import SyncState
from ringfence.domain.directory.user import Written
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.numbers.tables import Contact, StatusRule


class Outcome(NamedTuple):
    """How many pairs a row of the status table has, that follow the directory or not, with or without a dropped extension.

    `left_behind` is how many of them the window's end would leave behind as they stand.
    """

    row: StatusRule
    follows: bool
    extension_dropped: bool
    pairs: int
    left_behind: int = 0


class PairLine(NamedTuple):
    """One user and pair in a report. Numbers are still sealed; `public` is the text as written."""

    user_id: bytes
    key_id: int
    upn: str
    pair: Pair
    public: str
    authentication: bytes | None
    row: StatusRule
    follows: bool


class ContactedPair(NamedTuple):
    """A pair that method entries of a user need, and the number they contact (sealed; None for none), by which row of A.5."""

    user_id: bytes
    key_id: int
    upn: str
    pair: Pair
    methods: frozenset[MethodType]
    default: MethodType | None
    source: Contact
    rule: str
    sealed: bytes | None


class UserFilter(NamedTuple):
    """Which users a list shows, and from where it goes on (`after` is the last name of the page before)."""

    after: str = ""
    limit: int = 100
    sync_state: SyncState | None = None
    deleted: bool = False
    starts_with: str = ""


class AuditFilter(NamedTuple):
    """Which audit records are wanted, newest first unless `oldest_first`."""

    user_id: bytes | None = None
    run_id: bytes | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    oldest_first: bool = False


class AuditLine(NamedTuple):
    """A stored record with the user's present name, and the key its numbers are sealed under."""

    record: AuditRecord
    upn: str
    user_type: str
    key_id: int


class Kept(NamedTuple):
    """A number an undo did not take back, and why: `authentication_changed`, `public_changed`, `not_synced`, `deleted`."""

    user_id: bytes
    upn: str
    pair: Pair
    reason: str


class SealedValue(NamedTuple):
    """One sealed value and its place: table, column, pair, and for an audit record its correlation and part."""

    table: str
    column: str
    pair: Pair
    correlation_id: bytes
    part: int
    sealed: bytes


class SealedPhone(NamedTuple):
    """An authentication number as it is stored, with who wrote it."""

    pair: Pair
    sealed: bytes
    written: Written | None


class SealedPhones(NamedTuple):
    """The authentication numbers of one user, by pair, and the key they are sealed under."""

    user_id: bytes
    key_id: int
    is_deleted: bool
    phones: list[SealedPhone]


class UserUnderKey(NamedTuple):
    """A user as the rotation of keys sees it: whose, which, and the version read."""

    tenant_id: int
    user_id: bytes
    version: int

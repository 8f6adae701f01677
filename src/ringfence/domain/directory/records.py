"""What a reader hands over: one record per user or change, with *not sent* kept apart from *cleared*.

Readers (`ringfence.sources`) make these from files; the sync plan decides what they mean. `UNSENT` says that the source did
not speak of the attribute at all; an empty text says that the source has the attribute and it is empty (cleared). The two are
never confused: that bug wipes phone numbers.
"""

from __future__ import annotations

from enum import Enum, IntEnum, unique
from typing import Final, Literal, NamedTuple

from ringfence.domain.methods.registrations import MethodKind, StatedMethod
from ringfence.domain.numbers.pairs import MethodType


class _Unsent(Enum):
    UNSENT = "unsent"

    def __repr__(self) -> str:
        return "UNSENT"


Unsent = Literal[_Unsent.UNSENT]
UNSENT: Final = _Unsent.UNSENT


@unique
class RecordAction(IntEnum):
    """What the record asks for."""

    UPSERT = 1
    """This is how the user looks: create or update."""
    MODIFY = 2
    """Change an existing user (LDIF change record): never creates."""
    DELETE = 3
    """The user left the source's scope: soft delete."""


@unique
class SyncState(IntEnum):
    """Source of authority (H.1); the value is what the database stores. Microsoft's flag: null, true, false."""

    CLOUD_ONLY = 0
    SYNCED = 1
    FORMERLY_SYNCED = 2


class Edit(NamedTuple):
    """Single values that a change adds to an attribute (`mobile`, `office`, `other_mails`) and takes from it."""

    attribute: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class DirectoryRecord(NamedTuple):
    """One user or one change, as a directory export states it.

    `user_id` is 16 raw bytes; `anchor` is the source anchor of H.3 (base64 text); `synced` is Microsoft's flag
    `onPremisesSyncEnabled` (True, False, None) or UNSENT; `mobile` and `office` are the text as it stands, `""` = cleared.
    `edits` are for attributes that are not sent: what comes out depends on what is stored.
    """

    line: int
    action: RecordAction = RecordAction.UPSERT
    user_id: bytes | None = None
    anchor: str | None = None
    upn: str | None = None
    dn: str | None = None
    new_dn: str | None = None
    synced: bool | Unsent | None = UNSENT
    display_name: str | Unsent = UNSENT
    enabled: bool | Unsent = UNSENT
    user_type: str | Unsent = UNSENT
    other_mails: tuple[str, ...] | Unsent = UNSENT
    mobile: str | Unsent = UNSENT
    office: str | Unsent = UNSENT
    edits: tuple[Edit, ...] = ()


@unique
class PerUserState(IntEnum):
    """Per-user MFA state (D.9)."""

    Disabled = 0
    Enabled = 1
    Enforced = 2


class MfaRecord(NamedTuple):
    """One user's strong-authentication state, as an export states it.

    The user is named by `upn` or, in Graph's answers, by `user_id` (16 raw bytes). `methods` replaces the entries when it is
    sent and not empty; `default` must be one of them; numbers are in canonical form already, `""` = the source has none.
    `add_default` (Graph's signInPreferences) names a default that is added to the entries when it is missing.
    `registrations` are methods registered one by one, their ids all different; `listed` are the kinds of which it states all.
    `document` is the row as it stood, where the columns of the CSV cannot hold what it says.
    """

    line: int
    upn: str | None = None
    user_id: bytes | None = None
    methods: tuple[MethodType, ...] | Unsent = UNSENT
    default: MethodType | Unsent | None = UNSENT
    add_default: bool = False
    mobile: str | Unsent = UNSENT
    alternate: str | Unsent = UNSENT
    office: str | Unsent = UNSENT
    email: str | Unsent = UNSENT
    state: PerUserState | Unsent = UNSENT
    registrations: tuple[StatedMethod, ...] = ()
    listed: frozenset[MethodKind] = frozenset()
    document: str = ""


class RejectedRow(NamedTuple):
    """A row that could not be used: where (1-based line, column name or `""`), why in plain words, and the row itself.

    `fields` is the row under its column names where the source has columns, else `{"record": text}`; empty for a row that was
    read and refused later, which is the `record`. `unreadable` is True when it cannot be told for certain whose row it is, which
    disables deletes (nobody may be deleted because a row was unreadable). `keys` are the user's names in the row as far as they
    could be read (upn, anchor, dn, id as given), so that a rejected user is never deleted.
    """

    line: int
    column: str
    reason: str
    fields: dict[str, str]
    unreadable: bool = False
    keys: tuple[str, ...] = ()
    record: DirectoryRecord | MfaRecord | None = None

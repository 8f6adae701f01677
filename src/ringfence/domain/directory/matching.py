"""Match an incoming record with a stored user.

Source: domain-rules H.3. Hard match by the object's id or the source anchor; soft match by user principal name when the stored
user has no other anchor; change records by distinguished name. Matching by primary SMTP address belongs to live sync.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, unique
from typing import Final, NamedTuple

from ringfence.domain.directory.records import DirectoryRecord, RecordAction
from ringfence.domain.directory.user import User
from ringfence.domain.numbers.facts import Standing
from ringfence.domain.values import is_made_here

ANCHOR_LIMIT: Final = 60
"""A source anchor is shorter than this (H.3)."""
LONGEST_UPN: Final = 256
"""Twice what Microsoft allows, and far below what an index of a database takes."""


@unique
class MatchRefusal(StrEnum):
    """Why a record is refused; the values are what people see in the rejected file, Microsoft's names where there is one."""

    AMBIGUOUS = "the id and the source anchor belong to two different users"
    ANCHOR_CHANGED = "the stored user has another source anchor, and an anchor never changes"
    ANCHOR_TOO_LONG = "the source anchor has 60 characters or more"
    DELETED = "the user is deleted; import the whole entry to restore it"
    DUPLICATE_UPN = "the userPrincipalName belongs to another user"
    ID_CHANGED = "the user with this userPrincipalName has another id"
    INVALID_SOFT_MATCH = "InvalidSoftMatch: the user with this userPrincipalName has another source anchor"
    KEPT_REJECTED = "another row of this user was rejected, so the user is not deleted"
    KEPT_UNREADABLE = "a row of the import could not be read, so nobody is deleted"
    NOT_SYNCED = "the user is not synced, so changes of the directory do not concern it; import the whole entry to take it over"
    NO_UPN = "a new user needs a userPrincipalName"
    UNKNOWN = "no stored user has this distinguished name; import the whole entry first"
    UPN_TOO_LONG = "the userPrincipalName has more than 256 characters"


COLUMN_OF_REFUSAL: Final[Mapping[MatchRefusal, str]] = {
    MatchRefusal.ANCHOR_CHANGED: "onPremisesImmutableId",
    MatchRefusal.ANCHOR_TOO_LONG: "onPremisesImmutableId",
    MatchRefusal.DELETED: "distinguishedName",
    MatchRefusal.DUPLICATE_UPN: "userPrincipalName",
    MatchRefusal.ID_CHANGED: "id",
    MatchRefusal.INVALID_SOFT_MATCH: "onPremisesImmutableId",
    MatchRefusal.NOT_SYNCED: "distinguishedName",
    MatchRefusal.NO_UPN: "userPrincipalName",
    MatchRefusal.UNKNOWN: "distinguishedName",
    MatchRefusal.UPN_TOO_LONG: "userPrincipalName",
}
"""The column to look at; the refusals that are missing here concern the whole row."""

CLASHES: Final = frozenset({MatchRefusal.DUPLICATE_UPN, MatchRefusal.ID_CHANGED, MatchRefusal.INVALID_SOFT_MATCH})
"""The refusals that are over once the user who has the name has another one, or none."""


class Candidates(NamedTuple):
    """The stored users that the record's names lead to, each None when there is none."""

    by_id: User | None = None
    by_anchor: User | None = None
    by_upn: User | None = None
    by_dn: User | None = None


class Match(NamedTuple):
    """The stored user the record speaks of, or None for a new one. `frees_upn` is a deleted user who loses the name to it."""

    user: User | None
    frees_upn: User | None = None


# What an import reaches a million times.
_UPSERT: Final = RecordAction.UPSERT
_STRANGER: Final = Match(None)


def match_record(record: DirectoryRecord, found: Candidates) -> Match | MatchRefusal:
    """Say which stored user the record is about."""
    too_long = _too_long(record)
    if too_long is not None:
        return too_long
    if record.action is not _UPSERT:
        return _known(record, found)
    if found.by_id is not None and found.by_anchor is not None and found.by_id.user_id != found.by_anchor.user_id:
        return MatchRefusal.AMBIGUOUS
    hard = found.by_id or found.by_anchor
    if hard is not None:
        return _hard(record, hard, found.by_upn)
    return _soft(record, found.by_upn)


def match_whatever_name(record: DirectoryRecord, found: Candidates) -> User | None:
    """Say which stored user a record is about that gives a name somebody else has; None for a new user."""
    match = match_record(record, found._replace(by_upn=None))
    return None if isinstance(match, MatchRefusal) else match.user


def _too_long(record: DirectoryRecord) -> MatchRefusal | None:
    if record.upn is not None and len(record.upn) > LONGEST_UPN:
        return MatchRefusal.UPN_TOO_LONG
    if record.anchor is not None and len(record.anchor) >= ANCHOR_LIMIT:
        return MatchRefusal.ANCHOR_TOO_LONG
    return None


def _known(record: DirectoryRecord, found: Candidates) -> Match | MatchRefusal:
    """A change or a deletion speaks of a stored user; deleting one nobody knows is no error.

    A directory changes and deletes only whom it masters, not cloud-only and formerly synced users (H.1, H.5).

    The name in a deletion is the user's, in a change it is the new one, which may belong to somebody else.
    """
    deletes = record.action is RecordAction.DELETE
    named = found.by_dn or (found.by_upn if deletes and record.anchor is None else None)
    user = found.by_id or found.by_anchor or (None if _is_another(record, named) else named)
    if deletes:
        return Match(None if record.synced is True and user is not None and user.standing is Standing.NOT_SYNCED else user)
    if user is None:
        return MatchRefusal.UNKNOWN
    if user.deleted_at is not None:
        return MatchRefusal.DELETED
    if record.synced is True and user.standing is Standing.NOT_SYNCED:
        return MatchRefusal.NOT_SYNCED
    return _hard(record, user, found.by_upn)


def _is_another(record: DirectoryRecord, named: User | None) -> bool:
    """Whether the user with that name is known to be another object."""
    anchors = (record.anchor, None if named is None else named.anchor)
    return None not in anchors and anchors[0] != anchors[1]


def _hard(record: DirectoryRecord, user: User, by_upn: User | None) -> Match | MatchRefusal:
    if record.anchor is not None and user.anchor is not None and record.anchor != user.anchor:
        return MatchRefusal.ANCHOR_CHANGED
    if by_upn is None or by_upn.user_id == user.user_id:
        return Match(user)
    return MatchRefusal.DUPLICATE_UPN if by_upn.deleted_at is None else Match(user, frees_upn=by_upn)


def _soft(record: DirectoryRecord, by_upn: User | None) -> Match | MatchRefusal:
    if by_upn is None:
        return _STRANGER if record.upn else MatchRefusal.NO_UPN
    other_id = record.user_id is not None and not is_made_here(by_upn.user_id)
    if not other_id and (record.anchor is None or by_upn.anchor is None):
        return Match(by_upn)
    if by_upn.deleted_at is not None:
        return Match(None, frees_upn=by_upn)
    return MatchRefusal.ID_CHANGED if other_id else MatchRefusal.INVALID_SOFT_MATCH

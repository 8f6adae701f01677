"""Decide what one record changes about one user, numbers carried over included. Pure.

Sources: domain-rules H.1, H.3 (takeover), H.4 (overrides), H.5 (soft delete, restore), B.5 (numbers), A12-A14.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import IntEnum, unique
from typing import Any, Final, NamedTuple

from ringfence.domain.directory.records import UNSENT, DirectoryRecord, RecordAction, SyncState
from ringfence.domain.directory.user import Account, PairState, PublicValue, User
from ringfence.domain.numbers.canonical import PublicState
from ringfence.domain.numbers.facts import Event, Moment
from ringfence.domain.numbers.mirror import Commit, write_public_number
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.policy import NumberPolicy, PublicSource

ReadNumber = Callable[[str, Pair, PublicSource], PublicValue]
"""Parse and seal a public number of the user at hand."""


@unique
class Effect(IntEnum):
    """What a record did to a user."""

    ADDED = 1
    UPDATED = 2
    DELETED = 3
    RESTORED = 4
    TAKEN_OVER = 5
    UNSYNCED = 6
    UNCHANGED = 7


# What an import reaches a million times: in Python 3.11 members of an Enum are ten times as slow to reach as a global.
_MOBILE: Final = Pair.MOBILE
_OFFICE: Final = Pair.OFFICE
_ADDED: Final = Effect.ADDED
_UNCHANGED: Final = Effect.UNCHANGED
_CLOUD_ONLY: Final = SyncState.CLOUD_ONLY
_SYNCED: Final = SyncState.SYNCED
_BY_SYNC: Final = PublicSource.SYNC
_BY_ADMIN: Final = PublicSource.ADMIN
_OVERRIDE: Final = PublicSource.OVERRIDE
_CHANGE: Final = Event.CHANGE
_TAKEOVER: Final = Event.TAKEOVER
_MALFORMED: Final = PublicState.MALFORMED
_NO_NUMBER: Final = PublicState.EMPTY
_UPSERT: Final = RecordAction.UPSERT


class Circumstances(NamedTuple):
    """When the change is committed, in which run, and under which switches."""

    at: datetime
    moment: Moment
    policy: NumberPolicy
    run_id: bytes | None = None
    is_sync: bool = True
    """Whether the directory says it, or an administrator in the cloud."""


class NumberOutcome(NamedTuple):
    """A public number that was written, by which rule; whether that wrote the authentication number, and left no public one."""

    pair: Pair
    rule: str
    wrote: bool
    cleared: bool = False


class Change(NamedTuple):
    """The account before and after, and what happened to it."""

    before: Account | None
    after: Account
    effect: Effect
    numbers: tuple[NumberOutcome, ...] = ()


def decide_removal(account: Account, at: datetime) -> Change:
    """Soft-delete: everything is kept, nothing is contacted or copied any more (H.5, A14)."""
    if account.user.deleted_at is not None:
        return Change(account, account, _UNCHANGED)
    gone = account.user._replace(deleted_at=at)
    return Change(account, account._replace(user=gone), Effect.DELETED)


def decide_new(user: User, record: DirectoryRecord, read: ReadNumber) -> Change:
    """A user nobody knew: both pairs get what the record has.

    Nothing can be carried over yet, since a new user has no method entries (C3, M7); a test holds this equal to the tables.
    """
    fresh = _with_profile(user, record)
    source = _source(fresh)
    mobile, office = record.mobile, record.office
    pairs = {
        _MOBILE: _new_pair(_MOBILE, PublicValue(source=source) if mobile is UNSENT else read(mobile, _MOBILE, source)),
        _OFFICE: _new_pair(_OFFICE, PublicValue(source=source) if office is UNSENT else read(office, _OFFICE, source)),
    }
    return Change(None, Account(fresh, pairs), _ADDED)


def _new_pair(pair: Pair, public: PublicValue) -> PairState:
    return PairState(pair, public, public.sealed)


def decide_update(account: Account, record: DirectoryRecord, read: ReadNumber, circumstances: Circumstances) -> Change:
    """A known user: what the record speaks of is taken over, what it does not is left alone."""
    if record.edits:
        record = with_edits(account, record)
    user = _with_profile(account.user, record)._replace(deleted_at=None)
    after, numbers = _with_numbers(account, user, record, read, circumstances)
    if after == account:
        return Change(account, account, _UNCHANGED)
    return Change(account, after, _effect(account.user, user), numbers)


def _effect(old: User, new: User) -> Effect:
    if old.deleted_at is not None:
        return Effect.RESTORED
    if old.sync_state is not new.sync_state:
        return Effect.TAKEN_OVER if new.sync_state is _SYNCED else Effect.UNSYNCED
    return Effect.UPDATED


def _source(user: User, *, is_sync: bool = True) -> PublicSource:
    if user.sync_state is not _SYNCED:
        return _BY_ADMIN
    return _BY_SYNC if is_sync else _OVERRIDE


def _event(old: User, new: User) -> Event:
    if old.deleted_at is not None:
        return Event.RESTORE
    became_synced = new.sync_state is _SYNCED and old.sync_state is not _SYNCED
    return _TAKEOVER if became_synced else _CHANGE


def _sync_state(present: SyncState, record: DirectoryRecord) -> SyncState:
    if record.synced is UNSENT or record.action is not _UPSERT:
        return present
    if record.synced:
        return _SYNCED
    return SyncState.FORMERLY_SYNCED if record.synced is False or present is not _CLOUD_ONLY else _CLOUD_ONLY


def _with_profile(user: User, record: DirectoryRecord) -> User:
    """The user with what the record says of the profile; field by field in their order, since `_replace` takes twice the time."""
    return User(
        user.user_id,
        user.key_id,
        record.upn or user.upn,
        user.created_at,
        user.display_name if record.display_name is UNSENT else record.display_name,
        user.user_type if record.user_type is UNSENT else record.user_type or "Member",
        user.enabled if record.enabled is UNSENT else record.enabled,
        _sync_state(user.sync_state, record),
        user.anchor or record.anchor,
        record.new_dn or record.dn or user.dn,
        user.other_mails if record.other_mails is UNSENT else record.other_mails,
        user.methods,
        user.default,
        user.mfa_state,
        user.email,
        user.deleted_at,
        user.version,
    )


def _with_numbers(
    account: Account, user: User, record: DirectoryRecord, read: ReadNumber, circumstances: Circumstances
) -> tuple[Account, tuple[NumberOutcome, ...]]:
    event = _event(account.user, user)
    source = _source(user, is_sync=circumstances.is_sync)
    held = source is _BY_SYNC and _overrides_hold(account.user, user, circumstances.policy)
    commit = Commit(circumstances.at, circumstances.moment, event, circumstances.run_id)
    pairs = dict(account.pairs)
    outcomes: list[NumberOutcome] = []
    for pair, text in ((_MOBILE, record.mobile), (_OFFICE, record.office)):
        state = pairs[pair] = _released(pairs[pair]) if source is _BY_ADMIN else pairs[pair]
        is_held = held and state.public.source is _OVERRIDE
        if text is UNSENT or is_held or _is_cloud_value(text, source, state) or _is_read(text, source, state.public):
            new = state.public
        else:
            new = read(text, pair, source)
        if event is _CHANGE and new == state.public:
            continue
        write = write_public_number(user, state, new, commit, circumstances.policy)
        pairs[pair] = write.state
        cleared = state.public.state is not _NO_NUMBER and new.state is _NO_NUMBER
        outcomes.append(NumberOutcome(pair, write.rule, write.wrote, cleared))
    return Account(user, pairs), tuple(outcomes)


def _overrides_hold(before: User, after: User, policy: NumberPolicy) -> bool:
    """Whether a number written in the cloud holds against the directory: not at a takeover, which begins anew (H.3, H.4)."""
    return before.sync_state is _SYNCED and after.sync_state is _SYNCED and not policy.bypass_overrides


def _released(state: PairState) -> PairState:
    """A number of a user who is synced no more overrides nothing: it is an administrator's like any other."""
    public = state.public
    return state if public.source is not _OVERRIDE else state._replace(public=public._replace(source=_BY_ADMIN))


def with_edits(account: Account, record: DirectoryRecord) -> DirectoryRecord:
    """The record with whole attributes in place of its edits.

    Of several numbers the first counts (A5), so one that is added to a stored one changes nothing, and deleting another than the
    stored one does neither; where one is deleted and one added, the added one takes its place.
    """
    sent: dict[str, Any] = {}
    for edit in record.edits:
        if edit.attribute == "other_mails":
            kept = [mail for mail in account.user.other_mails if mail not in edit.removed]
            sent["other_mails"] = (*kept, *(mail for mail in edit.added if mail not in kept))
            continue
        stored = account.pairs[_MOBILE if edit.attribute == "mobile" else _OFFICE].public.text.strip()
        if edit.added and (edit.removed or not stored):
            sent[edit.attribute] = edit.added[0]
        elif stored in (removed.strip() for removed in edit.removed):
            sent[edit.attribute] = ""
    return record._replace(edits=(), **sent)


def cleared_pairs(account: Account, record: DirectoryRecord, policy: NumberPolicy) -> list[Pair]:
    """The pairs whose public number the directory's record takes away."""
    record = with_edits(account, record)
    user = _with_profile(account.user, record)
    source = _source(user)
    is_held = _overrides_hold(account.user, user, policy)
    sent = [(pair, text) for pair, text in ((_MOBILE, record.mobile), (_OFFICE, record.office)) if text is not UNSENT]
    return [
        pair
        for pair, text in sent
        if not text.strip()
        and account.pairs[pair].public.state is not _NO_NUMBER
        and not _is_cloud_value(text, source, account.pairs[pair])
        and not (is_held and account.pairs[pair].public.source is _OVERRIDE)
    ]


def _is_cloud_value(text: str, source: PublicSource, state: PairState) -> bool:
    """Whether an empty on-premises attribute meets a number of the cloud: a takeover overwrites with values alone (H.3)."""
    is_number = state.public.state is not _NO_NUMBER
    return source is PublicSource.SYNC and state.public.source is PublicSource.ADMIN and is_number and not text.strip()


def _is_read(text: str, source: PublicSource, public: PublicValue) -> bool:
    """Whether this text is stored as it would be read today; one that was malformed may be none under another setting."""
    return (text, source) == (public.text, public.source) and public.state is not _MALFORMED

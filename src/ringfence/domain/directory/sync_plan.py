"""Decide what one record changes about one user, numbers carried over included. Pure.

Sources: domain-rules H.1, H.3 (takeover), H.5 (soft delete, restore), B.5 (numbers), A12-A14.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import IntEnum, unique
from typing import NamedTuple

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


class Circumstances(NamedTuple):
    """When the change is committed, in which run, and under which switches."""

    at: datetime
    moment: Moment
    policy: NumberPolicy
    run_id: bytes | None = None


class NumberOutcome(NamedTuple):
    """A public number that was written: the rule that decided, and whether the authentication number was written too."""

    pair: Pair
    rule: str
    wrote: bool


class Change(NamedTuple):
    """The account before and after, and what happened to it."""

    before: Account | None
    after: Account
    effect: Effect
    numbers: tuple[NumberOutcome, ...] = ()


def decide_removal(account: Account, at: datetime) -> Change:
    """Soft-delete: everything is kept, nothing is contacted or copied any more (H.5, A14)."""
    if account.user.deleted_at is not None:
        return Change(account, account, Effect.UNCHANGED)
    gone = account.user._replace(deleted_at=at)
    return Change(account, account._replace(user=gone), Effect.DELETED)


def decide_new(user: User, record: DirectoryRecord, read: ReadNumber) -> Change:
    """A user nobody knew: both pairs get what the record has.

    Nothing can be carried over yet, since a new user has no method entries (C3, M7); a test holds this equal to the tables.
    """
    fresh = _with_profile(user, record)
    source = _source(fresh)
    pairs = {}
    for pair, text in ((Pair.MOBILE, record.mobile), (Pair.OFFICE, record.office)):
        public = PublicValue(source=source) if text is UNSENT else read(text, pair, source)
        pairs[pair] = PairState(pair, public, public.sealed)
    return Change(None, Account(fresh, pairs), Effect.ADDED)


def decide_update(account: Account, record: DirectoryRecord, read: ReadNumber, circumstances: Circumstances) -> Change:
    """A known user: what the record speaks of is taken over, what it does not is left alone."""
    user = _with_profile(account.user, record)._replace(deleted_at=None)
    after, numbers = _with_numbers(account, user, record, read, circumstances)
    if after == account:
        return Change(account, account, Effect.UNCHANGED)
    return Change(account, after, _effect(account.user, user), numbers)


def _effect(old: User, new: User) -> Effect:
    if old.deleted_at is not None:
        return Effect.RESTORED
    if old.sync_state is not new.sync_state:
        return Effect.TAKEN_OVER if new.sync_state is SyncState.SYNCED else Effect.UNSYNCED
    return Effect.UPDATED


def _source(user: User) -> PublicSource:
    return PublicSource.SYNC if user.sync_state is SyncState.SYNCED else PublicSource.ADMIN


def _event(old: User, new: User) -> Event:
    if old.deleted_at is not None:
        return Event.RESTORE
    became_synced = new.sync_state is SyncState.SYNCED and old.sync_state is not SyncState.SYNCED
    return Event.TAKEOVER if became_synced else Event.CHANGE


def _sync_state(present: SyncState, record: DirectoryRecord) -> SyncState:
    if record.synced is UNSENT or record.action is not RecordAction.UPSERT:
        return present
    if record.synced:
        return SyncState.SYNCED
    return SyncState.FORMERLY_SYNCED if record.synced is False or present is not SyncState.CLOUD_ONLY else SyncState.CLOUD_ONLY


def _with_profile(user: User, record: DirectoryRecord) -> User:
    return user._replace(
        upn=record.upn or user.upn,
        display_name=user.display_name if record.display_name is UNSENT else record.display_name,
        user_type=user.user_type if record.user_type is UNSENT else record.user_type or "Member",
        enabled=user.enabled if record.enabled is UNSENT else record.enabled,
        other_mails=user.other_mails if record.other_mails is UNSENT else record.other_mails,
        anchor=user.anchor or record.anchor,
        dn=record.new_dn or record.dn or user.dn,
        sync_state=_sync_state(user.sync_state, record),
    )


def _with_numbers(
    account: Account, user: User, record: DirectoryRecord, read: ReadNumber, circumstances: Circumstances
) -> tuple[Account, tuple[NumberOutcome, ...]]:
    event = _event(account.user, user)
    source = _source(user)
    commit = Commit(circumstances.at, circumstances.moment, event, circumstances.run_id)
    pairs = dict(account.pairs)
    outcomes: list[NumberOutcome] = []
    for pair, text in ((Pair.MOBILE, record.mobile), (Pair.OFFICE, record.office)):
        state = pairs[pair]
        if text is UNSENT or _is_cloud_value(text, source, state) or (text, source) == (state.public.text, state.public.source):
            new = state.public
        else:
            new = read(text, pair, source)
        if event is Event.CHANGE and new == state.public:
            continue
        write = write_public_number(user, state, new, commit, circumstances.policy)
        pairs[pair] = write.state
        outcomes.append(NumberOutcome(pair, write.rule, write.wrote))
    return Account(user, pairs), tuple(outcomes)


def _is_cloud_value(text: str, source: PublicSource, state: PairState) -> bool:
    """Whether an empty on-premises attribute meets a number of the cloud: a takeover overwrites with values alone (H.3)."""
    is_number = state.public.state is not PublicState.EMPTY
    return source is PublicSource.SYNC and state.public.source is PublicSource.ADMIN and is_number and not text.strip()

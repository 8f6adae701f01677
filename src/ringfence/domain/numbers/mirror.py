"""Decide what a written public number does: baseline, copy, mirror. Pure; the caller writes it in one transaction.

Source: domain-rules B.5, the reference algorithm, with B.2 and B.3 as tables.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ringfence.domain.directory.user import NumberOrigin, PairState, PublicValue, User, Written
from ringfence.domain.numbers.canonical import PublicState
from ringfence.domain.numbers.facts import Event, Moment, Public
from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.domain.numbers.standing import against_fact, configured_fact, decide_copy
from ringfence.domain.numbers.tables import BASELINE, MIRROR, BaselineAction, CopyAction, MirrorAction
from ringfence.domain.values import COPY_TASK, MIRROR_TASK


class Commit(NamedTuple):
    """The circumstances of a write: when it is committed, where that lies in the transition, what kind it is, in which run."""

    at: datetime
    moment: Moment
    event: Event
    run_id: bytes | None = None


class PublicWrite(NamedTuple):
    """The pair after the write, the rule that decided (`M…`, `C…`, `A…`), and whether the authentication number was written."""

    state: PairState
    rule: str
    wrote: bool


def write_public_number(user: User, state: PairState, new: PublicValue, commit: Commit, policy: NumberPolicy) -> PublicWrite:
    """Write `new` as the pair's public number and carry it over where the tables say so.

    `user` is as it stands after the rest of the write (a user who becomes synced is synced here).
    """
    plain = {PublicState.EMPTY: Public.EMPTY, PublicState.MALFORMED: Public.MALFORMED}.get(new.state, Public.VALID)
    after = state._replace(public=new, baseline=_baseline(state, new, plain))
    row = MIRROR.decide(
        user.standing,
        commit.moment,
        commit.event,
        policy.source(new.source),
        policy.configured_for_mirror(configured_fact(user.methods, state.pair)),
        against_fact(state),
        plain,
    )
    if row.outcome is MirrorAction.MIRROR and new.sealed == state.authentication:
        return PublicWrite(after, row.id, wrote=False)
    if row.outcome is MirrorAction.MIRROR:
        written = Written(NumberOrigin.MIRROR, commit.at, MIRROR_TASK.name, commit.run_id)
        return PublicWrite(after._replace(authentication=new.sealed, written=written), row.id, wrote=True)
    if row.outcome is MirrorAction.COPY_TABLE:
        copy = decide_copy(user, after, commit.moment, policy)
        if copy.outcome is CopyAction.COPY:
            written = Written(NumberOrigin.COPY, commit.at, COPY_TASK.name, commit.run_id)
            return PublicWrite(after._replace(authentication=new.sealed, written=written), copy.id, wrote=True)
        return PublicWrite(after, copy.id, wrote=False)
    return PublicWrite(after, row.id, wrote=False)


def _baseline(state: PairState, new: PublicValue, plain: Public) -> bytes | None:
    action = BASELINE.decide(plain).outcome
    if action is BaselineAction.SET:
        return new.sealed
    return None if action is BaselineAction.CLEAR else state.baseline

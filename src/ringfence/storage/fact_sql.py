"""The tables of rules as SQL: facts become expressions, a table becomes one `CASE`.

The rows come from `ringfence.domain.numbers.tables`; nothing here decides anything. The counterpart for one user in memory
is `ringfence.domain.numbers.standing`, and a property test holds the two equal on SQLite and PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import ColumnElement, Integer, and_, case, cast, false, literal, null, or_
from sqlalchemy.sql import FromClause

from ringfence.domain.directory.records import SyncState
from ringfence.domain.directory.user import NumberOrigin
from ringfence.domain.numbers.canonical import PublicState
from ringfence.domain.numbers.facts import (
    Against,
    Authentication,
    Configured,
    Event,
    Fact,
    Fallback,
    Moment,
    Origin,
    Public,
    Source,
    Standing,
)
from ringfence.domain.numbers.pairs import PAIR_BITS, Pair
from ringfence.domain.numbers.policy import NumberPolicy, PublicSource
from ringfence.domain.numbers.table import Outcome, Row, Table
from ringfence.domain.numbers.tables import COPY, EFFECTIVE, MIRROR, STATUS, CopyAction, MirrorAction
from ringfence.storage.tables import pairs, users

Predicate = ColumnElement[bool]

_EMPTY, _MALFORMED = int(PublicState.EMPTY), int(PublicState.MALFORMED)


class FactSql:
    """The facts of a pair as predicates over `users` and `pairs` (or aliases of them)."""

    def __init__(self, policy: NumberPolicy, user: FromClause = users, pair: FromClause = pairs) -> None:
        """Build the predicates for these tables under these switches."""
        self._policy = policy
        self._predicates: dict[Fact, Predicate] = {
            **_standing(user),
            **_configured(user, pair),
            **_authentication(pair),
            **_against(pair),
            **_public(pair, policy),
            **_origin(pair),
        }

    def predicate(self, fact: Fact) -> Predicate:
        """The condition under which a fact holds."""
        return self._predicates[fact]

    def status(self, moment: Moment) -> ColumnElement[int]:
        """The index (in `STATUS.rows`) of the matching row of the status table (G)."""
        index = {row.id: number for number, row in enumerate(STATUS.rows)}
        return self._case(STATUS, {row.id: literal(index[row.id]) for row in STATUS.rows}, moment)

    def copies(self, moment: Moment) -> Predicate:
        """Whether the matching row of the copy table says to copy (B.2, C6).

        What that row asks for stands before the `CASE` once more: it lets the database pass over most pairs cheaply.
        """
        rows = [row for row in COPY.narrow(moment) if row.outcome is CopyAction.COPY]
        matches = self._case(COPY, {row.id: literal(int(row.outcome is CopyAction.COPY)) for row in COPY.rows}, moment) == 1
        return and_(or_(false(), *map(self._condition, rows)), matches)

    def follows(self, moment: Moment) -> Predicate:
        """Whether a later valid public number from a permitted source would reach the authentication number (B.3)."""
        asks_copy_table = case((self.predicate(Configured.YES), 1), else_=0)
        results: dict[str, ColumnElement[int]] = {
            row.id: asks_copy_table
            if row.outcome is MirrorAction.COPY_TABLE
            else literal(int(row.outcome is MirrorAction.MIRROR))
            for row in MIRROR.rows
        }
        known: list[Fact] = [moment, Event.CHANGE, Source.PERMITTED, Public.VALID]
        if not self._policy.mirror_requires_configured:
            known.append(Configured.YES)
        return self._case(MIRROR, results, *known) == 1

    def contact(self, moment: Moment) -> ColumnElement[int]:
        """The index (in `EFFECTIVE.rows`) of the row that says which number is contacted (A.5)."""
        on = [self._predicates[standing] for standing in Standing if self._policy.fallback(standing, moment) is Fallback.ON]
        stands_in = or_(false(), *on)
        predicates = {**self._predicates, Fallback.ON: stands_in, Fallback.OFF: ~stands_in}
        results = {row.id: literal(number) for number, row in enumerate(EFFECTIVE.rows)}
        return case(*((_condition(row, predicates), results[row.id]) for row in EFFECTIVE.rows))

    def _case(self, table: Table[Outcome], results: Mapping[str, ColumnElement[int]], *known: Fact) -> ColumnElement[int]:
        """The table as one `CASE`, without the conditions that the known facts settle."""
        rows = table.narrow(*known)
        branches = [(self._condition(row), results[row.id]) for row in rows if row.when]
        last: ColumnElement[int] = next((results[row.id] for row in rows if not row.when), cast(null(), Integer))
        return case(*branches, else_=last) if branches else last

    def _condition(self, row: Row[Outcome]) -> Predicate:
        return _condition(row, self._predicates)


def _condition(row: Row[Outcome], predicates: Mapping[Fact, Predicate]) -> Predicate:
    return and_(*(or_(*(predicates[value] for value in values)) for values in row.when))


def _standing(user: FromClause) -> dict[Fact, Predicate]:
    synced = user.c.sync_state == int(SyncState.SYNCED)
    return {Standing.SYNCED: synced, Standing.NOT_SYNCED: ~synced}


def _configured(user: FromClause, pair: FromClause) -> dict[Fact, Predicate]:
    bits = case(
        *((pair.c.pair == int(one), literal(PAIR_BITS[one])) for one in (Pair.MOBILE, Pair.OFFICE)),
        else_=literal(PAIR_BITS[Pair.ALTERNATE]),
    )
    held = user.c.methods.bitwise_and(bits)
    return {Configured.YES: held != 0, Configured.NO: held == 0}


def _authentication(pair: FromClause) -> dict[Fact, Predicate]:
    number, public = pair.c.authentication_sealed, pair.c.public_sealed
    same = and_(number.is_not(None), public.is_not(None), number == public)
    differs = and_(number.is_not(None), or_(public.is_(None), number != public))
    return {Authentication.EMPTY: number.is_(None), Authentication.SAME: same, Authentication.DIFFERENT: differs}


def _against(pair: FromClause) -> dict[Fact, Predicate]:
    number, old = pair.c.authentication_sealed, pair.c.baseline_sealed
    present = and_(number.is_not(None), old.is_not(None))
    return {
        Against.EMPTY: number.is_(None),
        Against.NOTHING_OLD: and_(number.is_not(None), old.is_(None)),
        Against.SAME: and_(present, number == old),
        Against.DIFFERENT: and_(present, number != old),
    }


def _public(pair: FromClause, policy: NumberPolicy) -> dict[Fact, Predicate]:
    state = pair.c.public_state
    permitted = pair.c.public_source.in_([int(source) for source in PublicSource if policy.source(source) is Source.PERMITTED])
    return {
        Public.EMPTY: state == _EMPTY,
        Public.MALFORMED: state == _MALFORMED,
        Public.VALID: and_(state > _MALFORMED, permitted),
        Public.NOT_PERMITTED: and_(state > _MALFORMED, ~permitted),
    }


_BY_TASK: Final = (int(NumberOrigin.COPY), int(NumberOrigin.MIRROR))


def _origin(pair: FromClause) -> dict[Fact, Predicate]:
    by_task = and_(pair.c.origin.is_not(None), pair.c.origin.in_(_BY_TASK))
    return {Origin.BY_TASK: by_task, Origin.OTHERWISE: ~by_task}

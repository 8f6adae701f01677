"""Set-based work over the pairs of a tenant: plan, copy and undo as a handful of statements, whatever the number of users.

What is copied is decided by the tables of rules alone (`fact_sql`). Copy and undo first update, marking what they wrote with
the run's id, then write the two audit records of each number from exactly those rows, all in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    TextClause,
    Update,
    bindparam,
    case,
    func,
    literal,
    null,
    select,
    text,
    true,
    union_all,
    update,
)

from ringfence.application.ports import ContactedPair, Kept, Outcome, PairLine
from ringfence.domain.audit import REASON_DELETED, REASON_REGISTERED, Activity
from ringfence.domain.directory.user import NumberOrigin
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.numbers.canonical import PublicState
from ringfence.domain.numbers.facts import Authentication, Configured, Moment, Public, Standing
from ringfence.domain.numbers.pairs import PAIR_BITS, PUBLIC_PAIRS, MethodType, Pair, methods_of_bits
from ringfence.domain.numbers.policy import NumberPolicy, PublicSource
from ringfence.domain.numbers.tables import EFFECTIVE, STATUS, Contact, Status
from ringfence.domain.values import COPY_TASK, UNDO_TASK, Actor, Run
from ringfence.storage.engine import STREAMED
from ringfence.storage.fact_sql import FactSql, Predicate
from ringfence.storage.rows import Row, to_micros
from ringfence.storage.tables import pairs, user_principal_names, users

_PAIRS: Final = tuple(int(pair) for pair in PUBLIC_PAIRS)
_JOINED: Final = (users.c.tenant_id == pairs.c.tenant_id) & (users.c.user_id == pairs.c.user_id)

_AUDIT: Final = """
INSERT INTO audit_records (tenant_id, user_id, correlation_id, part, recorded_at, activity, actor_kind, actor, reason, pair, rule,
                           run_id, old_sealed, mobile_sealed, office_sealed, alternate_sealed, email)
SELECT p.tenant_id, p.user_id, :run, p.pair * 2 + k.part, :at, CASE k.part WHEN 0 THEN :activity ELSE :update_user END,
       :actor_kind, :actor, CASE k.part WHEN 0 THEN :reason ELSE '' END, p.pair, :rule, :run, {old},
       m.authentication_sealed,
       CASE WHEN p.pair = 1 AND o.run_id = :run THEN {office_before} ELSE o.authentication_sealed END,
       a.authentication_sealed, u.email
FROM pairs p
JOIN users u ON u.tenant_id = p.tenant_id AND u.user_id = p.user_id
JOIN pairs m ON m.tenant_id = p.tenant_id AND m.user_id = p.user_id AND m.pair = 1
JOIN pairs o ON o.tenant_id = p.tenant_id AND o.user_id = p.user_id AND o.pair = 2
LEFT JOIN pairs a ON a.tenant_id = p.tenant_id AND a.user_id = p.user_id AND a.pair = 3
CROSS JOIN (SELECT 0 AS part UNION ALL SELECT 1) k
WHERE p.tenant_id = :tenant AND p.user_id > :after AND p.user_id <= :upto AND p.pair IN (1, 2) AND p.run_id = :run
      AND u.deleted_at IS NULL AND u.sync_state = 1 AND {user}
"""
"""Two records a number. The mobile number counts as written before the office number of the same user.

The conditions on the user are those under which the number was written. PostgreSQL looks again at a number it had to wait for,
but not at the user: whoever was unsynced, deleted or lost the entries meanwhile has no record here, which the caller notices.
"""

_CONFIGURED: Final = f"(u.methods & CASE p.pair WHEN 1 THEN {PAIR_BITS[Pair.MOBILE]} ELSE {PAIR_BITS[Pair.OFFICE]} END) <> 0"
_AUDIT_COPY: Final = text(_AUDIT.format(old="NULL", office_before="NULL", user=_CONFIGURED))
_AUDIT_UNDO: Final = text(_AUDIT.format(old="p.public_sealed", office_before="o.public_sealed", user="1 = 1"))

_KEPT: Final = text(
    """
SELECT a.user_id, u.upn, a.pair,
       CASE WHEN u.deleted_at IS NOT NULL THEN 'deleted'
            WHEN u.sync_state <> 1 THEN 'not_synced'
            WHEN p.run_id IS NULL OR p.run_id <> :undone THEN 'authentication_changed'
            ELSE 'public_changed' END
FROM audit_records a
JOIN users u ON u.tenant_id = a.tenant_id AND u.user_id = a.user_id
JOIN pairs p ON p.tenant_id = a.tenant_id AND p.user_id = a.user_id AND p.pair = a.pair
WHERE a.tenant_id = :tenant AND a.recorded_at >= :since AND a.recorded_at <= :until AND a.run_id = :undone AND a.rule = 'C6'
      AND a.activity = :activity AND NOT EXISTS (
          SELECT 1 FROM audit_records b
          WHERE b.tenant_id = a.tenant_id AND b.user_id = a.user_id AND b.pair = a.pair AND b.rule = 'undo'
                AND +b.recorded_at >= a.recorded_at)
ORDER BY u.upn, a.pair
"""
)
"""The plus keeps SQLite from searching a user's records by their time, among everybody's, instead of by the user."""

_LAST_ID: Final = b"\xff" * 16
_FOREVER: Final = 2**62
_LEFT_BEHIND: Final = next(index for index, row in enumerate(STATUS.rows) if row.outcome.status is Status.LEFT_BEHIND)


@cache
def _facts(policy: NumberPolicy) -> FactSql:
    """The predicates under a policy; building them costs more than all else that begins a unit of work."""
    return FactSql(policy)


def _living(*columns: ColumnElement[Any]) -> Select[Any]:
    """Something of every pair with a public side, of users that are not deleted."""
    return (
        select(*columns)
        .select_from(pairs.join(users, _JOINED))
        .where(pairs.c.tenant_id == bindparam("tenant"), pairs.c.pair.in_(_PAIRS), users.c.deleted_at.is_(None))
    )


@cache
def _counted(policy: NumberPolicy, moment: Moment) -> Select[Any]:
    """How many pairs share a number that tells row, following and dropped extension; and how many the end would leave behind.

    One small number in an inner query, because engines sort by it: repeated `CASE`s would be sorted as everything they look at.
    """
    facts = _facts(policy)
    follows, dropped = facts.follows(moment), pairs.c.public_state == int(PublicState.EXTENSION_DROPPED)
    told = facts.status(moment) * 4 + case((follows, 2), else_=0) + case((dropped, 1), else_=0)
    left_behind = case((facts.status(Moment.AFTER) == _LEFT_BEHIND, 1), else_=0)
    each = _living(told.label("told"), left_behind.label("left_behind")).subquery()
    return select(each.c.told, func.count(), func.sum(each.c.left_behind)).group_by(each.c.told)


@cache
def _to_copy(policy: NumberPolicy, moment: Moment) -> Select[Any]:
    return _living(func.count()).where(_facts(policy).copies(moment))


@cache
def _contacting(policy: NumberPolicy, moment: Moment) -> Select[Any]:
    """What every pair contacts that method entries need; one that has no row has no numbers."""
    numbers = union_all(*(select(literal(int(pair)).label("pair")) for pair in Pair)).subquery()
    at = (pairs.c.tenant_id == users.c.tenant_id) & (pairs.c.user_id == users.c.user_id) & (pairs.c.pair == numbers.c.pair)
    each = users.join(numbers, true()).outerjoin(pairs, at)
    pair = (
        select(
            users.c.tenant_id,
            users.c.user_id,
            numbers.c.pair,
            func.coalesce(pairs.c.public_state, int(PublicState.EMPTY)).label("public_state"),
            func.coalesce(pairs.c.public_source, int(PublicSource.SYNC)).label("public_source"),
            pairs.c.public_sealed,
            pairs.c.baseline_sealed,
            pairs.c.authentication_sealed,
            pairs.c.origin,
        )
        .select_from(each)
        .where(users.c.deleted_at.is_(None))
        .subquery()
    )
    facts = FactSql(policy, users, pair)
    return (
        select(
            users.c.user_id,
            users.c.key_id,
            users.c.upn,
            pair.c.pair,
            users.c.methods,
            users.c.default_method,
            facts.contact(moment),
            pair.c.authentication_sealed,
            pair.c.public_sealed,
        )
        .select_from(users.join(pair, (pair.c.tenant_id == users.c.tenant_id) & (pair.c.user_id == users.c.user_id)))
        .where(facts.predicate(Configured.YES))
        .order_by(users.c.user_id, pair.c.pair)
    )


def _update_span(condition: Predicate, **values: ColumnElement[Any] | int | str) -> Update:
    """An update of numbers among the users of a span, marking them with the run; built once, for building costs milliseconds."""
    return (
        update(pairs)
        .values(**values, run_id=bindparam("run"), version=pairs.c.version + 1)
        .where(
            pairs.c.tenant_id == bindparam("tenant"),
            pairs.c.user_id > bindparam("after"),
            pairs.c.user_id <= bindparam("upto"),
            pairs.c.pair.in_(_PAIRS),
            _JOINED,
            users.c.deleted_at.is_(None),
            condition,
        )
    )


def _place(tenant_id: int, span: tuple[bytes, bytes | None], run: tuple[bytes, datetime]) -> dict[str, Any]:
    return {"tenant": tenant_id, "after": span[0], "upto": span[1] or _LAST_ID, "run": run[0], "at": to_micros(run[1])}


@cache
def _copying(policy: NumberPolicy, moment: Moment) -> Update:
    return _update_span(
        _facts(policy).copies(moment),
        authentication_sealed=pairs.c.public_sealed,
        origin=int(NumberOrigin.COPY),
        written_at=bindparam("at"),
        written_by=COPY_TASK.name,
    )


@cache
def _undoing(policy: NumberPolicy) -> Update:
    facts = _facts(policy)
    unchanged = (
        (pairs.c.run_id == bindparam("undone"))
        & (pairs.c.origin == int(NumberOrigin.COPY))
        & facts.predicate(Standing.SYNCED)
        & facts.predicate(Authentication.SAME)
        & facts.predicate(Public.VALID)
    )
    return _update_span(unchanged, authentication_sealed=null(), origin=null(), written_at=null(), written_by=null())


class SqlNumberStore:
    """`NumberStore` over SQL."""

    def __init__(self, connection: Connection, policy: NumberPolicy) -> None:
        """Work on this connection's transaction, under these switches."""
        self._connection = connection
        self._policy = policy
        self._facts = _facts(policy)

    def outcomes(self, tenant_id: int, moment: Moment) -> list[Outcome]:
        """Count the pairs of all users that are not deleted, by row of the status table."""
        return [_outcome(line) for line in self._connection.execute(_counted(self._policy, moment), {"tenant": tenant_id})]

    def count_to_copy(self, tenant_id: int, moment: Moment) -> int:
        """How many pairs a copy would write."""
        return int(self._connection.execute(_to_copy(self._policy, moment), {"tenant": tenant_id}).scalar_one())

    def lines(self, tenant_id: int, moment: Moment) -> Iterator[PairLine]:
        """One line per user and pair, by name, in steady memory."""
        names = user_principal_names
        wanted = (
            select(
                users.c.user_id,
                users.c.key_id,
                users.c.upn,
                pairs.c.pair,
                pairs.c.public_text,
                pairs.c.authentication_sealed,
                self._facts.status(moment),
                case((self._facts.follows(moment), 1), else_=0),
            )
            .select_from(
                names.join(users, (users.c.tenant_id == names.c.tenant_id) & (users.c.user_id == names.c.user_id)).join(
                    pairs, _JOINED
                )
            )
            .where(names.c.tenant_id == tenant_id, pairs.c.pair.in_(_PAIRS), users.c.deleted_at.is_(None))
            .order_by(names.c.upn_key, pairs.c.pair)
        )
        for row in self._connection.execute(wanted, execution_options=STREAMED):
            yield _line(row)

    def contacts(self, tenant_id: int, moment: Moment) -> Iterator[ContactedPair]:
        """Which number the method entries of each pair contact, by user and pair, in steady memory; others have no line."""
        wanted = _contacting(self._policy, moment).where(users.c.tenant_id == tenant_id)
        for row in self._connection.execute(wanted, execution_options=STREAMED):
            yield _contacted(row)

    def copy(self, tenant_id: int, span: tuple[bytes, bytes | None], moment: Moment, run: tuple[bytes, datetime]) -> int:
        """Copy where row C6 matches among the users in `(after, upto]`, with both audit records; return how many numbers."""
        telling = (Activity.ADMIN_REGISTERED, REASON_REGISTERED, COPY_TASK, "C6")
        return self._write((_copying(self._policy, moment), _AUDIT_COPY), _place(tenant_id, span, run), telling)

    def undo(self, tenant_id: int, span: tuple[bytes, bytes | None], undone: bytes, run: tuple[bytes, datetime]) -> int:
        """Take back what run `undone` copied where nothing changed since, with both audit records; return how many numbers.

        Nothing changed: the number is still the run's and still equal to a public number that would be contacted instead.
        """
        telling = (Activity.ADMIN_DELETED, REASON_DELETED, UNDO_TASK, "undo")
        place = {**_place(tenant_id, span, run), "undone": undone}
        return self._write((_undoing(self._policy), _AUDIT_UNDO), place, telling)

    def _write(
        self, statements: tuple[Update, TextClause], place: dict[str, Any], telling: tuple[Activity, str, Actor, str]
    ) -> int:
        """Update numbers, then record each of them twice; raises `ConflictError` when the users changed in between."""
        update_numbers, insert_records = statements
        activity, reason, actor, rule = telling
        record = {
            "activity": int(activity),
            "update_user": int(Activity.UPDATE_USER),
            "actor_kind": int(actor.kind),
            "actor": actor.name,
            "reason": reason,
            "rule": rule,
        }
        written = self._connection.execute(update_numbers, place).rowcount
        if written and self._connection.execute(insert_records, {**place, **record}).rowcount != 2 * written:
            raise ConflictError(ErrorCode.ROW_CHANGED)
        return written

    def kept(self, tenant_id: int, undone: Run) -> Iterator[Kept]:
        """What run `undone` copied and no undo took back, and why."""
        parameters = {
            "tenant": tenant_id,
            "undone": undone.run_id,
            "since": to_micros(undone.started_at),
            "until": _FOREVER if undone.finished_at is None else to_micros(undone.finished_at),
            "activity": int(Activity.ADMIN_REGISTERED),
        }
        for row in self._connection.execute(_KEPT, parameters, execution_options=STREAMED):
            yield Kept(bytes(row[0]), row[1], Pair(row[2]), row[3])


def _outcome(line: Row) -> Outcome:
    told, counted, left_behind = line
    return Outcome(STATUS.rows[told // 4].outcome, bool(told & 2), bool(told & 1), counted, int(left_behind))


def _line(row: Row) -> PairLine:
    return PairLine(bytes(row[0]), row[1], row[2], Pair(row[3]), row[4], row[5], STATUS.rows[row[6]].outcome, bool(row[7]))


def _contacted(row: Row) -> ContactedPair:
    default = None if row[5] is None else MethodType(row[5])
    rule = EFFECTIVE.rows[row[6]]
    sealed = {Contact.AUTHENTICATION: row[7], Contact.PUBLIC: row[8], Contact.NONE: None}[rule.outcome]
    return ContactedPair(
        bytes(row[0]), row[1], row[2], Pair(row[3]), methods_of_bits(row[4]), default, rule.outcome, rule.id, sealed
    )

"""Rows <-> domain values: users, pairs, instants. The column orders here are the ones every statement uses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ringfence.domain.directory.records import PerUserState, SyncState
from ringfence.domain.directory.user import NumberOrigin, PairState, PublicValue, User, Written
from ringfence.domain.numbers.canonical import PublicState
from ringfence.domain.numbers.pairs import MethodType, Pair, method_bits, methods_of_bits
from ringfence.domain.numbers.policy import PublicSource
from ringfence.domain.numbers.tables import Contact

Row = Sequence[Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

NUMBER_SETS: Final = (Contact.NONE, Contact.AUTHENTICATION, Contact.PUBLIC)
"""The number sets, each at the place that the database stores."""
PAIRS: Final = {int(pair): pair for pair in Pair}
_ORIGINS: Final = {int(origin): origin for origin in NumberOrigin}
_PUBLIC_STATES: Final = {int(state): state for state in PublicState}
_PUBLIC_SOURCES: Final = {int(source): source for source in PublicSource}
"""Looked up for each row read: calling an enumeration costs as much as the rest of the row."""

USER_COLUMNS: Final = (
    "tenant_id",
    "user_id",
    "key_id",
    "upn",
    "display_name",
    "user_type",
    "enabled",
    "sync_state",
    "anchor",
    "dn",
    "other_mails",
    "methods",
    "default_method",
    "mfa_state",
    "email",
    "created_at",
    "deleted_at",
    "version",
)

PAIR_COLUMNS: Final = (
    "tenant_id",
    "user_id",
    "pair",
    "public_text",
    "public_state",
    "public_source",
    "public_sealed",
    "baseline_sealed",
    "authentication_sealed",
    "origin",
    "written_at",
    "written_by",
    "run_id",
    "version",
)


def to_micros(instant: datetime) -> int:
    """Aware datetime -> microseconds since 1970 in UTC."""
    return (instant - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Microseconds since 1970 -> aware datetime in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


def maybe_micros(instant: datetime | None) -> int | None:
    """`to_micros`, or None for None."""
    return None if instant is None else to_micros(instant)


def maybe_instant(micros: int | None) -> datetime | None:
    """`from_micros`, or None for None."""
    return None if micros is None else from_micros(micros)


def user_row(tenant_id: int, user: User) -> tuple[Any, ...]:
    """A user in the order of `USER_COLUMNS`."""
    return (
        tenant_id,
        user.user_id,
        user.key_id,
        user.upn,
        user.display_name,
        user.user_type,
        int(user.enabled),
        int(user.sync_state),
        user.anchor,
        user.dn,
        json.dumps(user.other_mails, ensure_ascii=False) if user.other_mails else None,
        method_bits(user.methods) if user.methods else 0,
        None if user.default is None else int(user.default),
        int(user.mfa_state),
        user.email,
        to_micros(user.created_at),
        maybe_micros(user.deleted_at),
        user.version,
    )


def user_of(row: Row) -> User:
    """The user in a row of `USER_COLUMNS`."""
    return User(
        user_id=bytes(row[1]),
        key_id=row[2],
        upn=row[3],
        display_name=row[4],
        user_type=row[5],
        enabled=bool(row[6]),
        sync_state=SyncState(row[7]),
        anchor=row[8],
        dn=row[9],
        other_mails=tuple(json.loads(row[10])) if row[10] else (),
        methods=methods_of_bits(row[11]) if row[11] else frozenset(),
        default=None if row[12] is None else MethodType(row[12]),
        mfa_state=PerUserState(row[13]),
        email=row[14],
        created_at=from_micros(row[15]),
        deleted_at=maybe_instant(row[16]),
        version=row[17],
    )


def pair_row(tenant_id: int, user_id: bytes, state: PairState) -> tuple[Any, ...]:
    """A pair in the order of `PAIR_COLUMNS`."""
    public, written = state.public, state.written
    return (
        tenant_id,
        user_id,
        int(state.pair),
        public.text,
        int(public.state),
        int(public.source),
        public.sealed,
        state.baseline,
        state.authentication,
        None if written is None else int(written.origin),
        None if written is None else to_micros(written.at),
        None if written is None else written.by,
        None if written is None else written.run_id,
        state.version,
    )


def written_of(row: Row) -> Written | None:
    """Who wrote a number, from a row that begins with origin, instant, name and run."""
    return None if row[0] is None else Written(_ORIGINS[row[0]], from_micros(row[1]), row[2], row[3])


def pair_of(row: Row) -> PairState:
    """The pair in a row of `PAIR_COLUMNS`."""
    return PairState(
        pair=PAIRS[row[2]],
        public=PublicValue(row[3], _PUBLIC_STATES[row[4]], row[6], _PUBLIC_SOURCES[row[5]]),
        baseline=row[7],
        authentication=row[8],
        written=written_of(row[9:]),
        version=row[13],
    )

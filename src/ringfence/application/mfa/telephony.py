"""The send guard's settings, and how telephony stands. Who changed what stands in the list of runs. Sources: C.4, D.6."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.telephony import MessageState
from ringfence.application.services import Services, in_transaction
from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.signin.challenge import Channel
from ringfence.domain.signin.send_guard import ALARM_WINDOW, Completion, Scope, SendRefusal, TelephonySettings, day_of, month_of
from ringfence.domain.values import Actor, Run, RunKind

_LONGEST_PREFIX: Final = 15
_PRICED: Final = frozenset(channel.name.lower() for channel in Channel if channel.is_telephony)
_MOST: Final = 10_000_000
_LONGEST_CURRENCY: Final = 3


By = tuple[Actor, datetime]
"""Who changes something, and when."""


class TelephonyStatus(NamedTuple):
    """The settings, what was spent this month (mills), and the last hour by prefix and by state."""

    settings: TelephonySettings
    month: str
    spent: int
    completion: Sequence[Completion]
    states: Sequence[tuple[Channel, MessageState, int]]
    refusals: Mapping[SendRefusal, int]
    """Of this day."""


def show_telephony(services: Services, tenant_id: int, now: datetime) -> TelephonyStatus:
    """How telephony stands."""
    with services.store.snapshot() as unit:
        since, month = now - ALARM_WINDOW, month_of(now)
        return TelephonyStatus(
            unit.telephony.settings(tenant_id) or TelephonySettings(),
            month,
            unit.telephony.spent(tenant_id, month),
            unit.messages.completion(tenant_id, since),
            unit.messages.count_by_state(tenant_id, since),
            unit.telephony.refusals(tenant_id, day_of(now)),
        )


def count_waiting(services: Services) -> tuple[int, datetime | None]:
    """How many messages wait, of all tenants, and since when the first of them does."""
    with services.store.look() as unit:
        return unit.messages.count_waiting()


def allow_prefixes(services: Services, tenant_id: int, prefixes: Sequence[str], by: By) -> TelephonySettings:
    """Send to numbers that begin so; raises `InvalidError` (TELEPHONY_PREFIX)."""
    wanted = frozenset(map(_prefix, prefixes))
    return _change(
        services,
        tenant_id,
        by,
        lambda before: before._replace(allowed=before.allowed | wanted, denied=before.denied - wanted),
    )


def deny_prefixes(services: Services, tenant_id: int, prefixes: Sequence[str], by: By) -> TelephonySettings:
    """Send no more to numbers that begin so; raises `InvalidError` (TELEPHONY_PREFIX)."""
    wanted = frozenset(map(_prefix, prefixes))
    return _change(services, tenant_id, by, lambda before: _denying(before, wanted))


def _denying(before: TelephonySettings, wanted: frozenset[str]) -> TelephonySettings:
    """What was allowed is so no more; what stands below something allowed has to be denied by name."""
    settings = before._replace(allowed=before.allowed - wanted, denied=before.denied - wanted)
    return settings._replace(denied=settings.denied | {one for one in wanted if settings.is_allowed(one)})


def set_limits(services: Services, tenant_id: int, most: Mapping[Scope, int], by: By) -> TelephonySettings:
    """Change how many may go out; raises `InvalidError` (TELEPHONY_LIMIT) for less than one."""
    if any(not 1 <= limit <= _MOST for limit in most.values()):
        raise InvalidError(ErrorCode.TELEPHONY_LIMIT, most=_MOST)
    return _change(services, tenant_id, by, lambda before: before._replace(most={**before.most, **most}))


def set_budget(
    services: Services, tenant_id: int, budget: int | None, prices: Mapping[str, int], currency: str | None, by: By
) -> TelephonySettings:
    """Change the month's budget (mills, None for none), some prices, the currency's name; raises `InvalidError`.

    A price is for a channel (`sms`, `voice`) or a prefix of one (`sms:49`).
    """
    if any(not 0 <= mills <= _MOST for mills in (*prices.values(), *([] if budget is None else [budget // 1000]))):
        raise InvalidError(ErrorCode.TELEPHONY_MONEY)
    for name in prices:
        channel, _, prefix = name.partition(":")
        if channel not in _PRICED or (":" in name and not _is_prefix(prefix)):
            raise InvalidError(ErrorCode.TELEPHONY_PRICE, price=name)
    if currency is not None and not (currency.isascii() and currency.isalpha() and len(currency) == _LONGEST_CURRENCY):
        raise InvalidError(ErrorCode.TELEPHONY_MONEY)
    return _change(
        services,
        tenant_id,
        by,
        lambda before: before._replace(
            budget=budget, prices={**before.prices, **prices}, currency=(currency or before.currency).upper()
        ),
    )


def _change(
    services: Services, tenant_id: int, by: By, change: Callable[[TelephonySettings], TelephonySettings]
) -> TelephonySettings:
    actor, now = by

    def work(unit: UnitOfWork) -> TelephonySettings:
        unit.telephony.hold(tenant_id)
        before = unit.telephony.settings(tenant_id) or TelephonySettings()
        after = change(before)
        if after == before:
            return before
        unit.telephony.save_settings(tenant_id, after)
        changed = [name for name in TelephonySettings._fields if getattr(after, name) != getattr(before, name)]
        run = Run(services.new_id(), RunKind.TELEPHONY_SETTINGS, now, f"{', '.join(changed)}, {actor.name}")
        unit.administration.add_run(tenant_id, run)
        unit.administration.finish_run(tenant_id, run.run_id, now, {})
        return after._replace(version=before.version + 1)

    return in_transaction(services, work)


def _prefix(text: str) -> str:
    digits = text.strip().removeprefix("+").replace(" ", "")
    if not _is_prefix(digits):
        raise InvalidError(ErrorCode.TELEPHONY_PREFIX, prefix=text)
    return digits


def _is_prefix(digits: str) -> bool:
    return digits.isascii() and digits.isdecimal() and 1 <= len(digits) <= _LONGEST_PREFIX and digits[0] != "0"

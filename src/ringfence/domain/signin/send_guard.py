"""The send guard: whether a text or a call may go out now. Sending costs money, and is cheap to trigger (lessons: SMS pumping).

Owns the limits, the list of countries and the budget, as a pure decision. Does not own the counting, which is the store's.
Sources: domain-rules C.4, D.6: five in five minutes for a user, ten an hour for a number, 500 an hour for a tenant. The limit
of a day is ours: five in five minutes alone would be 1,440 texts a day, to ever new numbers, for whoever has one user's password.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum, unique
from typing import Final, NamedTuple

from ringfence.domain.signin.challenge import Channel

RESEND_AFTER: Final = timedelta(seconds=30)
MILLS: Final = 1000
"""Money is counted in thousandths of the tenant's currency."""
ALARM_WINDOW: Final = timedelta(hours=1)
_ALARM_FROM: Final = 20
"""Messages to a prefix below which a low share of answers says nothing."""
_ALARM_BELOW: Final = 0.3


@unique
class Scope(StrEnum):
    """What messages are counted by."""

    NUMBER = "number"
    PREFIX = "prefix"
    TENANT = "tenant"
    USER = "user"
    USER_DAY = "userDay"


@unique
class SendRefusal(StrEnum):
    """Why nothing goes out; what is disabled, or has no sender, does not come as far as the guard."""

    BUDGET = "the month's budget is spent"
    COUNTRY = "the number's country is not allowed"
    MAIL = "too many mails to this user"
    METHOD_DISABLED = "the method is disabled by policy"
    NO_SENDER = "there is no sender for it"
    NUMBER = "too many to this number"
    PREFIX = "too many to this prefix"
    TENANT = "too many of this tenant"
    USER = "too many to this user"
    USER_DAY = "too many to this user in a day"


class Window(NamedTuple):
    """At most so many within a span."""

    most: int
    span: timedelta


LIMITS: Final[Mapping[Scope, Window]] = {
    Scope.USER: Window(5, timedelta(minutes=5)),
    Scope.USER_DAY: Window(50, timedelta(days=1)),
    Scope.NUMBER: Window(10, timedelta(hours=1)),
    Scope.PREFIX: Window(250, timedelta(hours=1)),
    Scope.TENANT: Window(500, timedelta(hours=1)),
}
MAIL_LIMIT: Final = Window(5, timedelta(minutes=5))
"""Mails with codes to a user; they cost nothing, so there is no other limit, and they count for none (P)."""
_REFUSALS: Final = {
    Scope.USER: SendRefusal.USER,
    Scope.USER_DAY: SendRefusal.USER_DAY,
    Scope.NUMBER: SendRefusal.NUMBER,
    Scope.PREFIX: SendRefusal.PREFIX,
    Scope.TENANT: SendRefusal.TENANT,
}


class TelephonySettings(NamedTuple):
    """A tenant's: where to, how often, for how much. Prefixes are digits, the country code first; prices and budget are mills.

    `prices` are by channel (`sms`, `voice`), or by channel and prefix (`sms:49`). Without a budget there is no limit to them.
    """

    allowed: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    most: Mapping[Scope, int] = {}
    """Where they differ from `LIMITS`."""
    budget: int | None = None
    prices: Mapping[str, int] = {}
    currency: str = "EUR"
    version: int = 0

    def window(self, scope: Scope) -> Window:
        """The limit of a scope."""
        usual = LIMITS[scope]
        return usual._replace(most=self.most.get(scope, usual.most))

    def price(self, channel: Channel, prefix: str) -> int:
        """What one message costs: the price of the longest prefix that has one."""
        name = channel.name.lower()
        for length in range(len(prefix), 0, -1):
            own = self.prices.get(f"{name}:{prefix[:length]}")
            if own is not None:
                return own
        return self.prices.get(name, 0)

    def is_allowed(self, digits: str) -> bool:
        """Whether numbers that begin so are sent to: the longest prefix that is named says it; one that is not named is not."""
        for length in range(len(digits), 0, -1):
            if digits[:length] in self.denied:
                return False
            if digits[:length] in self.allowed:
                return True
        return False


class Traffic(NamedTuple):
    """What went out before. `full_since` has the scopes whose limit is reached, with the oldest message that counts in each."""

    full_since: Mapping[Scope, datetime]
    spent: int = 0
    """In this month, mills."""


class Refused(NamedTuple):
    """Why, and from when on it may be tried again (None: not before an administrator changes something, or the month ends)."""

    reason: SendRefusal
    retry_at: datetime | None = None


def decide_mail(full_since: datetime | None, now: datetime) -> Refused | None:
    """None where another mail may go to the user, whose oldest mail that counts is of `full_since` where there are as many."""
    again_at = None if full_since is None else full_since + MAIL_LIMIT.span
    return Refused(SendRefusal.MAIL, again_at) if again_at is not None and now < again_at else None


def decide_send(settings: TelephonySettings, digits: str, price: int, traffic: Traffic) -> Refused | None:
    """None where the message may go out. Of several limits the one that lasts longest is told."""
    if not settings.is_allowed(digits):
        return Refused(SendRefusal.COUNTRY)
    if settings.budget is not None and traffic.spent + price > settings.budget:
        return Refused(SendRefusal.BUDGET)
    full = [Refused(_REFUSALS[scope], since + settings.window(scope).span) for scope, since in traffic.full_since.items()]
    return max(full, key=lambda one: one.retry_at.timestamp() if one.retry_at else 0.0, default=None)


class Completion(NamedTuple):
    """Of the messages to a prefix within the last hour, how many were answered."""

    prefix: str
    sent: int
    answered: int

    @property
    def is_alarming(self) -> bool:
        """Whether so few were answered that somebody may be pumping messages."""
        return self.sent >= _ALARM_FROM and self.answered < _ALARM_BELOW * self.sent


def day_of(now: datetime) -> str:
    """The day that a refusal is counted in: `2026-11-24`."""
    return f"{now:%Y-%m-%d}"


def month_of(now: datetime) -> str:
    """The month that a message is counted in: `2026-11`."""
    return f"{now:%Y-%m}"

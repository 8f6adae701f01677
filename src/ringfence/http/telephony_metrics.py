"""Telephony for `/metrics`: read from the database when Prometheus asks, so that it is of the whole deployment."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ringfence.application.mfa.notices import count_waiting_notices
from ringfence.application.mfa.telephony import TelephonyStatus, count_waiting, show_telephony
from ringfence.application.services import Services
from ringfence.domain.errors import RingfenceError
from ringfence.domain.signin.send_guard import MILLS


class TelephonyMetrics(Collector):
    """Gauges by tenant. Without the database there are none."""

    def __init__(self, services: Services) -> None:
        """Read from this store."""
        self._services = services

    def describe(self) -> Iterator[Metric]:
        """Nothing: so that being registered reads nothing yet."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """All of them as they are now."""
        try:
            yield from self._collect()
        except RingfenceError:
            return

    def _collect(self) -> list[Metric]:
        now = self._services.clock.now()
        with self._services.store.look() as unit:
            tenants = unit.administration.tenants()
        statuses = {one.name: show_telephony(self._services, one.tenant_id, now) for one in tenants}
        waiting, since = count_waiting(self._services)
        queue = GaugeMetricFamily("ringfence_outbox_waiting", "Texts and calls that wait to go out.", value=waiting)
        age = 0.0 if since is None else (now - since).total_seconds()
        oldest = GaugeMetricFamily("ringfence_outbox_oldest_seconds", "How long the first of them waits.", value=age)
        mails, _ = count_waiting_notices(self._services)
        notices = GaugeMetricFamily("ringfence_notices_waiting", "Notices to people that wait to be mailed.", value=mails)
        return [queue, oldest, notices, *_sent(statuses), *_money(statuses)]


def _sent(statuses: dict[str, TelephonyStatus]) -> list[Metric]:
    states = GaugeMetricFamily(
        "ringfence_telephony_messages", "Texts and calls of the last hour.", labels=("tenant", "channel", "state")
    )
    ratio = GaugeMetricFamily(
        "ringfence_telephony_answered_ratio", "Answered messages of the last hour.", labels=("tenant", "prefix")
    )
    alarm = GaugeMetricFamily(
        "ringfence_telephony_alarm", "1 where so few are answered that somebody may pump messages.", labels=("tenant", "prefix")
    )
    refused = GaugeMetricFamily("ringfence_telephony_refused", "Refused by the send guard today.", labels=("tenant", "reason"))
    for tenant, status in statuses.items():
        for channel, state, count in status.states:
            states.add_metric([tenant, channel.name.lower(), state.name.lower()], count)
        for one in status.completion:
            ratio.add_metric([tenant, one.prefix], one.answered / one.sent)
            alarm.add_metric([tenant, one.prefix], float(one.is_alarming))
        for reason, count in status.refusals.items():
            refused.add_metric([tenant, reason.name.lower()], count)
    return [states, ratio, alarm, refused]


def _money(statuses: dict[str, TelephonyStatus]) -> list[Metric]:
    spent = GaugeMetricFamily("ringfence_telephony_spent", "Money spent this month.", labels=("tenant", "currency"))
    budget = GaugeMetricFamily("ringfence_telephony_budget", "The month's budget.", labels=("tenant", "currency"))
    for tenant, status in statuses.items():
        labels = [tenant, status.settings.currency]
        spent.add_metric(labels, status.spent / MILLS)
        if status.settings.budget is not None:
            budget.add_metric(labels, status.settings.budget / MILLS)
    return [spent, budget]

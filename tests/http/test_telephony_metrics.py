"""What Prometheus is told of telephony."""

from __future__ import annotations

from pathlib import Path

from falcon import testing
from prometheus_client.parser import text_string_to_metric_families

from ringfence.application.mfa.telephony import set_budget, set_limits
from ringfence.domain.signin.send_guard import Scope
from ringfence.http.application import build_application
from tests.api.test_texts import BY, Phones
from tests.contract.deployments import TENANT
from tests.graph.served import served


def test_the_gauges(tmp_path: Path) -> None:
    """Messages by state, answers by prefix, money, refusals and the queue."""
    with served(f"sqlite:///{tmp_path}/x.db", tmp_path / "key") as api:
        phones, services = Phones(api), api.joined.services
        set_budget(services, TENANT, 5000, {"sms": 79}, "EUR", BY)
        set_limits(services, TENANT, {Scope.PREFIX: 2}, BY)
        user = phones.user("ann")
        phones.app.answer(phones.asked(user), phones.code())
        phones.asked(user)
        phones.ask(user)
        client = testing.TestClient(build_application(services, {}, [], lambda _error: None))
        text = client.simulate_get("/metrics", extras={"REMOTE_ADDR": "127.0.0.1"}).text
    found = {
        " ".join((sample.name, *sorted(sample.labels.values()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    expected = {
        "messages contoso.example sent sms": 1,
        "messages contoso.example pending sms": 1,
        "answered_ratio 49 contoso.example": 0.5,
        "alarm 49 contoso.example": 0,
        "spent EUR contoso.example": 0.158,
        "budget EUR contoso.example": 5,
        "refused contoso.example prefix": 1,
    }
    assert expected == {name: found[f"ringfence_telephony_{name}"] for name in expected}
    assert (1, 1) == (found["ringfence_outbox_waiting"], found["ringfence_notices_waiting"])

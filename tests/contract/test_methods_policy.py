"""`MethodsPolicyStore`: the policy comes back as it was stored, and the second of two writers is told."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import text

from ringfence.application.methods_policy import change_policy, show_policy
from ringfence.application.ports.policies import StoredPolicy
from ringfence.domain.errors import ConflictError, ErrorCode, UnavailableError
from ringfence.domain.policy.methods_policy import DEFAULT_POLICY, MethodsPolicy, PolicyMethod
from ringfence.domain.values import Actor, ActorKind
from ringfence.storage.engine import Database
from ringfence.storage.unit_of_work import SqlStore
from tests.contract.clocks import IN_WINDOW
from tests.contract.deployments import TENANT, deployed
from tests.domain.policy.test_policy_settings import policies

WITHOUT_TEXTS = DEFAULT_POLICY._replace(enabled=DEFAULT_POLICY.enabled - {PolicyMethod.SMS})
ADMIN = Actor(ActorKind.USER, "adele@contoso.example")
LATER = IN_WINDOW + timedelta(days=1)


def test_a_tenant_without_a_row_has_the_default(store: SqlStore, tenant: int) -> None:
    """Of no version, changed by nobody."""
    with store.look() as unit:
        assert StoredPolicy(DEFAULT_POLICY, 0, None) == unit.methods_policy.find(tenant)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(policies())
def test_a_policy_comes_back(store: SqlStore, tenant: int, policy: MethodsPolicy) -> None:
    """Every setting of it, with its version and when it was stored."""
    with store.begin() as unit:
        first = unit.methods_policy.save(tenant, StoredPolicy(), WITHOUT_TEXTS, IN_WINDOW)
        second = unit.methods_policy.save(tenant, first, policy, LATER)
        found = unit.methods_policy.find(tenant)
    assert StoredPolicy(policy, 2, LATER) == second == found


def test_each_tenant_has_its_own(store: SqlStore, tenant: int) -> None:
    """Another one keeps the default."""
    with store.begin() as unit:
        unit.methods_policy.save(tenant, StoredPolicy(), WITHOUT_TEXTS, IN_WINDOW)
        assert StoredPolicy() == unit.methods_policy.find(tenant + 10_000)


@pytest.mark.parametrize("version", [0, 1, 3], ids=["the first", "an older one", "one that never was"])
def test_only_the_present_version_is_replaced(store: SqlStore, tenant: int, version: int) -> None:
    """Whoever read another one has to read again."""
    with store.begin() as unit:
        first = unit.methods_policy.save(tenant, StoredPolicy(), WITHOUT_TEXTS, IN_WINDOW)
        unit.methods_policy.save(tenant, first, DEFAULT_POLICY, IN_WINDOW)
        unit.commit()
    with pytest.raises(ConflictError) as caught, store.begin() as unit:
        unit.methods_policy.save(tenant, StoredPolicy(version=version), WITHOUT_TEXTS, LATER)
    assert ErrorCode.ROW_CHANGED is caught.value.code


@pytest.mark.parametrize("stored", ["", "[]", '{"Sms.state": "on"}', '{"Fax.state": "enabled"}'])
def test_what_cannot_be_read_is_told(store: SqlStore, tenant: int, database: Database, stored: str) -> None:
    """Nobody signs in by a policy that is guessed."""
    with store.begin() as unit:
        unit.methods_policy.save(tenant, StoredPolicy(), WITHOUT_TEXTS, IN_WINDOW)
        unit.commit()
    with database.connect(write=True) as connection:
        connection.execute(
            text("UPDATE methods_policies SET settings = :text WHERE tenant_id = :id"), {"text": stored, "id": tenant}
        )
        connection.commit()
    with pytest.raises(UnavailableError) as caught, store.look() as unit:
        unit.methods_policy.find(tenant)
    assert ErrorCode.POLICY_UNREADABLE is caught.value.code


def test_writers_that_meet_lose_nothing(empty_url: str, tmp_path: Path) -> None:
    """Each disables another method at the same time; in the end all are disabled, one version after the other."""
    methods = sorted(DEFAULT_POLICY.enabled, key=lambda one: one.value)
    with deployed(empty_url, tmp_path / "ringfence.key") as joined:
        start = threading.Barrier(len(methods))

        def disable(method: PolicyMethod) -> None:
            start.wait()
            change_policy(joined.services, TENANT, lambda policy: _without(policy, method), ADMIN, IN_WINDOW)

        with ThreadPoolExecutor(len(methods)) as threads:
            list(threads.map(disable, methods))
        found = show_policy(joined.services, TENANT)
    assert (frozenset(), len(methods)) == (found.policy.enabled, found.version)


def _without(policy: MethodsPolicy, method: PolicyMethod) -> MethodsPolicy:
    return policy._replace(enabled=policy.enabled - {method})

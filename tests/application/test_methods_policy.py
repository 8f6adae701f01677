"""The policy of authentication methods is changed under rivals, recorded, and refused where it cannot be."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from ringfence.application.methods_policy import change_policy, policy_of, reset_configuration, show_policy
from ringfence.application.ports.policies import StoredPolicy
from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.policy.methods_policy import DEFAULT_POLICY, MethodsPolicy, PolicyMethod
from tests.application.fakes import RivalStore
from tests.application.worlds import ADMIN, World


def without(*methods: PolicyMethod) -> MethodsPolicy:
    """The default policy with these disabled."""
    return DEFAULT_POLICY._replace(enabled=DEFAULT_POLICY.enabled - set(methods))


def disable(world: World, method: PolicyMethod) -> StoredPolicy:
    """Disable one in whatever the policy is."""

    def change(policy: MethodsPolicy) -> MethodsPolicy:
        return policy._replace(enabled=policy.enabled - {method})

    return change_policy(world.services, world.tenant_id, change, ADMIN, world.clock.now()).after


def test_it_is_what_it_was_changed_to(world: World) -> None:
    """For whoever asks in a transaction, and whoever has it shown, with its time."""
    after = disable(world, PolicyMethod.SMS)
    assert StoredPolicy(without(PolicyMethod.SMS), 1, world.clock.now()) == after == show_policy(world.services, world.tenant_id)
    with world.services.store.look() as unit:
        assert after.policy == policy_of(unit, world.tenant_id)


def test_nothing_changed_is_nothing_written(world: World) -> None:
    """No version and no record; the time stays that of the last change."""
    first = disable(world, PolicyMethod.SMS)
    world.clock.time += timedelta(seconds=1)
    assert first == disable(world, PolicyMethod.SMS)
    assert 1 == len(world.audit())


def test_both_of_two_changes_count(contested: World) -> None:
    """A rival that commits first is not overwritten: the change is made again of what is stored then."""
    store = contested.services.store
    assert isinstance(store, RivalStore)
    store.disturb(lambda: disable(contested, PolicyMethod.VOICE), passing=0)
    assert StoredPolicy(without(PolicyMethod.SMS, PolicyMethod.VOICE), 2, contested.clock.now()) == disable(
        contested, PolicyMethod.SMS
    )


def test_what_cannot_be_is_refused(world: World) -> None:
    """The policy stays, and nothing is recorded."""
    longer = DEFAULT_POLICY.access_pass._replace(usual_minutes=481)
    with pytest.raises(InvalidError) as caught:
        change_policy(
            world.services, world.tenant_id, lambda policy: policy._replace(access_pass=longer), ADMIN, world.clock.now()
        )
    assert (ErrorCode.POLICY_VALUE, "TemporaryAccessPass.defaultLifetimeInMinutes") == (
        caught.value.code,
        caught.value.facts["setting"],
    )
    assert (StoredPolicy(), []) == (show_policy(world.services, world.tenant_id), world.audit())


def test_the_records(world: World) -> None:
    """F.3: update, then reset, each with old and new values, of the policy and of no user."""
    disable(world, PolicyMethod.SMS)
    world.clock.time += timedelta(seconds=1)
    reset_configuration(world.services, world.tenant_id, PolicyMethod.SMS, ADMIN, world.clock.now())
    update, reset = sorted(world.audit(), key=lambda one: str(one["activityDateTime"]))
    assert ["Authentication Methods Policy Update", "Authentication Methods Policy Reset"] == [
        one["activityDisplayName"] for one in (update, reset)
    ]
    assert {("Authentication Methods", "ApplicationManagement", ADMIN.name)} == {
        (one["loggedByService"], one["category"], one["initiatedBy"]["user"]["userPrincipalName"]) for one in (update, reset)
    }
    [target] = update["targetResources"]
    [changed] = target["modifiedProperties"]
    assert (None, "Policy", "Sms.state", ["enabled"], ["disabled"]) == (
        target["userPrincipalName"],
        target["type"],
        changed["displayName"],
        json.loads(changed["oldValue"]),
        json.loads(changed["newValue"]),
    )

"""`RegistrationStore`: the registered methods of many users at once, read, added and changed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.methods.registrations import MethodKind, Registration
from ringfence.storage.unit_of_work import SqlStore
from tests.contract.accounts import identifier
from tests.contract.clocks import IN_WINDOW

PASS = Registration(
    "a",
    MethodKind.TEMPORARY_ACCESS_PASS,
    IN_WINDOW,
    "",
    {"isUsableOnce": True},
    "hash",
    IN_WINDOW,
    IN_WINDOW + timedelta(hours=1),
)
PASSKEY = Registration("b", MethodKind.FIDO2, IN_WINDOW, "Key")


def test_methods_of_many_users_come_at_once(store: SqlStore, tenant: int) -> None:
    """Those of the users asked for, as they were stored; who has none is not in it, nor is another tenant's user."""
    with store.begin() as unit:
        for number, registration in ((1, PASS), (1, PASSKEY), (2, PASSKEY)):
            unit.registrations.add(tenant, identifier(number), registration)
        unit.registrations.add(tenant + 10_000, identifier(3), PASSKEY)
        found = unit.registrations.of_users(tenant, [identifier(1), identifier(3), identifier(4)])
    assert {identifier(1): [PASS, PASSKEY]} == {user: sorted(held, key=lambda one: one.method_id) for user, held in found.items()}


def test_nobody_has_no_methods(store: SqlStore, tenant: int) -> None:
    """An empty list is a question too."""
    with store.snapshot() as unit:
        assert {} == unit.registrations.of_users(tenant, [])


def test_many_are_added_and_changed_at_once(store: SqlStore, tenant: int) -> None:
    """They come back as they were given; a change counts the version on."""
    details = {"model": 'Zoë\t"\\N', "attestationCertificates": ["a", "b"], "device": {"id": "d"}}
    rich = PASSKEY._replace(details=details, display_name="Clé\n\\.")
    with store.begin() as unit:
        unit.registrations.add_all(tenant, [(identifier(1), rich), (identifier(2), PASSKEY), (identifier(2), PASS)])
        later = rich._replace(created_at=IN_WINDOW + timedelta(microseconds=1), display_name="", details={"model": "M"})
        unit.registrations.update_all(tenant, [(identifier(1), later)])
        found = unit.registrations.of_users(tenant, [identifier(1), identifier(2)])
    assert [later._replace(version=2)] == found[identifier(1)]
    assert [PASS, PASSKEY] == sorted(found[identifier(2)], key=lambda one: one.method_id)


def test_none_is_added_and_changed(store: SqlStore, tenant: int) -> None:
    """Empty lists are fine."""
    with store.begin() as unit:
        unit.registrations.add_all(tenant, [])
        unit.registrations.update_all(tenant, [])
        assert [] == unit.registrations.of_user(tenant, identifier(1))


@pytest.mark.parametrize("stale", [PASSKEY._replace(version=7), PASSKEY._replace(method_id="gone")], ids=["written", "gone"])
def test_what_changed_meanwhile_is_not_written_over(store: SqlStore, tenant: int, stale: Registration) -> None:
    """Another version, or none at all: the transaction is to be run again."""
    with store.begin() as unit:
        unit.registrations.add(tenant, identifier(1), PASSKEY)
        with pytest.raises(ConflictError) as caught:
            unit.registrations.update_all(tenant, [(identifier(1), stale)])
    assert ErrorCode.ROW_CHANGED is caught.value.code


def test_one_that_exists_is_not_added_again(store: SqlStore, tenant: int) -> None:
    """Somebody else added it meanwhile."""
    with store.begin() as unit:
        unit.registrations.add(tenant, identifier(1), PASSKEY)
        unit.commit()
    with pytest.raises(ConflictError) as caught, store.begin() as unit:
        unit.registrations.add_all(tenant, [(identifier(1), PASSKEY)])
    assert ErrorCode.ROW_CHANGED is caught.value.code

"""`RegistrationStore`: the registered methods of many users at once."""

from __future__ import annotations

from datetime import timedelta

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

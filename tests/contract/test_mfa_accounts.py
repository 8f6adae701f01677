"""`MfaAccountStore` and `BlockStore`: what is kept of MFA beside methods comes back, on both engines."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest

from ringfence.application.ports.mfa_accounts import Browser, MfaStanding
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.methods.app_password import StoredAppPassword
from ringfence.domain.policy.mfa_settings import FraudAlert, MfaSettings
from ringfence.domain.signin.blocks import Block, Lifting
from ringfence.domain.signin.lockout import Counted, Failures
from ringfence.storage.unit_of_work import SqlStore
from tests.contract.accounts import identifier
from tests.contract.clocks import IN_WINDOW

KIM, LEE = identifier(50), identifier(51)
LATER: Final = IN_WINDOW + timedelta(days=1)
SET: Final = MfaSettings(True, ("203.0.113.0/24",), True, 30, FraudAlert(True, False, "42", ("ädmin@contoso.example",)))  # noqa: FBT003
BLOCK: Final = Block(KIM, IN_WINDOW, LATER, "ada", "stolen")


def test_settings_come_back(store: SqlStore, tenant: int) -> None:
    """Every field, with their version; those of a tenant without any are the defaults."""
    with store.begin() as unit:
        assert MfaSettings() == unit.mfa.settings(tenant)
        unit.mfa.save_settings(tenant, SET)
        unit.commit()
    with store.snapshot() as unit:
        assert [SET._replace(version=1), MfaSettings()] == [unit.mfa.settings(one) for one in (tenant, tenant + 10_000)]


@pytest.mark.parametrize("version", [0, 2])
def test_settings_that_changed_meanwhile_are_not_overwritten(store: SqlStore, tenant: int, version: int) -> None:
    """Whether by who was first, or by a later one."""
    with store.begin() as unit:
        unit.mfa.save_settings(tenant, SET)
        with pytest.raises(ConflictError) as refused:
            unit.mfa.save_settings(tenant, SET._replace(version=version))
    assert ErrorCode.ROW_CHANGED is refused.value.code


def test_app_passwords(store: SqlStore, tenant: int) -> None:
    """Oldest first, with their last use; removed by id; another user's are others."""
    first = StoredAppPassword(identifier(1), "Phone", identifier(7), IN_WINDOW)
    second = StoredAppPassword(identifier(2), "Böok", identifier(8), LATER)
    with store.begin() as unit:
        for user, one in ((KIM, second), (KIM, first), (LEE, first)):
            unit.mfa.add_app_password(tenant, user, one)
        unit.mfa.note_use(tenant, KIM, identifier(1), LATER)
        assert [first._replace(last_used_at=LATER), second] == unit.mfa.app_passwords(tenant, KIM)
        assert 1 == unit.mfa.remove_app_passwords(tenant, KIM, [identifier(1), identifier(9)])
        assert [[second], [first]] == [unit.mfa.app_passwords(tenant, user) for user in (KIM, LEE)]


def test_browsers(store: SqlStore, tenant: int) -> None:
    """Found by user and hash alone; forgotten by user, and when their time is over."""
    browser = Browser(bytes(32), IN_WINDOW, LATER)
    with store.begin() as unit:
        for user in (KIM, LEE):
            unit.mfa.add_browser(tenant, user, browser)
        found = [
            unit.mfa.browser(*key) for key in ((tenant, KIM, bytes(32)), (tenant, KIM, bytes([1]) * 32), (9, KIM, bytes(32)))
        ]
        assert [browser, None, None] == found
        assert (1, None, browser) == (
            unit.mfa.forget_browsers(tenant, KIM),
            unit.mfa.browser(tenant, KIM, bytes(32)),
            unit.mfa.browser(tenant, LEE, bytes(32)),
        )
        ends = (LATER, LATER + timedelta(microseconds=1), LATER + timedelta(days=9))
        assert [0, 1, 0] == [unit.mfa.forget_browsers_before(tenant, end, 10) for end in ends]


def test_standings(store: SqlStore, tenant: int) -> None:
    """Written over; nothing is noted of others."""
    with store.begin() as unit:
        for standing in (MfaStanding(IN_WINDOW), MfaStanding(LATER, must_register=True)):
            unit.mfa.save_standing(tenant, KIM, standing)
            assert [standing, MfaStanding()] == [unit.mfa.standing(tenant, user) for user in (KIM, LEE)]


def test_blocks(store: SqlStore, tenant: int) -> None:
    """Newest first, of a user and of all; lifted once, and kept."""
    later, lees = BLOCK._replace(at=LATER, until=LATER + timedelta(days=90)), BLOCK._replace(user_id=LEE)
    lifted = BLOCK._replace(lifted=Lifting(LATER, "adä", "found"))
    with store.begin() as unit:
        for one in (BLOCK, later, lees):
            unit.blocks.add(tenant, one)
        assert [True, False, False] == [unit.blocks.lift(tenant, one) for one in (lifted, lifted, BLOCK)]
        assert [later, lifted] == unit.blocks.of_user(tenant, KIM)
        assert [later] == unit.blocks.of_tenant(tenant, 1)
        with pytest.raises(ConflictError):
            unit.blocks.add(tenant, BLOCK)


def test_failures_of_app_passwords_are_their_own(store: SqlStore, tenant: int) -> None:
    """Beside those of the methods of challenges."""
    with store.begin() as unit:
        unit.challenges.hold(tenant, KIM, Counted.APP_PASSWORD, IN_WINDOW)
        unit.challenges.save_failures(tenant, KIM, Counted.APP_PASSWORD, Failures(3), IN_WINDOW)
        assert 3 == unit.challenges.hold(tenant, KIM, Counted.APP_PASSWORD, IN_WINDOW).failures

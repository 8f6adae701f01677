"""Which second factor is demanded of a sign-in: the facts, found out in its transaction, and the table's answer.

Source: domain-rules D.6, D.9. Also what a completed registration does.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from ringfence.application.identity.parts import Identity
from ringfence.application.mfa.app_passwords import find_given
from ringfence.application.mfa.blocked_users import blocked_until
from ringfence.application.mfa.remembered_browsers import is_remembered
from ringfence.application.ports import UnitOfWork
from ringfence.domain.audit import Trail, record_state_change
from ringfence.domain.directory.user import User
from ringfence.domain.methods.app_password import StoredAppPassword
from ringfence.domain.methods.registrations import MethodKind
from ringfence.domain.numbers.table import Row
from ringfence.domain.policy.mfa_settings import decide_place
from ringfence.domain.signin.per_user import after_registration, state_of
from ringfence.domain.signin.requirement import (
    AppPassword,
    Blocked,
    Client,
    Facts,
    Proof,
    Registered,
    Remembered,
    Requirement,
    decide_requirement,
)

_STRONG: Final = frozenset(MethodKind) - {MethodKind.TEMPORARY_ACCESS_PASS}


class Surroundings(NamedTuple):
    """What is known of a sign-in.

    `claims_inside` is the claim of a federated sign-in to be inside the corporate network, `browser_secret` what the cookie of a
    remembered browser holds, `is_strong` whether a second factor was given in this session, `password` what a legacy client sent.
    """

    client: Client
    address: str | None = None
    claims_inside: bool = False
    browser_secret: str | None = None
    is_strong: bool = False
    password: str | None = None
    can_be_asked: bool | None = None
    """Whether there is a method that the pages can ask by now; None where nobody looked, and what is registered counts."""


class Demand(NamedTuple):
    """The row that counts, and the app password that was given where one was."""

    row: Row[Requirement]
    app_password: StoredAppPassword | None

    @property
    def outcome(self) -> Requirement:
        """What is demanded."""
        return self.row.outcome


def find_requirement(
    identity: Identity, unit: UnitOfWork, tenant_id: int, user: User, around: Surroundings, now: datetime
) -> Demand:
    """What is demanded of a user whose account may sign in, and why: all is read in this transaction."""
    held = unit.mfa.app_passwords(tenant_id, user.user_id) if around.client is Client.LEGACY else []
    given = None if around.password is None else find_given(identity, held, (tenant_id, user.user_id), around.password)
    facts = Facts(
        state_of(user),
        around.client,
        Blocked.NO if blocked_until(unit, tenant_id, user.user_id, now) is None else Blocked.YES,
        decide_place(unit.mfa.settings(tenant_id), around.address, claims_inside=around.claims_inside),
        AppPassword.GIVEN if given else AppPassword.HELD if held else AppPassword.NONE,
        _registered(unit, tenant_id, user, around),
        Proof.FRESH if around.is_strong else Proof.NONE,
        Remembered.YES if is_remembered(unit, tenant_id, user, around.browser_secret, now) else Remembered.NO,
    )
    return Demand(decide_requirement(facts), given)


def _registered(unit: UnitOfWork, tenant_id: int, user: User, around: Surroundings) -> Registered:
    can_be_asked = around.can_be_asked
    if can_be_asked is None:
        can_be_asked = _holds_method(unit, tenant_id, user)
    if not can_be_asked:
        return Registered.NO
    return Registered.ANEW if unit.mfa.standing(tenant_id, user.user_id).must_register else Registered.YES


def _holds_method(unit: UnitOfWork, tenant_id: int, user: User) -> bool:
    """Whether the user has a method for a second factor. A temporary access pass is none."""
    return bool(user.methods) or any(one.kind in _STRONG for one in unit.registrations.of_user(tenant_id, user.user_id))


def complete_registration(unit: UnitOfWork, tenant_id: int, user_id: bytes, trail: Trail) -> None:
    """What a user's completed registration does, in its transaction: *enabled* becomes *enforced*, nothing is owed any more.

    `trail` has a correlation id of its own.
    """
    standing = unit.mfa.standing(tenant_id, user_id)
    if standing.must_register:
        unit.mfa.save_standing(tenant_id, user_id, standing._replace(must_register=False))
    before = unit.directory.load(tenant_id, [user_id])[user_id]
    after = before._replace(user=after_registration(before.user))
    if after != before:
        unit.directory.update(tenant_id, [(before, after)])
        unit.audit.append(tenant_id, record_state_change(before, after, trail))

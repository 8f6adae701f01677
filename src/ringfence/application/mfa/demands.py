"""What a sign-in on our pages demands beside the password. Source: domain-rules D.9; lessons 1 (Duo: dormant accounts)."""

from __future__ import annotations

from datetime import datetime

from ringfence.application.identity.parts import Identity
from ringfence.application.identity.passwords import Demanded
from ringfence.application.mfa.may_register import may_register
from ringfence.application.mfa.obstacles import Obstacle, count_obstacle, find_obstacle
from ringfence.application.mfa.offers import find_offer
from ringfence.application.mfa.requirements import Surroundings, find_requirement
from ringfence.application.ports import UnitOfWork
from ringfence.domain.directory.records import PerUserState
from ringfence.domain.directory.user import User
from ringfence.domain.identity.credentials import is_dormant
from ringfence.domain.identity.sign_ins import SignInResult
from ringfence.domain.signin.requirement import Requirement


def demand_of(identity: Identity, tenant_id: int, when: tuple[datetime, Surroundings], unit: UnitOfWork, user: User) -> Demanded:
    """What follows after the right password of a user, and why; `when` is the instant, with what is known of the sign-in."""
    now, around = when
    can_be_asked = False
    if user.mfa_state is not PerUserState.Disabled:
        account = unit.directory.load(tenant_id, [user.user_id])[user.user_id]
        can_be_asked = find_offer(identity, unit, (tenant_id, account), None, now) is not None
    outcome = find_requirement(identity, unit, tenant_id, user, around._replace(can_be_asked=can_be_asked), now).outcome
    result = _result(identity, unit, (tenant_id, user), outcome, now)
    if outcome is not Requirement.REGISTER or can_be_asked:
        return Demanded(result, outcome)
    obstacle = _obstacle(identity, unit, (tenant_id, user), now)
    return Demanded(result, outcome, None if obstacle is None else obstacle.second)


def _obstacle(identity: Identity, unit: UnitOfWork, whose: tuple[int, User], now: datetime) -> Obstacle | None:
    """What keeps a method that is held from being asked for, which is counted too."""
    tenant_id, user = whose
    account = unit.directory.load(tenant_id, [user.user_id])[user.user_id]
    obstacle = find_obstacle(identity, unit, (tenant_id, account), None, now)
    count_obstacle(unit, tenant_id, obstacle, now)
    return obstacle


def _result(identity: Identity, unit: UnitOfWork, whose: tuple[int, User], outcome: Requirement, now: datetime) -> SignInResult:
    tenant_id, user = whose
    if outcome.is_met:
        return SignInResult.SUCCESS
    if outcome is Requirement.CHALLENGE:
        return SignInResult.MFA_REQUIRED
    if outcome is not Requirement.REGISTER:
        return SignInResult.BLOCKED
    credential = unit.identity.credential(tenant_id, user.user_id)
    account = unit.directory.load(tenant_id, [user.user_id])[user.user_id]
    is_open = may_register(identity, unit, (tenant_id, account), now) and not is_dormant(credential, user.created_at, now)
    return SignInResult.MFA_ENROLMENT if is_open else SignInResult.ENROLMENT_REFUSED

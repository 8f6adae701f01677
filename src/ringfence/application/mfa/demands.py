"""What a sign-in demands beside the password. Source: domain-rules D.9."""

from __future__ import annotations

from datetime import datetime

from ringfence.application.identity.parts import Identity
from ringfence.application.mfa.offers import find_offer
from ringfence.application.ports import UnitOfWork
from ringfence.domain.directory.records import PerUserState
from ringfence.domain.directory.user import User
from ringfence.domain.identity.credentials import is_dormant
from ringfence.domain.identity.sign_ins import SignInResult


def demand_of(identity: Identity, tenant_id: int, now: datetime, unit: UnitOfWork, user: User) -> SignInResult:
    """What follows after the right password."""
    if user.mfa_state is PerUserState.Disabled:
        return SignInResult.SUCCESS
    account = unit.directory.load(tenant_id, [user.user_id])[user.user_id]
    offer = find_offer(identity, unit, (tenant_id, account), None, now)
    if offer is not None:
        return SignInResult.MFA_REQUIRED
    credential = unit.identity.credential(tenant_id, user.user_id)
    is_in_use = not is_dormant(credential, user.created_at, now)
    return SignInResult.MFA_ENROLMENT if is_in_use else SignInResult.ENROLMENT_REFUSED

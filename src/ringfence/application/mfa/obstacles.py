"""Why somebody cannot be asked by a method that they hold: for the log and the counts. The person is told nothing of it.

Sources: domain-rules A.5, D.3 (the policy), D.6 and C.4 (countries), D.10 (words).
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ringfence.application.identity.parts import Identity
from ringfence.application.identity.sign_in_log import record_sign_in
from ringfence.application.mfa.blocked_users import blocked_until
from ringfence.application.mfa.offers import Ground, ground_of, held_number, is_sent_to
from ringfence.application.ports import UnitOfWork
from ringfence.domain.directory.user import Account
from ringfence.domain.identity.sign_ins import Attempt, SignIn, SignInResult
from ringfence.domain.methods.registrations import MethodKind
from ringfence.domain.policy.usable import allowed_entries, allowed_kinds
from ringfence.domain.signin.challenge import ChallengeMethod
from ringfence.domain.signin.outcomes import SecondFactor, StrongResult, of_refusal
from ringfence.domain.signin.preferred import ORDER, choose_method
from ringfence.domain.signin.send_guard import SendRefusal, day_of


class Obstacle(NamedTuple):
    """What the log keeps of it, and what it counts as among the texts and calls that were refused; None for other methods."""

    second: SecondFactor
    refusal: SendRefusal | None = None


def find_obstacle(
    identity: Identity, unit: UnitOfWork, asked: tuple[int, Account], wanted: ChallengeMethod | None, now: datetime
) -> Obstacle | None:
    """What stands in the way of the method that is wanted, else of the one that would come first; None where nothing is known."""
    ground = ground_of(unit, asked, now)
    methods = ORDER if wanted is None else (wanted,)
    looked = {method: _obstacle(identity, unit, ground, method) for method in methods}
    found = {method: obstacle for method, obstacle in looked.items() if obstacle is not None}
    first = choose_method(found, asked[1].user.default, is_system_preferred=ground.policy.is_system_preferred)
    return None if first is None else found[first]


def count_obstacle(unit: UnitOfWork, tenant_id: int, obstacle: Obstacle | None, now: datetime) -> None:
    """Count it among what was refused today, where it is about a text or a call."""
    if obstacle is not None and obstacle.refusal is not None:
        unit.telephony.count_refusal(tenant_id, day_of(now), obstacle.refusal)


def record_obstacle(
    identity: Identity, unit: UnitOfWork, asked: tuple[int, Account], tried: tuple[Attempt, SecondFactor], now: datetime
) -> None:
    """Note that an account could not be asked, with what was in the way; `tried` has what is said where that is not known."""
    (tenant_id, account), (attempt, second) = asked, tried
    user = account.user
    if blocked_until(unit, tenant_id, user.user_id, now) is not None:
        second = second._replace(result=StrongResult.BLOCKED)
    else:
        found = [find_obstacle(identity, unit, asked, method, now) for method in (second.method, None)]
        obstacle = found[0] or found[1]
        count_obstacle(unit, tenant_id, obstacle, now)
        second = second if obstacle is None else obstacle.second
    failed = SignInResult.STRONG_AUTHENTICATION_FAILED
    new_id = identity.services.new_id()
    line = SignIn(new_id, now, user.user_id, user.upn, user.display_name, user.upn, attempt, failed, second=second)
    record_sign_in(unit, tenant_id, line)


def _obstacle(identity: Identity, unit: UnitOfWork, ground: Ground, method: ChallengeMethod) -> Obstacle | None:
    if method.channel is None:
        is_in_the_way = _is_held(unit, ground, method) and _kind(method) not in allowed_kinds(ground.policy)
        return Obstacle(SecondFactor(method, StrongResult.METHOD_DISABLED)) if is_in_the_way else None
    if method.entry not in ground.account.user.methods:
        return None
    offer = held_number(identity, ground, method)
    if method.entry not in allowed_entries(ground.policy):
        refusal = SendRefusal.METHOD_DISABLED
    elif method.channel not in identity.channels:
        refusal = SendRefusal.NO_SENDER
    elif offer is not None and not is_sent_to(ground, offer):
        refusal = SendRefusal.COUNTRY
    else:
        return None
    to = None if offer is None else offer.destination
    result = of_refusal(refusal)
    second = SecondFactor(method, result) if to is None else SecondFactor(method, result, to.masked, to.numbers)
    return Obstacle(second, refusal)


def _is_held(unit: UnitOfWork, ground: Ground, method: ChallengeMethod) -> bool:
    if method.entry is not None:
        return method.entry in ground.account.user.methods
    held = unit.registrations.of_user(ground.tenant_id, ground.account.user.user_id)
    return any(one.kind is _kind(method) for one in held)


def _kind(method: ChallengeMethod) -> MethodKind:
    return MethodKind.SOFTWARE_OATH if method is ChallengeMethod.OATH else MethodKind.TEMPORARY_ACCESS_PASS

"""Whether a name and a password may be used by a legacy protocol: the bind point of mail servers and the like.

Source: domain-rules D.9; lessons 1. Which password counts is decided by the table of requirements: an app password where one is
needed, else the user's own. Whatever is wrong, and whoever is asked about, there is one answer: no. Every try computes one hash,
of the user's own password or of nobody's, and writes one line of the log, so that time does not tell either. A wrong password
counts towards the lockout of passwords, a wrong app password towards that of app passwords, before the answer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from ringfence.application.identity.parts import Identity
from ringfence.application.identity.passwords import TriedPassword, settle_password, sign_in_line, try_password
from ringfence.application.identity.sign_in_log import record_sign_in
from ringfence.application.mfa.notices import tell_locked
from ringfence.application.mfa.requirements import Demand, Surroundings, find_requirement
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import in_transaction
from ringfence.domain.directory.user import User
from ringfence.domain.identity.sign_ins import Attempt, SignInResult
from ringfence.domain.signin.lockout import Counted, after_right_code, after_wrong_code, is_locked
from ringfence.domain.signin.notices import Thing
from ringfence.domain.signin.requirement import Client, Requirement


class LegacyPassword(NamedTuple):
    """A user (by name or id), and the password that a legacy client sent."""

    user: str
    password: str


class LegacyApproval(NamedTuple):
    """Who may come in, and which second factor was not asked for, for which reason."""

    user: User
    requirement: Requirement


class _Try(NamedTuple):
    tenant_id: int
    tried: TriedPassword
    attempt: Attempt
    now: datetime


_BY_APP_PASSWORD: Final = frozenset({Requirement.APP_PASSWORD_REQUIRED, Requirement.SKIPPED_APP_PASSWORD})


def check_legacy_password(
    identity: Identity, tenant_id: int, given: LegacyPassword, attempt: Attempt, now: datetime
) -> LegacyApproval | None:
    """Check a password for a legacy protocol; None for every kind of refusal."""
    tried = try_password(identity, tenant_id, (given.user, given.password), now)

    def work(unit: UnitOfWork) -> LegacyApproval | None:
        one = _Try(tenant_id, tried, attempt, now)
        user = _present(unit, tenant_id, tried.user)
        requirement, result = (None, SignInResult.UNKNOWN_USER) if user is None else _decide(identity, unit, one, user)
        line = sign_in_line(identity, (given.user, user), attempt, result, now)
        record_sign_in(unit, tenant_id, line._replace(requirement=requirement))
        if user is None or requirement is None or result is not SignInResult.SUCCESS:
            return None
        return LegacyApproval(user, requirement)

    return in_transaction(identity.services, work)


def _present(unit: UnitOfWork, tenant_id: int, user: User | None) -> User | None:
    """The user as things stand now."""
    account = None if user is None else unit.directory.load(tenant_id, [user.user_id]).get(user.user_id)
    return None if account is None or account.user.deleted_at is not None else account.user


def _decide(identity: Identity, unit: UnitOfWork, one: _Try, user: User) -> tuple[Requirement, SignInResult]:
    around = Surroundings(Client.LEGACY, one.attempt.ip_address, password=one.tried.password)
    demand = find_requirement(identity, unit, one.tenant_id, user, around, one.now)
    if demand.outcome in _BY_APP_PASSWORD:
        return _settle_app_password(unit, one, user, demand)
    result = settle_password(identity, unit, one.tenant_id, one.tried._replace(user=user), one.now)
    if demand.outcome.is_met or result is not SignInResult.SUCCESS:
        return demand.outcome, result
    return demand.outcome, SignInResult.STRONG_AUTHENTICATION_FAILED


def _settle_app_password(unit: UnitOfWork, one: _Try, user: User, demand: Demand) -> tuple[Requirement, SignInResult]:
    """How it ends where an app password is needed; a failure is counted."""
    whose = one.tenant_id, user.user_id
    failures = unit.challenges.hold(*whose, Counted.APP_PASSWORD, one.now)
    if is_locked(failures, one.now):
        return Requirement.APP_PASSWORD_REQUIRED, SignInResult.LOCKED
    if demand.app_password is not None and user.enabled:
        unit.challenges.save_failures(*whose, Counted.APP_PASSWORD, after_right_code(failures), one.now)
        unit.mfa.note_use(*whose, demand.app_password.app_password_id, one.now)
        return demand.outcome, SignInResult.SUCCESS
    after = after_wrong_code(failures, one.now)
    unit.challenges.save_failures(*whose, Counted.APP_PASSWORD, after, one.now)
    if is_locked(after, one.now):
        tell_locked(unit, one.tenant_id, user, (Thing.APP_PASSWORD, one.attempt.app_name), one.now)
    return demand.outcome, SignInResult.WRONG_PASSWORD if demand.app_password is None else SignInResult.DISABLED

"""Block users for MFA, unblock them, and take fraud reports. Source: domain-rules D.6, F.3."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from ringfence.application.accounts import find_active_account
from ringfence.application.identity.sign_in_log import record_sign_in
from ringfence.application.mfa.notices import Told, tell_change, tell_fraud
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.domain.audit import Activity, Trail, record_event
from ringfence.domain.directory.user import Account
from ringfence.domain.errors import ConflictError, ErrorCode, InvalidError
from ringfence.domain.identity.sign_ins import Attempt, SignIn, SignInResult
from ringfence.domain.signin.blocks import LASTS, LONGEST_REASON, Block, FraudOutcome, Lifting, is_in_force
from ringfence.domain.signin.notices import NoticeKind
from ringfence.domain.signin.requirement import Requirement
from ringfence.domain.values import Actor, ActorKind

FRAUD: Final = "Fraud reported by the user"


class BlockUser(NamedTuple):
    """Block a user, or unblock them: who does it and why."""

    user: str
    reason: str
    actor: Actor


class ShownBlock(NamedTuple):
    """A block with the name of its user."""

    upn: str
    block: Block


def block_user(services: Services, tenant_id: int, command: BlockUser, now: datetime) -> Block:
    """Deny every second factor of a user for 90 days; raises `InvalidError` (MFA_BLOCK_REASON), `ConflictError` (MFA_BLOCKED)."""
    reason = _reason(command.reason)

    def work(unit: UnitOfWork) -> Block:
        account = find_active_account(unit, tenant_id, command.user)
        until = blocked_until(unit, tenant_id, account.user.user_id, now)
        if until is not None:
            raise ConflictError(ErrorCode.MFA_BLOCKED, user=account.user.upn, until=until)
        return block_account(services, unit, (tenant_id, account), (reason, command.actor), now)

    return in_transaction(services, work)


def block_account(
    services: Services, unit: UnitOfWork, whose: tuple[int, Account], why: tuple[str, Actor], now: datetime
) -> Block:
    """Block an account that is not, within a transaction; audited, and its user is told. `why` is the reason, and who."""
    (tenant_id, account), (reason, actor) = whose, why
    unit.audit.append(tenant_id, [record_event(account, Activity.ADD_BLOCKED_USER, reason, Trail(services.new_id(), now, actor))])
    tell_change(unit, tenant_id, account.user, Told(NoticeKind.USER_BLOCKED), (actor, now))
    return _block(unit, tenant_id, account, (actor.name, reason), now)


def unblock_user(services: Services, tenant_id: int, command: BlockUser, now: datetime) -> None:
    """Lift the block; it stays in the history. Raises `InvalidError` (MFA_BLOCK_REASON), `ConflictError` (MFA_NOT_BLOCKED)."""
    reason = _reason(command.reason)

    def work(unit: UnitOfWork) -> None:
        account = find_active_account(unit, tenant_id, command.user)
        held = [one for one in unit.blocks.of_user(tenant_id, account.user.user_id) if is_in_force(one, now)]
        if not held:
            raise ConflictError(ErrorCode.MFA_NOT_BLOCKED, user=account.user.upn)
        for block in held:
            if not unit.blocks.lift(tenant_id, block._replace(lifted=Lifting(now, command.actor.name, reason))):
                raise ConflictError(ErrorCode.ROW_CHANGED)
        trail = Trail(services.new_id(), now, command.actor)
        unit.audit.append(tenant_id, [record_event(account, Activity.CLEAR_BLOCK, reason, trail)])

    in_transaction(services, work)


def blocked_until(unit: UnitOfWork, tenant_id: int, user_id: bytes, now: datetime) -> datetime | None:
    """Until when every second factor of the user is denied; None where it is not."""
    return max((one.until for one in unit.blocks.of_user(tenant_id, user_id) if is_in_force(one, now)), default=None)


def list_blocks(services: Services, tenant_id: int, limit: int) -> list[ShownBlock]:
    """The newest blocks, those that are over too, newest first."""
    with services.store.snapshot() as unit:
        blocks = unit.blocks.of_tenant(tenant_id, limit)
        accounts = unit.directory.load(tenant_id, sorted({one.user_id for one in blocks}))
    return [ShownBlock(accounts[one.user_id].user.upn, one) for one in blocks if one.user_id in accounts]


class FraudReport(NamedTuple):
    """Somebody was asked for a second proof and says that it was not for them; `attempt` is what the challenge was for."""

    user_id: bytes
    attempt: Attempt


def report_fraud(services: Services, unit: UnitOfWork, tenant_id: int, report: FraudReport, now: datetime) -> FraudOutcome:
    """Take a fraud report, in the transaction that denies the challenge: block where the tenant wants it, audit, log."""
    alert = unit.mfa.settings(tenant_id).fraud
    account = unit.directory.load(tenant_id, [report.user_id]).get(report.user_id)
    if account is None or not alert.allowed:
        return FraudOutcome.IGNORED
    user, actor = account.user, Actor(ActorKind.USER, account.user.upn, account.user.user_id)
    activity = Activity.FRAUD_BLOCKED if alert.auto_block else Activity.FRAUD_NOTED
    unit.audit.append(tenant_id, [record_event(account, activity, "", Trail(services.new_id(), now, actor))])
    result, why = SignInResult.STRONG_AUTHENTICATION_FAILED, Requirement.DENIED_FRAUD
    line = SignIn(
        services.new_id(), now, user.user_id, user.upn, user.display_name, user.upn, report.attempt, result, requirement=why
    )
    record_sign_in(unit, tenant_id, line)
    tell_fraud(unit, tenant_id, user, report.attempt.app_name, now)
    if not alert.auto_block:
        return FraudOutcome.NOTED
    if blocked_until(unit, tenant_id, user.user_id, now) is None:
        tell_change(unit, tenant_id, user, Told(NoticeKind.USER_BLOCKED), (actor, now))
        _block(unit, tenant_id, account, (user.upn, FRAUD), now)
    return FraudOutcome.BLOCKED


def _block(unit: UnitOfWork, tenant_id: int, account: Account, why: tuple[str, str], now: datetime) -> Block:
    block = Block(account.user.user_id, now, now + LASTS, *why)
    unit.blocks.add(tenant_id, block)
    return block


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise InvalidError(ErrorCode.MFA_BLOCK_REASON, most=LONGEST_REASON)
    return reason

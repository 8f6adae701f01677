"""Set, list and delete authentication numbers as an administrator.

Source: domain-rules A.2, T3, T5, T6, A9, A10. The Graph API and the pages go through the same functions.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ringfence.application.accounts import find_active_account, keys_of
from ringfence.application.methods_policy import policy_of
from ringfence.application.mfa.notices import Told, tell_change
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.domain.audit import Trail, record_private_change
from ringfence.domain.directory.user import Account, NumberOrigin, PairState, Written
from ringfence.domain.errors import ConflictError, ErrorCode, NotFoundError, RingfenceError
from ringfence.domain.methods.entries import Entries, Refusal, decide_deletion, decide_registration
from ringfence.domain.methods.presence import Presence
from ringfence.domain.numbers.canonical import parse_authentication_number
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.policy.usable import is_sign_in_by_text_allowed
from ringfence.domain.signin.notices import NoticeKind, Thing
from ringfence.domain.values import Actor


class RegisterPhone(NamedTuple):
    """Set the number of a pair: `number` in any form the strict parser takes."""

    user: str
    pair: Pair
    number: str
    actor: Actor
    expects: Presence = Presence.EITHER


class DeletePhone(NamedTuple):
    """Delete the number of a pair."""

    user: str
    pair: Pair
    actor: Actor


class Phone(NamedTuple):
    """An authentication number with who wrote it."""

    pair: Pair
    number: str
    written: Written | None
    may_sign_in: bool = False
    """Whether the policy lets one sign in by a text to it alone: to a mobile number, where it does at all (C.3)."""


def register_phone(services: Services, tenant_id: int, command: RegisterPhone, now: datetime) -> bool:
    """Set the number, add its method entries, make the first the default if there is none; return whether anything changed.

    Raises `InvalidError` (NUMBER_…), `NotFoundError` (USER_UNKNOWN, PHONE_ABSENT), `ConflictError` (PHONE_MOBILE_REQUIRED,
    PHONE_EXISTS).
    """
    number = parse_authentication_number(command.number, command.pair)

    def work(unit: UnitOfWork) -> bool:
        account = find_active_account(unit, tenant_id, command.user)
        _check_presence(account, command)
        entries = decide_registration(account, command.pair)
        if isinstance(entries, Refusal):
            raise _error(entries, command.pair)
        user = account.user
        sealed = services.sealer.seal(number, user.key_id, tenant_id, user.user_id, command.pair)
        state = account.pairs.get(command.pair, PairState(command.pair))
        if sealed != state.authentication:
            state = state._replace(authentication=sealed, written=Written(NumberOrigin.ADMIN, now, command.actor.name))
        return _write(unit, tenant_id, (account, _with(account, state, entries)), Trail(services.new_id(), now, command.actor))

    return in_transaction(services, work)


def delete_phone(services: Services, tenant_id: int, command: DeletePhone, now: datetime) -> None:
    """Delete the number and its method entries in the same transaction (T3).

    Raises `NotFoundError` (PHONE_ABSENT), `ConflictError` (METHOD_IS_DEFAULT, PHONE_ALTERNATE_EXISTS).
    """

    def work(unit: UnitOfWork) -> bool:
        account = find_active_account(unit, tenant_id, command.user)
        entries = decide_deletion(account, command.pair)
        if isinstance(entries, Refusal):
            raise _error(entries, command.pair)
        state = account.pairs[command.pair]._replace(authentication=None, written=None)
        return _write(unit, tenant_id, (account, _with(account, state, entries)), Trail(services.new_id(), now, command.actor))

    in_transaction(services, work)


def list_phones(services: Services, tenant_id: int, name: str) -> list[Phone]:
    """The authentication numbers of a user, in canonical form."""
    with services.store.look() as unit:
        found = unit.directory.phones(tenant_id, *keys_of(name))
        may_sign_in = found is not None and bool(found.phones) and is_sign_in_by_text_allowed(policy_of(unit, tenant_id))
    if found is None:
        raise NotFoundError(ErrorCode.USER_UNKNOWN, user=name)
    if found.is_deleted:
        raise NotFoundError(ErrorCode.USER_UNKNOWN, user=name, deleted=True)
    unseal, key_id, user_id = services.sealer.unseal, found.key_id, found.user_id
    return [
        Phone(pair, unseal(sealed, key_id, tenant_id, user_id, pair), written, may_sign_in and pair is Pair.MOBILE)
        for pair, sealed, written in found.phones
    ]


def _check_presence(account: Account, command: RegisterPhone) -> None:
    state = account.pairs.get(command.pair)
    is_there = state is not None and state.authentication is not None
    if is_there and command.expects is Presence.ABSENT:
        raise ConflictError(ErrorCode.PHONE_EXISTS, type=command.pair.phone_type)
    if not is_there and command.expects is Presence.PRESENT:
        raise NotFoundError(ErrorCode.PHONE_ABSENT, type=command.pair.phone_type)


def _with(account: Account, state: PairState, entries: Entries) -> Account:
    user = account.user._replace(methods=entries.methods, default=entries.default)
    return Account(user, {**account.pairs, state.pair: state})


def _write(unit: UnitOfWork, tenant_id: int, change: tuple[Account, Account], trail: Trail) -> bool:
    before, after = change
    if before == after:
        return False
    unit.directory.update(tenant_id, [change])
    unit.audit.append(tenant_id, record_private_change(before, after, trail))
    tell_change(unit, tenant_id, after.user, Told(_told(before, after), Thing.PHONE), (trail.actor, trail.at))
    return True


def _told(before: Account, after: Account) -> NoticeKind:
    """What became of a number: which is in one of the two only, or in both."""
    held = [{pair for pair, state in one.pairs.items() if state.authentication is not None} for one in (before, after)]
    if held[0] == held[1]:
        return NoticeKind.METHOD_CHANGED
    return NoticeKind.METHOD_REGISTERED if held[0] < held[1] else NoticeKind.METHOD_DELETED


def _error(refusal: Refusal, pair: Pair) -> RingfenceError:
    if refusal is Refusal.ABSENT:
        return NotFoundError(ErrorCode.PHONE_ABSENT, type=pair.phone_type)
    code = {
        Refusal.ALTERNATE_EXISTS: ErrorCode.PHONE_ALTERNATE_EXISTS,
        Refusal.IS_DEFAULT: ErrorCode.METHOD_IS_DEFAULT,
        Refusal.MOBILE_REQUIRED: ErrorCode.PHONE_MOBILE_REQUIRED,
    }[refusal]
    return ConflictError(code, type=pair.phone_type)

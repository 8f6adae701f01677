"""Set, check and change passwords: one verifier for every surface, with smart lockout (domain-rules D.6)."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from datetime import datetime
from enum import Enum, unique
from typing import Final, NamedTuple

from ringfence.application.accounts import find_active_account
from ringfence.application.identity.parts import Identity
from ringfence.application.identity.sign_in_log import record_sign_in
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.domain.directory.user import User
from ringfence.domain.errors import ErrorCode, InvalidError, NotFoundError, UnavailableError
from ringfence.domain.identity.credentials import (
    NOTED_EVERY,
    Credential,
    after_failure,
    after_success,
    is_locked,
    with_password,
)
from ringfence.domain.identity.sign_ins import GOES_ON, Attempt, SignIn, SignInResult, plain_name
from ringfence.domain.signin.outcomes import SecondFactor
from ringfence.domain.signin.requirement import Requirement

SHORTEST: Final = 8
LONGEST: Final = 256
_KINDS: Final = 3
_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz"
_DIGITS: Final = "23456789"


@unique
class SignInFailure(Enum):
    """Why nobody is signed in; the page says the same for all but the last two."""

    BLOCKED = "right, but the user is blocked for MFA"
    DORMANT = "right, but a method has to be registered, and nobody has used the account for long"
    WRONG = "unknown user, disabled, no password, or the wrong one"
    LOCKED = "locked after too many wrong passwords"
    MUST_CHANGE = "right, but the password must be changed first"


class SignedIn(NamedTuple):
    """Who proved to know their password, when."""

    user: User
    at: datetime
    next: SignInResult = SignInResult.SUCCESS
    """What is demanded beside the password, if anything is."""


class Demanded(NamedTuple):
    """What follows after a password, and why; `second` is the method that could not be asked for, where one is held."""

    result: SignInResult
    requirement: Requirement | None = None
    second: SecondFactor | None = None


class FirstStep(NamedTuple):
    """A password that is the first step of a sign-in; `demand` says what follows, within the transaction that decides."""

    attempt: Attempt
    demand: Callable[[UnitOfWork, User], Demanded]


class Reset(NamedTuple):
    """A password reset: its operation (16 bytes), and the password where it was made here."""

    operation_id: bytes
    password: str | None


class TriedPassword(NamedTuple):
    """A password that was compared: with whose, as it was read, and whether it was right and looked at.

    `stronger` is its hash by today's parameters, where the one that was read is by others.
    """

    password: str
    user: User | None
    credential: Credential | None
    right: bool
    locked: bool
    stronger: str | None = None


def check_password(
    identity: Identity, tenant_id: int, name: str, password: str, now: datetime, step: Attempt | FirstStep | None = None
) -> SignedIn | SignInFailure:
    """Check a password; a wrong one is counted before the answer is given, in a transaction of its own.

    With a `step` it is a sign-in, or its first step, which the same transaction writes into the log. The hash is computed
    outside any transaction, and one line is written, whether the user exists or not, so that both take the same time. Where the
    hash is by other parameters than today's, the right password of somebody who may sign in has it replaced.
    """
    tried = try_password(identity, tenant_id, (name, password), now)

    def work(unit: UnitOfWork) -> SignInResult:
        demanded = Demanded(settle_password(identity, unit, tenant_id, tried, now))
        if isinstance(step, FirstStep) and tried.user is not None and demanded.result is SignInResult.SUCCESS:
            demanded = step.demand(unit, tried.user)
        if step is not None:
            record_sign_in(unit, tenant_id, _first_line(identity, (name, tried.user), step, demanded, now))
        if step is not None and tried.user is not None and demanded.result is SignInResult.SUCCESS:
            unit.identity.note_sign_in(tenant_id, tried.user.user_id, now, NOTED_EVERY)
        return demanded.result

    result = in_transaction(identity.services, work)
    if result in GOES_ON and tried.user is not None:
        return SignedIn(tried.user, now, result)
    return _ANSWERS.get(result, SignInFailure.WRONG)


def try_password(identity: Identity, tenant_id: int, given: tuple[str, str], now: datetime) -> TriedPassword:
    """Compare a password (of a name), outside any transaction: one hash is computed, whoever the user is.

    `settle_password` says how that ends. Beside `check_password` only for who decides more in the same transaction.
    """
    name, password = given
    with identity.services.store.snapshot() as unit:
        user, credential = _credential(unit, tenant_id, name)
    locked = credential is not None and is_locked(credential, now)
    right = identity.passwords.verify(None if credential is None or locked else credential.password_hash, password)
    stronger = _stronger(identity, credential, password) if right and user is not None and user.enabled else None
    return TriedPassword(password, user, credential, right, locked, stronger)


def _first_line(
    identity: Identity, who: tuple[str, User | None], step: Attempt | FirstStep, demanded: Demanded, now: datetime
) -> SignIn:
    attempt = step.attempt if isinstance(step, FirstStep) else step
    line = sign_in_line(identity, who, attempt, demanded.result, now)
    return line._replace(requirement=demanded.requirement, second=demanded.second)


_NOTHING_MORE: Final = Demanded(SignInResult.SUCCESS)
_ANSWERS: Final = {
    SignInResult.BLOCKED: SignInFailure.BLOCKED,
    SignInResult.ENROLMENT_REFUSED: SignInFailure.DORMANT,
    SignInResult.LOCKED: SignInFailure.LOCKED,
    SignInResult.MUST_CHANGE: SignInFailure.MUST_CHANGE,
}


def _credential(unit: UnitOfWork, tenant_id: int, name: str) -> tuple[User | None, Credential | None]:
    if not name.isprintable():
        return None, None
    try:
        user = find_active_account(unit, tenant_id, name).user
    except NotFoundError:
        return None, None
    return user, unit.identity.credential(tenant_id, user.user_id)


def _stronger(identity: Identity, credential: Credential | None, password: str) -> str | None:
    """A hash by today's parameters in place of one by others; None where there is no need, or no room just now."""
    present = None if credential is None else credential.password_hash
    if present is None or not identity.passwords.needs_rehash(present):
        return None
    with contextlib.suppress(UnavailableError):  # the password was right: the next sign-in will do
        return identity.passwords.hash(password)
    return None


def settle_password(identity: Identity, unit: UnitOfWork, tenant_id: int, tried: TriedPassword, now: datetime) -> SignInResult:
    """How a password that was tried ends, with the credential as it is by now; a failure is counted."""
    user, checked = tried.user, tried.credential
    if user is None or checked is None:
        return SignInResult.UNKNOWN_USER
    present = unit.identity.credential(tenant_id, user.user_id)
    if tried.locked or is_locked(present, now):  # by tries that ran beside this one: they count for it too
        return SignInResult.LOCKED
    right = tried.right and present.password_hash == checked.password_hash
    if right and user.enabled:
        after = after_success(present)._replace(password_hash=tried.stronger or present.password_hash)
    else:
        fingerprint = identity.fingerprint(user.user_id + tried.password.encode("utf-8", "surrogatepass"))
        after = after_failure(present, fingerprint, now)
    if after != present:
        unit.identity.save_credential(tenant_id, after)
    if not right:
        return SignInResult.WRONG_PASSWORD
    if not user.enabled:
        return SignInResult.DISABLED
    return SignInResult.MUST_CHANGE if present.must_change else SignInResult.SUCCESS


def sign_in_line(
    identity: Identity, who: tuple[str, User | None], attempt: Attempt, result: SignInResult, now: datetime
) -> SignIn:
    """The line of the log of (the name that was typed, whose it is)."""
    typed, user = plain_name(who[0]), who[1]
    user_id, upn, shown = (None, typed, "") if user is None else (user.user_id, user.upn, user.display_name)
    return SignIn(identity.services.new_id(), now, user_id, upn, shown, typed, attempt, result)


def check_strength(password: str, *, strong: bool = True) -> None:
    """Raise `InvalidError` (PASSWORD_WEAK) unless it has 8 to 256 characters of three kinds out of four."""
    kinds = (str.islower, str.isupper, str.isdigit, lambda letter: not letter.isalnum())
    found = sum(any(map(kind, password)) for kind in kinds)
    if not SHORTEST <= len(password) <= LONGEST or (strong and found < _KINDS):
        raise InvalidError(ErrorCode.PASSWORD_WEAK)


def set_password(
    identity: Identity, tenant_id: int, user: str, password: str, now: datetime, *, must_change: bool = False
) -> None:
    """Set a user's password as an administrator; tokens and sessions from before are void."""
    check_strength(password)
    hashed = identity.passwords.hash(password)

    def work(unit: UnitOfWork) -> None:
        found = find_active_account(unit, tenant_id, user).user
        save_password(unit, tenant_id, (found.user_id, hashed), now, must_change=must_change)

    in_transaction(identity.services, work)


def reset_password(identity: Identity, tenant_id: int, user: str, password: str | None, now: datetime) -> Reset:
    """Set a password to be changed at the next sign-in, a temporary one where none is given; the operation can be asked for."""
    given = password or temporary_password()
    check_strength(given)
    hashed, operation_id = identity.passwords.hash(given), identity.services.new_id()

    def work(unit: UnitOfWork) -> Reset:
        found = find_active_account(unit, tenant_id, user).user
        save_password(unit, tenant_id, (found.user_id, hashed), now, must_change=True)
        unit.registrations.add_operation(tenant_id, found.user_id, operation_id, now)
        return Reset(operation_id, None if password else given)

    return in_transaction(identity.services, work)


def find_operation(services: Services, tenant_id: int, user: str, operation_id: bytes) -> datetime | None:
    """When this operation of the user succeeded, or None."""
    with services.store.snapshot() as unit:
        found = find_active_account(unit, tenant_id, user).user
        return unit.registrations.operation(tenant_id, found.user_id, operation_id)


def save_password(unit: UnitOfWork, tenant_id: int, password: tuple[bytes, str], now: datetime, *, must_change: bool) -> None:
    """Store (user id, hash) within a transaction, and void what was given before."""
    user_id, hashed = password
    present = unit.identity.credential(tenant_id, user_id)
    unit.identity.save_credential(tenant_id, with_password(present, hashed, now, must_change=must_change))
    unit.grants.revoke_all(tenant_id, user_id, now)
    unit.identity.advance_epoch(tenant_id)


def change_password(
    identity: Identity,
    tenant_id: int,
    user: User,
    passwords: tuple[str, str],
    now: datetime,
    step: Attempt | FirstStep | None = None,
) -> SignedIn | SignInFailure:
    """Change one's own password (present, new). With a `step` that ends a sign-in, or its first step."""
    present, new = passwords
    check_strength(new)
    found = check_password(identity, tenant_id, user.upn, present, now)
    if isinstance(found, SignInFailure) and found is not SignInFailure.MUST_CHANGE:
        return found
    hashed = identity.passwords.hash(new)

    def work(unit: UnitOfWork) -> SignedIn:
        save_password(unit, tenant_id, (user.user_id, hashed), now, must_change=False)
        demanded = step.demand(unit, user) if isinstance(step, FirstStep) else _NOTHING_MORE
        if step is not None:
            record_sign_in(unit, tenant_id, _first_line(identity, (user.upn, user), step, demanded, now))
        return SignedIn(user, now, demanded.result)

    return in_transaction(identity.services, work)


def show_credential(services: Services, tenant_id: int, user_id: bytes) -> Credential:
    """What is known of a user's password; never the password."""
    with services.store.snapshot() as unit:
        return unit.identity.credential(tenant_id, user_id)


def temporary_password() -> str:
    """A password for somebody to change: four letters twice and four digits, 60 bits."""
    word = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{word[:4].capitalize()}-{word[4:]}-{''.join(secrets.choice(_DIGITS) for _ in range(6))}"


def revoke_sessions(identity: Identity, tenant_id: int, user_id: bytes, now: datetime) -> None:
    """Void every refresh token, code and access token a user was given before now."""
    in_transaction(identity.services, lambda unit: void_sessions(unit, tenant_id, user_id, now))


def void_sessions(unit: UnitOfWork, tenant_id: int, user_id: bytes, now: datetime) -> None:
    """The same within a transaction."""
    present = unit.identity.credential(tenant_id, user_id)
    unit.identity.save_credential(tenant_id, present._replace(sessions_valid_from=now))
    unit.grants.revoke_all(tenant_id, user_id, now)
    unit.identity.advance_epoch(tenant_id)

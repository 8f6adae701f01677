"""Answers to challenges: `answer_challenge` is the one verifier that every code goes through, on every surface.

Sources: domain-rules D.5, D.7; lessons 1 (AuthQuake: counted by account and method; one conditional UPDATE).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from ringfence.application.identity.parts import Identity
from ringfence.application.identity.sign_in_log import record_sign_in
from ringfence.application.methods_policy import policy_of
from ringfence.application.mfa.blocked_users import blocked_until
from ringfence.application.mfa.found import Place, find_challenge, find_user_of, move, place_of
from ringfence.application.mfa.notices import tell_locked, thing_of
from ringfence.application.mfa.offers import find_pass
from ringfence.application.mfa.registering import complete_enrolment, pending_token
from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.mfa import SealedSeed, SeedPlace
from ringfence.application.services import in_transaction
from ringfence.domain.directory.user import User
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.identity.sign_ins import Attempt, SignIn, SignInResult
from ringfence.domain.methods.oath import OathToken, accepted_step, was_taken
from ringfence.domain.methods.registrations import MethodKind, Registration
from ringfence.domain.policy.usable import allowed_kinds
from ringfence.domain.signin.challenge import AnswerResult, Challenge, ChallengeMethod, Verdict, code_from, state_at
from ringfence.domain.signin.lockout import after_right_code, after_wrong_code, is_locked
from ringfence.domain.signin.outcomes import SecondFactor, StrongResult, result_of
from ringfence.domain.signin.transitions import Move, State

_NOBODY_S: Final = OathToken(secrets.token_bytes(20))


_OVER: Final = {State.EXPIRED: AnswerResult.EXPIRED, State.LOCKED: AnswerResult.LOCKED}
"""What is said of an answer that comes when the challenge is over."""


class _Asked(NamedTuple):
    """What an answer is held against; the user is None where nobody can answer."""

    tenant_id: int
    challenge: Challenge
    user: User | None
    denied: StrongResult | None = None
    """Why no answer is right, where that is known: then the log says it instead of what is wrong with the code."""
    opened: Registration | None = None
    """The pass that the code is of, found out before."""


def answer_challenge(identity: Identity, tenant_id: int, attempt: Attempt, answer: tuple[str, str], now: datetime) -> Verdict:
    """Take a code for a challenge (its public id, the code).

    A wrong code is counted against the account and its method before this returns, whatever the session. A right one is right
    once: the code, and the challenge. Raises `NotFoundError` (CHALLENGE_UNKNOWN), `ConflictError` (CHALLENGE_TAKES_NO_CODE).
    """
    place, code = place_of(tenant_id, attempt.app_id, answer[0]), answer[1]
    opened = _open_pass(identity, place, code, now)

    def work(unit: UnitOfWork) -> Verdict:
        challenge = find_challenge(unit, place)
        if not challenge.method.takes_code:
            raise ConflictError(ErrorCode.CHALLENGE_TAKES_NO_CODE)
        denied = _denied(unit, tenant_id, challenge, now)
        asked = _Asked(tenant_id, challenge, find_user_of(unit, tenant_id, challenge), denied, opened)
        verdict = _decide(identity, unit, asked, code, now)
        strong = denied or result_of(verdict.result)
        line = line_of(identity, asked[:3], (attempt, strong), now)
        record_sign_in(unit, tenant_id, line)
        return verdict

    return in_transaction(identity.services, work)


def _denied(unit: UnitOfWork, tenant_id: int, challenge: Challenge, now: datetime) -> StrongResult | None:
    """Whether the user is blocked, or the policy forbids codes of apps: all is read whoever it is about."""
    is_blocked = blocked_until(unit, tenant_id, challenge.user_id, now) is not None
    is_code = challenge.method is ChallengeMethod.OATH and challenge.enrolment is None
    is_forbidden = is_code and MethodKind.SOFTWARE_OATH not in allowed_kinds(policy_of(unit, tenant_id))
    return StrongResult.BLOCKED if is_blocked else StrongResult.METHOD_DISABLED if is_forbidden else None


def _open_pass(identity: Identity, place: Place, code: str, now: datetime) -> Registration | None:
    """The pass that a challenge asks for, if the code is its: a slow hash, one a try, computed outside any transaction."""
    with identity.services.store.look() as unit:
        challenge = find_challenge(unit, place)
        if challenge.method is not ChallengeMethod.TEMPORARY_ACCESS_PASS:
            return None
        policy = policy_of(unit, place.tenant_id)
        held = find_pass(unit, (place.tenant_id, challenge.user_id), policy, now) if challenge.is_anybody else None
    is_right = identity.passwords.verify(None if held is None else held.secret_hash, code)
    return held if is_right else None


def _decide(identity: Identity, unit: UnitOfWork, asked: _Asked, code: str, now: datetime) -> Verdict:
    tenant_id, challenge = asked.tenant_id, asked.challenge
    state = state_at(challenge, now)
    if not state.is_open:
        if challenge.state.is_open:
            move(unit, tenant_id, challenge, Move.EXPIRE)
        return Verdict(_OVER.get(state, AnswerResult.OVER))
    failures = unit.challenges.hold(tenant_id, challenge.user_id, challenge.method, now)
    if is_locked(failures, now):
        move(unit, tenant_id, challenge, Move.LOCK)
        return Verdict(AnswerResult.LOCKED, failures.locked_until)
    who = asked._replace(user=None, opened=None) if asked.denied is not None else asked
    result = _CHECKS[challenge.method](identity, unit, who, code, now)
    if result is AnswerResult.APPROVED and not _enrolled(identity, unit, asked, code, now):
        move(unit, tenant_id, challenge, Move.GIVE_UP)
        return Verdict(AnswerResult.OVER)
    if result is AnswerResult.APPROVED:
        if failures != after_right_code(failures):
            unit.challenges.save_failures(tenant_id, challenge.user_id, challenge.method, after_right_code(failures), now)
        approved = move(unit, tenant_id, challenge, Move.ANSWER)
        if challenge.method.channel is not None:
            unit.messages.mark_answered(tenant_id, challenge.challenge_id)
        return Verdict(result, approved=approved)
    after = after_wrong_code(failures, now)
    unit.challenges.save_failures(tenant_id, challenge.user_id, challenge.method, after, now)
    if is_locked(after, now):
        move(unit, tenant_id, challenge, Move.LOCK)
        _tell_locked(unit, asked, now)
        return Verdict(AnswerResult.LOCKED, after.locked_until)
    return Verdict(result)


def _tell_locked(unit: UnitOfWork, asked: _Asked, now: datetime) -> None:
    application = unit.identity.application(asked.tenant_id, asked.challenge.app_id)
    if asked.user is not None:
        locked = thing_of(asked.challenge.method), "" if application is None else application.name
        tell_locked(unit, asked.tenant_id, asked.user, locked, now)


def _enrolled(identity: Identity, unit: UnitOfWork, asked: _Asked, code: str, now: datetime) -> bool:
    """Register what was verified, if that is what the challenge is for."""
    if asked.challenge.enrolment is None:
        return True
    token = pending_token(identity, asked.tenant_id, asked.challenge)
    last_step = None if token is None else accepted_step(token, code, now)
    return complete_enrolment(identity, unit, (asked.tenant_id, asked.challenge), last_step, now)


def _check_oath(identity: Identity, unit: UnitOfWork, asked: _Asked, code: str, now: datetime) -> AnswerResult:
    pending = pending_token(identity, asked.tenant_id, asked.challenge)
    if pending is not None and asked.user is not None:
        return AnswerResult.INCORRECT_CODE if accepted_step(pending, code, now) is None else AnswerResult.APPROVED
    tokens = _tokens(identity, unit, (asked.tenant_id, asked.challenge.user_id))
    if asked.user is None or not tokens:
        accepted_step(_NOBODY_S, code, now)  # takes as long, and is right for nobody
        return AnswerResult.INCORRECT_CODE
    if any(_is_taken(unit, place, token, code, now) for place, token in tokens.items()):
        return AnswerResult.APPROVED
    return AnswerResult.ALREADY_USED if was_taken(tokens.values(), code, now) else AnswerResult.INCORRECT_CODE


def _check_sent(identity: Identity, _unit: UnitOfWork, asked: _Asked, code: str, _now: datetime) -> AnswerResult:
    right = sent_code(identity, asked.tenant_id, asked.challenge)
    given = code.strip().encode("utf-8", "replace")
    if right is None or asked.user is None:
        hmac.compare_digest(b"000000", given)
        return AnswerResult.INCORRECT_CODE
    return AnswerResult.APPROVED if hmac.compare_digest(right.encode(), given) else AnswerResult.INCORRECT_CODE


def _check_pass(_identity: Identity, unit: UnitOfWork, asked: _Asked, _code: str, now: datetime) -> AnswerResult:
    if asked.opened is None or asked.user is None:
        return AnswerResult.INCORRECT_CODE
    is_taken = unit.registrations.take_pass(asked.tenant_id, asked.user.user_id, asked.opened, now)
    return AnswerResult.APPROVED if is_taken else AnswerResult.ALREADY_USED


_Check = Callable[[Identity, UnitOfWork, _Asked, str, datetime], AnswerResult]
_CHECKS: Final[Mapping[ChallengeMethod, _Check]] = {
    ChallengeMethod.EMAIL: _check_sent,
    ChallengeMethod.OATH: _check_oath,
    ChallengeMethod.SMS: _check_sent,
    ChallengeMethod.TEMPORARY_ACCESS_PASS: _check_pass,
}
"""How a code of each method is checked; every method that takes one stands here."""


def sent_code(identity: Identity, tenant_id: int, challenge: Challenge) -> str | None:
    """The code that a challenge was sent with last: it is made of what is sent, and never stored. None for nobody's."""
    to = challenge.destination
    if to is None or to.sealed is None or not challenge.sends:
        return None
    content = b"%d:%b:%d" % (tenant_id, challenge.challenge_id, challenge.sends)
    return code_from(identity.services.sealer.code_secret(to.key_id, content))


def _is_taken(unit: UnitOfWork, place: SeedPlace, token: OathToken, code: str, now: datetime) -> bool:
    step = accepted_step(token, code, now)
    return step is not None and unit.seeds.take_step(place, step)


def _tokens(identity: Identity, unit: UnitOfWork, whose: tuple[int, bytes]) -> dict[SeedPlace, OathToken]:
    return {
        SeedPlace(*whose, one.method_id): _token(identity, SeedPlace(*whose, one.method_id), one)
        for one in unit.seeds.of_user(*whose)
    }


def _token(identity: Identity, place: SeedPlace, sealed: SealedSeed) -> OathToken:
    seed = identity.services.sealer.unseal_seed(sealed.sealed, sealed.key_id, place)
    return OathToken(seed, sealed.period, sealed.hash_function, sealed.last_step)


def line_of(
    identity: Identity, asked: tuple[int, Challenge, User | None], ended: tuple[Attempt, StrongResult], now: datetime
) -> SignIn:
    """What the log keeps of a challenge that ended so."""
    (_, challenge, user), (attempt, strong) = asked, ended
    user_id, shown = (None, "") if user is None else (user.user_id, user.display_name)
    upn = challenge.login if user is None else user.upn
    to = challenge.destination
    second = SecondFactor(challenge.method, strong, None if to is None else to.masked, None if to is None else to.numbers)
    result = SignInResult.SUCCESS if strong.is_satisfied else SignInResult.STRONG_AUTHENTICATION_FAILED
    return SignIn(identity.services.new_id(), now, user_id, upn, shown, challenge.login, attempt, result, second=second)

"""Challenges: make one, show it, take an answer. Every answer goes through `answer_challenge`, the one verifier.

A name that nobody has, and a user with nothing to answer with, get a challenge like everybody else: one that no answer is right
for. It is stored, counted and locked in the same way, so that neither answers nor time tell who exists (lessons 1).
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from datetime import datetime
from typing import Final, NamedTuple

from ringfence.application.accounts import find_active_account
from ringfence.application.identity.parts import Identity
from ringfence.application.identity.sign_in_log import record_sign_in
from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.mfa import SealedSeed, SeedPlace
from ringfence.application.services import in_transaction
from ringfence.domain.directory.user import User
from ringfence.domain.errors import ConflictError, ErrorCode, InvalidError, NotFoundError
from ringfence.domain.identity.sign_ins import Attempt, SignIn, SignInResult, plain_name
from ringfence.domain.methods.oath import OathToken, accepted_step, was_taken
from ringfence.domain.signin.challenge import (
    LIFE,
    LONGEST_PURPOSE,
    AnswerResult,
    Challenge,
    ChallengeMethod,
    Verdict,
    state_at,
)
from ringfence.domain.signin.lockout import after_right_code, after_wrong_code, is_locked
from ringfence.domain.signin.transitions import Move, State, next_state

_ID_BYTES: Final = 16
_NOBODY_S: Final = OathToken(secrets.token_bytes(20))


class CreateChallenge(NamedTuple):
    """Ask a user (by name or id) for a second proof; the method that suits when none is named."""

    user: str
    purpose: str
    method: ChallengeMethod | None = None


class _Place(NamedTuple):
    """Which challenge, and who asks for it."""

    tenant_id: int
    challenge_id: bytes
    app_id: bytes


def public_id(challenge: Challenge) -> str:
    """The id of a challenge on the wire, base64url: random, so that it tells nothing of the user."""
    return urlsafe_b64encode(challenge.challenge_id).decode().rstrip("=")


def create_challenge(identity: Identity, tenant_id: int, app_id: bytes, command: CreateChallenge, now: datetime) -> Challenge:
    """Make a challenge; raises `InvalidError` (CHALLENGE_PURPOSE)."""
    purpose = command.purpose
    if not purpose.strip() or len(purpose) > LONGEST_PURPOSE or not purpose.isprintable():
        raise InvalidError(ErrorCode.CHALLENGE_PURPOSE, most=LONGEST_PURPOSE)
    stand_in = identity.fingerprint(b"%d:" % tenant_id + command.user.casefold().encode("utf-8", "surrogatepass"))

    def work(unit: UnitOfWork) -> Challenge:
        user = _user(unit, tenant_id, command.user)
        challenge = Challenge(
            challenge_id=secrets.token_bytes(_ID_BYTES),
            user_id=stand_in if user is None else user.user_id,
            app_id=app_id,
            login=plain_name(command.user) if user is None else user.upn,
            method=command.method or ChallengeMethod.OATH,
            purpose=purpose,
            state=State.CREATED,
            created_at=now,
            expires_at=now + LIFE,
            is_anybody=user is not None,
        )
        unit.challenges.add(tenant_id, challenge)
        return challenge

    return in_transaction(identity.services, work)


def show_challenge(identity: Identity, tenant_id: int, app_id: bytes, public: str) -> Challenge:
    """A challenge of this application; raises `NotFoundError` (CHALLENGE_UNKNOWN)."""
    with identity.services.store.look() as unit:
        return _find(unit, _place(tenant_id, app_id, public))


def answer_challenge(identity: Identity, tenant_id: int, attempt: Attempt, answer: tuple[str, str], now: datetime) -> Verdict:
    """Take a code for a challenge (its public id, the code); raises `NotFoundError` (CHALLENGE_UNKNOWN).

    A wrong code is counted against the account and its method before this returns, whatever the session. A right one is right
    once: the code, and the challenge.
    """
    place, code = _place(tenant_id, attempt.app_id, answer[0]), answer[1]

    def work(unit: UnitOfWork) -> Verdict:
        challenge = _find(unit, place)
        user = _user_by_id(unit, tenant_id, challenge)
        verdict = _decide(identity, unit, (tenant_id, challenge, user), code, now)
        record_sign_in(unit, tenant_id, _line(identity, (challenge, user), (attempt, verdict), now))
        return verdict

    return in_transaction(identity.services, work)


def _decide(identity: Identity, unit: UnitOfWork, asked: tuple[int, Challenge, User | None], code: str, now: datetime) -> Verdict:
    tenant_id, challenge, user = asked
    state = state_at(challenge, now)
    if not state.is_open:
        if challenge.state.is_open:
            _move(unit, tenant_id, challenge, Move.EXPIRE)
        return Verdict(_OVER.get(state, AnswerResult.OVER))
    failures = unit.challenges.hold(tenant_id, challenge.user_id, challenge.method, now)
    if is_locked(failures, now):
        _move(unit, tenant_id, challenge, Move.LOCK)
        return Verdict(AnswerResult.LOCKED, failures.locked_until)
    tokens = _tokens(identity, unit, (tenant_id, challenge.user_id))
    if user is None or not tokens:
        accepted_step(_NOBODY_S, code, now)  # takes as long, and is right for nobody
        tokens = {}
    if any(_is_taken(unit, place, token, code, now) for place, token in tokens.items()):
        unit.challenges.save_failures(tenant_id, challenge.user_id, challenge.method, after_right_code(failures), now)
        _move(unit, tenant_id, challenge, Move.ANSWER)
        return Verdict(AnswerResult.APPROVED)
    after = after_wrong_code(failures, now)
    unit.challenges.save_failures(tenant_id, challenge.user_id, challenge.method, after, now)
    if is_locked(after, now):
        _move(unit, tenant_id, challenge, Move.LOCK)
        return Verdict(AnswerResult.LOCKED, after.locked_until)
    return Verdict(AnswerResult.ALREADY_USED if was_taken(tokens.values(), code, now) else AnswerResult.INCORRECT_CODE)


_OVER: Final = {State.EXPIRED: AnswerResult.EXPIRED, State.LOCKED: AnswerResult.LOCKED}
"""What is said of an answer that comes when the challenge is over."""


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


def _move(unit: UnitOfWork, tenant_id: int, challenge: Challenge, move: Move) -> None:
    after = next_state(challenge.state, move)
    if after is None or not unit.challenges.move(tenant_id, challenge, after):
        raise ConflictError(ErrorCode.ROW_CHANGED)


def _line(identity: Identity, asked: tuple[Challenge, User | None], answer: tuple[Attempt, Verdict], now: datetime) -> SignIn:
    (challenge, user), (attempt, verdict) = asked, answer
    user_id, shown = (None, "") if user is None else (user.user_id, user.display_name)
    is_approved = verdict.result is AnswerResult.APPROVED
    result = SignInResult.SUCCESS if is_approved else SignInResult.STRONG_AUTHENTICATION_FAILED
    upn = challenge.login if user is None else user.upn
    return SignIn(identity.services.new_id(), now, user_id, upn, shown, challenge.login, attempt, result)


def _user(unit: UnitOfWork, tenant_id: int, name: str) -> User | None:
    if not name.isprintable():
        return None
    try:
        user = find_active_account(unit, tenant_id, name).user
    except NotFoundError:
        return None
    return user if user.enabled else None


def _user_by_id(unit: UnitOfWork, tenant_id: int, challenge: Challenge) -> User | None:
    """The user as things stand now: one that was disabled or deleted meanwhile answers nothing."""
    account = unit.directory.load(tenant_id, [challenge.user_id]).get(challenge.user_id)
    if account is None or not challenge.is_anybody or not account.user.enabled or account.user.deleted_at is not None:
        return None
    return account.user


def _place(tenant_id: int, app_id: bytes, public: str) -> _Place:
    try:
        raw = urlsafe_b64decode(public + "=" * (-len(public) % 4))
    except (Error, ValueError):
        raw = b""
    if len(raw) != _ID_BYTES:
        raise NotFoundError(ErrorCode.CHALLENGE_UNKNOWN)
    return _Place(tenant_id, raw, app_id)


def _find(unit: UnitOfWork, place: _Place) -> Challenge:
    found = unit.challenges.find(place.tenant_id, place.challenge_id)
    if found is None or found.app_id != place.app_id:
        raise NotFoundError(ErrorCode.CHALLENGE_UNKNOWN)
    return found

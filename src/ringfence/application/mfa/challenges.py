"""Challenges: make one, send it once more, show it. What becomes of an answer is `answers`' to say.

A name that nobody has, and a user with nothing to answer with, get a challenge like everybody else: one that no answer is right
for. It is stored, sent (to nobody), counted and locked in the same way, so that neither answers nor time tell who exists
(lessons 1).
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from ringfence.application.identity.parts import Identity
from ringfence.application.identity.sign_in_log import record_sign_in
from ringfence.application.mfa.blocked_users import blocked_until
from ringfence.application.mfa.found import ID_BYTES, find_asked, find_challenge, find_user_of, place_of
from ringfence.application.mfa.offers import Offer, bound_address, decoy, find_offer, served
from ringfence.application.mfa.sending import order_message
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import in_transaction
from ringfence.domain.directory.user import Account, User
from ringfence.domain.errors import ConflictError, ErrorCode, InvalidError, UnavailableError
from ringfence.domain.identity.sign_ins import Attempt, ClientApp, SignIn, SignInResult, plain_name
from ringfence.domain.signin.challenge import (
    LIFE,
    LONGEST_PURPOSE,
    Challenge,
    ChallengeMethod,
    Origin,
    state_at,
)
from ringfence.domain.signin.outcomes import SecondFactor, of_refusal
from ringfence.domain.signin.purposes import is_reset, methods_for
from ringfence.domain.signin.send_guard import RESEND_AFTER, Refused, SendRefusal, TelephonySettings
from ringfence.domain.signin.texts import language_of
from ringfence.domain.signin.transitions import Move, State, next_state


class CreateChallenge(NamedTuple):
    """Ask a user (by name or id) for a second proof; the method that suits when none is named. `locale` as in `de-CH`."""

    user: str
    purpose: str
    method: ChallengeMethod | None = None
    locale: str | None = None


class TooSoon(NamedTuple):
    """It was sent a moment ago."""

    resend_at: datetime


def create_challenge(
    identity: Identity, tenant_id: int, attempt: Attempt, command: CreateChallenge, now: datetime
) -> Challenge | Refused:
    """Make a challenge and send it; or say why nothing can be sent now, whoever it is about.

    Raises `InvalidError` (CHALLENGE_PURPOSE, METHOD_NOT_FOR_PURPOSE), `UnavailableError` (TELEPHONY_OFF) for a method that nobody
    can be asked by here.
    """
    purpose = command.purpose
    if not purpose.strip() or len(purpose) > LONGEST_PURPOSE or not purpose.isprintable():
        raise InvalidError(ErrorCode.CHALLENGE_PURPOSE, most=LONGEST_PURPOSE)
    if command.method is not None and command.method not in methods_for(reset=is_reset(purpose)):
        raise InvalidError(ErrorCode.METHOD_NOT_FOR_PURPOSE, method=command.method.wire_name)
    stand_in = identity.fingerprint(b"%d:" % tenant_id + command.user.casefold().encode("utf-8", "surrogatepass"))

    def work(unit: UnitOfWork) -> Challenge | Refused:
        account = find_asked(unit, tenant_id, command.user)
        found = None if account is None else _offer(identity, unit, (tenant_id, account), command, now)
        user = None if account is None else account.user
        offer = found or _decoy(identity, unit, (tenant_id, stand_in if user is None else user.user_id), command)
        nobody = (stand_in, plain_name(command.user))
        whose = nobody if user is None else (user.user_id, user.upn)
        challenge = _new(attempt, (*whose, purpose, command.locale), offer, now)._replace(is_anybody=user is not None)
        return start_challenge(identity, unit, (tenant_id, challenge, user), (offer, attempt), now)

    return in_transaction(identity.services, work)


def _offer(
    identity: Identity, unit: UnitOfWork, asked: tuple[int, Account], command: CreateChallenge, now: datetime
) -> Offer | None:
    """Who is blocked is asked like who has no such method: nothing goes out, and no answer is right."""
    if blocked_until(unit, asked[0], asked[1].user.user_id, now) is not None:
        return None
    return find_offer(identity, unit, asked, command.method, now, reset=is_reset(command.purpose))


def _decoy(identity: Identity, unit: UnitOfWork, whose: tuple[int, bytes], command: CreateChallenge) -> Offer:
    tenant_id, stand_in = whose
    settings = unit.telephony.settings(tenant_id) or TelephonySettings()
    methods = served(identity, settings, reset=is_reset(command.purpose))
    if command.method is not None and command.method not in methods:
        raise UnavailableError(ErrorCode.TELEPHONY_OFF, method=command.method.wire_name)
    return decoy(methods, stand_in, command.method)


def start_challenge(
    identity: Identity, unit: UnitOfWork, asked: tuple[int, Challenge, User | None], by: tuple[Offer, Attempt], now: datetime
) -> Challenge | Refused:
    """Store a new challenge and send it, if anything is sent for it; or say why nothing can be."""
    (tenant_id, challenge, user), (offer, attempt) = asked, by
    if challenge.method.channel is None:
        unit.challenges.add(tenant_id, challenge)
        return challenge
    first = challenge._replace(sends=1, resend_at=now + RESEND_AFTER)
    refused = order_message(identity, unit, (tenant_id, first, offer.number), now)
    if refused is not None:
        record_sign_in(unit, tenant_id, refused_line(identity, (first, user), (attempt, refused.reason), now))
        return refused
    unit.challenges.replace_open(tenant_id, first)
    unit.challenges.add(tenant_id, first)
    return first


def challenge_for(attempt: Attempt, whose: tuple[User, str, str | None], offer: Offer, now: datetime) -> Challenge:
    """A new challenge of a user, for a purpose, in the language of a locale; not yet stored."""
    user, purpose, locale = whose
    return _new(attempt, (user.user_id, user.upn, purpose, locale), offer, now)


def _new(attempt: Attempt, whose: tuple[bytes, str, str, str | None], offer: Offer, now: datetime) -> Challenge:
    user_id, login, purpose, locale = whose
    return Challenge(
        challenge_id=secrets.token_bytes(ID_BYTES),
        user_id=user_id,
        app_id=attempt.app_id,
        login=login,
        method=offer.method,
        purpose=purpose,
        state=State.CREATED,
        created_at=now,
        expires_at=now + LIFE,
        is_anybody=True,
        origin=Origin(attempt.correlation_id, attempt.ip_address, attempt.client is ClientApp.BROWSER),
        destination=offer.destination,
        language=language_of(locale),
    )


def refused_line(
    identity: Identity, asked: tuple[Challenge, User | None], why: tuple[Attempt, SendRefusal], now: datetime
) -> SignIn:
    """What the log keeps of a challenge that nothing was sent for: which limit, or what else it was, and of which number."""
    (challenge, user), (attempt, refusal) = asked, why
    second = SecondFactor(challenge.method, of_refusal(refusal))
    to = challenge.destination
    if to is not None and to.sealed is not None:
        second = second._replace(masked=to.masked, numbers=to.numbers)
    user_id, shown = (None, "") if user is None else (user.user_id, user.display_name)
    login = challenge.login
    result = SignInResult.TELEPHONY_LIMIT
    return SignIn(identity.services.new_id(), now, user_id, login, shown, login, attempt, result, second=second)


def show_challenge(identity: Identity, tenant_id: int, app_id: bytes, public: str) -> Challenge:
    """A challenge of this application; raises `NotFoundError` (CHALLENGE_UNKNOWN)."""
    with identity.services.store.look() as unit:
        return find_challenge(unit, place_of(tenant_id, app_id, public))


def resend_challenge(
    identity: Identity, tenant_id: int, attempt: Attempt, public: str, now: datetime
) -> Challenge | TooSoon | Refused:
    """Send it once more, to the same number or address, with another code: the one before is void from then on.

    Raises `NotFoundError` (CHALLENGE_UNKNOWN), `ConflictError` (CHALLENGE_NOT_SENT, CHALLENGE_OVER).
    """
    place = place_of(tenant_id, attempt.app_id, public)

    def work(unit: UnitOfWork) -> Challenge | TooSoon | Refused:
        unit.telephony.hold(tenant_id)  # before the challenge, as where one is made
        challenge = find_challenge(unit, place)
        if challenge.method.channel is None:
            raise ConflictError(ErrorCode.CHALLENGE_NOT_SENT)
        after = next_state(state_at(challenge, now), Move.RESEND)
        if after is None or challenge.resend_at is None:
            raise ConflictError(ErrorCode.CHALLENGE_OVER)
        if now < challenge.resend_at:
            return TooSoon(challenge.resend_at)
        again = challenge._replace(sends=challenge.sends + 1, resend_at=now + RESEND_AFTER, expires_at=now + LIFE, state=after)
        is_blocked = blocked_until(unit, tenant_id, challenge.user_id, now) is not None
        contact = None if is_blocked else contact_of(identity, unit, (tenant_id, again))
        refused = order_message(identity, unit, (tenant_id, again, contact), now)
        if refused is not None:
            user = find_user_of(unit, tenant_id, challenge)
            record_sign_in(unit, tenant_id, refused_line(identity, (again, user), (attempt, refused.reason), now))
            return refused
        if not unit.challenges.note_sending(tenant_id, challenge, again):
            raise ConflictError(ErrorCode.ROW_CHANGED)
        return again

    return in_transaction(identity.services, work)


def contact_of(identity: Identity, unit: UnitOfWork, asked: tuple[int, Challenge]) -> str | None:
    """The canonical number or the address that the challenge goes to; None where it is nobody's, or nobody's any more."""
    tenant_id, challenge = asked
    to, user = challenge.destination, find_user_of(unit, tenant_id, challenge)
    if to is None or to.sealed is None or user is None:
        return None
    if to.pair is None:
        return user.email if bound_address(identity, tenant_id, user) == to.sealed else None
    return identity.services.sealer.unseal(to.sealed, to.key_id, tenant_id, challenge.user_id, to.pair)


def seconds_until(at: datetime, now: datetime) -> int:
    """Whole seconds to wait, at least one."""
    return max(1, -(-(at - now) // timedelta(seconds=1)))

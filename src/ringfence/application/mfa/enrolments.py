"""Registering a method at a sign-in that demands one, where the person has none: an app by its QR code, or a phone.

Nothing is registered before its code was given, or its call answered: that is a challenge like others, for the one verifier.
Sources: domain-rules E.3 (interrupt mode), D.7; lessons 1 (Devolutions, Duo).
"""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import NamedTuple

from ringfence.application.identity.parts import Identity
from ringfence.application.identity.sign_in_log import record_sign_in
from ringfence.application.mfa.challenges import challenge_for, refused_line, start_challenge
from ringfence.application.mfa.flows import Ended, note_challenge
from ringfence.application.mfa.found import may_go_on
from ringfence.application.mfa.may_register import may_register
from ringfence.application.mfa.offers import Offer, digits_of, served
from ringfence.application.mfa.registering import STRONG_REGISTRATION
from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.mfa import SeedPlace
from ringfence.application.services import in_transaction
from ringfence.domain.directory.user import Account, User
from ringfence.domain.identity.sign_ins import Attempt
from ringfence.domain.numbers.canonical import mask_number
from ringfence.domain.numbers.tables import Contact
from ringfence.domain.numbers.typed import TypedMistake, read_typed_number
from ringfence.domain.signin.challenge import Challenge, ChallengeMethod, Channel, Destination, Enrolment
from ringfence.domain.signin.flow import SignInFlow, Stage
from ringfence.domain.signin.send_guard import Refused, SendRefusal, TelephonySettings, day_of

PURPOSE: str = "registration"
_SEED_BYTES = 20


class Enrolling(NamedTuple):
    """Who registers a method: the sign-in that demands it, and what surrounds it."""

    tenant_id: int
    flow: SignInFlow
    attempt: Attempt


class TypedPhone(NamedTuple):
    """A phone as the person typed it, and how it is proved: country code and the rest, neither looked at yet."""

    method: ChallengeMethod
    country: str
    number: str


def enrol_app(identity: Identity, who: Enrolling, locale: str, now: datetime) -> Challenge | Refused | Ended:
    """Make a seed, and ask for a code of it."""
    method_id, seed = str(uuid.uuid4()), secrets.token_bytes(_SEED_BYTES)

    def work(unit: UnitOfWork) -> Challenge | Refused | Ended:
        account = _account(identity, unit, who, now)
        if account is None:
            return Ended.EXPIRED
        key_id = unit.administration.primary_key()
        place = SeedPlace(who.tenant_id, who.flow.user_id, method_id)
        enrolment = Enrolment(method_id, identity.services.sealer.seal_seed(seed, key_id, place), key_id)
        return _ask(identity, unit, who, (account, Offer(ChallengeMethod.OATH), enrolment, locale), now)

    return in_transaction(identity.services, work)


def enrol_phone(
    identity: Identity, who: Enrolling, phone: TypedPhone, locale: str, now: datetime
) -> Challenge | Refused | Ended | TypedMistake:
    """Text or call a number; nothing goes out to what was mistyped."""
    method, pair = phone.method, phone.method.pair
    assert pair is not None, "only methods with a number come here"  # noqa: S101
    number = read_typed_number(phone.country, phone.number, pair, is_texted=method.channel is Channel.SMS)
    if isinstance(number, TypedMistake):
        return number

    def work(unit: UnitOfWork) -> Challenge | Refused | Ended:
        account = _account(identity, unit, who, now)
        if account is None:
            return Ended.EXPIRED
        settings = unit.telephony.settings(who.tenant_id) or TelephonySettings()
        user = account.user
        sealed = identity.services.sealer.seal(number, user.key_id, who.tenant_id, user.user_id, pair)
        to = Destination(pair, mask_number(number), Contact.AUTHENTICATION, sealed, user.key_id)
        offer = Offer(method, to, number)
        if method not in served(identity, settings) or not settings.is_allowed(digits_of(number)):
            return _not_sent_there(identity, unit, who, (user, offer), now)
        return _ask(identity, unit, who, (account, offer, Enrolment(), locale), now)

    return in_transaction(identity.services, work)


def _not_sent_there(identity: Identity, unit: UnitOfWork, who: Enrolling, what: tuple[User, Offer], now: datetime) -> Refused:
    """Note it for the administrator, who may want to allow the country; the guard is not asked, so nothing else is stored."""
    (user, offer), refusal = what, SendRefusal.COUNTRY
    challenge = challenge_for(who.attempt, (user, PURPOSE, None), offer, now)
    unit.telephony.count_refusal(who.tenant_id, day_of(now), refusal)
    record_sign_in(unit, who.tenant_id, refused_line(identity, (challenge, user), (who.attempt, refusal), now))
    return Refused(refusal)


def _account(identity: Identity, unit: UnitOfWork, who: Enrolling, now: datetime) -> Account | None:
    """The person, if this sign-in may register: it stands where it demands that, and nothing speaks against it by now."""
    present = unit.flows.find(who.tenant_id, who.flow.secret_hash)
    account = unit.directory.load(who.tenant_id, [who.flow.user_id]).get(who.flow.user_id)
    if present is None or present.stage is not Stage.REGISTRATION or account is None:
        return None
    if not may_go_on(unit, who.tenant_id, account.user, present.authenticated_at, now):
        return None
    is_open = is_strong(present) or may_register(identity, unit, (who.tenant_id, account), now)
    return account if is_open else None


def is_strong(flow: SignInFlow) -> bool:
    """Whether a second proof was given in it already: a temporary access pass."""
    return "mfa" in flow.methods


def _ask(
    identity: Identity,
    unit: UnitOfWork,
    who: Enrolling,
    what: tuple[Account, Offer, Enrolment, str],
    now: datetime,
) -> Challenge | Refused | Ended:
    account, offer, enrolment, locale = what
    purpose = STRONG_REGISTRATION if is_strong(who.flow) else PURPOSE
    wanted = challenge_for(who.attempt, (account.user, purpose, locale), offer, now)._replace(enrolment=enrolment)
    made = start_challenge(identity, unit, (who.tenant_id, wanted, account.user), (offer, who.attempt), now)
    if isinstance(made, Refused):
        return made
    return made if note_challenge(unit, who.tenant_id, who.flow, made) else Ended.EXPIRED


def enrolment_choices(identity: Identity, tenant_id: int) -> tuple[frozenset[ChallengeMethod], tuple[str, ...]]:
    """The methods that can be registered here, and the prefixes of the numbers that may be called."""
    with identity.services.store.look() as unit:
        settings = unit.telephony.settings(tenant_id) or TelephonySettings()
    methods = served(identity, settings) - {ChallengeMethod.VOICE_ALTERNATE_MOBILE, ChallengeMethod.VOICE_OFFICE}
    return methods, tuple(sorted(settings.allowed))

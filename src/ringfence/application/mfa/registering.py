"""What a right answer to an enrolment does: the app or the number becomes the person's own method, in the same transaction.

Sources: domain-rules E.3 (nothing is saved without verification; the verified one becomes the default where there is none), D.9
(Enabled becomes Enforced), F.3.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ringfence.application.identity.parts import Identity
from ringfence.application.mfa.found import may_go_on
from ringfence.application.mfa.may_register import may_register
from ringfence.application.mfa.notices import Told, tell_change
from ringfence.application.mfa.requirements import complete_registration
from ringfence.application.mfa.software_oath import APPS
from ringfence.application.mfa.software_oath import MOST as MOST_APPS
from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.mfa import SealedSeed, SeedPlace
from ringfence.domain.audit import Trail, record_own_registration
from ringfence.domain.directory.user import Account, NumberOrigin, PairState, Written
from ringfence.domain.methods.entries import Refusal, decide_app_registration, decide_registration
from ringfence.domain.methods.oath import HashFunction, OathToken
from ringfence.domain.methods.registrations import MethodKind, Registration
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.signin.challenge import Challenge, ChallengeMethod, Destination, Enrolment
from ringfence.domain.signin.notices import NoticeKind, Thing
from ringfence.domain.values import Actor, ActorKind

STRONG_REGISTRATION: Final = "registration after a second proof"
"""The purpose of an enrolment that a temporary access pass opened; only our own pages make one."""
PERIOD: Final = 30
HASH: Final = HashFunction.SHA1
"""What every app reads; of apps that are enrolled on the pages."""
_NAMES: Final = {
    ChallengeMethod.OATH: "Authenticator App with Code",
    ChallengeMethod.SMS: "Mobile Phone SMS",
    ChallengeMethod.VOICE_MOBILE: "Mobile Phone Call",
    ChallengeMethod.VOICE_ALTERNATE_MOBILE: "Alternate Phone Call",
    ChallengeMethod.VOICE_OFFICE: "Office Phone Call",
}


def pending_token(identity: Identity, tenant_id: int, challenge: Challenge) -> OathToken | None:
    """The seed that an app is enrolled with, for its page; None where the challenge enrols none."""
    enrolment = challenge.enrolment
    if enrolment is None or challenge.destination is not None:
        return None
    place = SeedPlace(tenant_id, challenge.user_id, enrolment.method_id)
    return OathToken(identity.services.sealer.unseal_seed(enrolment.sealed, enrolment.key_id, place), PERIOD, HASH)


def pending_number(identity: Identity, tenant_id: int, challenge: Challenge) -> str | None:
    """The number that a phone is enrolled with, whole: for who typed it in this very sign-in; None where none is enrolled."""
    to = challenge.destination
    if challenge.enrolment is None or to is None or to.sealed is None or to.pair is None:
        return None
    return identity.services.sealer.unseal(to.sealed, to.key_id, tenant_id, challenge.user_id, to.pair)


def complete_enrolment(
    identity: Identity, unit: UnitOfWork, asked: tuple[int, Challenge], last_step: int | None, now: datetime
) -> bool:
    """Register what the challenge was asked by; `last_step` is that of an app's code. False where it is no longer possible."""
    tenant_id, challenge = asked
    before = unit.directory.load(tenant_id, [challenge.user_id]).get(challenge.user_id)
    if before is None or challenge.enrolment is None:
        return False
    is_open = may_go_on(unit, tenant_id, before.user, challenge.created_at, now)
    if not is_open or (challenge.purpose != STRONG_REGISTRATION and not may_register(identity, unit, (tenant_id, before), now)):
        return False
    if challenge.destination is None:
        seed = _seed(identity, unit, (tenant_id, challenge), challenge.enrolment, last_step)
        after = _with_app(unit, tenant_id, seed, before, now)
    else:
        after = _with_number(before, challenge, challenge.destination, now)
    if after is None:
        return False
    unit.directory.update(tenant_id, [(before, after)])
    actor = Actor(ActorKind.USER, before.user.upn, before.user.user_id)
    what = (_NAMES[challenge.method], challenge.method.pair)
    trail = Trail(identity.services.new_id(), now, actor)
    unit.audit.append(tenant_id, record_own_registration(before, after, what, trail))
    tell_change(unit, tenant_id, before.user, Told(NoticeKind.METHOD_REGISTERED, _thing(challenge)), (actor, now))
    complete_registration(unit, tenant_id, before.user.user_id, Trail(identity.services.new_id(), now, actor))
    return True


def _thing(challenge: Challenge) -> Thing:
    return Thing.APP if challenge.destination is None else Thing.PHONE


def _seed(
    identity: Identity, unit: UnitOfWork, asked: tuple[int, Challenge], enrolment: Enrolment, last_step: int | None
) -> SealedSeed:
    """Under the key of now: it may be another one than when the enrolment began, and the one of then be forgotten soon."""
    tenant_id, challenge = asked
    key_id, sealed, primary = enrolment.key_id, enrolment.sealed, unit.administration.primary_key()
    if key_id != primary:
        sealer, place = identity.services.sealer, SeedPlace(tenant_id, challenge.user_id, enrolment.method_id)
        key_id, sealed = primary, sealer.seal_seed(sealer.unseal_seed(sealed, key_id, place), primary, place)
    return SealedSeed(enrolment.method_id, key_id, sealed, HASH, PERIOD, last_step)


def _with_app(unit: UnitOfWork, tenant_id: int, seed: SealedSeed, before: Account, now: datetime) -> Account | None:
    user = before.user
    held = unit.registrations.of_user(tenant_id, user.user_id)
    if sum(one.kind in APPS for one in held) >= MOST_APPS:
        return None
    unit.registrations.add(tenant_id, user.user_id, Registration(seed.method_id, MethodKind.SOFTWARE_OATH, now))
    unit.seeds.add(tenant_id, user.user_id, seed)
    entries = decide_app_registration(user, MethodKind.SOFTWARE_OATH)
    return Account(user._replace(methods=entries.methods, default=entries.default), before.pairs)


def _with_number(before: Account, challenge: Challenge, to: Destination, now: datetime) -> Account | None:
    """None where somebody else set a number meanwhile, or the user's key changed: then it begins again."""
    if to.pair is None:
        return None
    user, state = before.user, before.pairs.get(to.pair, PairState(to.pair))
    entries = decide_registration(before, to.pair)
    if isinstance(entries, Refusal) or state.authentication is not None or to.key_id != user.key_id:
        return None
    default = challenge.method.entry if user.default is None else entries.default
    state = state._replace(authentication=to.sealed, written=Written(NumberOrigin.USER, now, user.upn))
    pairs: dict[Pair, PairState] = {**before.pairs, to.pair: state}
    return Account(user._replace(methods=entries.methods, default=default), pairs)

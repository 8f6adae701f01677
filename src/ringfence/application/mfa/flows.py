"""A sign-in on our pages, step by step: what is demanded after the password, which methods there are, and its end, once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from enum import Enum, unique
from typing import NamedTuple

from ringfence.application.identity.parts import Identity, hash_of, new_secret
from ringfence.application.mfa.challenges import CreateChallenge, create_challenge
from ringfence.application.mfa.found import find_challenge, may_go_on, place_of, public_id
from ringfence.application.mfa.obstacles import find_obstacle, record_obstacle
from ringfence.application.mfa.offers import Offer, find_offer, find_offers
from ringfence.application.mfa.remembered_browsers import RememberedBrowser, days_offered, remember_browser
from ringfence.application.mfa.sending import foresee_refusal
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.domain.directory.records import PerUserState
from ringfence.domain.directory.user import Account, User
from ringfence.domain.identity.credentials import NOTED_EVERY
from ringfence.domain.identity.sign_ins import Attempt
from ringfence.domain.signin.challenge import Challenge, ChallengeMethod, state_at
from ringfence.domain.signin.flow import LIFE, SignInFlow, Stage, proved
from ringfence.domain.signin.send_guard import Refused
from ringfence.domain.signin.transitions import State

PURPOSE: str = "sign-in"


@unique
class Ended(Enum):
    """Why a sign-in cannot go on."""

    EXPIRED = "it took too long, or it was finished before"
    NO_METHOD = "there is no method left to ask by"


class Begun(NamedTuple):
    """A sign-in under way, and the secret that names it, for the browser alone."""

    flow: SignInFlow
    secret: str


class Finished(NamedTuple):
    """A sign-in that is complete, and the steps proved."""

    methods: tuple[str, ...]
    remembered: RememberedBrowser | None = None


class Ways(NamedTuple):
    """What somebody can be asked by now, and why nothing would be sent by the rest of their methods."""

    offers: Sequence[Offer]
    refused: Sequence[Refused]


class Errand(NamedTuple):
    """What a sign-in is for: the application, and the request in bytes, to which it is bound."""

    attempt: Attempt
    request: bytes


def begin_flow(
    identity: Identity, tenant_id: int, errand: Errand, who: tuple[User, tuple[str, ...]], stage: Stage, now: datetime
) -> Begun:
    """Begin after the first step; `who` is the user with the steps proved so far."""
    user, methods = who
    secret = new_secret()
    flow = SignInFlow(
        hash_of(secret), user.user_id, errand.attempt.app_id, stage, _hash(errand.request), now, methods, now + LIFE
    )
    in_transaction(identity.services, lambda unit: unit.flows.add(tenant_id, flow))
    return Begun(flow, secret)


def find_flow(services: Services, tenant_id: int, errand: Errand, secret: str, now: datetime) -> SignInFlow | None:
    """The sign-in that this secret names, if it is for this request and its time is not over."""
    with services.store.look() as unit:
        return _find(unit, tenant_id, errand, secret, now)


def _find(unit: UnitOfWork, tenant_id: int, errand: Errand, secret: str, now: datetime) -> SignInFlow | None:
    flow = unit.flows.find(tenant_id, hash_of(secret))
    if flow is None or now >= flow.expires_at or flow.app_id != errand.attempt.app_id:
        return None
    return flow if flow.request_hash == _hash(errand.request) else None


def _hash(request: bytes) -> bytes:
    return hash_of(request.decode("utf-8", "surrogateescape"))


def list_flow_methods(identity: Identity, tenant_id: int, flow: SignInFlow, now: datetime) -> Ways:
    """The methods that the person can be asked by, in the order of D.2; without those that nothing would be sent by now."""
    with identity.services.store.snapshot() as unit:
        account = unit.directory.load(tenant_id, [flow.user_id]).get(flow.user_id)
        if account is None:
            return Ways([], [])
        offers = find_offers(identity, unit, (tenant_id, account), now)
        foreseen = [(offer, foresee_refusal(identity, unit, (tenant_id, flow.user_id, offer), now)) for offer in offers]
    open_ways = [offer for offer, refused in foreseen if refused is None]
    return Ways(open_ways, [refused for _, refused in foreseen if refused is not None])


def ask_in_flow(
    identity: Identity,
    tenant_id: int,
    whose: tuple[SignInFlow, Attempt],
    wanted: tuple[ChallengeMethod | None, str],
    now: datetime,
) -> Challenge | Refused | Ended:
    """Ask by a method (None: by the one that is offered first) in the language of a locale, and note it in the flow."""
    flow, attempt = whose
    method, locale = wanted
    with identity.services.store.snapshot() as unit:
        account = unit.directory.load(tenant_id, [flow.user_id]).get(flow.user_id)
        offer = None if account is None else find_offer(identity, unit, (tenant_id, account), method, now)
    if offer is None:
        if account is not None:
            _note_obstacle(identity, (tenant_id, account), (attempt, method), now)
        return Ended.NO_METHOD
    command = CreateChallenge(str(uuid.UUID(bytes=flow.user_id)), PURPOSE, offer.method, locale)
    made = create_challenge(identity, tenant_id, attempt, command, now)
    if isinstance(made, Refused):
        return made
    is_noted = in_transaction(identity.services, lambda unit: note_challenge(unit, tenant_id, flow, made))
    return made if is_noted else Ended.EXPIRED


def _note_obstacle(
    identity: Identity, asked: tuple[int, Account], tried: tuple[Attempt, ChallengeMethod | None], now: datetime
) -> None:
    """What cannot be asked for any more, though the sign-in began with it, is in the log; a method that is not held is not."""
    tenant_id, account = asked
    attempt, method = tried

    def work(unit: UnitOfWork) -> None:
        obstacle = find_obstacle(identity, unit, (tenant_id, account), method, now)
        if obstacle is not None:
            record_obstacle(identity, unit, asked, (attempt, obstacle.second), now)

    in_transaction(identity.services, work)


def note_challenge(unit: UnitOfWork, tenant_id: int, flow: SignInFlow, challenge: Challenge) -> bool:
    """Note what is asked now; return whether the sign-in still stood as it was read."""
    return unit.flows.update(tenant_id, flow, flow._replace(challenge=public_id(challenge)))


def challenge_of(services: Services, tenant_id: int, flow: SignInFlow) -> Challenge | None:
    """What is asked now."""
    if flow.challenge is None:
        return None
    with services.store.look() as unit:
        return find_challenge(unit, place_of(tenant_id, flow.app_id, flow.challenge))


def offered_days(services: Services, tenant_id: int, flow: SignInFlow) -> int | None:
    """For how many days the person may have the browser remembered; None where that is not offered."""
    with services.store.look() as unit:
        account = unit.directory.load(tenant_id, [flow.user_id]).get(flow.user_id)
        return None if account is None else days_offered(unit.mfa.settings(tenant_id), account.user)


def finish_flow(
    identity: Identity, tenant_id: int, flow: SignInFlow, now: datetime, *, remembers: bool = False
) -> Finished | Stage | Ended:
    """End a sign-in whose second proof was given, once; or say which stage follows. With `remembers` the browser is remembered.

    A pass opens the door to registering a method where the user has none and has to have one (D.8); who has to register anew does
    so now (E.2).
    """

    def work(unit: UnitOfWork) -> Finished | Stage | Ended:
        present = unit.flows.find(tenant_id, flow.secret_hash)
        if present is None or present.challenge is None or now >= present.expires_at:
            return Ended.EXPIRED
        account = unit.directory.load(tenant_id, [present.user_id]).get(present.user_id)
        challenge = find_challenge(
            unit, place_of(tenant_id, present.app_id, present.challenge)
        )  # users are held before challenges
        if state_at(challenge, now) is not State.APPROVED or challenge.user_id != present.user_id:
            return Ended.EXPIRED
        if account is None or not may_go_on(unit, tenant_id, account.user, present.authenticated_at, now):
            return Ended.EXPIRED
        methods = proved(present.methods, challenge.method)
        if _has_to_register(identity, unit, (tenant_id, present, challenge.method), now):
            after = present._replace(stage=Stage.REGISTRATION, methods=methods, challenge=None)
            return Stage.REGISTRATION if unit.flows.update(tenant_id, present, after) else Ended.EXPIRED
        if not unit.flows.remove(tenant_id, present.secret_hash):
            return Ended.EXPIRED
        unit.identity.note_sign_in(tenant_id, present.user_id, now, NOTED_EVERY)
        return Finished(methods, _remember(unit, tenant_id, present, now) if remembers else None)

    return in_transaction(identity.services, work)


def _remember(unit: UnitOfWork, tenant_id: int, flow: SignInFlow, now: datetime) -> RememberedBrowser | None:
    account = unit.directory.load(tenant_id, [flow.user_id]).get(flow.user_id)
    return None if account is None else remember_browser(unit, tenant_id, account.user, now)


def _has_to_register(identity: Identity, unit: UnitOfWork, proof: tuple[int, SignInFlow, ChallengeMethod], now: datetime) -> bool:
    tenant_id, flow, method = proof
    account = unit.directory.load(tenant_id, [flow.user_id]).get(flow.user_id)
    if account is None or account.user.mfa_state is PerUserState.Disabled:
        return False
    if unit.mfa.standing(tenant_id, flow.user_id).must_register:
        return True
    if method is not ChallengeMethod.TEMPORARY_ACCESS_PASS:
        return False
    offers = find_offers(identity, unit, (tenant_id, account), now)
    return all(offer.method is ChallengeMethod.TEMPORARY_ACCESS_PASS for offer in offers)


def forget_expired_flows(services: Services, now: datetime) -> int:
    """Remove sign-ins that nobody finished; return how many."""
    return in_transaction(services, lambda unit: unit.flows.forget_before(now))

"""Which method somebody is asked by, and where it goes; and what nobody is asked by, so that it looks the same.

Sources: domain-rules A.5 (the effective number), D.1, D.2; lessons 1 (Authy: who is registered is not told).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from ringfence.application.explain_user import unseal_number
from ringfence.application.identity.parts import Identity
from ringfence.application.methods_policy import policy_of
from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.mail import is_address
from ringfence.application.registered_methods import Usability, usability
from ringfence.application.transitions import present_transition
from ringfence.domain.directory.user import Account, User
from ringfence.domain.methods.registrations import MethodKind, Registration
from ringfence.domain.numbers.canonical import mask_number
from ringfence.domain.numbers.facts import Moment
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.standing import resolve_contact
from ringfence.domain.numbers.tables import Contact
from ringfence.domain.numbers.transition import moment_of
from ringfence.domain.policy.methods_policy import MethodsPolicy
from ringfence.domain.policy.usable import allowed_entries, is_code_allowed, is_email_allowed
from ringfence.domain.signin.challenge import ChallengeMethod, Destination
from ringfence.domain.signin.code_mails import mask_address, nobodys_address
from ringfence.domain.signin.preferred import ORDER, choose_method
from ringfence.domain.signin.purposes import methods_for
from ringfence.domain.signin.send_guard import TelephonySettings

_DECOYS: Final = (ChallengeMethod.SMS, ChallengeMethod.OATH)


class Offer(NamedTuple):
    """A method, and for one that is sent the destination with its canonical number or address (None for a decoy's)."""

    method: ChallengeMethod
    destination: Destination | None = None
    number: str | None = None


class Ground(NamedTuple):
    """What every method of an account is looked at on."""

    tenant_id: int
    account: Account
    now: datetime
    moment: Moment
    settings: TelephonySettings
    policy: MethodsPolicy
    reset: bool


def served(identity: Identity, settings: TelephonySettings, *, reset: bool = False) -> frozenset[ChallengeMethod]:
    """The methods that a tenant with these settings can ask by, as a second factor or for the reset of a password.

    Nothing is sent to numbers where no country is allowed.
    """
    channels = frozenset(one for one in identity.channels if settings.allowed or not one.is_telephony)
    return frozenset(one for one in methods_for(reset=reset) if one.channel is None or one.channel in channels)


def ground_of(unit: UnitOfWork, asked: tuple[int, Account], now: datetime, *, reset: bool = False) -> Ground:
    """What the methods of an account are looked at on, now, as a second factor or for the reset of a password."""
    tenant_id, account = asked
    moment = moment_of(present_transition(unit, tenant_id), now)
    settings = unit.telephony.settings(tenant_id) or TelephonySettings()
    return Ground(tenant_id, account, now, moment, settings, policy_of(unit, tenant_id), reset)


def find_offers(
    identity: Identity, unit: UnitOfWork, asked: tuple[int, Account], now: datetime, *, reset: bool = False
) -> list[Offer]:
    """Every method that the account can be asked by, the policy willing, in the order of D.2."""
    ground = ground_of(unit, asked, now, reset=reset)
    methods = served(identity, ground.settings, reset=reset)
    offers = (_offer(identity, unit, ground, method) for method in ORDER if method in methods)
    return [offer for offer in offers if offer is not None]


def find_offer(
    identity: Identity,
    unit: UnitOfWork,
    asked: tuple[int, Account],
    wanted: ChallengeMethod | None,
    now: datetime,
    *,
    reset: bool = False,
) -> Offer | None:
    """The method that is wanted, or the one that is offered first; None where the account cannot be asked so."""
    tenant_id, account = asked
    policy = policy_of(unit, tenant_id)
    is_apps = account.user.default is ChallengeMethod.OATH.entry and not policy.is_system_preferred
    if wanted is ChallengeMethod.OATH or (wanted is None and is_apps):
        offer = _codes_of_apps(unit, asked, policy, reset=reset)
        if offer is not None or wanted is not None:
            return offer
    offers = {offer.method: offer for offer in find_offers(identity, unit, asked, now, reset=reset)}
    if wanted is not None:
        return offers.get(wanted)
    chosen = choose_method(offers, account.user.default, is_system_preferred=policy.is_system_preferred)
    return None if chosen is None else offers[chosen]


def _offer(identity: Identity, unit: UnitOfWork, ground: Ground, method: ChallengeMethod) -> Offer | None:
    if method is ChallengeMethod.OATH:
        return _codes_of_apps(unit, (ground.tenant_id, ground.account), ground.policy, reset=ground.reset)
    if method is ChallengeMethod.EMAIL:
        return _email(identity, ground)
    if method is ChallengeMethod.TEMPORARY_ACCESS_PASS:
        usable = find_pass(unit, (ground.tenant_id, ground.account.user.user_id), ground.policy, ground.now)
        return None if usable is None else Offer(method)
    return _number(identity, ground, method)


def _codes_of_apps(unit: UnitOfWork, asked: tuple[int, Account], policy: MethodsPolicy, *, reset: bool) -> Offer | None:
    tenant_id, account = asked
    if ChallengeMethod.OATH.entry not in account.user.methods or not is_code_allowed(policy, for_reset=reset):
        return None
    return Offer(ChallengeMethod.OATH) if unit.seeds.of_user(tenant_id, account.user.user_id) else None


def find_pass(unit: UnitOfWork, whose: tuple[int, bytes], policy: MethodsPolicy, now: datetime) -> Registration | None:
    """The temporary access pass of a user, if it can be used now."""
    held = [one for one in unit.registrations.of_user(*whose) if one.kind is MethodKind.TEMPORARY_ACCESS_PASS]
    return next((one for one in held if usability(one, policy, now) is Usability.EnabledByPolicy), None)


def _email(identity: Identity, ground: Ground) -> Offer | None:
    user = ground.account.user
    if not is_address(user.email) or not is_email_allowed(ground.policy):
        return None
    bound = bound_address(identity, ground.tenant_id, user)
    to = Destination(None, mask_address(user.email), Contact.AUTHENTICATION, bound, user.key_id)
    return Offer(ChallengeMethod.EMAIL, to, user.email)


def bound_address(identity: Identity, tenant_id: int, user: User) -> bytes:
    """What a challenge keeps of the authentication e-mail address of its user."""
    return identity.fingerprint(b"address:%d:%b:%b" % (tenant_id, user.user_id, user.email.encode()))


def _number(identity: Identity, ground: Ground, method: ChallengeMethod) -> Offer | None:
    entry, allowed = method.entry, allowed_entries(ground.policy, for_reset=ground.reset)
    if entry is None or entry not in ground.account.user.methods or entry not in allowed:
        return None
    offer = held_number(identity, ground, method)
    return offer if offer is not None and is_sent_to(ground, offer) else None


def is_sent_to(ground: Ground, offer: Offer) -> bool:
    """Whether the country of its number is allowed."""
    return offer.number is not None and ground.settings.is_allowed(digits_of(offer.number))


def held_number(identity: Identity, ground: Ground, method: ChallengeMethod) -> Offer | None:
    """The number that a method goes to, whether or not it may be used; None where there is none."""
    user, entry, pair = ground.account.user, method.entry, method.pair
    if entry is None or pair is None:
        return None
    contact = resolve_contact(ground.account, entry, ground.moment, identity.services.policy)
    if contact is None or contact.sealed is None:
        return None
    number = unseal_number(identity.services, ground.tenant_id, user, pair, contact.sealed)
    if number is None:
        return None
    return Offer(method, Destination(pair, mask_number(number), contact.kind, contact.sealed, user.key_id), number)


def digits_of(canonical: str) -> str:
    """Country code and national number of a canonical number, without an extension."""
    return canonical[1:].replace(" ", "").partition("x")[0]


def decoy(methods: Collection[ChallengeMethod], stand_in: bytes, wanted: ChallengeMethod | None) -> Offer:
    """What somebody is offered who is nobody, or has no such method: always the same for the same name."""
    usual = [method for method in _DECOYS if method in methods]
    method = usual[stand_in[0] % len(usual)] if wanted is None else wanted
    if method.channel is None:
        return Offer(method)
    if method is ChallengeMethod.EMAIL:
        return Offer(method, Destination(None, nobodys_address(stand_in), Contact.AUTHENTICATION))
    masked = f"+X XXXXXXX{int.from_bytes(stand_in[1:3], 'big') % 100:02d}"
    return Offer(method, Destination(method.pair or Pair.MOBILE, masked, Contact.AUTHENTICATION))

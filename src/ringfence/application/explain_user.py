"""Explain one user: both numbers of each pair, who wrote what when, which number each method would contact, and by which rule."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from ringfence.application.accounts import find_account
from ringfence.application.services import Services
from ringfence.application.transitions import present_transition
from ringfence.domain.directory.user import Account, PairState, User, Written
from ringfence.domain.numbers.facts import Moment, Standing
from ringfence.domain.numbers.pairs import PREFERENCE_ORDER, PUBLIC_PAIRS, MethodType, Pair
from ringfence.domain.numbers.policy import PublicSource
from ringfence.domain.numbers.standing import decide_copy, decide_status, follows_directory, resolve_contact
from ringfence.domain.numbers.tables import Contact, Status
from ringfence.domain.numbers.transition import moment_of

DELETED_RULE: Final = "A14"
DELETED_SAYS: Final = "Deleted users are neither contacted nor copied."
"""The rule that goes before all tables."""


class ExplainedPair(NamedTuple):
    """One pair: numbers as text (`authentication` canonical), who wrote the private one, the status, the rule and why.

    A deleted user's pairs have no status.
    """

    pair: Pair
    public: str
    authentication: str | None
    written: Written | None
    status: Status | None
    rule: str
    says: str
    follows: bool
    is_override: bool = False
    """Whether the public number was written in the cloud for a synced user, and what the directory sends is ignored (H.4)."""


class ExplainedMethod(NamedTuple):
    """One method entry: what it contacts now, from which set, by which row of A.5. `contacts` is None for none and for apps.

    `rule` is None for methods that contact no number, and A14 for the others of a deleted user.
    """

    method: MethodType
    is_default: bool
    contacts: str | None
    source: Contact
    rule: str | None


class Explanation(NamedTuple):
    """Everything about the numbers of a user at one moment."""

    user: User
    moment: Moment
    pairs: list[ExplainedPair]
    alternate: str | None
    alternate_written: Written | None
    methods: list[ExplainedMethod]


def explain_user(services: Services, tenant_id: int, name: str, now: datetime) -> Explanation:
    """Explain the user with this user principal name or id; raises `NotFoundError` (USER_UNKNOWN)."""
    with services.store.snapshot() as unit:
        account = find_account(unit, tenant_id, name)
        moment = moment_of(present_transition(unit, tenant_id), now)
    return explain_account(services, tenant_id, account, moment)


def explain_account(services: Services, tenant_id: int, account: Account, moment: Moment) -> Explanation:
    """Explain an account at a moment."""
    user = account.user
    alternate = account.pairs.get(Pair.ALTERNATE, PairState(Pair.ALTERNATE))
    return Explanation(
        user,
        moment,
        [_pair(services, tenant_id, account, pair, moment) for pair in PUBLIC_PAIRS],
        unseal_number(services, tenant_id, user, Pair.ALTERNATE, alternate.authentication),
        alternate.written,
        [_method(services, tenant_id, account, method, moment) for method in PREFERENCE_ORDER if method in user.methods],
    )


def unseal_number(services: Services, tenant_id: int, user: User, pair: Pair, sealed: bytes | None) -> str | None:
    """The canonical number, or None when there is none."""
    return None if sealed is None else services.sealer.unseal(sealed, user.key_id, tenant_id, user.user_id, pair)


def _pair(services: Services, tenant_id: int, account: Account, pair: Pair, moment: Moment) -> ExplainedPair:
    user, state, policy = account.user, account.pairs[pair], services.policy
    number = unseal_number(services, tenant_id, user, pair, state.authentication)
    if user.deleted_at is not None:
        return ExplainedPair(pair, state.public.text, number, state.written, None, DELETED_RULE, DELETED_SAYS, follows=False)
    status = decide_status(user, state, moment, policy).outcome
    copy = decide_copy(user, state, moment, policy)
    follows = follows_directory(user, state, moment, policy)
    is_synced = user.standing is Standing.SYNCED
    is_override = is_synced and state.public.source is PublicSource.OVERRIDE and not policy.bypass_overrides
    return ExplainedPair(pair, state.public.text, number, state.written, status.status, copy.id, copy.says, follows, is_override)


def _method(services: Services, tenant_id: int, account: Account, method: MethodType, moment: Moment) -> ExplainedMethod:
    user = account.user
    is_default = method is user.default
    if method.pair is None:
        return ExplainedMethod(method, is_default, None, Contact.NONE, None)
    if user.deleted_at is not None:
        return ExplainedMethod(method, is_default, None, Contact.NONE, DELETED_RULE)
    contact = resolve_contact(account, method, moment, services.policy)
    if contact is None:
        return ExplainedMethod(method, is_default, None, Contact.NONE, None)
    number = unseal_number(services, tenant_id, user, method.pair, contact.sealed)
    return ExplainedMethod(method, is_default, number, contact.kind, contact.rule)

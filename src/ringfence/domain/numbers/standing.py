"""Find out the facts about one pair of one user, and ask the tables.

The counterpart for a million users is `ringfence.storage.fact_sql`; a property test holds the two equal on both engines.
"""

from __future__ import annotations

from typing import NamedTuple

from ringfence.domain.directory.user import Account, NumberOrigin, PairState, PublicValue, User
from ringfence.domain.numbers.canonical import PublicState
from ringfence.domain.numbers.facts import Against, Authentication, Configured, Event, Moment, Origin, Public, Source
from ringfence.domain.numbers.pairs import PAIR_METHODS, MethodType, Pair
from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.domain.numbers.table import Row
from ringfence.domain.numbers.tables import COPY, EFFECTIVE, MIRROR, STATUS, Contact, CopyAction, MirrorAction, StatusRule


class PairFacts(NamedTuple):
    """Everything the tables ask about a pair at one moment."""

    configured: Configured
    authentication: Authentication
    against: Against
    public: Public
    origin: Origin


class Contacted(NamedTuple):
    """Which number a method contacts: the kind of number, its sealed form (None for none), and the row of A.5 that says so."""

    kind: Contact
    sealed: bytes | None
    rule: str


def resolve_facts(user: User, state: PairState, policy: NumberPolicy) -> PairFacts:
    """Look at one pair of one user and name the facts."""
    return PairFacts(
        configured=configured_fact(user.methods, state.pair),
        authentication=_authentication(state),
        against=against_fact(state),
        public=public_fact(state.public, policy),
        origin=_origin(state),
    )


def configured_fact(methods: frozenset[MethodType], pair: Pair) -> Configured:
    """*Configured*: any method entry of the pair, default or not (A4)."""
    return Configured.NO if methods.isdisjoint(PAIR_METHODS[pair]) else Configured.YES


def public_fact(public: PublicValue, policy: NumberPolicy) -> Public:
    """How the public number counts, its writer included (A17)."""
    if public.state is PublicState.EMPTY:
        return Public.EMPTY
    if public.state is PublicState.MALFORMED:
        return Public.MALFORMED
    return Public.VALID if policy.source(public.source) is Source.PERMITTED else Public.NOT_PERMITTED


def against_fact(state: PairState) -> Against:
    """The authentication number against the baseline (T2)."""
    if state.authentication is None:
        return Against.EMPTY
    if state.baseline is None:
        return Against.NOTHING_OLD
    return Against.SAME if state.authentication == state.baseline else Against.DIFFERENT


def _authentication(state: PairState) -> Authentication:
    if state.authentication is None:
        return Authentication.EMPTY
    return Authentication.SAME if state.authentication == state.public.sealed else Authentication.DIFFERENT


def _origin(state: PairState) -> Origin:
    by_task = state.written is not None and state.written.origin in {NumberOrigin.COPY, NumberOrigin.MIRROR}
    return Origin.BY_TASK if by_task else Origin.OTHERWISE


def decide_copy(user: User, state: PairState, moment: Moment, policy: NumberPolicy) -> Row[CopyAction]:
    """The row of the copy table (B.2) for this pair at this moment."""
    facts = resolve_facts(user, state, policy)
    return COPY.decide(user.standing, moment, facts.configured, facts.authentication, facts.public)


def decide_status(user: User, state: PairState, moment: Moment, policy: NumberPolicy) -> Row[StatusRule]:
    """The row of the status table (G) for this pair at this moment."""
    facts = resolve_facts(user, state, policy)
    return STATUS.decide(user.standing, moment, facts.configured, facts.authentication, facts.public, facts.origin)


def follows_directory(user: User, state: PairState, moment: Moment, policy: NumberPolicy) -> bool:
    """Say whether a later valid number from a permitted source would reach the authentication number (M3, or M2 with C6)."""
    facts = resolve_facts(user, state, policy)
    seen = policy.configured_for_mirror(facts.configured)
    row = MIRROR.decide(user.standing, moment, Event.CHANGE, Source.PERMITTED, seen, facts.against, Public.VALID)
    if row.outcome is MirrorAction.COPY_TABLE:
        return facts.configured is Configured.YES
    return row.outcome is MirrorAction.MIRROR


def resolve_contact(account: Account, method: MethodType, moment: Moment, policy: NumberPolicy) -> Contacted | None:
    """The effective number of a method (A.5), or None for a method that contacts no number."""
    pair = method.pair
    if pair is None:
        return None
    state = account.pairs.get(pair, PairState(pair))
    facts = resolve_facts(account.user, state, policy)
    fallback = policy.fallback(account.user.standing, moment)
    row = EFFECTIVE.decide(facts.authentication, fallback, facts.configured, facts.public)
    sealed = {Contact.AUTHENTICATION: state.authentication, Contact.PUBLIC: state.public.sealed, Contact.NONE: None}[row.outcome]
    return Contacted(row.outcome, sealed, row.id)

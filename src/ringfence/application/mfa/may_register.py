"""Who may register a method at a sign-in, on the password (or a pass) alone: whoever holds none that could protect the account.

A method that is held and allowed but cannot be asked for just now (no sender here, its country stopped, a passkey, an app whose
secret is elsewhere) protects the account all the same: then nobody registers, and an administrator opens the way with a temporary
access pass or *require re-register*. One that the policy forbids, or that has no number any more, is none (D.1, A.5).
Sources: lessons 1 (Devolutions; fail closed).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ringfence.application.identity.parts import Identity
from ringfence.application.methods_policy import policy_of
from ringfence.application.ports import UnitOfWork
from ringfence.application.transitions import present_transition
from ringfence.domain.directory.user import Account
from ringfence.domain.methods.entries import ENTRY_OF_KIND
from ringfence.domain.methods.registrations import MethodKind
from ringfence.domain.numbers.pairs import MethodType
from ringfence.domain.numbers.standing import resolve_contact
from ringfence.domain.numbers.transition import moment_of
from ringfence.domain.policy.usable import allowed_entries, allowed_kinds

_NO_PROTECTION: Final = frozenset({MethodKind.TEMPORARY_ACCESS_PASS, MethodKind.PLATFORM_CREDENTIAL})


def may_register(identity: Identity, unit: UnitOfWork, asked: tuple[int, Account], now: datetime) -> bool:
    """Whether the user holds no method that the policy allows, or has to register anew (E.2)."""
    tenant_id, account = asked
    if unit.mfa.standing(tenant_id, account.user.user_id).must_register:
        return True
    policy = policy_of(unit, tenant_id)
    kinds = {one.kind for one in unit.registrations.of_user(tenant_id, account.user.user_id)} - _NO_PROTECTION
    if not kinds.isdisjoint(allowed_kinds(policy)):
        return False
    known = {ENTRY_OF_KIND[kind] for kind in kinds if kind in ENTRY_OF_KIND}
    held = (account.user.methods & allowed_entries(policy)) - known
    moment = moment_of(present_transition(unit, tenant_id), now)

    def protects(entry: MethodType) -> bool:
        if entry.pair is None:
            return True  # an app that another system knows
        contact = resolve_contact(account, entry, moment, identity.services.policy)
        return contact is not None and contact.sealed is not None

    return not any(map(protects, held))

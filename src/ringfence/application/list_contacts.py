"""Say for every user and method which number is contacted, so that before and after can be held against each other.

The announcement's promise is that nobody is rung at another number than before (S4); a list taken before a copy and one taken
after it prove that on one's own data. Source: domain-rules A.5.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from ringfence.application.ports import ContactedPair
from ringfence.application.services import Services
from ringfence.application.transitions import present_transition
from ringfence.domain.numbers.pairs import PAIR_METHODS, MethodType
from ringfence.domain.numbers.tables import Contact
from ringfence.domain.numbers.transition import moment_of

_FINGERPRINT: Final = 8


class ContactLine(NamedTuple):
    """One method entry of one user: the number it contacts (canonical, "" for none), from which set, by which row of A.5.

    `fingerprint` is the same for the same number of the same user and pair under the same key, and tells nothing else, since it
    is made of the sealed number; "" for none.
    """

    user_id: bytes
    upn: str
    method: MethodType
    is_default: bool
    number: str
    source: Contact
    rule: str
    key_id: int
    fingerprint: str


def list_contacts(
    services: Services, tenant_id: int, at: datetime, on_line: Callable[[ContactLine], None] | None = None
) -> dict[Contact, int]:
    """Count method entries by the set their number comes from at `at`, and hand over each: by user id, then by method.

    Users who are deleted and entries that contact no number at all (an app, a token) are left out.
    """
    counts = dict.fromkeys(Contact, 0)
    with services.store.snapshot() as unit:
        moment = moment_of(present_transition(unit, tenant_id), at)
        for pair in unit.numbers.contacts(tenant_id, moment):
            for method in _methods(pair):
                counts[pair.source] += 1
                if on_line is not None:
                    on_line(_line(services, tenant_id, pair, method))
    return counts


def _methods(contacted: ContactedPair) -> Iterator[MethodType]:
    return (method for method in sorted(PAIR_METHODS[contacted.pair]) if method in contacted.methods)


def _line(services: Services, tenant_id: int, pair: ContactedPair, method: MethodType) -> ContactLine:
    number = fingerprint = ""
    if pair.sealed is not None:
        number = services.sealer.unseal(pair.sealed, pair.key_id, tenant_id, pair.user_id, pair.pair)
        fingerprint = hashlib.blake2b(pair.sealed, digest_size=_FINGERPRINT).hexdigest()
    is_default = method is pair.default
    return ContactLine(pair.user_id, pair.upn, method, is_default, number, pair.source, pair.rule, pair.key_id, fingerprint)

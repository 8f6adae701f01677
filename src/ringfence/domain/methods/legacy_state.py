"""Take over a user's strong-authentication state from an export of the old system, or of Graph.

Source: domain-rules A.3. An import states entries, default and numbers; it never infers entries from numbers, and an empty
cell never takes anything away: what is stored may be newer than the export (a copied number above all). A registered app is its
entry, so it brings that along.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum, unique
from typing import NamedTuple

from ringfence.domain.directory.records import UNSENT, MfaRecord
from ringfence.domain.directory.user import Account, PairState, Sealed, Written
from ringfence.domain.methods.entries import ENTRY_OF_KIND, Entries, preferred_default
from ringfence.domain.numbers.pairs import MethodType, Pair

SealNumber = Callable[[str, Pair], Sealed]


@unique
class MfaRefusal(StrEnum):
    """Why a row is refused."""

    DEFAULT_NOT_A_METHOD = "defaultMethod is not one of the user's methods; send the methods with it"


class MfaImport(NamedTuple):
    """The account after the import, and how many stored values were kept although the row has them empty."""

    account: Account
    kept: int


def decide_mfa_import(account: Account, record: MfaRecord, seal: SealNumber, written: Written) -> MfaImport | MfaRefusal:
    """What the row makes of the account."""
    entries = _entries(account, record)
    if isinstance(entries, MfaRefusal):
        return entries
    user = account.user._replace(
        methods=entries.methods,
        default=entries.default,
        email=account.user.email if record.email is UNSENT else record.email or account.user.email,
        mfa_state=account.user.mfa_state if record.state is UNSENT else record.state,
    )
    pairs = dict(account.pairs)
    for pair, number in ((Pair.MOBILE, record.mobile), (Pair.OFFICE, record.office), (Pair.ALTERNATE, record.alternate)):
        if number is UNSENT or not number:
            continue
        sealed = seal(number, pair)
        state = pairs.get(pair, PairState(pair))
        if sealed != state.authentication:
            pairs[pair] = state._replace(authentication=sealed, written=written)
    return MfaImport(Account(user, pairs), _kept(account, record))


def _entries(account: Account, record: MfaRecord) -> Entries | MfaRefusal:
    user = account.user
    stated = user.methods if record.methods is UNSENT or not record.methods else frozenset(record.methods)
    methods = stated | {ENTRY_OF_KIND[one.kind] for one in record.registrations if one.kind in ENTRY_OF_KIND}
    wanted: MethodType | None = None if record.default is UNSENT else record.default
    if wanted is None:
        return Entries(methods, preferred_default(methods, user.default))
    if record.add_default:
        return Entries(methods | {wanted}, wanted)
    return Entries(methods, wanted) if wanted in methods else MfaRefusal.DEFAULT_NOT_A_METHOD


def _kept(account: Account, record: MfaRecord) -> int:
    sent = {Pair.MOBILE: record.mobile, Pair.OFFICE: record.office, Pair.ALTERNATE: record.alternate}
    numbers = sum(1 for pair, text in sent.items() if text == "" and (state := account.pairs.get(pair)) and state.authentication)
    entries = record.methods == () and account.user.methods
    email = record.email == "" and account.user.email
    return numbers + bool(entries) + bool(email)

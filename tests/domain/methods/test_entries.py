"""Entries and the default: what numbers and apps that come and go, and an import, make of them (domain-rules A.3, T3, D.1)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.directory.records import UNSENT, MfaRecord, Unsent
from ringfence.domain.directory.user import Account, NumberOrigin, PairState, User, Written
from ringfence.domain.methods.entries import (
    Entries,
    Refusal,
    decide_deletion,
    decide_method_deletion,
    decide_registration,
    preferred_default,
)
from ringfence.domain.methods.legacy_state import MfaRefusal, decide_mfa_import
from ringfence.domain.methods.registrations import MethodKind, StatedMethod
from ringfence.domain.numbers.pairs import PAIR_METHODS, PREFERENCE_ORDER, MethodType, Pair

NOW: Final = datetime(2021, 3, 15, tzinfo=UTC)
WRITTEN: Final = Written(NumberOrigin.IMPORT, NOW, "import")

method_sets = st.lists(st.sampled_from(MethodType), unique=True)
numbers = st.one_of(st.none(), st.sampled_from([b"+1 4255550100", b"+1 4255550101"]))


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """A user with any entries and numbers; the first entry drawn is the default."""
    methods = draw(method_sets)
    user = User(b"\x01" * 16, 1, "ada@contoso.example", NOW, methods=frozenset(methods), default=next(iter(methods), None))
    pairs = {pair: PairState(pair, authentication=draw(numbers)) for pair in (Pair.MOBILE, Pair.OFFICE)}
    if draw(st.booleans()):
        pairs[Pair.ALTERNATE] = PairState(Pair.ALTERNATE, authentication=draw(numbers))
    return Account(user, pairs)


def is_sound(methods: frozenset[MethodType], default: MethodType | None) -> bool:
    """A.3: exactly one default when there are entries, and it is one of them."""
    return default in methods if methods else default is None


@given(accounts(), st.sampled_from(Pair))
def test_registering_adds_the_pair_s_entries(account: Account, pair: Pair) -> None:
    """The entries of the pair are added, no other; the default stays, or is the first of the pair when there was none."""
    decided, user = decide_registration(account, pair), account.user
    if decided is Refusal.MOBILE_REQUIRED:
        assert (Pair.ALTERNATE, None) == (pair, account.pairs[Pair.MOBILE].authentication)
        return
    expected = PAIR_METHODS[pair][0] if user.default is None else user.default
    assert Entries(user.methods.union(PAIR_METHODS[pair]), expected) == decided


@given(accounts(), st.sampled_from(Pair))
def test_deleting_takes_the_pair_s_entries(account: Account, pair: Pair) -> None:
    """T3: when it is not refused, the entries of the pair go, no other, and what is left has a default of its own."""
    decided = decide_deletion(account, pair)
    if isinstance(decided, Entries):
        assert account.user.methods.difference(PAIR_METHODS[pair]) == decided.methods
        assert is_sound(decided.methods, decided.default)


@given(accounts(), st.sampled_from(Pair))
def test_deleting_is_refused_exactly_when_the_rules_say(account: Account, pair: Pair) -> None:
    """D.1, A.2: nothing to delete; an alternate number hangs on it; it serves the default while another method exists."""
    user, states = account.user, account.pairs
    numbers_of = {one: state.authentication for one, state in states.items()}
    others = user.methods.difference(PAIR_METHODS[pair])
    expected: Refusal | None = None
    if numbers_of.get(pair) is None:
        expected = Refusal.ABSENT
    elif pair is Pair.MOBILE and numbers_of.get(Pair.ALTERNATE) is not None:
        expected = Refusal.ALTERNATE_EXISTS
    elif user.default in PAIR_METHODS[pair] and others:
        expected = Refusal.IS_DEFAULT
    decided = decide_deletion(account, pair)
    assert expected == (decided if isinstance(decided, Refusal) else None)


PUSH, CODE, SMS = MethodType.PhoneAppNotification, MethodType.PhoneAppOTP, MethodType.OneWaySMS
APP, TOKEN, KEY = MethodKind.MICROSOFT_AUTHENTICATOR, MethodKind.SOFTWARE_OATH, MethodKind.FIDO2


@pytest.mark.parametrize(
    ("methods", "default", "kind", "left", "expected"),
    [
        pytest.param((PUSH, SMS), SMS, APP, (KEY, TOKEN), Entries(frozenset({SMS}), SMS), id="the last app"),
        pytest.param((CODE, SMS), SMS, TOKEN, (APP,), Entries(frozenset({SMS}), SMS), id="the last token"),
        pytest.param((PUSH, SMS), PUSH, APP, (APP,), Entries(frozenset({PUSH, SMS}), PUSH), id="another app is left"),
        pytest.param((PUSH,), PUSH, APP, (KEY,), Entries(frozenset(), None), id="the only entry"),
        pytest.param((PUSH, SMS), PUSH, APP, (), Refusal.IS_DEFAULT, id="the default beside another"),
        pytest.param((CODE, PUSH), CODE, TOKEN, (APP,), Refusal.IS_DEFAULT, id="the default token beside an app"),
        pytest.param((SMS,), SMS, APP, (), Entries(frozenset({SMS}), SMS), id="an app without its entry"),
        pytest.param((PUSH,), PUSH, KEY, (APP,), Entries(frozenset({PUSH}), PUSH), id="a kind without entries"),
    ],
)
def test_deleting_a_registered_method(
    methods: tuple[MethodType, ...],
    default: MethodType,
    kind: MethodKind,
    left: tuple[MethodKind, ...],
    expected: Entries | Refusal,
) -> None:
    """D.1: the last of an app takes its entry along, unless that is the default while another entry exists."""
    user = User(b"\x01" * 16, 1, "ada@contoso.example", NOW, methods=frozenset(methods), default=default)
    assert expected == decide_method_deletion(user, kind, left)


@pytest.mark.parametrize(
    ("sent", "kind", "expected"),
    [
        pytest.param(UNSENT, APP, Entries(frozenset({SMS, PUSH}), SMS), id="beside what is stored"),
        pytest.param(UNSENT, TOKEN, Entries(frozenset({SMS, CODE}), SMS), id="a token"),
        pytest.param(UNSENT, KEY, Entries(frozenset({SMS}), SMS), id="a kind without entries"),
        pytest.param((CODE,), APP, Entries(frozenset({CODE, PUSH}), PUSH), id="beside what is sent"),
    ],
)
def test_an_imported_app_is_its_entry(sent: tuple[MethodType, ...] | Unsent, kind: MethodKind, expected: Entries) -> None:
    """A.3: the entries it brings are added to the others."""
    user = User(b"\x01" * 16, 1, "ada@contoso.example", NOW, methods=frozenset({SMS}), default=SMS)
    row = MfaRecord(1, "ada", methods=sent, registrations=(StatedMethod("a", kind),))
    decided = decide_mfa_import(Account(user, {}), row, lambda number, _pair: number.encode(), WRITTEN)
    assert not isinstance(decided, MfaRefusal)
    assert expected == (decided.account.user.methods, decided.account.user.default)


@given(method_sets, st.one_of(st.none(), st.sampled_from(MethodType)))
def test_preferred_default(methods: list[MethodType], present: MethodType | None) -> None:
    """The present one if it is still there, else the first in D.2's order, else none."""
    chosen = preferred_default(frozenset(methods), present)
    by_order = sorted(methods, key=PREFERENCE_ORDER.index)
    assert (present if present in methods else next(iter(by_order), None)) == chosen


texts = st.sampled_from([UNSENT, "", "+1 4255550102"])
rows = st.builds(
    MfaRecord,
    line=st.just(2),
    methods=st.one_of(st.just(UNSENT), method_sets.map(tuple)),
    default=st.one_of(st.just(UNSENT), st.none(), st.sampled_from(MethodType)),
    add_default=st.booleans(),
    mobile=texts,
    office=texts,
    alternate=texts,
    email=st.sampled_from([UNSENT, "", "ada@example.org"]),
)


@given(accounts(), rows)
def test_an_import_leaves_a_sound_account_and_loses_no_number(account: Account, row: MfaRecord) -> None:
    """A.3: whatever the row, there is one default among the entries, and a number is replaced by a number or stays."""
    decided = decide_mfa_import(account, row, lambda number, _pair: number.encode(), WRITTEN)
    if isinstance(decided, MfaRefusal):
        return
    after = decided.account
    assert is_sound(after.user.methods, after.user.default)
    for pair, state in account.pairs.items():
        sent = {Pair.MOBILE: row.mobile, Pair.OFFICE: row.office, Pair.ALTERNATE: row.alternate}[pair]
        expected = state.authentication if sent is UNSENT or not sent else sent.encode()
        assert expected == after.pairs[pair].authentication


@given(accounts(), rows)
def test_an_import_twice_is_once(account: Account, row: MfaRecord) -> None:
    """The second time changes nothing."""

    def import_into(before: Account) -> Account:
        decided = decide_mfa_import(before, row, lambda number, _pair: number.encode(), WRITTEN)
        return before if isinstance(decided, MfaRefusal) else decided.account

    once = import_into(account)
    assert once == import_into(once)

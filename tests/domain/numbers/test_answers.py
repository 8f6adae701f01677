"""The answers of B.4, as far as the rules alone give them; the rest are in `tests/application/test_answers.py`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ringfence.domain.directory.records import DirectoryRecord, PerUserState, SyncState
from ringfence.domain.directory.user import PairState, User
from ringfence.domain.numbers.canonical import PublicState
from ringfence.domain.numbers.facts import Event, Moment
from ringfence.domain.numbers.mirror import Commit, write_public_number
from ringfence.domain.numbers.pairs import PUBLIC_PAIRS, MethodType, Pair
from ringfence.domain.numbers.policy import NumberPolicy, PublicSource
from ringfence.domain.numbers.standing import decide_copy, decide_status
from ringfence.domain.numbers.table import Row
from ringfence.domain.numbers.tables import Contact, CopyAction, Status
from ringfence.domain.numbers.transition import PRESETS, Transition
from tests.domain.numbers.samples import (
    AN_ORDINARY_CHANGE,
    DEFAULT,
    NOW,
    OTHER,
    SMS,
    A,
    B,
    change,
    contact,
    public,
    sealed,
    state,
    user,
)


def copies(who: User, pair_state: PairState, moment: Moment = Moment.INSIDE, policy: NumberPolicy = DEFAULT) -> bool:
    """Whether the copy writes this pair."""
    return copy_row(who, pair_state, moment, policy).outcome is CopyAction.COPY


def copy_row(who: User, pair_state: PairState, moment: Moment = Moment.INSIDE, policy: NumberPolicy = DEFAULT) -> Row[CopyAction]:
    """The row of B.2."""
    return decide_copy(who, pair_state, moment, policy)


@pytest.mark.parametrize("spelling", ["+1 425 5550100", "+1 (425) 555-0100", " +1\u00a04255550100 "])
def test_a1_equal_in_canonical_form(spelling: str) -> None:
    """A1: another spelling of the same number is the same number: nothing is written, and the pair goes on following."""
    respelled = change(state(A, A), spelling)
    assert ("M3", False, sealed(A)) == (respelled.rule, respelled.wrote, respelled.state.authentication)
    assert sealed(B) == change(respelled.state, B).state.authentication


def test_a1_unparsable_is_compared_as_text() -> None:
    """A1: a public number that cannot be parsed equals no authentication number, since those are canonical: C8."""
    assert "C8" == copy_row(user(), state("4255550100", A)).id


def test_a2_office_extension_is_part_of_the_number() -> None:
    """A2: office numbers that differ in the extension only differ."""
    office = state(f"{A}x1", f"{A}x2", Pair.OFFICE)
    assert "C8" == copy_row(user(methods=frozenset({MethodType.TwoWayVoiceOffice})), office).id


def test_a2_office_extension_is_carried_over() -> None:
    """A2: a changed extension of an office number is a change, and mirrored."""
    caller = user(methods=frozenset({MethodType.TwoWayVoiceOffice}))
    written = change(state(f"{A}x1", f"{A}x1", Pair.OFFICE), f"{A} ext. 22", caller)
    assert sealed(f"{A}x22") == written.state.authentication


def test_a2_mobile_extension_is_dropped_with_a_warning() -> None:
    """A2: a mobile number's extension counts for nothing, and its state says so."""
    written = change(state(B, B), f"{A}x123")
    assert (sealed(A), PublicState.EXTENSION_DROPPED) == (written.state.authentication, written.state.public.state)


def test_a3_not_mirrored_when_not_configured() -> None:
    """A3: equal numbers, but no entry of the pair (an SSPR-only phone): not mirrored."""
    written = change(state(A, A), B, user(methods=frozenset({MethodType.PhoneAppOTP})))
    assert ("M7", sealed(A)) == (written.rule, written.state.authentication)


def test_a3_setting_mirrors_unconfigured_pairs() -> None:
    """A3: with `mirror_requires_configured` off they are."""
    policy = NumberPolicy(mirror_requires_configured=False)
    assert sealed(B) == change(state(A, A), B, user(methods=frozenset(), default=None), policy=policy).state.authentication


@pytest.mark.parametrize("default", [SMS, MethodType.PhoneAppNotification], ids=["default", "not the default"])
@pytest.mark.parametrize("mfa_state", PerUserState)
def test_a4_any_entry_counts(default: MethodType, mfa_state: PerUserState) -> None:
    """A4: an entry of the pair makes it configured, default or not, whatever MFA state is enforced."""
    who = user(methods=frozenset({SMS, MethodType.PhoneAppNotification}), default=default, mfa_state=mfa_state)
    assert copies(who, state(A, None))


def test_a5_one_business_phone() -> None:
    """A5: a record has room for one office number and none for `otherTelephone`; the readers take element 0 (tests/sources)."""
    named = {name for name in DirectoryRecord._fields if "phone" in name.lower() or name in {"mobile", "office"}}
    assert {"mobile", "office"} == named


def test_a6_alternate_has_no_public_side() -> None:
    """A6: the pairs that are copied and mirrored are mobile and office."""
    assert (Pair.MOBILE, Pair.OFFICE) == PUBLIC_PAIRS


def test_a7_readded_number_is_not_mirrored() -> None:
    """A7: cleared, then set again: M8, and the authentication number stays; even the old number written again changes nothing."""
    cleared = change(state(A, A), "")
    readded = change(cleared.state, B)
    assert ("M4", "M8", sealed(A)) == (cleared.rule, readded.rule, readded.state.authentication)


def test_a8_typo_does_not_end_mirroring() -> None:
    """A8: malformed counts as no change; the next valid number is compared with the last valid one."""
    typo = change(state(A, A), "0425 5550101")
    assert ("M5", sealed(A)) == (typo.rule, typo.state.baseline)
    assert sealed(B) == change(typo.state, B).state.authentication


@pytest.mark.parametrize(("edited_to", "expected"), [(OTHER, OTHER), (A, B)], ids=["different: frozen", "equal: follows"])
def test_a9_edit_inside_the_window_wins(edited_to: str, expected: str) -> None:
    """A9: whoever edits the authentication number decides whether it follows the directory."""
    edited = state(A, OTHER)._replace(authentication=sealed(edited_to))
    assert sealed(expected) == change(edited, B).state.authentication


def test_a9_after_m6_with_the_same_number_the_next_change_mirrors() -> None:
    """B.3 below the table: state counts, not history: new = auth is not written (M6), and from then on the pair is the same."""
    met = change(state(A, B), B)
    assert ("M6", False) == (met.rule, met.wrote)
    assert sealed(OTHER) == change(met.state, OTHER).state.authentication


@pytest.mark.parametrize("standing", [SyncState.CLOUD_ONLY, SyncState.FORMERLY_SYNCED])
@pytest.mark.parametrize("moment", Moment)
def test_a11_cloud_only_is_left_alone(standing: SyncState, moment: Moment) -> None:
    """A11, A13: neither copied nor mirrored, and no fallback, at any time."""
    who, empty = user(sync_state=standing), state(A, None)
    mirrored = change(state(A, A), B, who, Commit(NOW, moment, Event.CHANGE))
    assert not copies(who, empty, moment)
    assert sealed(A) == mirrored.state.authentication
    assert Contact.NONE is contact(who, empty, moment)


@pytest.mark.parametrize("event", [Event.TAKEOVER, Event.RESTORE], ids=["A12 takeover", "A14 restore"])
def test_a12_a14_becoming_synced_or_restored_is_no_change(event: Event) -> None:
    """A12, A14: the write that brings a user (back) is not mirrored, but it is the new baseline."""
    written = change(state(A, A), B, commit=Commit(NOW, Moment.INSIDE, event))
    assert (False, sealed(A), sealed(B)) == (written.wrote, written.state.authentication, written.state.baseline)


@pytest.mark.parametrize("event", [Event.TAKEOVER, Event.RESTORE], ids=["A12 takeover", "A14 restore"])
def test_a12_a14_then_b2_applies(event: Event) -> None:
    """A12, A14: with an empty authentication number, C6 copies at once."""
    written = change(state(A, None), B, commit=Commit(NOW, Moment.INSIDE, event))
    assert ("C6", sealed(B)) == (written.rule, written.state.authentication)


@pytest.mark.parametrize("fields", [{"enabled": False}, {"user_type": "Guest"}], ids=["A15 disabled", "A16 synced guest"])
def test_a15_a16_treated_like_others(fields: dict[str, Any]) -> None:
    """A15, A16: a disabled account is copied like others, a guest by their own sync flag."""
    assert copies(user(**fields), state(A, None))


def test_a16_guest_without_the_flag() -> None:
    """A16: a guest's flag is normally null: C1."""
    assert "C1" == copy_row(user(user_type="Guest", sync_state=SyncState.CLOUD_ONLY), state(A, None)).id


def by(source: PublicSource, authentication: str | None) -> PairState:
    """A pair whose public number was written last by this source."""
    return state(A, authentication)._replace(public=public(A, source=source))


@pytest.mark.parametrize(
    ("source", "expected"), [(PublicSource.SYNC, B), (PublicSource.ADMIN, B), (PublicSource.SELF_SERVICE, A)]
)
def test_a17_self_service_is_not_mirrored(source: PublicSource, expected: str) -> None:
    """A17: changes by sync and by administrators are mirrored, those of users to their own profile are not."""
    written = write_public_number(user(), state(A, A), public(B, source=source), AN_ORDINARY_CHANGE, DEFAULT)
    assert sealed(expected) == written.state.authentication


@pytest.mark.parametrize("source", PublicSource)
def test_a17_neither_copied_nor_contacted(source: PublicSource) -> None:
    """A17: a number last written by a source that is not permitted is neither copied nor contacted."""
    permitted = source is not PublicSource.SELF_SERVICE
    who, pair_state = user(), by(source, None)
    contacted = contact(who, pair_state, Moment.INSIDE) is Contact.PUBLIC
    assert (permitted, permitted) == (copies(who, pair_state), contacted)


def test_a17_setting_admits_self_service() -> None:
    """A17: `mirror_sources` says who counts."""
    policy = NumberPolicy(mirror_sources=frozenset({PublicSource.SELF_SERVICE}))
    assert copies(user(), by(PublicSource.SELF_SERVICE, None), policy=policy)
    assert not copies(user(), by(PublicSource.SYNC, None), policy=policy)


START, END = datetime(2021, 2, 1, tzinfo=UTC), datetime(2021, 5, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param(START - TICK, Moment.BEFORE, id="just before the start"),
        pytest.param(START, Moment.INSIDE, id="the start is inside"),
        pytest.param(END - TICK, Moment.INSIDE, id="just before the end"),
        pytest.param(END, Moment.AFTER, id="the end is outside"),
        pytest.param(datetime.fromisoformat("2021-02-01T00:59:59+01:00"), Moment.BEFORE, id="the zone is UTC"),
    ],
)
def test_a18_boundaries(at: datetime, expected: Moment) -> None:
    """A18: the preset is `[2021-02-01T00:00Z, 2021-05-01T00:00Z)`."""
    start, end = PRESETS["entra-2021"]
    assert expected is Transition(start, end, start).moment(at)


@pytest.mark.parametrize(("authentication", "expected"), [(B, "C7"), (A, "C8")], ids=["equal", "different"])
def test_a19_a_change_before_the_start_is_as_found(authentication: str, expected: str) -> None:
    """A19: what changed before the start was not mirrored, and is compared as it stands at the start."""
    moved = change(state(A, authentication), B, commit=Commit(START - TICK, Moment.BEFORE, Event.CHANGE))
    assert ("M1", False, expected) == (moved.rule, moved.wrote, copy_row(user(), moved.state).id)


def test_a23_after_the_end_there_is_neither_copy_nor_fallback() -> None:
    """A23: configured, no authentication number, valid public number: left behind."""
    who, pair_state = user(), state(A, None)
    assert not copies(who, pair_state, Moment.AFTER)
    assert Status.LEFT_BEHIND is decide_status(who, pair_state, Moment.AFTER, DEFAULT).outcome.status
    assert Contact.NONE is contact(who, pair_state, Moment.AFTER)

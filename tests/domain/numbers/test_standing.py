"""What is asked of the tables about one pair: the number contacted (A.5), who follows the directory, and when (A18)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.directory.records import SyncState
from ringfence.domain.directory.user import Account, NumberOrigin, PairState, Written
from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.numbers.facts import Moment
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.numbers.policy import NumberPolicy, PublicNumberFallback
from ringfence.domain.numbers.standing import decide_status, follows_directory, resolve_contact
from ringfence.domain.numbers.tables import Contact, Status
from ringfence.domain.numbers.transition import Transition, moment_of
from tests.domain.numbers.samples import AN_ORDINARY_CHANGE, DEFAULT, OTHER, A, B, change, contact, public, sealed, state, user

START: Final = datetime(2021, 2, 1, tzinfo=UTC)
END: Final = datetime(2021, 5, 1, tzinfo=UTC)

FALLBACK: Final = [
    # A.5: `legacy_all` is the service before November 2020, `off` the one after 1 May 2021.
    (PublicNumberFallback.LEGACY_ALL, SyncState.CLOUD_ONLY, Moment.AFTER, Contact.PUBLIC),
    (PublicNumberFallback.LEGACY_ALL, SyncState.SYNCED, Moment.BEFORE, Contact.PUBLIC),
    (PublicNumberFallback.SYNCED_UNTIL_WINDOW_END, SyncState.SYNCED, Moment.BEFORE, Contact.PUBLIC),
    (PublicNumberFallback.SYNCED_UNTIL_WINDOW_END, SyncState.SYNCED, Moment.INSIDE, Contact.PUBLIC),
    (PublicNumberFallback.SYNCED_UNTIL_WINDOW_END, SyncState.SYNCED, Moment.AFTER, Contact.NONE),
    (PublicNumberFallback.SYNCED_UNTIL_WINDOW_END, SyncState.CLOUD_ONLY, Moment.BEFORE, Contact.NONE),
    (PublicNumberFallback.SYNCED_UNTIL_WINDOW_END, SyncState.FORMERLY_SYNCED, Moment.INSIDE, Contact.NONE),
    (PublicNumberFallback.OFF, SyncState.SYNCED, Moment.BEFORE, Contact.NONE),
    (PublicNumberFallback.OFF, SyncState.SYNCED, Moment.INSIDE, Contact.NONE),
]


@pytest.mark.parametrize(("fallback", "sync_state", "moment", "expected"), FALLBACK)
def test_fallback(fallback: PublicNumberFallback, sync_state: SyncState, moment: Moment, expected: Contact) -> None:
    """A.5: whom the public number stands in for, and until when, is one switch."""
    policy = NumberPolicy(public_number_fallback=fallback)
    assert expected is contact(user(sync_state=sync_state), state(A, None), moment, policy)


@pytest.mark.parametrize("fallback", PublicNumberFallback)
@pytest.mark.parametrize("moment", Moment)
def test_authentication_number_comes_first(fallback: PublicNumberFallback, moment: Moment) -> None:
    """A.5, S3: once there is one, it is the number contacted, whatever the public number."""
    policy = NumberPolicy(public_number_fallback=fallback)
    assert Contact.AUTHENTICATION is contact(user(), state(A, OTHER), moment, policy)


def test_the_number_of_the_pair_is_contacted() -> None:
    """A.2: a call to the office goes to the office number, never to the mobile one."""
    who = user(methods=frozenset({MethodType.TwoWayVoiceOffice, MethodType.OneWaySMS}))
    account = Account(who, {Pair.MOBILE: state(A, None), Pair.OFFICE: state("", B, Pair.OFFICE)})
    called = resolve_contact(account, MethodType.TwoWayVoiceOffice, Moment.INSIDE, DEFAULT)
    assert called is not None
    assert sealed(B) == called.sealed


@pytest.mark.parametrize("method", [MethodType.PhoneAppNotification, MethodType.PhoneAppOTP])
def test_an_app_contacts_no_number(method: MethodType) -> None:
    """A.2: app and token need no number."""
    assert resolve_contact(Account(user(), {Pair.MOBILE: state(A, A)}), method, Moment.INSIDE, DEFAULT) is None


def test_a_method_without_its_pair_has_no_number() -> None:
    """A.2: an entry for the alternate number of a user who never had one contacts nobody."""
    account = Account(user(), {Pair.MOBILE: state(A, A)})
    called = resolve_contact(account, MethodType.TwoWayVoiceAlternateMobile, Moment.INSIDE, DEFAULT)
    assert called is not None
    assert (Contact.NONE, None) == (called.kind, called.sealed)


numbers = st.sampled_from([None, A, B, OTHER])
texts = st.sampled_from(["", "n/a", A, B])
pair_states = st.builds(
    lambda text, old, authentication: PairState(Pair.MOBILE, public(text), sealed(old), sealed(authentication)),
    texts,
    numbers,
    numbers,
)
entries = st.sampled_from([frozenset({MethodType.OneWaySMS}), frozenset({MethodType.PhoneAppOTP})])


@given(pair_states, entries, st.sampled_from(SyncState), st.sampled_from(Moment), st.booleans())
def test_follows_means_that_a_change_arrives(
    before: PairState,
    methods: frozenset[MethodType],
    sync_state: SyncState,
    moment: Moment,
    requires: bool,  # noqa: FBT001
) -> None:
    """A pair is said to follow exactly when a number new to it, written by sync, would become the authentication number."""
    who, policy = user(methods=methods, sync_state=sync_state), NumberPolicy(mirror_requires_configured=requires)
    arrived = change(before, "+44 2079460958", who, AN_ORDINARY_CHANGE._replace(moment=moment), policy).state
    assert follows_directory(who, before, moment, policy) == (sealed("+44 2079460958") == arrived.authentication)


RUN: Final = b"\x07" * 16


@pytest.mark.parametrize(
    ("before", "origin", "task"),
    [
        pytest.param(state(A, A), NumberOrigin.MIRROR, "Ringfence mirror task", id="M3"),
        pytest.param(state(A, None), NumberOrigin.COPY, "Ringfence copy task", id="M2, C6"),
    ],
)
def test_the_writer_is_the_task(before: PairState, origin: NumberOrigin, task: str) -> None:
    """F.3: the number is known as written by the task, when and in which run; G, row 7: such a pair is `copied`."""
    after = change(before, B, commit=AN_ORDINARY_CHANGE._replace(run_id=RUN)).state
    assert Written(origin, AN_ORDINARY_CHANGE.at, task, RUN) == after.written
    assert Status.COPIED is decide_status(user(), after, Moment.INSIDE, DEFAULT).outcome.status


@pytest.mark.parametrize("origin", [NumberOrigin.USER, NumberOrigin.ADMIN, NumberOrigin.IMPORT])
def test_whoever_else_wrote_it_the_pair_is_in_sync(origin: NumberOrigin) -> None:
    """G, row 7: last written by anything else."""
    pair_state = state(A, A)._replace(written=Written(origin, AN_ORDINARY_CHANGE.at, "somebody"))
    assert Status.IN_SYNC is decide_status(user(), pair_state, Moment.INSIDE, DEFAULT).outcome.status


def test_without_a_transition_it_is_before_one() -> None:
    """G, C2: none is open yet."""
    assert Moment.BEFORE is moment_of(None, END)


@pytest.mark.parametrize("at", [START, END])
def test_closing_ends_it(at: datetime) -> None:
    """G: a transition that was closed counts as ended, from that instant on."""
    closed = Transition(START, END, START, closed_at=START + timedelta(days=1))
    expected = Moment.INSIDE if at < START + timedelta(days=1) else Moment.AFTER
    assert expected is closed.moment(at)


@pytest.mark.parametrize("end", [START, START - timedelta(days=1)], ids=["empty", "backwards"])
def test_a_window_runs_forward(end: datetime) -> None:
    """A18: `[start, end)` holds at least one instant."""
    with pytest.raises(InvalidError) as refused:
        Transition(START, end, START)
    assert ErrorCode.TRANSITION_ORDER is refused.value.code

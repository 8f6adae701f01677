"""What one record makes of one user, decided without a store (domain-rules B.5, H.1, H.5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.audit import Activity, Trail, record_profile_change
from ringfence.domain.directory.matching import ANCHOR_LIMIT, Candidates, Match, MatchRefusal, match_record
from ringfence.domain.directory.records import UNSENT, DirectoryRecord, Edit, RecordAction, SyncState, Unsent
from ringfence.domain.directory.sync_plan import (
    Change,
    Circumstances,
    Effect,
    decide_new,
    decide_removal,
    decide_update,
    with_edits,
)
from ringfence.domain.directory.user import Account, PairState, PublicValue, User
from ringfence.domain.numbers.facts import Event, Moment
from ringfence.domain.numbers.mirror import Commit, write_public_number
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.numbers.policy import NumberPolicy, PublicSource
from ringfence.domain.values import DIRECTORY_IMPORT
from tests.domain.numbers.samples import A, B, public

NOW: Final = datetime(2021, 3, 15, tzinfo=UTC)
POLICY: Final = NumberPolicy()
NOBODY: Final = User(b"\x01" * 16, 1, "", NOW)

texts = st.sampled_from([UNSENT, "", "  ", "n/a", A, B, f"{A}x12"])
records = st.builds(
    DirectoryRecord,
    line=st.just(2),
    upn=st.just("ada@contoso.example"),
    anchor=st.one_of(st.none(), st.just("ada-anchor==")),
    synced=st.sampled_from([UNSENT, None, True, False]),
    display_name=st.sampled_from([UNSENT, "", "Ada"]),
    enabled=st.sampled_from([UNSENT, True, False]),
    user_type=st.sampled_from([UNSENT, "", "Guest"]),
    dn=st.sampled_from([None, "CN=Ada", "CN=Countess"]),
    other_mails=st.sampled_from([UNSENT, (), ("ada@example.org",)]),
    mobile=texts,
    office=texts,
    edits=st.just(()),
)
moments = st.sampled_from(Moment)


def read(text: str, pair: Pair, source: PublicSource) -> PublicValue:
    """A public number, sealed by encoding it."""
    return public(text, pair, source)


def circumstances(moment: Moment) -> Circumstances:
    """Now, in that part of time."""
    return Circumstances(NOW, moment, POLICY)


@given(records, moments)
def test_a_new_user_is_as_the_tables_say(record: DirectoryRecord, moment: Moment) -> None:
    """The short way for users nobody knew gives what the tables give for a user without numbers and entries."""
    new = decide_new(NOBODY, record, read).after
    for pair, text in ((Pair.MOBILE, record.mobile), (Pair.OFFICE, record.office)):
        state = new.pairs[pair]
        by_tables = write_public_number(
            new.user, PairState(pair), state.public, Commit(NOW, moment, Event.TAKEOVER), POLICY
        ).state
        assert by_tables == state
        assert (PublicValue().text if text is UNSENT else text) == state.public.text


@given(records, records, moments)
def test_the_same_record_twice_is_once(first: DirectoryRecord, second: DirectoryRecord, moment: Moment) -> None:
    """A record that was just applied changes nothing when it is applied again."""
    account = decide_new(NOBODY, first, read).after
    once = decide_update(account, second, read, circumstances(moment)).after
    assert Change(once, once, Effect.UNCHANGED) == decide_update(once, second, read, circumstances(moment))


@given(records, records, moments)
def test_only_what_was_sent_changes(first: DirectoryRecord, second: DirectoryRecord, moment: Moment) -> None:
    """Texts not sent stay, and a cloud's number where the directory has none (H.3); texts that were sent stand there."""
    before = decide_new(NOBODY, first, read).after
    after = decide_update(before, second, read, circumstances(moment)).after
    for pair, text in ((Pair.MOBILE, second.mobile), (Pair.OFFICE, second.office)):
        was = before.pairs[pair].public
        is_cloud = after.user.sync_state is SyncState.SYNCED and was.source is PublicSource.ADMIN and bool(was.state)
        kept = text is UNSENT or (is_cloud and not text.strip())
        assert (was.text if kept else text) == after.pairs[pair].public.text
    assert (before.user.display_name if second.display_name is UNSENT else second.display_name) == after.user.display_name


@given(records, records, st.sets(st.sampled_from(MethodType), min_size=1), moments)
def test_methods_are_none_of_a_directory_s_business(
    first: DirectoryRecord, second: DirectoryRecord, methods: set[MethodType], moment: Moment
) -> None:
    """H.3, S4: no record changes entries, default, email or per-user state."""
    fresh = decide_new(NOBODY, first, read).after
    user = fresh.user._replace(methods=frozenset(methods), default=min(methods), email="ada@example.org")
    after = decide_update(Account(user, fresh.pairs), second, read, circumstances(moment)).after.user
    assert (user.methods, user.default, user.email, user.mfa_state) == (
        after.methods,
        after.default,
        after.email,
        after.mfa_state,
    )


def test_removal_keeps_all_but_the_time() -> None:
    """H.5: soft delete; the second time changes nothing, the time included."""
    account = decide_new(NOBODY, DirectoryRecord(2, upn="ada@contoso.example", mobile=A), read).after
    gone = decide_removal(account, NOW)
    assert account == gone.after._replace(user=gone.after.user._replace(deleted_at=None))
    assert Effect.UNCHANGED is decide_removal(gone.after, NOW + timedelta(days=1)).effect


def test_user_type_is_member_unless_told() -> None:
    """G: `member` or `guest`; an empty cell is no third one."""
    account = decide_new(NOBODY, DirectoryRecord(2, upn="ada@contoso.example", user_type="Guest"), read).after
    cleared = decide_update(account, DirectoryRecord(2, user_type=""), read, circumstances(Moment.INSIDE))
    assert ("Guest", "Member") == (account.user.user_type, cleared.after.user.user_type)


@pytest.mark.parametrize("action", RecordAction)
@pytest.mark.parametrize(("length", "fits"), [(59, True), (60, False)])
def test_an_anchor_is_shorter_than_60(action: RecordAction, length: int, fits: bool) -> None:  # noqa: FBT001
    """H.3."""
    assert 60 == ANCHOR_LIMIT
    matched = match_record(DirectoryRecord(2, action, upn="ada@contoso.example", anchor="a" * length), Candidates(by_id=NOBODY))
    assert (Match(NOBODY) if fits else MatchRefusal.ANCHOR_TOO_LONG) == matched


@given(records, records, moments)
def test_no_change_goes_unrecorded(first: DirectoryRecord, second: DirectoryRecord, moment: Moment) -> None:
    """F.3: whatever a record changes in what people can see of a user stands in an audit record, old and new."""
    before = decide_new(NOBODY, first, read).after
    after = decide_update(before, second, read, circumstances(moment)).after
    told = record_profile_change(before, after, Trail(b"\x02" * 16, NOW, DIRECTORY_IMPORT), Activity.UPDATE_USER)
    assert (visible(before) != visible(after)) == (told is not None)


def visible(account: Account) -> tuple[object, ...]:
    """A user without the bookkeeping: no entries (a directory has none), no versions, no writers."""
    user = account.user
    texts_of = [state.public.text for state in account.pairs.values()]
    profile = (user.upn, user.display_name, user.user_type, user.enabled, user.sync_state, user.anchor, user.dn, user.other_mails)
    return (*profile, *texts_of)


@pytest.mark.parametrize(
    ("stored", "added", "removed", "expected"),
    [
        ("", [A], [], A),
        ("  ", [A], [], A),
        (A, [B], [], UNSENT),
        (A, [], [A], ""),
        (A, [], [f" {A} "], ""),
        (A, [], [B], UNSENT),
        (A, [B], [A], B),
        (A, [B], [f"{A}x12"], B),
        ("", [], [A], UNSENT),
    ],
    ids=[
        "added to none",
        "added to blanks",
        "added to one",
        "the stored one deleted",
        "written another way",
        "another deleted",
        "one for the other",
        "one for a third",
        "deleted from none",
    ],
)
@pytest.mark.parametrize("attribute", ["mobile", "office"])
def test_single_numbers_added_and_deleted(
    stored: str, added: list[str], removed: list[str], expected: str | Unsent, attribute: str
) -> None:
    """Of several numbers the first counts (A5): only what concerns the stored one has an effect."""
    account = decide_new(NOBODY, DirectoryRecord(2, mobile=stored, office=stored), read).after
    change = DirectoryRecord(2, RecordAction.MODIFY, edits=(Edit(attribute, tuple(added), tuple(removed)),))
    found = with_edits(account, change)
    assert ((), expected) == (found.edits, getattr(found, attribute))


def test_single_mail_boxes_added_and_deleted() -> None:
    """The others stay, in their order; one that is there already is not added again."""
    account = decide_new(NOBODY, DirectoryRecord(2, other_mails=("a@x.example", "b@x.example")), read).after
    edit = Edit("other_mails", ("c@x.example", "b@x.example"), ("a@x.example",))
    change = DirectoryRecord(2, RecordAction.MODIFY, edits=(edit,))
    after = decide_update(account, change, read, circumstances(Moment.INSIDE)).after
    assert ("b@x.example", "c@x.example") == after.user.other_mails

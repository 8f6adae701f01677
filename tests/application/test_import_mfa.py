"""An MFA import takes over entries, defaults, numbers and states, and never takes anything away (domain-rules A.3)."""

from __future__ import annotations

import uuid

import pytest

from ringfence.application.import_mfa import import_mfa
from ringfence.domain.directory.records import UNSENT, MfaRecord, PerUserState, RejectedRow
from ringfence.domain.directory.user import NumberOrigin
from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.values import RunKind
from tests.application.fakes import MemoryReader, ProgressNotes, RejectedList
from tests.application.worlds import OFFICE_VOICE, OTP, PUSH, SMS, VOICE, World, entries, fields, person, removal, upn_of

A = "+1 4255550100"
B = "+1 4255550101"
ALTERNATE_VOICE = MethodType.TwoWayVoiceAlternateMobile


@pytest.fixture
def ada(world: World) -> World:
    """A synced user without any method yet."""
    world.sync(person("ada", mobile=A, office=B))
    return world


def registered(world: World) -> tuple[frozenset[MethodType], MethodType | None]:
    """Ada's entries and default."""
    user = world.account("ada").user
    return user.methods, user.default


def test_entries_and_default_are_taken_over(ada: World) -> None:
    """The entries are those of the row, the default is the one it names."""
    ada.mfa(entries("ada", SMS, PUSH, OFFICE_VOICE))
    assert (frozenset({SMS, PUSH, OFFICE_VOICE}), SMS) == registered(ada)


def test_entries_are_replaced(ada: World) -> None:
    """A row that sends entries says all there are."""
    ada.mfa(entries("ada", SMS, PUSH))
    ada.mfa(entries("ada", OTP))
    assert (frozenset({OTP}), OTP) == registered(ada)


@pytest.mark.parametrize(
    ("before", "sent", "expected"),
    [
        pytest.param((SMS, PUSH), (SMS, OTP), SMS, id="the present one, if it is still there"),
        pytest.param((PUSH,), (OFFICE_VOICE, SMS, OTP), OTP, id="else the first in D.2's order"),
        pytest.param((), (VOICE, SMS), SMS, id="text before call"),
        pytest.param((), (OFFICE_VOICE, ALTERNATE_VOICE), ALTERNATE_VOICE, id="alternate before office"),
    ],
)
def test_a_default_nobody_named(
    ada: World, before: tuple[MethodType, ...], sent: tuple[MethodType, ...], expected: MethodType
) -> None:
    """A.3: a set of entries that is not empty has exactly one default, chosen when the row names none."""
    ada.mfa(entries("ada", *before))
    ada.mfa(entries("ada", *sent, default=None))
    assert (frozenset(sent), expected) == registered(ada)


def test_a_default_that_is_no_entry_is_rejected(ada: World) -> None:
    """A row whose default is not among its methods is refused, and nothing of it is taken over."""
    before = ada.account("ada")
    ada.mfa(entries("ada", SMS, default=PUSH, mobile=A))
    assert (["defaultMethod"], before) == ([row.column for row in ada.rejected], ada.account("ada"))


def test_graph_s_preference_adds_its_entry(ada: World) -> None:
    """Graph's signInPreferences names a method that is usable, so it is an entry too."""
    ada.mfa(entries("ada", SMS))
    ada.mfa(MfaRecord(2, upn=upn_of("ada"), default=PUSH, add_default=True))
    assert (frozenset({SMS, PUSH}), PUSH) == registered(ada)


def test_numbers_are_written_as_imported(ada: World) -> None:
    """All three numbers, with the import as their writer."""
    result = ada.mfa(entries("ada", SMS, OFFICE_VOICE, ALTERNATE_VOICE, mobile=A, office=f"{A}x12", alternate=B))
    explained = ada.explain("ada")
    assert [A, f"{A}x12", B] == [*(pair.authentication for pair in explained.pairs), explained.alternate]
    written = ada.account("ada").pairs[Pair.OFFICE].written
    assert written is not None
    assert (NumberOrigin.IMPORT, result.run_id, ada.clock.time) == (written.origin, written.run_id, written.at)


def test_an_alternate_number_needs_no_mobile_here(ada: World) -> None:
    """What the old system has is accepted as it is (unlike A.2's rule for setting one)."""
    ada.mfa(entries("ada", ALTERNATE_VOICE, alternate=B))
    assert (B, {ALTERNATE_VOICE: B}) == (ada.explain("ada").alternate, ada.contacts("ada"))


def test_a_number_makes_no_entry(ada: World) -> None:
    """Entries are never inferred from numbers; a number no entry uses is counted."""
    result = ada.mfa(entries("ada", PUSH, mobile=A))
    assert (1, (frozenset({PUSH}), PUSH)) == (result.counts["unused_numbers"], registered(ada))


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        pytest.param(entries("ada"), 1, id="no entries"),
        pytest.param(entries("ada", SMS, mobile="", office=""), 2, id="no numbers"),
        pytest.param(entries("ada", SMS, email=""), 1, id="no email"),
        pytest.param(MfaRecord(2, upn=upn_of("ada")), 0, id="nothing sent"),
        pytest.param(entries("ada", mobile="", alternate="", office="", email=""), 5, id="nothing at all"),
    ],
)
def test_empty_cells_take_nothing_away(ada: World, row: MfaRecord, kept: int) -> None:
    """What is stored and empty in the file is kept, and counted: it may be newer than the export."""
    full = {"mobile": A, "office": B, "alternate": A, "email": "ada@example.org", "state": PerUserState.Enforced}
    ada.mfa(entries("ada", SMS, **full))
    before = ada.account("ada")
    result = ada.mfa(row)
    assert (kept, 1, before) == (result.counts["kept"], result.counts["unchanged"], ada.account("ada"))


def test_a_copied_number_survives_an_older_export(ada: World) -> None:
    """The export was made before the copy: its empty cell does not undo the copy."""
    export = entries("ada", SMS, mobile="")
    ada.mfa(export)
    ada.copy()
    ada.mfa(export)
    assert A == ada.authentication("ada")


def test_the_same_number_keeps_its_writer(ada: World) -> None:
    """A number that is there already is not written again: it stays known as copied."""
    ada.mfa(entries("ada", SMS))
    ada.copy()
    ada.mfa(entries("ada", SMS, mobile=A))
    written = ada.account("ada").pairs[Pair.MOBILE].written
    assert written is not None
    assert NumberOrigin.COPY is written.origin


def test_email_and_state(ada: World) -> None:
    """The reset email and the per-user state are taken over."""
    ada.mfa(entries("ada", SMS, email="ada@example.org", state=PerUserState.Enabled))
    user = ada.account("ada").user
    assert ("ada@example.org", PerUserState.Enabled) == (user.email, user.mfa_state)


@pytest.mark.parametrize("name", ["nobody", "gone"])
def test_an_unknown_or_deleted_user_is_rejected(ada: World, name: str) -> None:
    """A row about nobody is refused; it does not make a user."""
    ada.sync(person("gone"))
    ada.sync(removal("gone"))
    result = ada.mfa(entries(name, SMS), entries("ada", SMS))
    assert ([upn_of(name)], 1) == ([fields(row)["userPrincipalName"] for row in ada.rejected], result.counts["changed"])


def test_users_may_be_named_by_id(ada: World) -> None:
    """Graph's answers name users by id."""
    user_id = ada.account("ada").user.user_id
    ada.mfa(MfaRecord(2, user_id=user_id, methods=(SMS,), default=SMS))
    assert (frozenset({SMS}), SMS) == registered(ada)


ADA_ID = uuid.UUID("3e1c5d8e-0f1d-4a53-9c5c-5f0f3b0f4e10").bytes
BOB_ID = uuid.UUID("7b0c9a52-52a3-4c1e-8b0e-2f8d1f6a9d21").bytes
NOBODY_ID = uuid.UUID("0f6d2b1e-9c4a-4e7b-b3d8-6a5e1c7f8d90").bytes
"""Ids as directories give them (version 4)."""
OUR_ID = uuid.UUID("5d0f6a1c-93b7-8e24-8a6b-1c9e4f7d2b05").bytes
"""An id as Ringfence makes them itself (version 8)."""


@pytest.mark.parametrize(
    ("name", "user_id", "reason"),
    [
        pytest.param("ada", BOB_ID, "the id and the userPrincipalName belong to two different users", id="both are there"),
        pytest.param("gone", BOB_ID, "the id and the userPrincipalName belong to two different users", id="one is deleted"),
        pytest.param("ada", NOBODY_ID, "the user with this userPrincipalName has another id", id="one was never imported"),
    ],
)
def test_an_id_and_a_name_of_two_users_change_neither(world: World, name: str, user_id: bytes, reason: str) -> None:
    """A row that is about two users at once is about nobody; it is rejected with the id as the column at fault."""
    world.sync(person("ada", user_id=ADA_ID), person("bob", user_id=BOB_ID), person("gone"))
    world.sync(removal("gone"))
    before = world.dump("users", "pairs", "audit_records")
    result = world.mfa(entries(name, SMS, mobile=A, email="x@example.org", user_id=user_id, line=9))
    assert [(9, "id", reason)] == [(row.line, row.column, row.reason) for row in world.rejected]
    assert str(uuid.UUID(bytes=user_id)) == fields(world.rejected[0])["id"]
    assert (1, 0, before) == (result.counts["rejected"], result.counts["changed"], world.dump(*before))


@pytest.mark.parametrize(
    ("stored", "given"),
    [(ADA_ID, ADA_ID), (OUR_ID, NOBODY_ID)],
    ids=["both are the user's", "the id stored is one we made"],
)
def test_an_id_and_a_name_of_one_user(world: World, stored: bytes, given: bytes) -> None:
    """A row may name its user twice; an id we made ourselves is in no export, so the name alone decides."""
    world.sync(person("ada", user_id=stored))
    result = world.mfa(entries("ada", SMS, user_id=given))
    assert (1, [], frozenset({SMS})) == (result.counts["changed"], world.rejected, registered(world)[0])


def test_a_user_found_by_id_may_have_another_name_by_now(world: World) -> None:
    """An export made before a rename: nobody has the name it gives any more, and the id says who it was."""
    world.sync(person("ada", user_id=ADA_ID))
    world.mfa(entries("countess", SMS, user_id=ADA_ID))
    assert ([], (frozenset({SMS}), SMS)) == (world.rejected, registered(world))


def test_the_second_row_of_a_name_is_rejected(ada: World) -> None:
    """Two rows that both say all of a user's entries: the first counts."""
    ada.mfa(entries("ada", SMS), entries("ADA", PUSH, line=3))
    assert ([3], (frozenset({SMS}), SMS)) == ([row.line for row in ada.rejected], registered(ada))


def test_several_answers_about_one_user_add_up(ada: World) -> None:
    """Rows that send no entries may come many times, as Graph's answers do."""
    part = MfaRecord(2, upn=upn_of("ada"))
    ada.mfa(entries("ada", SMS), part._replace(mobile=A), part._replace(alternate=B), part._replace(email="a@example.org"))
    assert ([], A, B) == (ada.rejected, ada.authentication("ada"), ada.explain("ada").alternate)


def test_a_rejected_row_stops_nobody_else(ada: World) -> None:
    """The reader's rejected rows are handed on, the others applied."""
    bad = RejectedRow(3, "phoneNumber", "no number", {})
    result = ada.mfa(bad, entries("ada", SMS))
    assert ([bad], 2, 1, 1) == (ada.rejected, *(result.counts[name] for name in ("read", "changed", "rejected")))


def test_a_refused_row_can_be_fed_again(ada: World) -> None:
    """A row refused here is written out under its columns."""
    ada.mfa(entries("nobody", SMS, VOICE, mobile=A, alternate="", email="n@example.org", state=PerUserState.Enabled))
    expected = {
        "userPrincipalName": upn_of("nobody"),
        "methods": "OneWaySMS;TwoWayVoiceMobile",
        "defaultMethod": "OneWaySMS",
        "phoneNumber": A,
        "alternativePhoneNumber": "",
        "email": "n@example.org",
        "state": "Enabled",
    }
    assert expected == fields(ada.rejected[0])


def test_a_cut_file_changes_nothing(ada: World) -> None:
    """A file that turns out to be cut short is noticed before anything is written."""
    before = ada.dump()
    cut = MemoryReader([entries("ada", SMS)], "mfa.csv", InvalidError(ErrorCode.SOURCE_TRUNCATED, path="mfa.csv"))
    with pytest.raises(InvalidError):
        import_mfa(ada.services, ada.tenant_id, cut, ProgressNotes(), RejectedList())
    assert before == ada.dump()


def test_importing_again_changes_nothing(ada: World) -> None:
    """A second import of the same file writes neither users nor numbers nor records."""
    row = entries("ada", SMS, PUSH, mobile=A, office=B, email="ada@example.org")
    ada.mfa(row)
    before = ada.dump("users", "pairs", "audit_records")
    result = ada.mfa(row)
    assert (1, before) == (result.counts["unchanged"], ada.dump(*before))


def test_a_run_is_kept(ada: World) -> None:
    """The import is a numbered run with the file's name and the counts."""
    result = ada.mfa(entries("ada", SMS))
    with ada.services.store.snapshot() as unit:
        run = unit.administration.run(ada.tenant_id, result.run_id)
    assert run is not None
    assert (RunKind.IMPORT_MFA, "mfa.csv", result.counts) == (run.kind, run.label, run.counts)


def test_the_public_side_is_untouched(ada: World) -> None:
    """A.1: the two sets are two: an MFA import writes no public number and no baseline."""
    before = [(state.public, state.baseline) for state in ada.account("ada").pairs.values()]
    ada.mfa(entries("ada", SMS, mobile=B, office=UNSENT))
    assert before == [(state.public, state.baseline) for state in ada.account("ada").pairs.values()]

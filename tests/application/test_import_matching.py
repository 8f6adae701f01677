"""Whom a row of a directory export is about: takeover, soft match, renames, names that move on (domain-rules H.1, H.3, H.5)."""

from __future__ import annotations

import hashlib

import pytest

from ringfence.application.services import FIRST_CHUNK
from ringfence.domain.directory.matching import MatchRefusal
from ringfence.domain.directory.records import DirectoryRecord, RecordAction, SyncState
from ringfence.domain.errors import NotFoundError
from ringfence.domain.numbers.pairs import Pair
from tests.application.worlds import SMS, World, entries, person, removal, upn_of

A = "+1 4255550100"
B = "+1 4255550101"


def identifier(word: str) -> bytes:
    """An id, the same for the same word."""
    return hashlib.blake2b(word.encode(), digest_size=16).digest()


def names(world: World) -> dict[str, str]:
    """Source anchor -> user principal name of everybody, deleted or not."""
    return {row[8]: row[3] for row in world.dump("users")["users"]}


def reasons(world: World) -> list[str]:
    """Why the last import refused rows."""
    return [row.reason for row in world.rejected]


def test_hard_match_by_id(early: World) -> None:
    """A row with the id of a stored user is about that user, whatever its name."""
    early.sync(person("ada", user_id=identifier("ada")))
    result = early.sync(person("countess", user_id=identifier("ada"), anchor=None))
    assert (1, upn_of("countess")) == (result.counts["updated"], early.account("countess").user.upn)


def test_hard_match_by_anchor(early: World) -> None:
    """H.3 step 1: a row with the source anchor of a stored user is about that user."""
    early.sync(person("ada"))
    early.sync(person("ada")._replace(upn=upn_of("countess")))
    assert {"ada-anchor==": upn_of("countess")} == names(early)


def test_anchors_are_case_sensitive(early: World) -> None:
    """H.3: `ADA-ANCHOR==` is another object than `ada-anchor==`."""
    early.sync(person("ada"), person("bob", anchor="ADA-ANCHOR=="))
    assert 2 == len(names(early))


def test_names_are_not_case_sensitive(early: World) -> None:
    """A user principal name is the same in any case: the row is an update, and the new spelling stays."""
    early.sync(person("ada", anchor=None))
    result = early.sync(person("ADA", anchor=None))
    assert (0, "ADA@contoso.example") == (result.counts["added"], early.account("ada").user.upn)


def test_soft_match_takes_over_and_stamps_the_anchor(early: World) -> None:
    """H.3 step 2: same name and no anchor yet: the user is taken over."""
    early.sync(person("ada", synced=None, anchor=None))
    result = early.sync(person("ada"))
    user = early.account("ada").user
    assert (1, SyncState.SYNCED, "ada-anchor==") == (result.counts["taken_over"], user.sync_state, user.anchor)


def test_takeover_leaves_methods_alone(early: World) -> None:
    """H.3: takeover overwrites attributes the directory has a value for, and never authentication methods."""
    early.sync(person("ada", synced=None, anchor=None, mobile=A, display_name="Ada"))
    early.mfa(entries("ada", SMS, mobile=B))
    early.sync(person("ada", display_name="Ada L."))
    account = early.account("ada")
    assert ("Ada L.", A, frozenset({SMS})) == (
        account.user.display_name,
        account.pairs[Pair.MOBILE].public.text,
        account.user.methods,
    )
    assert B == early.authentication("ada")


def test_invalid_soft_match(early: World) -> None:
    """H.3: same name but another anchor is refused under Microsoft's name, and nothing changes."""
    early.sync(person("ada", mobile=A))
    before = early.dump("users", "pairs")
    early.sync(person("ada", anchor="another==", mobile=B))
    assert [MatchRefusal.INVALID_SOFT_MATCH] == reasons(early)
    assert before == early.dump("users", "pairs")


def test_a_synced_row_without_anchor_is_matched_by_name(early: World) -> None:
    """A synced row without anchor is accepted and matched by name."""
    early.sync(person("ada"))
    assert 1 == early.sync(person("ada", anchor=None, mobile=A)).counts["updated"]


def test_a_name_of_somebody_else_is_refused(early: World) -> None:
    """A rename to a name that another user has is refused; names stay unique."""
    early.sync(person("ada"), person("bob"))
    early.sync(person("bob")._replace(upn=upn_of("ada")))
    assert [MatchRefusal.DUPLICATE_UPN] == reasons(early)
    assert {"ada-anchor==": upn_of("ada"), "bob-anchor==": upn_of("bob")} == names(early)


def test_id_and_anchor_of_two_users_is_refused(early: World) -> None:
    """A row whose id and anchor lead to two users is about neither."""
    early.sync(person("ada", user_id=identifier("ada")), person("bob", user_id=identifier("bob")))
    early.sync(person("eve", user_id=identifier("ada"), anchor="bob-anchor=="))
    assert [MatchRefusal.AMBIGUOUS] == reasons(early)


def test_a_new_user_needs_a_name(early: World) -> None:
    """A row that leads to nobody and has no name is refused."""
    early.sync(person("ada")._replace(upn=None))
    assert [MatchRefusal.NO_UPN] == reasons(early)


def test_a_deleted_user_gives_the_name_up(early: World) -> None:
    """A new object may have the name of a deleted user with another anchor."""
    early.sync(person("ada"))
    early.sync(removal("ada"))
    result = early.sync(person("ada", anchor="successor=="))
    assert (1, "successor==") == (result.counts["added"], early.account("ada").user.anchor)


def test_whose_name_was_taken_cannot_come_back_under_it(early: World) -> None:
    """The deleted user returns by the anchor; the name belongs to the successor now."""
    early.sync(person("ada"))
    early.sync(removal("ada"))
    early.sync(person("ada", anchor="successor=="))
    early.sync(person("ada"))
    assert [MatchRefusal.DUPLICATE_UPN] == reasons(early)


def test_whoever_comes_back_is_found_by_name(early: World) -> None:
    """Once the successor has another name, the deleted user returns under the old one and is found by it."""
    early.sync(person("ada"))
    early.sync(removal("ada"))
    early.sync(person("ada", anchor="successor=="))
    early.sync(person("zoe", anchor="successor=="))
    assert 1 == early.sync(person("ada")).counts["restored"]
    assert "ada-anchor==" == early.account("ada").user.anchor


def in_one_chunk_or_many(world: World, rows: list[DirectoryRecord], together: bool) -> None:  # noqa: FBT001
    """Import the rows as one file, so in one transaction, or one after the other."""
    for part in [rows] if together else [[row] for row in rows]:
        world.sync(*part)


together = pytest.mark.parametrize("together", [True, False], ids=["in one transaction", "one after the other"])


@together
def test_a_name_passes_on(early: World, together: bool) -> None:  # noqa: FBT001
    """One user is renamed, and a new one gets the old name; the rows of one file mean what they mean one by one."""
    early.sync(person("ada"))
    in_one_chunk_or_many(early, [person("ada")._replace(upn=upn_of("countess")), person("ada", anchor="new==")], together)
    assert {"ada-anchor==": upn_of("countess"), "new==": upn_of("ada")} == names(early)


@together
def test_a_name_passes_to_a_stored_user(early: World, together: bool) -> None:  # noqa: FBT001
    """The same, where the one who gets the name is stored already."""
    early.sync(person("ada"), person("bob"))
    rows = [person("ada")._replace(upn=upn_of("countess")), person("bob")._replace(upn=upn_of("ada"))]
    in_one_chunk_or_many(early, rows, together)
    assert {"ada-anchor==": upn_of("countess"), "bob-anchor==": upn_of("ada")} == names(early)


@together
def test_a_deleted_user_s_name_passes_on(early: World, together: bool) -> None:  # noqa: FBT001
    """The same, where the first one is deleted."""
    early.sync(person("ada"))
    in_one_chunk_or_many(early, [removal("ada"), person("ada", anchor="new==")], together)
    assert "new==" == early.account("ada").user.anchor


DN = "CN=Ada,OU=People,DC=contoso,DC=example"


def modification(**fields: object) -> DirectoryRecord:
    """An LDIF change record about Ada."""
    return DirectoryRecord(3, RecordAction.MODIFY, dn=DN)._replace(**fields)  # type: ignore[arg-type]


def test_a_change_record_finds_its_user_by_distinguished_name(early: World) -> None:
    """H.3 for LDIF change records; case and blanks around commas do not matter."""
    early.sync(person("ada", dn=DN, office=B))
    early.sync(modification(dn="cn=ada, ou=People, dc=Contoso,dc=example", mobile=A))
    pairs = early.account("ada").pairs
    assert (A, B) == (pairs[Pair.MOBILE].public.text, pairs[Pair.OFFICE].public.text)


def test_a_change_record_may_rename(early: World) -> None:
    """A change of userPrincipalName is about the user with the distinguished name."""
    early.sync(person("ada", dn=DN))
    early.sync(modification(upn=upn_of("countess")))
    assert {"ada-anchor==": upn_of("countess")} == names(early)


def test_a_renaming_change_record_never_touches_the_name_s_owner(early: World) -> None:
    """A change record that gives Ada the name Bob has is refused: Bob keeps name and number."""
    early.sync(person("ada", dn=DN, mobile=A), person("bob", mobile=A))
    early.sync(modification(upn=upn_of("bob"), mobile=B))
    assert [MatchRefusal.DUPLICATE_UPN] == reasons(early)
    assert A == early.account("bob").pairs[Pair.MOBILE].public.text


def test_a_change_record_about_nobody_is_refused(early: World) -> None:
    """A change to an entry that was never imported is no new user."""
    early.sync(modification(mobile=A))
    assert [MatchRefusal.UNKNOWN] == reasons(early)


def test_a_moved_entry_is_found_at_its_new_place(early: World) -> None:
    """After modrdn, change records name the new place."""
    elsewhere = DN.replace("People", "Gone")
    early.sync(person("ada", dn=DN))
    early.sync(modification(new_dn=elsewhere), modification(dn=elsewhere, mobile=A))
    assert A == early.account("ada").pairs[Pair.MOBILE].public.text


def test_a_deletion_of_another_object_spares_the_name_s_owner(early: World) -> None:
    """A deletion that names an anchor never deletes a user with another anchor, though the name is the same."""
    early.sync(person("ada", anchor="successor=="))
    early.sync(removal("ada")._replace(upn=upn_of("ada")))
    assert early.account("ada").user.deleted_at is None


def test_deleting_a_stranger_is_no_error(early: World) -> None:
    """Nobody is added or refused by a deletion of somebody never heard of."""
    result = early.sync(removal("ada"))
    assert (0, 0, 0) == (result.counts["added"], result.counts["deleted"], result.counts["rejected"])
    with pytest.raises(NotFoundError):
        early.account("ada")


def test_what_is_in_a_file_does_not_depend_on_its_chunks(early: World) -> None:
    """Chunks are an affair of time: a name that passes on across the end of the first one passes on all the same."""
    early.sync(person("ada"))
    filler = [person(f"user{number}") for number in range(FIRST_CHUNK - 1)]
    early.sync(*filler, person("ada")._replace(upn=upn_of("countess")), person("ada", anchor="new=="))
    assert upn_of("countess") == names(early)["ada-anchor=="]
    assert upn_of("ada") == names(early)["new=="]

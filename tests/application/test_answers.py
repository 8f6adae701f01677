"""The answers of B.4 that need stored users and time; those of the rules alone are in `tests/domain/numbers/test_answers.py`."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ringfence.application.phones import list_phones
from ringfence.application.plan_numbers import plan_numbers
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.numbers.tables import Contact, Status
from tests.application.fakes import RivalStore
from tests.application.worlds import END, OFFICE_VOICE, PUSH, SMS, START, VOICE, World, entries, person, removal, upn_of

A = "+1 4255550100"
B = "+1 4255550101"
C = "+1 4255550102"
PREMIUM = "+979 123456789"
"""International premium rate: no telephony goes there."""


def same(world: World, name: str = "ada") -> None:
    """A synced user whose authentication number equals the public one."""
    world.sync(person(name, mobile=A))
    world.mfa(entries(name, SMS, mobile=A))


def test_a2_dropped_extensions_are_counted(world: World) -> None:
    """A2: the plan counts the mobile numbers that stand there with an extension."""
    world.sync(person("ada", mobile=f"{A}x12", office=f"{B}x12"), person("bob", mobile=A))
    assert 1 == plan_numbers(world.services, world.tenant_id, world.clock.time).extensions_dropped


def test_a6_alternate_is_never_copied(world: World) -> None:
    """A6: an entry for the alternate number gets no number from anywhere."""
    world.sync(person("ada", mobile=A, office=B))
    world.mfa(entries("ada", MethodType.TwoWayVoiceAlternateMobile))
    world.copy()
    assert (None, [None, None]) == (world.explain("ada").alternate, [pair.authentication for pair in world.explain("ada").pairs])


def test_a10_deleted_number_stays_deleted(world: World) -> None:
    """A10: the entries of the pair go with the number, so the next copy finds C3."""
    same(world)
    world.delete_phone("ada")
    world.copy()
    assert (None, "C3") == (world.authentication("ada"), world.pair("ada").rule)


def test_a10_an_entry_left_behind_is_copied_again(world: World) -> None:
    """A10: where a legacy tool puts the entry back, C6 applies again."""
    same(world)
    world.delete_phone("ada")
    world.mfa(entries("ada", SMS))
    world.copy()
    assert A == world.authentication("ada")


def test_a12_takeover_is_no_change(world: World) -> None:
    """A12: a cloud-only user who becomes synced keeps the authentication number; the number taken over is the baseline."""
    world.sync(person("ada", mobile=A, synced=None, anchor=None))
    world.mfa(entries("ada", SMS, mobile=A))
    world.sync(person("ada", mobile=B))
    assert (A, Status.DIVERGED) == (world.authentication("ada"), world.pair("ada").status)


def test_a12_then_b2_applies(world: World) -> None:
    """A12: with an empty authentication number the takeover copies at once, without waiting for a run."""
    world.sync(person("ada", mobile=A, synced=None, anchor=None))
    world.mfa(entries("ada", SMS))
    world.sync(person("ada", mobile=B))
    assert (B, Status.COPIED) == (world.authentication("ada"), world.pair("ada").status)


def test_a13_unsync_stops_at_once(world: World) -> None:
    """A13: from the moment the user is not synced any more, nothing is carried over; the number is kept."""
    same(world)
    world.sync(person("ada", mobile=B, synced=False))
    assert (A, Status.NOT_SYNCED) == (world.authentication("ada"), world.pair("ada").status)


def test_a13_no_fallback_from_then_on(world: World) -> None:
    """A13: a user who lived on the public number has none once unsynced."""
    world.sync(person("ada", mobile=A))
    world.mfa(entries("ada", SMS))
    before = world.contacts("ada")
    world.sync(person("ada", mobile=A, synced=False))
    assert ({SMS: A}, {SMS: None}) == (before, world.contacts("ada"))


def test_a13_synced_again_is_a_takeover(world: World) -> None:
    """A13: synced again in the window, the write is no change; the one after it is."""
    same(world)
    world.sync(person("ada", mobile=B, synced=False))
    world.sync(person("ada", mobile=C))
    world.set_phone("ada", C)
    world.sync(person("ada", mobile=A))
    assert A == world.authentication("ada")


def test_a14_deleted_user_is_skipped(world: World) -> None:
    """A14: a soft-deleted user is neither copied nor counted."""
    world.sync(person("ada", mobile=A))
    world.mfa(entries("ada", SMS))
    world.sync(removal("ada"))
    assert (0, 0) == (world.copy().copied, plan_numbers(world.services, world.tenant_id, world.clock.time).users)


def test_a14_restored_user_is_copied(world: World) -> None:
    """A14: on restore B.2 applies, with the number the directory has now."""
    world.sync(person("ada", mobile=A))
    world.mfa(entries("ada", SMS))
    world.sync(removal("ada"))
    world.sync(person("ada", mobile=B))
    assert B == world.authentication("ada")


def test_a14_restoring_mirrors_nothing(world: World) -> None:
    """A14: a number that changed while the user was deleted is the new baseline, not a change."""
    same(world)
    world.sync(removal("ada"))
    world.sync(person("ada", mobile=B))
    assert A == world.authentication("ada")


@pytest.mark.parametrize(
    ("at", "expected"), [(START - timedelta(seconds=1), A), (START, B), (END - timedelta(seconds=1), B), (END, A)]
)
def test_a18_the_commit_decides(early: World, at: datetime, expected: str) -> None:
    """A18: what counts is when the cloud commits the change, and nothing in the file."""
    early.open_window()
    same(early)
    early.clock.time = at
    early.sync(person("ada", mobile=B))
    assert expected == early.authentication("ada")


def test_a20_only_the_net_change_counts(world: World) -> None:
    """A20: A to B and back between two cycles is no change at all; the pair goes on following."""
    same(world)
    audit = len(world.audit())
    world.sync(person("ada", mobile=A))
    assert audit == len(world.audit())
    world.sync(person("ada", mobile=C))
    assert C == world.authentication("ada")


def an_administrator_comes_between(world: World) -> None:
    """While the work's first transaction on users is under way (the one before it notes the run), Ada's number is set to C."""
    assert isinstance(world.services.store, RivalStore)
    world.services.store.disturb(lambda: world.set_phone("ada", C), passing=1)


def test_a21_an_edit_in_between_is_seen(contested: World) -> None:
    """A21: a number set between our read and our commit is looked at again: the pair differs now, so M6 holds."""
    same(contested)
    an_administrator_comes_between(contested)
    contested.sync(person("ada", mobile=B))
    assert (C, B) == (contested.authentication("ada"), contested.pair("ada").public)


def test_a21_the_copy_looks_again_too(contested: World) -> None:
    """A21: a number that an administrator sets while the copy runs is not overwritten."""
    contested.sync(person("ada", mobile=A), person("bob", mobile=B))
    contested.mfa(entries("ada", SMS), entries("bob", SMS))
    an_administrator_comes_between(contested)
    contested.copy()
    assert (C, B) == (contested.authentication("ada"), contested.authentication("bob"))


def test_a21_nothing_is_counted_twice(contested: World) -> None:
    """A21: what a transaction did that had to be run again is counted once."""
    same(contested)
    an_administrator_comes_between(contested)
    result = contested.sync(person("ada", mobile=B), person("bob", mobile=B))
    assert (1, 1, 0) == (result.counts["updated"], result.counts["added"], result.counts["mirrored"])


def test_a22_rerun_writes_nothing(world: World) -> None:
    """A22: importing the same files and copying again changes no user, no number and no record."""
    people = [person("ada", mobile=A, office=B), person("bob", mobile=""), person("eve", mobile="n/a", synced=False)]
    methods = [entries("ada", SMS, VOICE, OFFICE_VOICE), entries("bob", PUSH)]
    for _ in range(2):
        world.sync(*people)
        world.mfa(*methods)
        world.copy()
    tables = world.dump("users", "pairs", "audit_records", "user_principal_names", "source_anchors")
    world.sync(*people)
    world.mfa(*methods)
    world.copy()
    assert tables == world.dump(*tables)


def test_a23_left_behind_can_be_seen_before_the_end(world: World) -> None:
    """A23: who will be left behind is counted while something can still be done."""
    world.sync(person("ada", mobile=A), person("bob", mobile=A))
    world.mfa(entries("ada", SMS))
    assert 1 == plan_numbers(world.services, world.tenant_id, world.clock.time).left_behind_at_end


def test_a24_shared_numbers_are_allowed(world: World) -> None:
    """A24: a number that is somebody else's MFA number already is copied and mirrored."""
    same(world, "ada")
    world.sync(person("bob", mobile=A))
    world.mfa(entries("bob", SMS))
    world.copy()
    assert A == world.authentication("bob") == world.authentication("ada")


def test_a25_blocked_country_is_copied(world: World) -> None:
    """A25: where telephony may not go, the number is copied anyway; sending is decided at sign-in."""
    world.sync(person("ada", mobile=PREMIUM))
    world.mfa(entries("ada", SMS))
    world.copy()
    assert PREMIUM == world.authentication("ada")


def test_a26_a_copy_is_a_registration(world: World) -> None:
    """A26: before the copy there is an entry but no phone; after it there is a phone."""
    world.sync(person("ada", mobile=A))
    world.mfa(entries("ada", SMS))

    def phones() -> list[str]:
        return [phone.number for phone in list_phones(world.services, world.tenant_id, upn_of("ada"))]

    before = phones()
    world.copy()
    assert ([], [A]) == (before, phones())


def test_a26_contact_moves_from_public_to_authentication(world: World) -> None:
    """A.5, S3: the same number is contacted, now from the private set."""
    world.sync(person("ada", mobile=A))
    world.mfa(entries("ada", SMS))
    before = world.explain("ada").methods[0].source
    world.copy()
    assert (Contact.PUBLIC, Contact.AUTHENTICATION) == (before, world.explain("ada").methods[0].source)


def test_pairs_are_independent(world: World) -> None:
    """B.2: the mobile number may be copied while the office number is not."""
    world.sync(person("ada", mobile=A, office="extension 12"))
    world.mfa(entries("ada", SMS, OFFICE_VOICE))
    world.copy()
    assert (A, None) == (world.authentication("ada"), world.authentication("ada", Pair.OFFICE))

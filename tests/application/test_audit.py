"""What every change leaves behind, in Microsoft's shape (domain-rules F.3, T10, T11)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, NamedTuple

import pytest

from ringfence.application.audit_trail import Document
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.values import COPY_TASK, DIRECTORY_IMPORT, MFA_IMPORT, MIRROR_TASK, UNDO_TASK
from tests.application.worlds import ADMIN, OFFICE_VOICE, PUSH, SMS, World, entries, person, removal, upn_of

A: Final = "+1 4255550100"
B: Final = "+1 4255550101"
MASKED: Final = {A: "+X XXXXXXX00", B: "+X XXXXXXX01"}

MOBILE_METHOD: Final = "3179e48a-750b-4051-897c-87b9720928f7"
OFFICE_METHOD: Final = "e37fc753-ff3b-4958-9484-eaa9425c82bc"
"""A.2: Microsoft's fixed ids."""


@pytest.fixture
def ada(world: World) -> World:
    """A synced user with a public number in use; the trail of getting there is an hour old."""
    world.sync(person("ada", mobile=A))
    world.mfa(entries("ada", SMS))
    world.clock.time += timedelta(hours=1)
    return world


def since(world: World, *, reveal: bool = True) -> list[Document]:
    """The records written now, in their order."""
    records = world.audit(reveal=reveal, since=world.clock.time)
    return sorted(records, key=lambda record: int(record["id"].rpartition("_")[2]))


def properties(record: Document) -> dict[str, tuple[Any, Any]]:
    """Name -> (old, new) of what a record says was modified."""
    modified = record["targetResources"][0]["modifiedProperties"]
    return {
        one["displayName"]: (None if one["oldValue"] is None else json.loads(one["oldValue"]), json.loads(one["newValue"]))
        for one in modified
    }


def details(record: Document) -> dict[str, str]:
    """Key -> value of the additional details."""
    return {one["key"]: one["value"] for one in record["additionalDetails"]}


def registers(world: World) -> None:
    """An administrator sets a number."""
    world.set_phone("ada", B)


def updates(world: World) -> None:
    """An administrator changes a number; the registration is an hour older."""
    world.set_phone("ada", A)
    world.clock.time += timedelta(hours=1)
    world.set_phone("ada", B)


def deletes(world: World) -> None:
    """An administrator deletes a number."""
    world.set_phone("ada", A)
    world.clock.time += timedelta(hours=1)
    world.delete_phone("ada")


def copies(world: World) -> None:
    """The copy runs."""
    world.copy()


def mirrors(world: World) -> None:
    """The directory changes a number that is the same."""
    world.copy()
    world.clock.time += timedelta(hours=1)
    world.sync(person("ada", mobile=B))


def undoes(world: World) -> None:
    """A copy is taken back."""
    run = world.copy().run_id
    world.clock.time += timedelta(hours=1)
    world.undo(run)


def imports(world: World) -> None:
    """An MFA export brings a number."""
    world.mfa(entries("ada", SMS, mobile=B))


class Write(NamedTuple):
    """A change of the private side: what happens, what the first record tells, and who did it."""

    act: Callable[[World], None]
    telling: tuple[str, str]
    actor: str


REGISTERED: Final = ("Admin registered security info", "Admin registered phone method for user")
UPDATED: Final = ("Admin updated security info", "Admin changed phone method for user")
DELETED: Final = ("Admin deleted security info", "Admin deleted phone method for user")

WRITES = [
    pytest.param(Write(registers, REGISTERED, ADMIN.name), id="administrator registers"),
    pytest.param(Write(updates, UPDATED, ADMIN.name), id="administrator updates"),
    pytest.param(Write(deletes, DELETED, ADMIN.name), id="administrator deletes"),
    pytest.param(Write(copies, REGISTERED, COPY_TASK.name), id="copy (C6)"),
    pytest.param(Write(mirrors, UPDATED, MIRROR_TASK.name), id="mirror (M3)"),
    pytest.param(Write(undoes, DELETED, UNDO_TASK.name), id="undo"),
    pytest.param(Write(imports, REGISTERED, MFA_IMPORT.name), id="MFA import"),
]


@pytest.mark.parametrize("write", WRITES)
def test_two_records_share_a_correlation_id(ada: World, write: Write) -> None:
    """T11: one record of *Authentication Methods* tells the activity, one of *Core Directory* is "Update user"."""
    write.act(ada)
    first, second = since(ada)[:2]
    assert (*write.telling, "Authentication Methods") == (
        first["activityDisplayName"],
        first["resultReason"],
        first["loggedByService"],
    )
    assert ("Update user", "", "Core Directory") == (
        second["activityDisplayName"],
        second["resultReason"],
        second["loggedByService"],
    )
    assert first["correlationId"] == second["correlationId"]


@pytest.mark.parametrize("write", WRITES)
def test_the_actor(ada: World, write: Write) -> None:
    """F.3: a person by name; a task as an application under its own name."""
    write.act(ada)
    for record in since(ada)[:2]:
        user, app = record["initiatedBy"]["user"], record["initiatedBy"]["app"]
        named = app["displayName"] if user is None else user["userPrincipalName"]
        assert (write.actor, write.actor == ADMIN.name) == (named, app is None)


def test_what_both_records_have(ada: World) -> None:
    """F.3: result, category, operation and target; the target under the name it has now."""
    registers(ada)
    for record in since(ada):
        target = record["targetResources"][0]
        assert ("success", "UserManagement", "Update") == (record["result"], record["category"], record["operationType"])
        assert ("User", upn_of("ada")) == (target["type"], target["userPrincipalName"])
        assert "2021-03-15T13:00:00Z" == record["activityDateTime"]


def test_the_telling_record(ada: World) -> None:
    """F.3: [0] method id, [1] type, [2] number, in this order."""
    ada.set_phone("ada", f"{B}x12", Pair.OFFICE)
    modified = since(ada)[0]["targetResources"][0]["modifiedProperties"]
    assert [OFFICE_METHOD, "office", f"{B}x12"] == [json.loads(one["newValue"]) for one in modified]


def test_the_directory_record(ada: World) -> None:
    """F.3: the three numbers and the email, old and new, and the entries by code with their default."""
    registers(ada)
    modified = properties(since(ada)[1])
    nothing = {"PhoneNumber": None, "AlternativePhoneNumber": None, "Email": None, "VoiceOnlyPhoneNumber": None}
    assert ([nothing], [{**nothing, "PhoneNumber": B}]) == modified["StrongAuthenticationUserDetails"]
    voice = {"MethodType": 0, "Default": False}
    text = {"MethodType": 5, "Default": True}
    assert ([text], [voice, text]) == modified["StrongAuthenticationMethod"]
    assert "StrongAuthenticationUserDetails, StrongAuthenticationMethod" == modified["Included Updated Properties"][1]
    assert "Member" == modified["TargetId.UserType"][1]


@pytest.mark.parametrize(("act", "rule"), [pytest.param(copies, "C6", id="copy"), pytest.param(mirrors, "M3", id="mirror")])
def test_a_task_names_rule_pair_and_source(ada: World, act: Callable[[World], None], rule: str) -> None:
    """F.3: rule id, pair and source attribute stand in the additional details of both records."""
    act(ada)
    for record in since(ada)[:2]:
        named = details(record)
        assert (rule, "mobile", "mobilePhone") == (named["rule"], named["pair"], named["sourceAttribute"])
        assert "run" in named


def test_the_office_source_attribute(ada: World) -> None:
    """A.2: the office number comes from `businessPhones`."""
    ada.sync(person("ada", office=B))
    ada.mfa(entries("ada", OFFICE_VOICE))
    ada.copy()
    named = next(details(record) for record in since(ada) if "rule" in details(record))
    assert ("office", "businessPhones") == (named["pair"], named["sourceAttribute"])


def test_two_copied_numbers_are_told_one_after_the_other(world: World) -> None:
    """Two numbers of one user in one run: four records, one correlation; the office number finds the mobile one written."""
    world.sync(person("ada", mobile=A, office=B))
    world.mfa(entries("ada", SMS, OFFICE_VOICE))
    world.clock.time += timedelta(hours=1)
    world.copy()
    records = since(world)
    steps = [properties(record)["StrongAuthenticationUserDetails"] for record in records[1::2]]
    told = [tuple((one["PhoneNumber"], one["VoiceOnlyPhoneNumber"]) for (one,) in step) for step in steps]
    assert [((None, None), (A, None)), ((A, None), (A, B))] == told
    assert 1 == len({record["correlationId"] for record in records})


def test_a_copy_changes_no_entry_in_the_records_either(ada: World) -> None:
    """S4: the directory record of a copy has no StrongAuthenticationMethod."""
    copies(ada)
    assert "StrongAuthenticationMethod" not in properties(since(ada)[1])


@pytest.mark.parametrize("write", WRITES)
def test_numbers_are_masked(ada: World, write: Write) -> None:
    """F.3, T10: without the right to see them, private numbers are masked wherever they stand in a record."""
    write.act(ada)
    private = [json.dumps(record) for record in since(ada, reveal=False)[:2]]
    assert not any(number in text for text in private for number in MASKED)
    assert any(mask in text for text in private for mask in MASKED.values())


def test_masking_changes_nothing_else(ada: World) -> None:
    """A masked record is the revealed one with the numbers replaced."""
    updates(ada)
    revealed = json.dumps(since(ada))
    for number, mask in MASKED.items():
        revealed = revealed.replace(number, mask)
    assert json.loads(revealed) == since(ada, reveal=False)


def test_a_mirror_tells_the_profile_change_too(ada: World) -> None:
    """The change of the public number, which set the mirror off, is a record of the import in the same correlation."""
    mirrors(ada)
    records = since(ada)
    assert (3, 1) == (len(records), len({record["correlationId"] for record in records}))
    assert ([A], [B]) == properties(records[2])["Mobile"]
    assert DIRECTORY_IMPORT.name == records[2]["initiatedBy"]["app"]["displayName"]


@pytest.mark.parametrize(
    ("row", "activity"),
    [
        (removal("ada"), "Delete user"),
        (person("ada", display_name="Ada"), "Update user"),
        (person("ada", synced=False), "Update user"),
    ],
    ids=["deleted", "renamed", "unsynced"],
)
def test_directory_changes_are_recorded_once(ada: World, row: Any, activity: str) -> None:  # noqa: ANN401 - a directory record
    """What touches no private side is one record of *Core Directory*."""
    ada.sync(row)
    told = [(record["activityDisplayName"], record["loggedByService"]) for record in since(ada)]
    assert [(activity, "Core Directory")] == told


def test_restoring_is_recorded(ada: World) -> None:
    """H.5."""
    ada.sync(removal("ada"))
    ada.clock.time += timedelta(hours=1)
    ada.sync(person("ada"))
    assert "Restore user" in [record["activityDisplayName"] for record in since(ada)]


def test_unchanged_users_leave_no_record(ada: World) -> None:
    """No record without a change."""
    ada.sync(person("ada", mobile=A))
    ada.mfa(entries("ada", SMS))
    assert [] == since(ada)


def test_entries_alone_are_told_too(ada: World) -> None:
    """T11 holds for a change of the entries without any number."""
    ada.mfa(entries("ada", PUSH, SMS))
    first, second = since(ada)
    assert ("Admin updated security info", "Update user") == (first["activityDisplayName"], second["activityDisplayName"])
    assert "StrongAuthenticationUserDetails" not in properties(second)


def test_records_can_be_chosen_by_run(ada: World) -> None:
    """All records of a copy are found by its run."""
    ada.sync(person("bob", mobile=B))
    ada.mfa(entries("bob", SMS))
    run = ada.copy().run_id
    assert 4 == len(ada.audit(run_id=run))


def test_records_can_be_chosen_by_user_and_time(ada: World) -> None:
    """Those of one user, in `[since, until)`."""
    registers(ada)
    user_id = ada.account("ada").user.user_id
    now = ada.clock.time
    assert 2 == len(ada.audit(user_id=user_id, since=now))
    assert [] == ada.audit(user_id=user_id, since=now, until=now)


def test_a_mobile_method_has_microsoft_s_id(ada: World) -> None:
    """A.2."""
    registers(ada)
    assert MOBILE_METHOD == properties(since(ada)[0])["MethodId"][1]

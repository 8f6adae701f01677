"""Change records of LDIF (RFC 2849): what they change, and what a cut may make of them."""

from __future__ import annotations

import pytest

from ringfence.domain.directory.records import UNSENT, DirectoryRecord, Edit, RecordAction
from ringfence.sources.ldif_change import parent_of
from tests.sources import samples
from tests.sources.reading import Folder, rejects

_DN = "CN=Adele Vance,OU=People,DC=contoso,DC=example"


def _modify(*lines: str) -> str:
    return "\n".join((f"dn: {_DN}", "changetype: modify", *lines)) + "\n\n"


def test_a_log_of_changes(folder: Folder) -> None:
    """Modify, add, rename with a move, delete: each as its record; users from LDIF are synced."""
    assert [
        DirectoryRecord(
            3,
            RecordAction.MODIFY,
            dn=_DN,
            synced=True,
            mobile="+1 2065550199",
            edits=(Edit("office", (), ("+1 4255550100",)),),
        ),
        DirectoryRecord(
            16,
            RecordAction.UPSERT,
            anchor="IbGAq8b2T0C0sHaqZ+JsWg==",
            upn="zoe@contoso.example",
            dn="CN=Zoe,OU=People,DC=contoso,DC=example",
            synced=True,
            display_name="Zoe",
            mobile="+1 2065550112",
        ),
        DirectoryRecord(26, RecordAction.MODIFY, dn=_DN, new_dn="CN=Adele V.,OU=Sales,DC=contoso,DC=example", synced=True),
        DirectoryRecord(32, RecordAction.DELETE, dn="CN=Leaver,OU=People,DC=contoso,DC=example", synced=True),
    ] == folder.directory("a.ldif", samples.CHANGES)


@pytest.mark.parametrize(
    ("lines", "mobile"),
    [
        pytest.param(["replace: mobile", "mobile: +1 425", "-"], "+1 425", id="replace"),
        pytest.param(["replace: mobile", "-"], "", id="replace by nothing"),
        pytest.param(["replace: mobile", "mobile: +1 425"], "+1 425", id="the - left out"),
        pytest.param(["delete: mobile", "-"], "", id="delete"),
        pytest.param(["delete: mobile", "-", "add: mobile", "mobile: +1 425", "-"], "+1 425", id="delete, add"),
        pytest.param(
            ["replace: mobile", "mobile: +1 425", "-", "delete: mobile", "mobile: +1 425", "-"],
            "",
            id="replace, delete it",
        ),
        pytest.param(["replace: mobile", "mobile: +1 425", "-", "delete: mobile", "-"], "", id="replace, delete"),
        pytest.param(["REPLACE: Mobile", "MOBILE:: KzEgNDI1", "-"], "+1 425", id="case and base64"),
        pytest.param(["replace: displayName", "displayName: A", "-"], UNSENT, id="another attribute"),
    ],
)
def test_what_a_modification_does_to_the_number(folder: Folder, lines: list[str], mobile: object) -> None:
    """The changes of one record come one after the other; what it does not name was not sent."""
    user = folder.user("a.ldif", _modify(*lines))
    assert (RecordAction.MODIFY, mobile, UNSENT) == (user.action, user.mobile, user.office)


def test_other_attributes_of_a_modification(folder: Folder) -> None:
    """Name, account and mail boxes; a new userPrincipalName is the user's, found by the dn."""
    lines = ["replace: userPrincipalName", "userPrincipalName: b@contoso.example", "-"]
    lines += [
        "replace: displayName",
        "-",
        "replace: userAccountControl",
        "userAccountControl: 514",
        "-",
        "delete: otherMailbox",
        "-",
    ]
    assert DirectoryRecord(
        1,
        RecordAction.MODIFY,
        upn="b@contoso.example",
        dn=_DN,
        synced=True,
        display_name="",
        enabled=False,
        other_mails=(),
    ) == folder.user("a.ldif", _modify(*lines))


def test_a_modification_of_nothing_we_keep_is_passed_over(folder: Folder) -> None:
    """A log holds those of groups and computers too, which no record of ours would find."""
    rows = folder.directory(
        "a.ldif", _modify("add: member", f"member: {_DN}", "-") + samples.CHANGES.decode().removeprefix("version: 1\n")
    )
    assert 4 == len(rows)


def test_an_added_entry_clears_nothing(folder: Folder) -> None:
    """What a new entry does not name is not sent, though other records of the file name it."""
    user = folder.directory("a.ldif", samples.CHANGES)[1]
    assert isinstance(user, DirectoryRecord)
    assert (UNSENT, UNSENT) == (user.office, user.enabled)


def test_a_file_of_added_entries_alone_is_an_export(folder: Folder) -> None:
    """So ldifde writes one: what the file names and a user lacks is cleared; what it never names is not sent."""
    entry = "dn: CN={0},DC=contoso,DC=example\nchangetype: add\nobjectClass: user\nuserPrincipalName: {0}@contoso.example\n"
    lines = entry.format("a") + "mobile: +1 4255550100\n\n" + entry.format("b") + "\n"
    users = [row for row in folder.directory("a.ldf", lines) if isinstance(row, DirectoryRecord)]
    assert [("+1 4255550100", UNSENT), ("", UNSENT)] == [(user.mobile, user.office) for user in users]


def test_an_added_entry_that_is_no_user_is_passed_over(folder: Folder) -> None:
    """As in an export."""
    added = "dn: cn=g\nchangetype: add\nobjectClass: group\nsAMAccountName: g\n\n"
    assert 1 == len(folder.directory("a.ldif", added + _modify("delete: mobile", "-")))


@pytest.mark.parametrize(
    ("lines", "new_dn"),
    [
        (["changetype: modrdn", "newrdn: CN=B", "deleteoldrdn: 1"], "CN=B,OU=People,DC=contoso,DC=example"),
        (["changetype: moddn", "newrdn: CN=B", "deleteoldrdn: 0", "newsuperior: OU=X,DC=y"], "CN=B,OU=X,DC=y"),
        (["changetype:: bW9kcmRu", "newrdn:: Q049Qg==", "deleteoldrdn: 1"], "CN=B,OU=People,DC=contoso,DC=example"),
        (["control: 1.2.3 true", "changetype: modrdn", "newrdn: CN=B"], "CN=B,OU=People,DC=contoso,DC=example"),
    ],
)
def test_renames_and_moves(folder: Folder, lines: list[str], new_dn: str) -> None:
    """The new name is computed from what stays."""
    user = folder.user("a.ldif", "\n".join((f"dn: {_DN}", *lines)) + "\n\n")
    assert DirectoryRecord(1, RecordAction.MODIFY, dn=_DN, new_dn=new_dn, synced=True) == user


@pytest.mark.parametrize(
    ("dn", "parent"),
    [
        ("CN=A,OU=B,DC=c", "OU=B,DC=c"),
        ("CN=A, OU=B", "OU=B"),
        (r"CN=Vance\, Adele,OU=B", "OU=B"),
        (r"CN=a\\,OU=B", "OU=B"),
        ('CN="Vance, Adele",OU=B', "OU=B"),
        (r"CN=a\2Cb,OU=B", "OU=B"),
        ("DC=c", ""),
        ("", ""),
    ],
)
def test_the_parent_of_a_name(dn: str, parent: str) -> None:
    """What follows the first comma that is neither escaped nor quoted (RFC 4514)."""
    assert parent == parent_of(dn)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(_modify("mobile: +1"), id="no operation"),
        pytest.param(_modify("increment: mobile", "mobile: 1", "-"), id="another operation"),
        pytest.param(_modify("replace: mobile", "telephoneNumber: +1", "-"), id="values of another attribute"),
        pytest.param(f"dn: {_DN}\nchangetype: modrdn\ndeleteoldrdn: 1\n\n", id="no new name"),
        pytest.param(f"dn: {_DN}\nchangetype: rename\n\n", id="another change"),
    ],
)
def test_a_bad_change_is_rejected_and_reading_goes_on(folder: Folder, record: str) -> None:
    """The changes around it are there."""
    rows = folder.directory("a.ldif", _modify("delete: mobile", "-") + record + _modify("delete: mobile", "-"))
    assert (3, [row[0] for row in rejects(rows)]) == (len(rows), [row.line for row in rows[1:2]])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(f"dn: {_DN}\nchangetype: modify\nreplace: mobile\n", "change", id="before the value"),
        pytest.param(f"dn: {_DN}\nchangetype: modify\nreplace: mobile\nmobile: +1\n", "change", id="before the -"),
        pytest.param(f"dn: {_DN}\nchangetype: modrdn\nnewrdn: CN=B\n", "record", id="before the new place"),
        pytest.param(f"dn: {_DN}\n", "record", id="before everything"),
        pytest.param(f"dn: {_DN}\ncontrol: 1.2.3\n", "record", id="before the change"),
    ],
)
def test_a_change_that_may_be_cut_refuses_the_file(folder: Folder, text: str, why: str) -> None:
    """The number would be cleared, or the name wrong, for want of the line that followed."""
    code, _, found = folder.refusal("a.ldif", _modify("delete: mobile", "-") + text)
    assert ("source.truncated", why) == (code, found)


def test_a_last_change_that_is_closed_is_whole(folder: Folder) -> None:
    """Without an empty line behind it, as people write it."""
    assert "" == folder.user("a.ldif", _modify("delete: mobile", "-").removesuffix("\n")).mobile


@pytest.mark.parametrize(
    ("lines", "edits"),
    [
        (["add: mobile", "mobile: +1 425", "-"], [Edit("mobile", ("+1 425",), ())]),
        (["delete: mobile", "mobile: +1 424", "-"], [Edit("mobile", (), ("+1 424",))]),
        (
            ["delete: mobile", "mobile: +1 424", "-", "add: mobile", "mobile: +1 425", "-"],
            [Edit("mobile", ("+1 425",), ("+1 424",))],
        ),
        (
            ["add: mobile", "mobile: +1 425", "-", "add: mobile", "mobile: +1 426", "-"],
            [Edit("mobile", ("+1 425", "+1 426"), ())],
        ),
        (["add: otherMailbox", "otherMailbox: a@x.example", "-"], [Edit("other_mails", ("a@x.example",), ())]),
        (["delete: telephoneNumber", "telephoneNumber: +1 424", "-"], [Edit("office", (), ("+1 424",))]),
        (["add: mobile", "mobile: +1 425", "-", "replace: mobile", "mobile: +1 426", "-"], []),
    ],
    ids=["add", "delete", "delete, add", "add twice", "mail box", "office", "add, replace"],
)
def test_single_values_are_edits(folder: Folder, lines: list[str], edits: list[Edit]) -> None:
    """What they come to depends on what is stored; a whole attribute that is sent later settles it."""
    assert tuple(edits) == folder.user("a.ldif", _modify(*lines)).edits

"""Entries in LDIF: syntax, who is a user, anchors, and *cleared* against *not sent* (RFC 2849; domain-rules H.3, H.4)."""

from __future__ import annotations

import base64

import pytest

from ringfence.domain.directory.records import UNSENT, DirectoryRecord, RecordAction, RejectedRow
from tests.sources import samples
from tests.sources.reading import Folder, rejects, upns

_GUID = b"\x0f\xcc\xa9\x60\x34\x0f\x6e\x41\xa6\x2e\x2f\x95\x12\xce\x31\x2f"
_ANCHOR = base64.b64encode(_GUID).decode()
_OTHER = "dn: cn=other\nobjectClass: user\nuserPrincipalName: other@contoso.example\n"


def _entry(*lines: str) -> str:
    return "\n".join(("dn: cn=a", "objectClass: user", "userPrincipalName: a@contoso.example", *lines)) + "\n\n"


def test_an_entry_as_ldapsearch_writes_it(folder: Folder) -> None:
    """Names, anchor (the consistency GUID comes first) and numbers; comments, references and the result are none."""
    assert (
        DirectoryRecord(
            10,
            RecordAction.UPSERT,
            anchor="Gz1Y7x2ylUCuBbJo+T6/wQ==",
            upn="adele@contoso.example",
            dn="CN=Adele Vance,OU=People,DC=contoso,DC=example",
            synced=True,
            display_name="Adele Vance",
            enabled=True,
            mobile="+1 2065550111",
            office="+1 425 555 0100 x12",
        )
        == folder.directory("a.ldif", samples.LDAPSEARCH)[0]
    )


def test_base64_and_folded_lines(folder: Folder) -> None:
    """A name beyond ASCII, folded in the comment and in the base64; its absent numbers are cleared, since the file names them."""
    assert (
        DirectoryRecord(
            26,
            RecordAction.UPSERT,
            anchor="IbGAq8b2T0C0sHaqZ+JsWg==",
            upn="zoe@contoso.example",
            dn="CN=Łukasiewicz\\, Zoë with a name that is long enough,OU=People,DC=contoso,DC=example",
            synced=True,
            display_name="Zoë Łukasiewicz",
            enabled=False,
            mobile="",
            office="",
        )
        == folder.directory("a.ldif", samples.LDAPSEARCH)[1]
    )


def test_openldap(folder: Folder) -> None:
    """Without a userPrincipalName the entry is handed over with its dn; cn names it, the first office number counts (A5)."""
    rows = folder.directory("a.ldif", samples.LDAPSEARCH_BARE)
    assert [
        (None, "uid=adele,ou=people,dc=contoso,dc=example", "Adele Vance", "+1 425 555 0100"),
        (None, "uid=zoe,ou=people,dc=contoso,dc=example", "Zoë Łukasiewicz", ""),
    ] == [(row.upn, row.dn, row.display_name, row.office) for row in rows if isinstance(row, DirectoryRecord)]


@pytest.mark.parametrize(
    ("text", "mobile"),
    [
        pytest.param(_entry("mobile: +1 425"), "+1 425", id="plain"),
        pytest.param(_entry("MOBILE:+1 425"), "+1 425", id="case, no space"),
        pytest.param(_entry("mobile:    +1 425"), "+1 425", id="spaces before"),
        pytest.param(_entry("mobile: +1 425 "), "+1 425 ", id="space behind"),
        pytest.param(_entry("mobile:: KzEgNDI1"), "+1 425", id="base64"),
        pytest.param(_entry("mobile:: KzEg", " NDI1"), "+1 425", id="base64, folded"),
        pytest.param(_entry("mob", " ile: +1", "  4", " 25"), "+1 425", id="folded anywhere"),
        pytest.param(_entry("mobile;x-extra: +1 425"), "+1 425", id="an option"),
        pytest.param(_entry("mobile;range=0-0: +1 425"), "+1 425", id="a range"),
        pytest.param(_entry("mobile;lang-de: +49 30", "mobile: +1 425"), "+1 425", id="a variant in some language"),
        pytest.param(_entry("mobile;lang-de: +1 425"), "+1 425", id="nothing but a variant"),
        pytest.param(_entry("# a comment", "#", "  folded", "mobile: +1 425"), "+1 425", id="comments inside"),
        pytest.param(_entry("mobile: +1 425", "mobile: +1 426"), "+1 425", id="the first of several"),
        pytest.param(_entry("mobile:"), "", id="empty"),
        pytest.param(_entry("otherMobile: +1 425"), UNSENT, id="another attribute"),
        pytest.param("version: 1\n" + _entry("mobile: +1 425"), "+1 425", id="the version above"),
        pytest.param("version:1\n\n\n\n" + _entry("mobile: +1 425") + "\n\n", "+1 425", id="empty lines"),
    ],
)
def test_ways_to_write_a_line(folder: Folder, text: str, mobile: object) -> None:
    """All of them are legal."""
    assert mobile == folder.user("a.ldif", text).mobile
    assert mobile == folder.user("a.ldif", text.replace("\n", "\r\n")).mobile


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(_entry() + _entry("telephoneNumber: +1 425"), (UNSENT, ""), id="named by another entry"),
        pytest.param(_entry() + _entry("description: mobile"), (UNSENT, UNSENT), id="named nowhere"),
        pytest.param("# requesting: mobile cn \n\n" + _entry() * 2, ("", UNSENT), id="asked for"),
        pytest.param("# requesting: objectClass te\n lephoneNumber\n\n" + _entry() * 2, (UNSENT, ""), id="asked for, folded"),
        pytest.param("# requesting: ALL\n\n" + _entry() * 2, (UNSENT, UNSENT), id="everything asked for, nobody has it"),
        pytest.param(_entry() + _entry("mobilePager: 1"), (UNSENT, UNSENT), id="the beginning of another name"),
        pytest.param(_entry() + "dn: cn=g\nobjectClass: group\nmobile: +1\n\n" * 2, ("", UNSENT), id="named by no user"),
    ],
)
def test_cleared_or_not_sent(folder: Folder, text: str, expected: tuple[object, object]) -> None:
    """An attribute named nowhere in the file counts as not sent, not as cleared."""
    first = folder.directory("a.ldif", text)[0]
    assert isinstance(first, DirectoryRecord)
    assert expected == (first.mobile, first.office)


def test_a_last_entry_without_an_empty_line_clears_nothing(folder: Folder) -> None:
    """It may have been cut: what it lacks is not sent, and a fall-back is not taken for what may have followed."""
    whole = _entry("displayName: A", "mobile: +1", f"mS-DS-ConsistencyGuid:: {_ANCHOR}")
    last = f"dn: cn=b\nobjectClass: user\ncn: b\nobjectGUID:: {_ANCHOR}\ntelephoneNumber: +1\n"
    row = folder.directory("a.ldif", whole + last)[1]
    assert DirectoryRecord(8, RecordAction.UPSERT, dn="cn=b", synced=True, office="+1") == row


@pytest.mark.parametrize(
    ("classes", "is_user"),
    [
        (["top", "person", "organizationalPerson", "user"], True),
        (["inetOrgPerson"], True),
        (["PERSON"], True),
        (["top", "person", "organizationalPerson", "user", "computer"], False),
        (["top", "person", "organizationalPerson", "contact"], False),
        (["group"], False),
        (["organizationalUnit"], False),
    ],
)
def test_who_is_a_user(folder: Folder, classes: list[str], *, is_user: bool) -> None:
    """By object class; others are passed over without a word."""
    entry = "dn: cn=a\n" + "".join(f"objectClass: {name}\n" for name in classes) + "userPrincipalName: a@contoso.example\n\n"
    assert is_user == (2 == len(folder.directory("a.ldif", entry + _OTHER)))


@pytest.mark.parametrize(
    ("lines", "is_user"),
    [
        (["userPrincipalName: a@contoso.example"], True),
        (["sAMAccountName: adele"], True),
        (["uid: adele"], True),
        ([f"objectGUID:: {_ANCHOR}"], True),
        (["mobile: +1 425"], True),
        (["sAMAccountName: PC01$"], False),
        (["sAMAccountName: staff", "groupType: -2147483646"], False),
        (["ou: people"], False),
    ],
)
def test_who_is_a_user_where_classes_were_not_asked_for(folder: Folder, lines: list[str], *, is_user: bool) -> None:
    """By what only accounts have."""
    entry = "\n".join(("dn: cn=a", *lines)) + "\n\n"
    assert is_user == (2 == len(folder.directory("a.ldif", entry + "dn: cn=b\nuserPrincipalName: b@contoso.example\n\n")))


def test_an_export_of_numbers_alone_speaks_of_every_entry(folder: Folder) -> None:
    """With neither classes nor names all are taken, since the dn may lead to a user, whose number was cleared."""
    rows = folder.directory("a.ldif", "dn: cn=a\nmobile: +1 425\n\ndn: cn=b\n\n")
    assert [("cn=a", "+1 425"), ("cn=b", "")] == [(row.dn, row.mobile) for row in rows if isinstance(row, DirectoryRecord)]


def test_built_in_accounts_without_a_name_are_passed_over(folder: Folder) -> None:
    """As the real sync does; one that was given a userPrincipalName is a user like others."""
    built_in = "dn: cn=krbtgt\nobjectClass: user\nisCriticalSystemObject: TRUE\n\n"
    assert ["a@contoso.example"] == upns(folder.directory("a.ldif", built_in + _entry("isCriticalSystemObject: TRUE")))


@pytest.mark.parametrize(
    ("lines", "anchor"),
    [
        ([f"objectGUID:: {_ANCHOR}"], _ANCHOR),
        ([f"objectGUID;binary:: {_ANCHOR}"], _ANCHOR),
        (["objectGUID: 60a9cc0f-0f34-416e-a62e-2f9512ce312f"], _ANCHOR),
        (["objectGUID: sixteen printed!"], "c2l4dGVlbiBwcmludGVkIQ=="),
        ([f"objectGUID:: {_ANCHOR}", "mS-DS-ConsistencyGuid:: AQIDBA=="], "AQIDBA=="),
        (["mS-DS-ConsistencyGuid:: AQIDBA==", f"objectGUID:: {_ANCHOR}"], "AQIDBA=="),
        (["mS-DS-ConsistencyGuid:", f"objectGUID:: {_ANCHOR}"], _ANCHOR),
        ([], None),
    ],
)
def test_the_anchor(folder: Folder, lines: list[str], anchor: str | None) -> None:
    """Base64 of mS-DS-ConsistencyGuid, else of the 16 bytes of objectGUID (H.3)."""
    assert anchor == folder.user("a.ldif", _entry(*lines)).anchor


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["displayName: Adele", "cn: a"], "Adele"),
        (["cn: a", "displayName:: QWRlbGU="], "Adele"),
        (["cn: a"], "a"),
        (["sn: x"], UNSENT),
    ],
)
def test_the_display_name(folder: Folder, lines: list[str], name: object) -> None:
    """It is displayName, else cn."""
    assert name == folder.user("a.ldif", _entry(*lines)).display_name


def test_other_mails(folder: Folder) -> None:
    """They come from otherMailbox alone; mail and proxyAddresses are something else."""
    lines = ["mail: a@contoso.example", "proxyAddresses: SMTP:a@contoso.example"]
    assert UNSENT is folder.user("a.ldif", _entry(*lines)).other_mails
    mails = folder.user("a.ldif", _entry(*lines, "otherMailbox: a@example.org", "otherMailbox: b@example.org")).other_mails
    assert ("a@example.org", "b@example.org") == mails


def test_a_tombstone_is_a_deletion(folder: Folder) -> None:
    """It carries the anchor, and nothing of it is cleared."""
    user = folder.user("a.ldif", _entry("isDeleted: TRUE", f"objectGUID:: {_ANCHOR}", "mobile: +1"))
    assert DirectoryRecord(1, RecordAction.DELETE, anchor=_ANCHOR, upn="a@contoso.example", dn="cn=a", synced=True) == user


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(["mobile:< file:///etc/passwd"], (8, "mobile"), id="a value in a file"),
        pytest.param(["jpegPhoto:< file:///tmp/x"], (8, "jpegPhoto"), id="whatever the attribute"),
        pytest.param(["no colon"], (5, ""), id="no colon"),
        pytest.param(["mobile:: +1 425"], (8, "mobile"), id="no base64"),
        pytest.param(["mobile:: /w=="], (8, "mobile"), id="not UTF-8"),
        pytest.param(["mobile:: AA=="], (8, "mobile"), id="NUL"),
        pytest.param(["objectGUID: nonsense"], (8, "objectGUID"), id="no GUID"),
        pytest.param(["userAccountControl: x"], (8, "userAccountControl"), id="no number"),
        pytest.param(["cn: a", "dn: cn=b", "cn: b"], (5, "dn"), id="no empty line between two"),
        pytest.param(["changetype: delete"], (8, "changetype"), id="a change in the wrong place"),
    ],
)
def test_a_bad_entry_is_rejected_and_reading_goes_on(folder: Folder, lines: list[str], expected: tuple[int, str]) -> None:
    """The line is that of the attribute where one is told, else of the dn; the entries around it are there."""
    rows = folder.directory("a.ldif", _OTHER + "\n" + _entry(*lines) + _OTHER)
    assert ([expected], ["other@contoso.example"] * 2) == (rejects(rows), upns(rows))


def test_a_file_named_by_a_value_is_not_read(folder: Folder) -> None:
    """Not even to reject the row."""
    secret = folder.write("secret", "+1 4255550100")
    [row] = folder.directory("a.ldif", _entry(f"mobile:< file://{secret}"))
    assert isinstance(row, RejectedRow)
    assert "4255550100" not in repr(row)


@pytest.mark.parametrize(
    ("text", "keys", "unreadable"),
    [
        pytest.param(_entry("mobile:: !", f"objectGUID:: {_ANCHOR}"), ("cn=a", "a@contoso.example", _ANCHOR), False, id="all"),
        pytest.param(_entry("mobile:: !", "objectGUID:: !"), ("cn=a", "a@contoso.example"), True, id="one that is broken"),
        pytest.param("dn:: Y249YQ==\nmobile:: !\n\n", ("cn=a",), False, id="dn in base64"),
        pytest.param("dn: cn=a\nuserPrincipalName: a\n\n", ("cn=a", "a"), True, id="a name that is none"),
        pytest.param("dn: cn=a\nno colon\n\n", ("cn=a",), True, id="a line that may be a name"),
        pytest.param("cn: a\n\n", (), True, id="none"),
        pytest.param(_entry("dn: cn=b"), ("cn=a", "a@contoso.example", "cn=b"), False, id="of two"),
    ],
)
def test_whose_entry_it_was_is_told_as_far_as_it_can_be(
    folder: Folder, text: str, keys: tuple[str, ...], *, unreadable: bool
) -> None:
    """Nobody may be deleted because an entry was unreadable; the entry itself is kept."""
    row = folder.directory("a.ldif", _OTHER + "\n" + text)[1]
    assert isinstance(row, RejectedRow)
    assert (keys, unreadable, {"record": text.strip()}) == (row.keys, row.unreadable, row.fields)


def test_a_name_with_a_line_end_leaves_a_torn_comment(folder: Folder) -> None:
    """The comment that ldapsearch writes holds it as it is (seen on conflict objects)."""
    text = "# Kim\nCNF:6c9d2d0e, People\n" + _entry("mobile: +1")
    assert [(3, "+1")] == [(row.line, row.mobile) for row in folder.directory("a.ldif", text) if isinstance(row, DirectoryRecord)]

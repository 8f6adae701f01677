"""A directory export in CSV: which column means what, and who is synced (domain-rules A.2, H.1, H.3)."""

from __future__ import annotations

import base64
import uuid

import pytest

from ringfence.domain.directory.records import UNSENT, DirectoryRecord, RecordAction, RejectedRow
from ringfence.domain.errors import ErrorCode, InvalidError
from tests.sources import samples
from tests.sources.reading import Folder, rejects, upns

_ID = "6c9d2d0e-6d4b-4f0e-8a51-6f4f7d1b2c3a"
_ANCHOR = base64.b64encode(uuid.UUID(_ID).bytes_le).decode()
_HEX = uuid.UUID(_ID).bytes_le.hex()


def test_graphs_columns(folder: Folder) -> None:
    """The whole row of a script's export."""
    assert (
        DirectoryRecord(
            2,
            RecordAction.UPSERT,
            uuid.UUID(_ID).bytes,
            "D8ypYDQPbkGmLi+VEs4xLw==",
            "adele@contoso.example",
            synced=True,
            display_name="Vance, Adele",
            enabled=True,
            mobile="+1 2065550111",
            office="+1 4255550100",
        )
        == folder.directory("a.csv", samples.GRAPH_CSV)[0]
    )


def test_active_directorys_columns(folder: Folder) -> None:
    """The hexadecimal of csvde and the text of PowerShell are the same kind of anchor, users are synced, a group is no user."""
    rows = folder.directory("a.csv", samples.AD_CSV)
    assert [
        ("adele@contoso.example", "D8ypYDQPbkGmLi+VEs4xLw==", True, True, "+1 2065550111", "+1 425 555 0100"),
        ("zoe@contoso.example", "IbGAq8b2T0C0sHaqZ+JsWg==", True, False, "", ""),
    ] == [
        (row.upn, row.anchor, row.synced, row.enabled, row.mobile, row.office) for row in rows if isinstance(row, DirectoryRecord)
    ]


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("displayName", "display_name"),
        ("mobilePhone", "mobile"),
        ("mobile", "mobile"),
        ("businessPhones", "office"),
        ("telephoneNumber", "office"),
        ("officePhone", "office"),
        ("userType", "user_type"),
    ],
)
def test_a_column_that_is_there_and_empty_is_cleared(folder: Folder, column: str, field: str) -> None:
    """And one that is not there was not sent."""
    assert "" == getattr(folder.user("a.csv", f"upn,{column}\na@contoso.example,\n"), field)
    assert UNSENT is getattr(folder.user("a.csv", "upn\na@contoso.example\n"), field)


@pytest.mark.parametrize(
    ("header", "cell", "synced"),
    [
        ("upn,onPremisesSyncEnabled", "true", True),
        ("upn,DirSyncEnabled", "True", True),
        ("upn,directorySynced", "FALSE", False),
        ("upn,onPremisesSyncEnabled", "", None),
        ("upn,objectGUID", _ID, True),
        ("upn,distinguishedName", "CN=a", True),
        ("upn,sAMAccountName", "a", True),
        ("upn,telephoneNumber", "", True),
        ("upn,displayName", "A", UNSENT),
        ("upn,onPremisesImmutableId", _ANCHOR, UNSENT),
    ],
)
def test_who_is_synced(folder: Folder, header: str, cell: str, synced: object) -> None:
    """The sync column says it; without one, columns only an on-premises directory has."""
    assert synced is folder.user("a.csv", f"{header}\na@contoso.example,{cell}\n").synced


def test_the_sync_column_outweighs_the_others(folder: Folder) -> None:
    """The portal's download has telephoneNumber too."""
    assert folder.user("a.csv", "upn,telephoneNumber,directorySynced\na@contoso.example,+1 4255550100,\n").synced is None


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("objectGUID", _ID),
        ("objectGUID", _ID.upper()),
        ("objectGUID", "{" + _ID + "}"),
        ("objectGUID", f"X'{_HEX}'"),
        ("objectGUID", _ANCHOR),
        ("mS-DS-ConsistencyGuid", f"X'{_HEX.upper()}'"),
        ("onPremisesImmutableId", _ANCHOR),
        ("immutableId", _ANCHOR),
        ("Source Anchor", _ANCHOR),
    ],
)
def test_the_anchor_in_every_form(folder: Folder, column: str, cell: str) -> None:
    """Base64 of the 16 bytes as the directory stores them (H.3)."""
    assert _ANCHOR == folder.user("a.csv", f"upn,{column}\na@contoso.example,{cell}\n").anchor


def test_the_consistency_guid_comes_before_the_object_guid(folder: Folder) -> None:
    """Where it is filled (H.3)."""
    other = "00000000-0000-0000-0000-000000000001"
    rows = folder.directory(
        "a.csv", f"upn,objectGUID,mS-DS-ConsistencyGuid\na@contoso.example,{other},{_ID}\nb@contoso.example,{_ID},\n"
    )
    assert [_ANCHOR, _ANCHOR] == [row.anchor for row in rows if isinstance(row, DirectoryRecord)]


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("+1 4255550100", "+1 4255550100"),
        ("'+1 4255550100", "+1 4255550100"),
        ('"=""+1 4255550100"""', "+1 4255550100"),
        ("206.555.0111", "206.555.0111"),
        ("'206", "'206"),
        ("=1+1", "=1+1"),
        (" +1 425 ", " +1 425 "),
    ],
)
def test_numbers_are_taken_as_they_stand(folder: Folder, cell: str, number: str) -> None:
    """Only what people wrap around a + to keep a spreadsheet from calculating is taken off."""
    assert number == folder.user("a.csv", f"upn,mobile,x\na@contoso.example,{cell},\n").mobile


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ('"[""+1 4255550100"",""+1 4255550101""]"', "+1 4255550100"),
        ("[]", ""),
        ("+1 4255550100;+1 4255550101", "+1 4255550100"),
        (";", ""),
        ("'+1 4255550100;", "+1 4255550100"),
        ("+1 4255550100", "+1 4255550100"),
    ],
)
def test_the_first_office_number_counts(folder: Folder, cell: str, number: str) -> None:
    """Only element 0 (A5), however the list is written."""
    assert number == folder.user("a.csv", f"upn,businessPhones,x\na@contoso.example,{cell},\n").office


@pytest.mark.parametrize(
    ("column", "cell", "enabled"),
    [
        ("accountEnabled", "True", True),
        ("enabled", "false", False),
        ("accountEnabled", "", UNSENT),
        ("userAccountControl", "512", True),
        ("userAccountControl", "514", False),
        ("userAccountControl", "", UNSENT),
    ],
)
def test_who_is_enabled(folder: Folder, column: str, cell: str, enabled: object) -> None:
    """By word, or by the bit of Active Directory."""
    assert enabled is folder.user("a.csv", f"upn,{column}\na@contoso.example,{cell}\n").enabled


def test_other_mails_and_user_type(folder: Folder) -> None:
    """A list, and one of two words."""
    user = folder.user("a.csv", "upn,otherMails,userType\na@contoso.example,a@example.org; b@example.org,guest\n")
    assert (("a@example.org", "b@example.org"), "Guest") == (user.other_mails, user.user_type)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("id", "42"),
        ("objectGUID", "X'01'x"),
        ("objectGUID", "X'012'"),
        ("objectGUID", "nonsense"),
        ("businessPhones", "System.String[]"),
        ("businessPhones", '"[""+1 425"'),
        ("businessPhones", "[1]"),
        ("otherMails", "System.Object[]"),
        ("accountEnabled", "yes"),
        ("dirSyncEnabled", "maybe"),
        ("userAccountControl", "enabled"),
        ("userAccountControl", "-1"),
    ],
)
def test_a_cell_that_cannot_be_meant_rejects_its_row(folder: Folder, column: str, cell: str) -> None:
    """The column is told in the header's spelling, and the next row is read."""
    rows = folder.directory("a.csv", f"upn,{column}\na@contoso.example,{cell}\nb@contoso.example,\n")
    assert ([(2, column)], ["b@contoso.example"]) == (rejects(rows), upns(rows))


def test_a_user_can_be_named_by_any_name(folder: Folder) -> None:
    """The id, the anchor or the distinguished name do where there is no userPrincipalName."""
    rows = folder.directory("a.csv", f'id,immutableId,dn,upn\n{_ID},,,\n,{_ANCHOR},,\n,,"CN=A,DC=x",\n,,,a@contoso.example\n')
    assert (4, []) == (len(rows), rejects(rows))


def test_a_rejected_guid_protects_its_user_as_an_anchor(folder: Folder) -> None:
    """A user whose row was rejected is never deleted, and stored users are known by the anchor."""
    [row] = folder.directory("a.csv", f"objectGUID,mobile,accountEnabled\n{_ID},,maybe\n")
    assert isinstance(row, RejectedRow)
    assert ((_ID, _ANCHOR), False) == (row.keys, row.unreadable)


@pytest.mark.parametrize(
    ("column", "number"),
    [
        ("businessPhones", "+1 4255550100"),
        ("telephoneNumber", "+1 4255550100;+1 4255550101"),
        ("officePhone", "+1 4255550100;+1 4255550101"),
    ],
)
def test_only_graphs_attribute_is_a_list(column: str, number: str, folder: Folder) -> None:
    """Of a list the first counts (A5); the directory's own attribute is one text, as LDIF has it."""
    [row] = folder.directory("a.csv", f"userPrincipalName,{column}\na@contoso.example,+1 4255550100;+1 4255550101\n")
    assert isinstance(row, DirectoryRecord)
    assert number == row.office


@pytest.mark.parametrize(
    "header",
    ["userPrincipalName,methods,defaultMethod,phoneNumber,state", "userPrincipalName,pair,public,authentication,status,rule"],
    ids=["MFA methods", "a report of ours"],
)
def test_a_file_of_another_kind_is_no_directory(header: str, folder: Folder) -> None:
    """Its names alone would add and restore users."""
    with pytest.raises(InvalidError) as told:
        folder.directory("a.csv", f"{header}\na@contoso.example{',' * header.count(',')}\n")
    assert ErrorCode.SOURCE_FORMAT is told.value.code

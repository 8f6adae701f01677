"""CSV as a table: headers, delimiters, broken rows, and how the last row ends (RFC 4180; issue A, "Bad input")."""

from __future__ import annotations

import pytest

from ringfence.domain.directory.records import UNSENT, DirectoryRecord, RejectedRow
from tests.sources.reading import Folder, rejects, upns

_HEADER = "userPrincipalName,displayName,mobilePhone\n"


@pytest.mark.parametrize(
    "header",
    [
        "userPrincipalName,displayName,mobilePhone",
        "USERPRINCIPALNAME,Display Name,mobile_phone",
        " UPN ,name,Mobile",
        '"User Principal Name","displayname","mobile"',
        "User principal name,Display name,Mobile phone",
    ],
)
def test_headers_are_compared_loosely(folder: Folder, header: str) -> None:
    """Case, spaces, underscores and hyphens do not count."""
    user = folder.user("a.csv", f"{header}\nadele@contoso.example,Adele,+1 4255550100\n")
    assert ("adele@contoso.example", "Adele", "+1 4255550100") == (user.upn, user.display_name, user.mobile)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("preamble", ["", "#TYPE Selected.Microsoft.Graph.User\n", "sep={0}\n", "\n\n"])
def test_delimiters_and_lines_before_the_header(folder: Folder, delimiter: str, preamble: str) -> None:
    """The header tells the delimiter; PowerShell's and the spreadsheet's first line are passed over, and counted."""
    text = preamble.format(delimiter) + delimiter.join(("upn", "name")) + "\n" + delimiter.join(("a@contoso.example", "A")) + "\n"
    user = folder.user("a.csv", text)
    assert ("A", text.count("\n")) == (user.display_name, user.line)


def test_quoted_cells_may_hold_anything(folder: Folder) -> None:
    """Delimiters, quotes and line ends; the line of a row is the one it begins in."""
    rows = folder.directory("a.csv", _HEADER + 'a@contoso.example,"Vance, ""A""\r\nsecond",\nb@contoso.example,B,\n')
    assert [(2, 'Vance, "A"\r\nsecond'), (4, "B")] == [
        (row.line, row.display_name) for row in rows if isinstance(row, DirectoryRecord)
    ]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param("b@contoso.example", (3, ""), id="short"),
        pytest.param("b@contoso.example,B,+1 4255550100,more", (3, ""), id="long"),
        pytest.param('b@contoso.example,"B"x,', (3, ""), id="text behind a quote"),
        pytest.param("b@contoso.example,\0,", (3, ""), id="NUL"),
        pytest.param("nobody,B,", (3, "userPrincipalName"), id="no principal name"),
        pytest.param(",B,", (3, "userPrincipalName"), id="no name at all"),
    ],
)
def test_a_bad_row_is_rejected_and_reading_goes_on(folder: Folder, row: str, expected: tuple[int, str]) -> None:
    """Line and column are told, and the rows around it are there."""
    rows = folder.directory("a.csv", f"{_HEADER}a@contoso.example,A,\n{row}\nc@contoso.example,C,\n")
    assert ([expected], ["a@contoso.example", "c@contoso.example"]) == (rejects(rows), upns(rows))


@pytest.mark.parametrize(
    ("row", "keys", "unreadable"),
    [
        pytest.param(b"b@contoso.example,\xe4,", ("b@contoso.example",), False, id="another cell is not UTF-8"),
        pytest.param(b"b\xe4@contoso.example,B,", (), True, id="the name is not UTF-8"),
        pytest.param(b"b@contoso.example", ("b@contoso.example",), True, id="short"),
        pytest.param(b'"b@contoso.example" ,B,', (), True, id="quotes do not match"),
        pytest.param(b"b, B,b@contoso.example,", ("b",), True, id="shifted"),
        pytest.param(b"b,B,", ("b",), True, id="a name that is none"),
    ],
)
def test_whose_row_it_was_is_told_as_far_as_it_can_be(
    folder: Folder, row: bytes, keys: tuple[str, ...], *, unreadable: bool
) -> None:
    """Nobody may be deleted because a row was unreadable."""
    [rejected] = folder.directory("a.csv", _HEADER.encode() + row + b"\n")
    assert isinstance(rejected, RejectedRow)
    assert (keys, unreadable) == (rejected.keys, rejected.unreadable)


def test_a_rejected_row_keeps_its_columns(folder: Folder) -> None:
    """To be mended it is needed under the names of the header; what stands behind them too."""
    [row] = folder.directory("a.csv", "UPN,Department,mobile\nx,IT,+1,more,and\n")
    assert isinstance(row, RejectedRow)
    assert {"UPN": "x", "Department": "IT", "mobile": "+1", "surplus": "more,and"} == row.fields


@pytest.mark.parametrize("row", ["", " ", ",,", '"",,'])
def test_empty_rows_are_no_rows(folder: Folder, row: str) -> None:
    """A spreadsheet leaves them behind the last row."""
    rows = folder.directory("a.csv", f"{_HEADER}a@contoso.example,A,\n{row}\n")
    assert (1, []) == (len(rows), rejects(rows))


@pytest.mark.parametrize(
    ("header", "last"),
    [
        pytest.param("upn,mobile", 'a@contoso.example,"+1 4255550100"', id="quoted and closed"),
        pytest.param("upn,mobile,accountEnabled", "a@contoso.example,,True", id="true"),
        pytest.param("upn,mobile,dirSyncEnabled", "a@contoso.example,,FALSE", id="false"),
        pytest.param("upn,mobile,userType", "a@contoso.example,,Guest", id="user type"),
        pytest.param("upn,mobile,department", "a@contoso.example,,Sal", id="a column nobody reads"),
        pytest.param("upn,mobile", "a@contoso.example,+1 4255550100\r", id="half a line end"),
    ],
)
def test_a_last_row_without_line_end_is_whole(folder: Folder, header: str, last: str) -> None:
    """Where its last cell cannot be the beginning of a longer one."""
    assert "a@contoso.example" == folder.user("a.csv", f"{header}\n{last}").upn


def test_an_empty_last_cell_without_line_end_is_not_sent(folder: Folder) -> None:
    """It may have been cut off, and a number must not be cleared by a cut."""
    assert UNSENT is folder.user("a.csv", "upn,displayName,mobile\na@contoso.example,Adele,").mobile


@pytest.mark.parametrize(
    ("header", "last", "why"),
    [
        pytest.param("upn,mobile", "a@contoso.example,+1 42555501", "line_end", id="a number"),
        pytest.param("mobile,upn", "+1 4255550100,a@contoso.exam", "line_end", id="a name"),
        pytest.param("mobile,upn,objectGUID", "+1 4255550100,a@contoso.example,", "line_end", id="an empty identity"),
        pytest.param("upn,userType", "a@contoso.example,Memb", "line_end", id="half a word"),
        pytest.param("upn,name,mobile", "a@contoso.example,Adele", "short_row", id="fewer cells"),
        pytest.param("upn,name,mobile", 'a@contoso.example,"Ade', "quoted_cell", id="inside quotes"),
        pytest.param("upn,name,mobile", 'a@contoso.example,"Ade\n\n', "quoted_cell", id="inside quotes, behind a line end"),
    ],
)
def test_a_last_row_that_may_be_cut_refuses_the_file(folder: Folder, header: str, last: str, why: str) -> None:
    """A file that ends in the middle of a record changes nothing at all."""
    assert ("source.truncated", 2, why) == folder.refusal("a.csv", f"{header}\n{last}")


def test_half_a_character_at_the_end_is_a_cut(folder: Folder) -> None:
    """UTF-8 of more than one byte, cut within."""
    assert "source.truncated" == folder.refusal("a.csv", "upn,name\na@contoso.example,Zoë".encode()[:-1])[0]


def test_ignored_columns_are_named(folder: Folder) -> None:
    """So that a misspelt column can be noticed; those of our rejected files are not counted."""
    reader = folder.open_directory("a.csv", "line,column,reason,upn,Mobil,department\n")
    assert ("Mobil", "department") == reader.ignored_columns


def test_a_header_alone_is_an_empty_export(folder: Folder) -> None:
    """It is what it claims to be."""
    assert [] == folder.directory("a.csv", "userPrincipalName,mobilePhone\n")

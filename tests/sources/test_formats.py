"""A file is what its name says, or it is refused (issue A, "Bad input")."""

from __future__ import annotations

import pytest

from ringfence.sources.formats import SourceFormat
from tests.sources import samples
from tests.sources.reading import Folder

_PAGE = "<!DOCTYPE html>\n<html><body>Sign in</body></html>\n"
_ZIP = b"PK\x03\x04\x14\x00\x06\x00" + bytes(200)
_CSV = samples.GRAPH_CSV
_LINES = samples.GRAPH_LINES


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("a.csv", _CSV, SourceFormat.CSV),
        ("a.TXT", _CSV, SourceFormat.CSV),
        ("a.jsonl", _LINES, SourceFormat.JSON_LINES),
        ("a.ndjson", _LINES, SourceFormat.JSON_LINES),
        ("a.json", _LINES, SourceFormat.JSON),
        ("a.ldf", samples.LDAPSEARCH, SourceFormat.LDIF),
        ("a.LDIF", samples.LDAPSEARCH, SourceFormat.LDIF),
        ("export", samples.LDAPSEARCH, SourceFormat.LDIF),
        ("export.1", samples.CHANGES, SourceFormat.LDIF),
        ("export.dat", _CSV, SourceFormat.CSV),
        ("export.dat", _LINES, SourceFormat.JSON),
        ("export.dat", samples.GRAPH_PAGE, SourceFormat.JSON),
    ],
)
def test_the_name_tells_the_form_and_else_the_content(folder: Folder, name: str, content: bytes, form: SourceFormat) -> None:
    """Extensions count in any case; a name without a known one is sniffed."""
    assert form is folder.open_directory(name, content).form


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json", "a.ldif", "a"])
@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param(" \n\r\n\t\n", "empty", id="blank"),
        pytest.param("\ufeff", "empty", id="only a mark"),
        pytest.param(_PAGE, "markup", id="a web page"),
        pytest.param(_ZIP, "binary", id="a workbook"),
        pytest.param(bytes(range(32)) * 20, "binary", id="bytes"),
        pytest.param(_CSV.decode().encode("utf-16-le"), "binary", id="UTF-16 without mark"),
    ],
)
def test_what_is_no_export_is_refused(folder: Folder, name: str, content: str | bytes, why: str) -> None:
    """Whatever its name."""
    assert ("source.format", 1, why) == folder.refusal(name, content)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        pytest.param("a.jsonl", _CSV, "nothing_parses", id="CSV named .jsonl"),
        pytest.param("a.jsonl", samples.GRAPH_PAGE, "nothing_parses", id="an indented document named .jsonl"),
        pytest.param("a.jsonl", b"[" + _LINES.replace(b"\n{", b",{") + b"]", "nothing_parses", id="an array named .jsonl"),
        pytest.param("a.jsonl", samples.LDAPSEARCH, "nothing_parses", id="LDIF named .jsonl"),
        pytest.param("a.jsonl", "[1]\n2\n", "nothing_parses", id="no objects"),
        pytest.param("a.jsonl", '{"a":1}\n' * 30, "nothing_parses", id="objects that name nobody"),
        pytest.param("a.json", _CSV, "not_json", id="CSV named .json"),
        pytest.param("a.json", samples.LDAPSEARCH, "not_json", id="LDIF named .json"),
        pytest.param("a.json", "[]", "empty", id="an empty array"),
        pytest.param("a.csv", _LINES, "no_user_column", id="JSON Lines named .csv"),
        pytest.param("a.csv", samples.LDAPSEARCH, "no_user_column", id="LDIF named .csv"),
        pytest.param("a.csv", "displayName,mobilePhone\nAdele,+1 4255550100\n", "no_user_column", id="nobody is named"),
        pytest.param("a.csv", "upn,mobile,Mobile\na@b.example,1,2\n", "column_twice", id="a column twice"),
        pytest.param("a.ldif", _CSV, "nothing_parses", id="CSV named .ldif"),
        pytest.param("a.ldif", _LINES, "nothing_parses", id="JSON Lines named .ldif"),
        pytest.param("a.ldif", "# nothing\n", "empty", id="only comments"),
        pytest.param("a.ldif", "version: 2\n\ndn: cn=a\ncn: a\n", "version", id="another version of LDIF"),
    ],
)
def test_what_is_another_form_is_refused(folder: Folder, name: str, content: str | bytes, why: str) -> None:
    """A file that is not what it claims changes nothing at all."""
    code, _, found = folder.refusal(name, content)
    assert ("source.format", why) == (code, found)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        pytest.param("a.ldif", samples.LDAPSEARCH, "no_mfa_form", id="LDIF"),
        pytest.param("a.csv", _CSV, "no_method_column", id="a directory export"),
        pytest.param("a.csv", "methods,state\nOneWaySMS,Enabled\n", "no_user_column", id="nobody is named"),
        pytest.param("a.jsonl", _CSV, "nothing_parses", id="CSV named .jsonl"),
        pytest.param("a.json", '{"value":[{"displayName":"Adele"}]}', "nothing_parses", id="users"),
    ],
)
def test_what_says_nothing_of_methods_is_refused(folder: Folder, name: str, content: str | bytes, why: str) -> None:
    """`import mfa` does not take a directory export."""
    code, _, found = folder.refusal(name, content, mfa=True)
    assert ("source.format", why) == (code, found)


def test_a_damaged_first_line_does_not_condemn_the_file(folder: Folder) -> None:
    """It is one bad row when good ones follow."""
    rows = folder.directory("a.jsonl", b"oops\n" + _LINES)
    assert 5 == len(rows)

"""A directory export in Graph's user shape: lines, arrays, pages, delta answers (Graph's `user` resource; H.1)."""

from __future__ import annotations

import json
import uuid

import pytest

from ringfence.domain.directory.records import UNSENT, DirectoryRecord, RecordAction, RejectedRow
from ringfence.sources import blocks
from tests.sources import samples
from tests.sources.reading import Folder, rejects, upns

_ID = "6c9d2d0e-6d4b-4f0e-8a51-6f4f7d1b2c3a"
_UPN = "adele@contoso.example"


def _line(**keys: object) -> str:
    return json.dumps({"userPrincipalName": _UPN, **keys}) + "\n"


def test_a_whole_row(folder: Folder) -> None:
    """Every key we read."""
    assert (
        DirectoryRecord(
            1,
            RecordAction.UPSERT,
            uuid.UUID(_ID).bytes,
            "D8ypYDQPbkGmLi+VEs4xLw==",
            _UPN,
            synced=True,
            display_name="Adele Vance",
            enabled=True,
            user_type="Member",
            other_mails=("a@example.org",),
            mobile="+1 2065550111",
            office="+1 4255550100",
        )
        == folder.directory("a.jsonl", samples.GRAPH_LINES)[0]
    )


@pytest.mark.parametrize(
    ("keys", "field", "expected"),
    [
        ({}, "mobile", UNSENT),
        ({"mobilePhone": None}, "mobile", ""),
        ({"mobilePhone": ""}, "mobile", ""),
        ({"mobilePhone": "206"}, "mobile", "206"),
        ({}, "office", UNSENT),
        ({"businessPhones": []}, "office", ""),
        ({"businessPhones": None}, "office", ""),
        ({"businessPhones": ""}, "office", ""),
        ({"businessPhones": ["1", "2"]}, "office", "1"),
        ({}, "synced", UNSENT),
        ({"onPremisesSyncEnabled": None}, "synced", None),
        ({"onPremisesSyncEnabled": False}, "synced", False),
        ({}, "display_name", UNSENT),
        ({"displayName": None}, "display_name", ""),
        ({}, "enabled", UNSENT),
        ({"accountEnabled": None}, "enabled", UNSENT),
        ({}, "other_mails", UNSENT),
        ({"otherMails": None}, "other_mails", ()),
        ({"otherMails": ["a@example.org"]}, "other_mails", ("a@example.org",)),
        ({}, "user_type", UNSENT),
        ({"userType": None}, "user_type", ""),
        ({"onPremisesImmutableId": None}, "anchor", None),
        ({"onPremisesDistinguishedName": "CN=A"}, "dn", "CN=A"),
        ({"id": None}, "user_id", None),
    ],
)
def test_absent_is_not_sent_and_empty_is_cleared(folder: Folder, keys: dict[str, object], field: str, expected: object) -> None:
    """A key that is missing was not sent; null, "" and [] are cleared. The long way, and the short one for many rows."""
    assert expected == getattr(folder.user("a.jsonl", _line(**keys)), field)
    assert expected == getattr(folder.user("a.json", "[" + _line(**keys) + "]"), field)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        pytest.param(_line(id="42"), "id", id="an id that is no GUID"),
        pytest.param(_line(id=_ID.replace("-", "")), "id", id="a GUID without dashes"),
        pytest.param(_line(id=5), "id", id="an id that is a number"),
        pytest.param(_line(mobilePhone=14255550100), "mobilePhone", id="a number that is a number"),
        pytest.param(_line(mobilePhone="\0"), "mobilePhone", id="NUL"),
        pytest.param(_line(businessPhones="+1 4255550100"), "businessPhones", id="a list that is text"),
        pytest.param(_line(businessPhones=[1]), "businessPhones", id="a list of numbers"),
        pytest.param(_line(businessPhones=[None]), "businessPhones", id="a list of null"),
        pytest.param(_line(otherMails={}), "otherMails", id="a list that is an object"),
        pytest.param(_line(accountEnabled="true"), "accountEnabled", id="a word in quotes"),
        pytest.param(_line(onPremisesSyncEnabled=1), "onPremisesSyncEnabled", id="a flag that is a number"),
        pytest.param(_line(userPrincipalName="adele"), "userPrincipalName", id="no principal name"),
        pytest.param('{"userPrincipalName":"a@b.c","mobilePhone":"1","mobilePhone":"2"}\n', "mobilePhone", id="a key twice"),
        pytest.param('{"userPrincipalName":"a@b.c","mobilePhone":"1","mobile\\u0050hone":"2"}\n', "mobilePhone", id="escaped"),
        pytest.param("{}\n", "", id="nobody"),
        pytest.param("[]\n", "", id="no object"),
        pytest.param("{broken}\n", "", id="no JSON"),
        pytest.param('{"id":' + "[" * 5000 + "\n", "", id="endlessly deep"),
        pytest.param('{"a":"\\ud800"}\n', "", id="half a character"),
    ],
)
def test_a_bad_row_is_rejected_and_reading_goes_on(folder: Folder, line: str, column: str) -> None:
    """Line and column are told, and the rows around it are there."""
    rows = folder.directory("a.jsonl", _line() + line + _line())
    assert ([(2, column)], [_UPN, _UPN]) == (rejects(rows), upns(rows))


@pytest.mark.parametrize(
    ("line", "keys", "unreadable"),
    [
        pytest.param(_line(id=_ID, mobilePhone=1).encode(), (_UPN, _ID), False, id="wrong type"),
        pytest.param(b'{"userPrincipalName":"a@b.c","userPrincipalName":"d@e.f"}', ("a@b.c", "d@e.f"), False, id="twice"),
        pytest.param(b'{"id":"x","userPrincipalName":"a@b.c"}', ("x", "a@b.c"), True, id="an id that is none"),
        pytest.param(b'{"id":7,"userPrincipalName":"a@b.c"}', ("a@b.c",), True, id="an id that is a number"),
        pytest.param(b'{"userPrincipalName":"john"}', ("john",), True, id="a name that is none"),
        pytest.param(b'{"displayName":"\xe4","userPrincipalName":"a@b.c"}', (), True, id="not UTF-8"),
        pytest.param(b'{"userPrincipalName":"a@b.c",}', (), True, id="no JSON"),
    ],
)
def test_whose_row_it_was_is_told_as_far_as_it_can_be(
    folder: Folder, line: bytes, keys: tuple[str, ...], *, unreadable: bool
) -> None:
    """Nobody may be deleted because a row was unreadable; the row itself is kept."""
    row = folder.directory("a.jsonl", _line().encode() + line.strip() + b"\n")[1]
    assert isinstance(row, RejectedRow)
    assert (set(keys), unreadable) == (set(row.keys), row.unreadable)
    assert {"record": line.strip().decode("utf-8", "replace")} == row.fields


def test_removed_objects_are_deletions(folder: Folder) -> None:
    """In answers of a delta query, whatever the reason."""
    row = folder.directory("a.jsonl", samples.GRAPH_LINES)[3]
    assert DirectoryRecord(4, RecordAction.DELETE, uuid.UUID("0f6a3f8e-9a53-4f6d-8a43-1d4c4f3f0003").bytes) == row


def test_other_objects_are_passed_over(folder: Folder) -> None:
    """A delta of directory objects holds groups too; they say so."""
    lines = _line(**{"@odata.type": "#microsoft.graph.user"}) + _line(**{"@odata.type": "#microsoft.graph.group"})
    assert 1 == len(folder.directory("a.jsonl", lines))


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        pytest.param(_line() + _line(), [1, 2], id="lines"),
        pytest.param("\n" + _line() + "\r\n" + _line().strip(), [2, 4], id="blank lines, no line end"),
        pytest.param(json.dumps([{"userPrincipalName": _UPN}] * 2), [1, 1], id="an array in one line"),
        pytest.param(json.dumps([{"userPrincipalName": _UPN}] * 2, indent=1), [2, 5], id="an array, indented"),
        pytest.param(json.dumps({"value": [{"userPrincipalName": _UPN}] * 2}), [1, 1], id="a page"),
        pytest.param(json.dumps({"value": [{"userPrincipalName": _UPN}] * 2}, indent=1), [3, 6], id="a page, indented"),
        pytest.param(json.dumps({"value": [{"userPrincipalName": _UPN}]}) + "\n" + _line(), [1, 2], id="a page and a line"),
        pytest.param("{\n" + _line()[1:] + "{\n" + _line()[1:], [1, 3], id="strung together"),
    ],
)
def test_documents_of_every_shape(folder: Folder, content: str, lines: list[int]) -> None:
    """A .json file may be any of them, and each user knows its line."""
    assert lines == [row.line for row in folder.directory("a.json", content)]


def test_a_last_page_that_speaks_of_more_disables_deletes(folder: Folder) -> None:
    """Its users are read, but who is missing may be on the next page."""
    page = {"value": [{"userPrincipalName": _UPN}], "@odata.nextLink": "https://graph.example/next"}
    pages = json.dumps(page) + "\n"
    *users, last = folder.directory("a.json", pages * 2)
    assert ([_UPN, _UPN], True) == (upns(users), isinstance(last, RejectedRow) and last.unreadable)
    assert [] == rejects(folder.directory("a.json", pages + json.dumps({"value": []})))


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        pytest.param("a.jsonl", _line() + '{"userPrincipalName":"a@b', 2, id="lines"),
        pytest.param("a.jsonl", _line() + '{"userPrincipalName":5,"a', 2, id="lines, of a wrong type"),
        pytest.param("a.jsonl", '{"userPrincipalName":"a@b', 1, id="the first line"),
        pytest.param("a.json", "[" + _line() + ",", 2, id="an array"),
        pytest.param("a.json", '{"value":[' + _line(), 1, id="a page"),
        pytest.param("a.json", "{\n}\n{\n" + _line()[1:-3], 4, id="strung together"),
    ],
)
def test_a_file_that_ends_within_a_document_is_refused(folder: Folder, name: str, content: str, line: int) -> None:
    """It changes nothing at all."""
    assert ("source.truncated", line, "json") == folder.refusal(name, content)


def test_a_valid_last_line_without_line_end_is_whole(folder: Folder) -> None:
    """An object cannot be cut and still be one."""
    assert [_UPN, _UPN] == upns(folder.directory("a.jsonl", (_line() * 2).rstrip()))


def test_a_document_that_is_broken_in_the_middle_is_refused(folder: Folder) -> None:
    """With the line, since the whole depends on it."""
    assert ("source.format", 2, "not_json") == folder.refusal("a.json", "[" + _line() + _line() + "]")


def test_a_document_too_large_to_be_read_whole_is_refused(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is 64 MiB; lines have none."""
    monkeypatch.setattr(blocks, "LARGEST_WHOLE", 1000)
    array = json.dumps([{"userPrincipalName": _UPN}] * 100)
    assert ("source.format", None, "too_large") == folder.refusal("a.json", array)
    assert 100 == len(folder.directory("a.json", _line() * 100))

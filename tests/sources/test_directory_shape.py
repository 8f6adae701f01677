"""The short way through JSON Lines gives what the long way gives, or declines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.directory.records import DirectoryRecord
from ringfence.sources.directory_json import row_of
from ringfence.sources.directory_shape import ShapedRows
from ringfence.sources.json_documents import Document

_TEXTS = (
    st.none()
    | st.sampled_from(["", "a@contoso.example", "x", "+1 4255550100", 'a":"b', "é", "\0", "@", "a@", " @b"])
    | st.text(max_size=4)
)
_IDS = st.uuids().map(str) | st.sampled_from(
    ["", "6c9d2d0e6d4b4f0e8a516f4f7d1b2c3a", "6c9d2d0e-6d4b-4f0e-8a51-6f4f7d1b2c3g", None]
)
_LISTS = st.none() | st.lists(st.sampled_from(["+1 4255550100", "", "b"]), max_size=2) | st.just([None])
_FLAGS = st.none() | st.booleans() | st.just("true")
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "id": _IDS,
    "userPrincipalName": _TEXTS,
    "displayName": _TEXTS,
    "mobilePhone": _TEXTS,
    "businessPhones": _LISTS,
    "onPremisesSyncEnabled": _FLAGS,
    "onPremisesImmutableId": _TEXTS,
    "accountEnabled": _FLAGS,
    "userType": _TEXTS,
    "otherMails": _LISTS,
    "jobTitle": _TEXTS | st.integers(),
    "manager": st.just({"id": "x", "displayName": "y"}),
    "@removed": st.just({"reason": "changed"}),
}


@st.composite
def _rows(draw: st.DrawFn) -> list[str]:
    """Rows of mostly one shape, with a stranger among them now and then."""
    keys = draw(st.permutations(sorted(_VALUES)).flatmap(lambda keys: st.integers(1, len(keys)).map(lambda n: keys[:n])))
    rows = [
        json.dumps({key: draw(_VALUES[key]) for key in keys}, ensure_ascii=draw(st.booleans()))
        for _ in range(draw(st.integers(1, 4)))
    ]
    stranger = draw(st.sampled_from([None, None, "", "{}", '{"id":"x","id":"y"}', '{"id" :"x"}', "{", "[]"]))
    return rows if stranger is None else [*rows, stranger]


@given(_rows())
def test_both_ways_agree(rows: list[str]) -> None:
    """For any block the short way gives the very records of the long way, each in its line, or nothing."""
    block = "".join(row + "\n" for row in rows).encode("utf-8", "surrogatepass")
    short = ShapedRows().read(block, 7)
    if short is not None:
        assert [row_of(Document(line, row.encode())) for line, row in enumerate(rows, 7)] == short


_ROW = {"id": "6c9d2d0e-6d4b-4f0e-8a51-6f4f7d1b2c3a", "userPrincipalName": "a@contoso.example", "mobilePhone": None}


def test_tidy_rows_go_the_short_way() -> None:
    """Otherwise the property above would say nothing."""
    [first, second] = ShapedRows().read((json.dumps(_ROW) + "\n").encode() * 2, 1) or []
    assert (1, 2, "") == (first.line, second.line, second.mobile)
    assert isinstance(first, DirectoryRecord)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param('{"id":"6c9d2d0e-6d4b-4f0e-8a51-6f4f7d1b2c3a","mobilePhone":"1","mobilePhone":"2"}', id="a key twice"),
        pytest.param('{"userPrincipalName":"a@b.c","mobilePhone":1}', id="a wrong type"),
        pytest.param('{"userPrincipalName":"a@b.c","mobilePhone":"\\u0000"}', id="NUL"),
        pytest.param('{"userPrincipalName":"nobody"}', id="no principal name"),
        pytest.param('{"userPrincipalName":null}', id="nobody"),
        pytest.param('{"id":"6c9d2d0e-6d4b-4f0e-8a51-6f4f7d1b2c3a","@removed":{}}', id="a removal"),
        pytest.param('{"value":[]}', id="a page"),
        pytest.param('{"mobilePhone":"1"}', id="no name"),
        pytest.param("", id="a blank line"),
    ],
)
def test_any_doubt_is_declined(row: str) -> None:
    """The long way alone finds faults."""
    assert ShapedRows().read((row + "\n").encode(), 1) is None


def test_a_new_shape_is_learnt() -> None:
    """Files strung together change their shape once; the blocks behind go the short way again."""
    shaped = ShapedRows()
    other = json.dumps({"userPrincipalName": "b@contoso.example"}) + "\n"
    found = [shaped.read(block.encode(), 1) for block in (json.dumps(_ROW) + "\n", other, other)]
    assert [True, False, True] == [rows is not None for rows in found]

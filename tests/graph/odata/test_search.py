"""What `$search` means. Source of the forms: Graph's "Use the $search query parameter"."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.directory.query import And, Filter, Or, Search
from ringfence.graph.odata.errors import ODataError
from ringfence.graph.odata.search import parse_search
from tests.graph.odata.made_up import SEARCHES
from tests.graph.odata.rendering import search_text

A: Final = Search("displayName", "Al")
B: Final = Search("mail", "b")
C: Final = Search("mail", "c")

SEARCHED: Final[dict[str, tuple[str, Filter]]] = {
    "one": ('"displayName:Al"', A),
    "spaces": (' " displayName : Al " ', A),
    "no-field": ('"Al"', Search("", "Al")),
    "colon-in-the-text": ('"mail:a:b"', Search("mail", "a:b")),
    "quote": (r'"mail:a\"b\\c"', Search("mail", 'a"b\\c')),
    "or": ('"displayName:Al" OR "mail:b"', Or((A, B))),
    "and-first": ('"displayName:Al" OR "mail:b" AND "mail:c"', Or((A, And((B, C))))),
    "parentheses": ('("displayName:Al" OR "mail:b") AND "mail:c"', And((Or((A, B)), C))),
}


@pytest.mark.parametrize(("text", "expected"), SEARCHED.values(), ids=SEARCHED)
def test_a_search_means(text: str, expected: Filter) -> None:
    """Each documented form becomes the value it stands for."""
    assert expected == parse_search(text)


REFUSED: Final = {
    "empty": "",
    "no-quotes": "displayName:Al",
    "single-quotes": "'displayName:Al'",
    "open": '"displayName:Al',
    "open-by-a-backslash": '"displayName:Al\\"',
    "no-text": '"displayName:"',
    "lower-case": '"a:b" or "c:d"',
    "side-by-side": '"a:b" "c:d"',
    "not-closed": '("a:b"',
    "deep": "(" * 51 + '"a:b"' + ")" * 51,
    "long": '"' + "x" * 10_000 + '"',
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_is_refused(text: str) -> None:
    """What Graph refuses is an error."""
    with pytest.raises(ODataError, match=r"^Invalid search clause: "):
        parse_search(text)


@given(SEARCHES)
def test_a_search_comes_back(wanted: Filter) -> None:
    """A search written as text is read as the same search."""
    assert wanted == parse_search(search_text(wanted))


@given(st.text() | st.text(alphabet='"\\:ab ANDOR()'))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever the text: a value or our error, never another exception."""
    try:
        parse_search(text)
    except ODataError:
        return

"""The query string as options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.directory.query import Comparison, Filter, Operator, Search
from ringfence.graph.odata.errors import ODataError
from ringfence.graph.odata.options import Expansion, Order, QueryOptions, parse_options
from tests.graph.odata.made_up import FILTERS
from tests.graph.odata.rendering import filter_text

OPTIONS: Final[dict[str, tuple[str, QueryOptions]]] = {
    "none": ("", QueryOptions()),
    "select": ("$select=id, displayName,id,a/b", QueryOptions(select=("id", "displayName", "a/b"))),
    "select-all": ("$select=*", QueryOptions(select=("*",))),
    "select-nothing": ("$select=", QueryOptions()),
    "filter": ("$filter=a%20eq%20'x%26y'", QueryOptions(filter=Comparison("a", Operator.EQ, "x&y"))),
    "plus-is-a-space": ("$filter=a+eq+'%2B1+4255550100'", QueryOptions(filter=Comparison("a", Operator.EQ, "+1 4255550100"))),
    "orderby": ("$orderby=a,b/c DESC, d asc", QueryOptions(orderby=(Order("a"), Order("b/c", descending=True), Order("d")))),
    "numbers": ("$top=999&$skip=0", QueryOptions(top=999, skip=0)),
    "tokens": ("$skiptoken=a%3D%3D&$deltatoken=latest", QueryOptions(skiptoken="a==", deltatoken="latest")),
    "count": ("$count=True", QueryOptions(count=True)),
    "count-false": ("$count=false", QueryOptions()),
    "search": ('$search="displayName:Al"', QueryOptions(search=Search("displayName", "Al"))),
    "expand": ("$expand=device", QueryOptions(expand=(Expansion("device"),))),
    "expand-options": (
        "$expand=manager($select=id,a;$filter=a eq 'x,)('),b/c",
        QueryOptions(expand=(Expansion("manager", "$select=id,a;$filter=a eq 'x,)('"), Expansion("b/c"))),
    ),
    "expand-within": ("$expand=a($expand=b($levels=2))", QueryOptions(expand=(Expansion("a", "$expand=b($levels=2)"),))),
    "encoded-dollar": ("%24top=5", QueryOptions(top=5)),
    "no-dollar": ("select=id&TOP=5", QueryOptions(select=("id",), top=5)),
    "case": ("$Select=id&$skipToken=x", QueryOptions(select=("id",), skiptoken="x")),
    "others-ignored": ("x=1&@p='a'&=true&$top=5&&flag", QueryOptions(top=5)),
}


@pytest.mark.parametrize(("query", "expected"), OPTIONS.values(), ids=OPTIONS)
def test_options_mean(query: str, expected: QueryOptions) -> None:
    """Each option in each spelling becomes its value; names that are not ours are ignored."""
    assert expected == parse_options(query)


REFUSED: Final = {
    "unknown": "$foo=1",
    "twice": "$top=5&$top=5",
    "twice-in-other-case": "$top=5&$TOP=6",
    "twice-once-without-dollar": "$top=5&top=5",
    "twice-without-dollar": "top=5&top=6",
    "mixed": "$top=5&skip=5",
    "no-utf-8": "$select=%ff",
    "nul": "$skiptoken=%00",
    "top-none": "$top=0",
    "top-negative": "$top=-1",
    "top-word": "$top=all",
    "top-long": "$top=" + "9" * 5000,
    "top-other-digits": "$top=" + quote("٣"),
    "top-superscript": "$top=" + quote("²"),
    "skip-empty": "$skip=",
    "count-word": "$count=1",
    "token-empty": "$skiptoken=",
    "token-long": "$deltatoken=" + "x" * 10_001,
    "select-gap": "$select=id,,a",
    "select-words": "$select=id desc",
    "orderby-empty": "$orderby=",
    "orderby-word": "$orderby=a up",
    "expand-not-closed": "$expand=a(b",
    "expand-not-opened": "$expand=a)",
    "expand-twice-in-parentheses": "$expand=a(b)(c)",
    "expand-only-options": "$expand=(b)",
    "filter": "$filter=a eq",
    "search": "$search=a",
}


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED)
def test_is_refused(query: str) -> None:
    """An option that is unknown, given twice, mixed in spelling or malformed is our error."""
    with pytest.raises(ODataError):
        parse_options(query)


@given(FILTERS, st.sampled_from(["$", ""]), st.sampled_from([quote, quote_plus]))
def test_a_filter_comes_through_the_query_string(wanted: Filter, dollar: str, encode: Callable[[str], str]) -> None:
    """A filter is the same after encoding, whether spaces became `+` or `%20`."""
    query = f"{dollar}filter={encode(filter_text(wanted))}"
    assert repr(wanted) == repr(parse_options(query).filter)


_NAMES: Final = st.sampled_from(
    ["$filter", "$select", "$top", "$skip", "$expand", "$orderby", "$count", "$search", "$skiptoken", "x"]
)


@given(st.text() | st.dictionaries(_NAMES, st.text() | st.text(alphabet="a,()' $=;\"*/")).map(urlencode))
def test_any_query_is_read_or_refused(query: str) -> None:
    """Whatever the query string: options or our error, never another exception."""
    try:
        found = parse_options(query)
    except ODataError:
        return
    assert isinstance(found, QueryOptions)

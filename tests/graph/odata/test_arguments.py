"""Functions in a path. The spellings are those that the docs, PowerShell and the Python SDK send (surface.md, trap 1)."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.directory.query import Value
from ringfence.graph.odata.arguments import KEY, parse_segment, read_aliases
from ringfence.graph.odata.errors import ODataError
from tests.graph.odata.rendering import literal

BOTH: Final[dict[str, Value]] = {"includedUserTypes": "all", "includedUserRoles": "admin"}

SEGMENTS: Final[dict[str, tuple[str, str, str, dict[str, Value]]]] = {
    "bare": ("delta", "", "delta", {}),
    "empty": ("delta()", "", "delta", {}),
    "qualified": ("microsoft.graph.delta", "", "delta", {}),
    "qualified-empty": ("Microsoft.Graph.delta( )", "", "delta", {}),
    "in-order": ("f(includedUserTypes='all',includedUserRoles='admin')", "", "f", BOTH),
    "in-another-order": ("f(includedUserRoles='admin', includedUserTypes='all')", "", "f", BOTH),
    "quotes": ("f(a='it''s, (so)=')", "", "f", {"a": "it's, (so)="}),
    "kinds": ("f(a=5,b=true,c=null)", "", "f", {"a": 5, "b": True, "c": None}),
    "alias": ("f(a=@p,b=@q)", "@p=5&$top=1&%40q='x%20y'", "f", {"a": 5, "b": "x y"}),
    "alias-without-value": ("f(a=@p)", "", "f", {"a": None}),
    "key": ("users('a@b.example')", "", "users", {KEY: "a@b.example"}),
    "address": ("a@b.example", "", "a@b.example", {}),
    "opaque": ("-_=x'y,", "", "-_=x'y,", {}),
}


@pytest.mark.parametrize(("text", "query", "name", "arguments"), SEGMENTS.values(), ids=SEGMENTS)
def test_a_segment_means(text: str, query: str, name: str, arguments: dict[str, Value]) -> None:
    """Every spelling of one call is the same call; what has no parentheses is a name as it stands."""
    assert (name, arguments) == parse_segment(text, read_aliases(query))


REFUSED: Final = {
    "not-closed": ("f(a=1", ""),
    "more-behind": ("f(a=1)b", ""),
    "twice": ("f(a=1,a=1)", ""),
    "no-value": ("f(a=)", ""),
    "no-name": ("(a=1)", ""),
    "bare-word": ("f(a=all)", ""),
    "two-keys": ("f('a','b')", ""),
    "key-then-name": ("f('a',b=1)", ""),
    "ends-with-comma": ("f(a=1,)", ""),
    "alias-of-alias": ("f(a=@p)", "@p=@q&@q=1"),
    "alias-of-two-values": ("f(a=@p)", "@p=1 2"),
    "alias-twice": ("f(a=@p)", "@p=1&@p=1"),
    "other-namespace": ("graph.f(a=1)", ""),
    "long": ("f(a='" + "x" * 10_000 + "')", ""),
}


@pytest.mark.parametrize(("text", "query"), REFUSED.values(), ids=REFUSED)
def test_is_refused(text: str, query: str) -> None:
    """A malformed call is our error."""
    with pytest.raises(ODataError):
        parse_segment(text, read_aliases(query))


@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "null", "eq"]), st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab'é &+")
    )
)
def test_arguments_come_back(arguments: dict[str, Value]) -> None:
    """Arguments are the same whether they stand in the path or behind aliases in the query string."""
    plain = ",".join(f"{name}={literal(value)}" for name, value in arguments.items())
    aliased = ",".join(f"{name}=@{name}" for name in arguments)
    query = "&".join(f"@{name}={quote(literal(value))}" for name, value in arguments.items())
    assert ("f", arguments) == parse_segment(f"f({plain})", {}) == parse_segment(f"f({aliased})", read_aliases(query))


@given(st.text() | st.text(alphabet="f(a='@p,)1 "), st.text() | st.text(alphabet="@p='1&"))
def test_any_segment_is_read_or_refused(text: str, query: str) -> None:
    """Whatever the segment and the query string: a call or our error, never another exception."""
    try:
        parse_segment(text, read_aliases(query))
    except ODataError:
        return

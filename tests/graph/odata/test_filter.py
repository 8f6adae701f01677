"""What `$filter` means. The texts are those of Graph's documentation of users and directoryAudits, and near misses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.directory.query import And, AnyOf, Comparison, CountIs, Filter, In, Not, Operator, Or, Value
from ringfence.graph.odata.errors import ODataError
from ringfence.graph.odata.filter import MAX_VALUES, parse_filter
from ringfence.graph.odata.lexer import MAX_DEPTH, MAX_LENGTH
from tests.graph.odata.made_up import FILTERS
from tests.graph.odata.rendering import filter_text

EQ: Final = Operator.EQ
A: Final = Comparison("a", EQ, 1)
B: Final = Comparison("b", EQ, 2)
C: Final = Comparison("c", EQ, 3)
GUID: Final = "fd249f8f-dd6a-48bd-981b-b2478377c7e3"

CLAUSES: Final[dict[str, tuple[str, Filter]]] = {
    "equal": ("userType eq 'Guest'", Comparison("userType", EQ, "Guest")),
    "null": ("onPremisesSyncEnabled ne null", Comparison("onPremisesSyncEnabled", Operator.NE, None)),
    "starts-with": ("startswith(displayName,'Al')", Comparison("displayName", Operator.STARTS_WITH, "Al")),
    "ends-with": ("endsWith( mail , 'x' )", Comparison("mail", Operator.ENDS_WITH, "x")),
    "starts-with-on-a-path": ("startsWith(a/b,'x')", Comparison("a/b", Operator.STARTS_WITH, "x")),
    "case": ("a EQ TRUE", Comparison("a", EQ, value=True)),
    "spaces": ("  a\teq\n1  ", A),
    "path": ("initiatedBy/user/id eq 'x'", Comparison("initiatedBy/user/id", EQ, "x")),
    "in": ("a in ('x', 'y')", In("a", ("x", "y"))),
    "in-one-without-space": ("a in('x')", In("a", ("x",))),
    "any-member": ("targetResources/any(t: t/id eq 'x')", AnyOf("targetResources", Comparison("id", EQ, "x"))),
    "any-plain": ("businessPhones/any(p:p eq 'x')", AnyOf("businessPhones", Comparison("", EQ, "x"))),
    "any-function": ("a/any(p:startsWith(p/b,'x'))", AnyOf("a", Comparison("b", Operator.STARTS_WITH, "x"))),
    "any-in-parentheses": ("a/any(p:(p eq 'x'))", AnyOf("a", Comparison("", EQ, "x"))),
    "count": ("otherMails/$count eq 0", CountIs("otherMails", EQ, 0)),
    "not": ("not(a eq 1)", Not(A)),
    "not-function": ("NOT startsWith(a,'x')", Not(Comparison("a", Operator.STARTS_WITH, "x"))),
    "not-any": ("not a/any(x:x eq 1)", Not(AnyOf("a", Comparison("", EQ, 1)))),
    "not-not": ("not not (a eq 1)", Not(Not(A))),
    "and-or": ("a eq 1 or b eq 2 and c eq 3", Or((A, And((B, C))))),
    "parentheses": ("(a eq 1 or b eq 2) and c eq 3", And((Or((A, B)), C))),
    "three": ("a eq 1 AND b eq 2 and c eq 3", And((A, B, C))),
    "not-binds-first": ("not(a eq 1) and b eq 2", And((Not(A), B))),
    "names-like-words": (
        "nullable eq 1 and allowedToUse eq 2",
        And((Comparison("nullable", EQ, 1), Comparison("allowedToUse", EQ, 2))),
    ),
}


@pytest.mark.parametrize(("text", "expected"), CLAUSES.values(), ids=CLAUSES)
def test_a_clause_means(text: str, expected: Filter) -> None:
    """Each documented form becomes the value it stands for; operators and functions in any case."""
    assert expected == parse_filter(text)


LITERALS: Final[dict[str, tuple[str, Value]]] = {
    "text": ("'x'", "x"),
    "empty": ("''", ""),
    "quote": ("'O''Neil'", "O'Neil"),
    "only-a-quote": ("''''", "'"),
    "guest": ("'a_b.c#EXT#@d.example'", "a_b.c#EXT#@d.example"),
    "guid": (GUID.upper(), GUID),
    "quoted-guid": (f"'{GUID.upper()}'", GUID.upper()),
    "guid-of-digits": ("72988888-8641-4191-9172-277001104711", "72988888-8641-4191-9172-277001104711"),
    "instant": ("2026-11-24T12:05:51Z", datetime(2026, 11, 24, 12, 5, 51, tzinfo=UTC)),
    "without-seconds": ("2026-11-24t12:05z", datetime(2026, 11, 24, 12, 5, tzinfo=UTC)),
    "ticks": ("2026-11-24T12:05:51.1234567Z", datetime(2026, 11, 24, 12, 5, 51, 123456, tzinfo=UTC)),
    "offset": ("2026-11-24T01:00:00+02:00", datetime(2026, 11, 23, 23, 0, tzinfo=UTC)),
    "day": ("2026-11-24", datetime(2026, 11, 24, tzinfo=UTC)),
    "negative": ("-5", -5),
    "largest": (str(2**63 - 1), 2**63 - 1),
    "false": ("False", False),
    "null": ("NULL", None),
}


@pytest.mark.parametrize(("text", "expected"), LITERALS.values(), ids=LITERALS)
def test_a_literal_means(text: str, expected: Value) -> None:
    """Each form of value becomes the value; `repr` tells 1 from True."""
    assert repr(Comparison("a", EQ, expected)) == repr(parse_filter(f"a eq {text}"))


# The first is Graph's own message in microsoft-graph-explorer-v4, issue 3227; the others have Microsoft.OData.Core's words.
MESSAGES: Final = {
    "comma": ("jobtitle ge '!' , accountenabled eq true", "Syntax error at position 17 in '{}'."),
    "no-value": ("a eq", "Expression expected at position 4 in '{}'."),
    "empty": ("", "Expression expected at position 0 in '{}'."),
    "open-quote": ("a eq 'x", "There is an unterminated string literal at position 7 in '{}'."),
    "open-quote-after-two": ("a eq 'x''y", "There is an unterminated string literal at position 10 in '{}'."),
    "double-quotes": ('a eq "x"', "Syntax error: character '\"' is not valid at position 5 in '{}'."),
    "unknown-operator": ("a has 'x'", "Syntax error at position 5 in '{}'."),
    "february-30": ("a eq 2026-02-30", "Unrecognized '2026-02-30' literal at '5' in '{}'."),
    "not-without-parentheses": ("not a eq 'b'", "The operand of 'not' at position 4 must be in parentheses in '{}'."),
}


@pytest.mark.parametrize(("text", "message"), MESSAGES.values(), ids=MESSAGES)
def test_an_error_says_where(text: str, message: str) -> None:
    """A filter that cannot be understood is answered with what is wrong, where, and in what."""
    with pytest.raises(ODataError) as caught:
        parse_filter(text)
    assert "Invalid filter clause: " + message.format(text) == str(caught.value)


REFUSED: Final = {
    "bare-property": "accountEnabled",
    "literal-first": "'x' eq a",
    "two-properties": "a eq b",
    "twice": "a eq 1 eq 2",
    "contains": "contains(a,'x')",
    "all": "a/all(x:x eq 1)",
    "any-of-nothing": "a/any()",
    "any-about-another": "a/any(x:y eq 1)",
    "any-of-two": "a/any(x:x/b eq 1 and x/c eq 2)",
    "any-negated": "a/any(x:not(x eq 1))",
    "any-within-any": "a/any(x:x/b/any(y:y eq 1))",
    "count-of-the-whole": "$count eq 0",
    "count-with-more": "a/$count/b eq 0",
    "count-of-a-text": "a/$count eq '0'",
    "starts-with-number": "startsWith(a,1)",
    "starts-with-one": "startsWith(a)",
    "in-nothing": "a in ()",
    "in-without-parentheses": "a in 'x'",
    "fraction": "a eq 1.5",
    "too-large": f"a eq {2**63}",
    "many-digits": "a eq " + "9" * 5000,
    "no-offset": "a eq 2026-11-24T12:05:51",
    "hour-24": "a eq 2026-11-24T24:00:00Z",
    "before-year-one": "a eq 0001-01-01T00:00:00+14:00",
    "year-zero": "a eq 0000-01-01",
    "not-closed": "(a eq 1",
    "not-opened": "a eq 1)",
    "ends-with-and": "a eq 1 and",
    "alias": "a eq @p",
    "nul": "a eq '\0'",
    "half-a-character": "a eq '\ud800'",
    "other-digits": "a eq \u0661",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_is_refused(text: str) -> None:
    """What is wrong, or right in OData and not in Graph's dialect, is an error and not a guess."""
    with pytest.raises(ODataError, match=r"^Invalid filter clause: "):
        parse_filter(text)


LIMITS: Final = {
    "length": ("a eq '{}'".format("x" * (MAX_LENGTH - 7)), "a eq '{}'".format("x" * (MAX_LENGTH - 6))),
    "parentheses": ("(" * MAX_DEPTH + "a eq 1" + ")" * MAX_DEPTH, "(" * 51 + "a eq 1" + ")" * 51),
    "not": ("not " * (MAX_DEPTH - 1) + "(a eq 1)", "not " * MAX_DEPTH + "(a eq 1)"),
    "values": ("a in (" + ",".join("1" * MAX_VALUES) + ")", "a in (" + ",".join("1" * (MAX_VALUES + 1)) + ")"),
}


@pytest.mark.parametrize(("longest", "beyond"), LIMITS.values(), ids=LIMITS)
def test_limits(longest: str, beyond: str) -> None:
    """A filter at a limit is read, and one beyond it is refused."""
    assert parse_filter(longest) is not None
    with pytest.raises(ODataError):
        parse_filter(beyond)


@pytest.mark.parametrize("piece", ["(", "not ", "a/any(x:", "((not ", "startsWith(", "a in (", "a/", "1,"])
def test_no_depth_is_a_crash(piece: str) -> None:
    """However deep a text of the longest size nests, the answer is our error."""
    with pytest.raises(ODataError):
        parse_filter((piece * MAX_LENGTH)[:MAX_LENGTH])


@given(FILTERS)
def test_a_filter_comes_back(wanted: Filter) -> None:
    """A filter written as text is read as the same filter; `repr` tells 1 from True."""
    assert repr(wanted) == repr(parse_filter(filter_text(wanted)))


_PIECES: Final = (
    *(" ", "(", ")", ",", "/", ":", "'", "''", "and", "or", "not", "eq", "in", "any(", "$count", "null", "true", "a", "b"),
    *("startsWith(", "2026-11-24", "T00:00:00Z", "5", "-", "@p", "=", ".", '"', GUID, "\0", "é"),
)


@given(st.text() | st.lists(st.sampled_from(_PIECES)).map(" ".join) | st.lists(st.sampled_from(_PIECES)).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever the text: a filter, which then comes back, or our error; never another exception."""
    try:
        found = parse_filter(text)
    except ODataError:
        return
    assert found == parse_filter(filter_text(found))

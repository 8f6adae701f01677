"""Made-up filters and searches, of every kind and nested."""

from __future__ import annotations

from datetime import UTC
from typing import Final

from hypothesis import strategies as st

from ringfence.domain.directory.query import And, AnyOf, Comparison, CountIs, Filter, In, Not, Operator, Or, Search, Value

_TEXT_OPERATORS: Final = (Operator.ENDS_WITH, Operator.STARTS_WITH)
_TEXTS: Final = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
_FIELDS: Final = st.lists(
    st.sampled_from(["id", "mail", "in", "and", "any", "user", "_a1", "Null_"]), min_size=1, max_size=3
).map("/".join)
_INSTANTS: Final = st.datetimes().map(lambda instant: instant.replace(tzinfo=UTC, fold=0))
_VALUES: Final = st.one_of(_TEXTS, st.booleans(), st.none(), st.integers(-(2**63), 2**63 - 1), _INSTANTS)
_ORDERS: Final = st.sampled_from([operator for operator in Operator if operator not in _TEXT_OPERATORS])


def _comparisons(fields: st.SearchStrategy[str]) -> st.SearchStrategy[Comparison]:
    values: st.SearchStrategy[Value] = _VALUES
    return st.builds(Comparison, fields, _ORDERS, values) | st.builds(
        Comparison, fields, st.sampled_from(_TEXT_OPERATORS), _TEXTS
    )


def _junctions(parts: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    several = st.lists(parts, min_size=2, max_size=4).map(tuple)
    return st.builds(And, several) | st.builds(Or, several)


LEAVES: Final[st.SearchStrategy[Filter]] = st.one_of(
    _comparisons(_FIELDS),
    st.builds(In, _FIELDS, st.lists(_VALUES, min_size=1, max_size=4).map(tuple)),
    st.builds(AnyOf, _FIELDS, _comparisons(_FIELDS | st.just(""))),
    st.builds(CountIs, _FIELDS, _ORDERS, st.integers(0, 300)),
)

FILTERS: Final[st.SearchStrategy[Filter]] = st.recursive(
    LEAVES, lambda parts: _junctions(parts) | st.builds(Not, parts), max_leaves=12
)

_CLAUSES: Final[st.SearchStrategy[Filter]] = st.builds(
    Search, st.sampled_from(["displayName", "mail"]), _TEXTS.map(str.strip).filter(bool)
)
SEARCHES: Final[st.SearchStrategy[Filter]] = st.recursive(_CLAUSES, _junctions, max_leaves=8)

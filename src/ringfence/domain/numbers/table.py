"""A table of rules: rows of facts and an outcome, first match wins.

The one form in which Ringfence keeps its rules, so that the same rows can be walked here, compiled to a SQL `CASE`
(`ringfence.storage.fact_sql`) and printed for people (`ringfence numbers rules`, `docs/copy-and-mirror.md`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import product
from typing import Generic, TypeVar

from ringfence.domain.numbers.facts import Fact

Outcome = TypeVar("Outcome", bound=Enum)


@dataclass(frozen=True, slots=True)
class Row(Generic[Outcome]):
    """One rule: it matches when every fact it names has one of the values it lists; a fact it does not name may be anything.

    `id` is the id of the row in the source it comes from, `says` one sentence for people.
    """

    id: str
    outcome: Outcome
    says: str
    when: tuple[tuple[Fact, ...], ...] = ()
    """Per fact the values that match, as a non-empty tuple of members of one vocabulary."""

    def matches(self, facts: Iterable[Fact]) -> bool:
        """Tell whether the row matches these facts, one member of each vocabulary of the table."""
        given = set(facts)
        return all(any(value in given for value in values) for values in self.when)


@dataclass(frozen=True, slots=True)
class Table(Generic[Outcome]):
    """Rows over a fixed set of vocabularies; every combination of facts has a row (tested)."""

    name: str
    vocabularies: tuple[type[Fact], ...]
    rows: tuple[Row[Outcome], ...]

    def decide(self, *facts: Fact) -> Row[Outcome]:
        """Return the first row that matches; `facts` holds one member of each vocabulary, in any order.

        Raises `LookupError` when no row matches, which a test excludes for every combination.
        """
        return _decide(self, facts)

    def narrow(self, *known: Fact) -> tuple[Row[Outcome], ...]:
        """Return the rows that can still match once these facts are known, without the conditions that are settled.

        Settled are the conditions on known facts, and those that must hold because an earlier row took every other value.
        """
        possible: dict[type[Fact], set[Fact]] = {vocabulary: set(vocabulary) for vocabulary in self.vocabularies}
        possible.update({type(fact): {fact} for fact in known})
        rows = []
        for row in self.rows:
            if any(possible[type(values[0])].isdisjoint(values) for values in row.when):
                continue
            left = tuple(values for values in row.when if not possible[type(values[0])].issubset(values))
            rows.append(Row(row.id, row.outcome, row.says, left))
            if not left:
                break
            if len(left) == 1:
                possible[type(left[0][0])].difference_update(left[0])
        return tuple(rows)

    def combinations(self) -> Iterable[tuple[Fact, ...]]:
        """Every combination of facts, one member of each vocabulary."""
        return product(*self.vocabularies)


@cache
def _decide(table: Table[Outcome], facts: tuple[Fact, ...]) -> Row[Outcome]:
    for row in table.rows:
        if row.matches(facts):
            return row
    raise LookupError(table.name, facts)

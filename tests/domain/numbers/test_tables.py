"""The tables of rules say what the document says (domain-rules A.5, B.2, B.3 with B.5, A8, G), over every combination of facts.

The functions below write the document's tables out again, from the document: plain words in, a row's id or a word out.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, combinations
from typing import Any, Final

import pytest

from ringfence.domain.numbers.facts import Fact, Fallback
from ringfence.domain.numbers.table import Table
from ringfence.domain.numbers.tables import (
    BASELINE,
    COPY,
    EFFECTIVE,
    MIRROR,
    STATUS,
    TABLES,
    BaselineAction,
    Contact,
    CopyAction,
    MirrorAction,
)

Facts = dict[str, str]


def words(facts: tuple[Fact, ...]) -> Facts:
    """Vocabulary -> member, by their names in the code, in lower case."""
    return {type(fact).__name__: fact.name.lower() for fact in facts}


def document_copy(fact: Facts) -> str:
    """B.2: the row that matches first. A number from a source that is not permitted is treated as malformed (A17)."""
    public = "malformed" if fact["Public"] == "not_permitted" else fact["Public"]
    if fact["Standing"] != "synced":
        return "C1"
    if fact["Moment"] == "before":
        return "C2"
    if fact["Moment"] == "after":
        return "C9"
    if fact["Configured"] == "no":
        return "C3"
    if fact["Authentication"] == "empty":
        return {"empty": "C4", "malformed": "C5", "valid": "C6"}[public]
    return "C7" if fact["Authentication"] == "same" else "C8"


def document_mirror(fact: Facts) -> str:
    """B.3 in the order of B.5, which adds takeover, restore and source: what happens to the authentication number."""
    if fact["Public"] == "empty" or fact["Public"] == "malformed":
        return "nothing"
    if fact["Standing"] != "synced" or fact["Moment"] != "inside":
        return "nothing"
    if fact["Event"] != "change":
        return "copy table"
    if fact["Source"] == "not_permitted":
        return "nothing"
    if fact["Against"] == "empty":
        return "copy table"
    return "mirror" if fact["Configured"] == "yes" and fact["Against"] == "same" else "nothing"


def document_mirror_row(fact: Facts) -> str:
    """B.3: the row that matches first, for a change by a permitted source in the window of a synced user."""
    if fact["Against"] == "empty":
        return "M2"
    if fact["Configured"] == "no":
        return "M7"
    if fact["Against"] == "same":
        return {"valid": "M3", "empty": "M4", "malformed": "M5"}[fact["Public"]]
    return "M8" if fact["Against"] == "nothing_old" else "M6"


def document_effective(fact: Facts) -> str:
    """A.5, with the fallback policy already looked up; a number from a source not permitted is not contacted (A17)."""
    if fact["Authentication"] != "empty":
        return "authentication"
    usable = fact["Fallback"] == "on" and fact["Configured"] == "yes" and fact["Public"] == "valid"
    return "public" if usable else "none"


def document_status(fact: Facts) -> str:
    """G, rows 1 to 4, then `document_status_inside`."""
    if fact["Standing"] != "synced":
        return "not_synced"
    if fact["Moment"] == "before":
        return "before_window"
    if fact["Moment"] == "after":
        left = (fact["Configured"], fact["Authentication"], fact["Public"]) == ("yes", "empty", "valid")
        return "left_behind" if left else "window_closed"
    return document_status_inside(fact)


def document_status_inside(fact: Facts) -> str:
    """G, rows 5 to 8. A well-formed number from a source not permitted counts as malformed only where it could be copied."""
    if fact["Configured"] == "no":
        return "not_configured"
    if fact["Authentication"] == "empty":
        return {"empty": "no_number", "valid": "to_copy"}.get(fact["Public"], "invalid_format")
    if fact["Authentication"] == "same":
        return "copied" if fact["Origin"] == "by_task" else "in_sync"
    return {"empty": "frozen_after_delete", "malformed": "invalid_format"}.get(fact["Public"], "diverged")


def document_baseline(fact: Facts) -> str:
    """B.5: `baseline := none` when empty, kept when malformed, else `baseline := new`, always."""
    return {"empty": "clear", "malformed": "keep"}.get(fact["Public"], "set")


ACTIONS: Final[dict[object, str]] = {
    CopyAction.COPY: "copy",
    CopyAction.NONE: "nothing",
    MirrorAction.COPY_TABLE: "copy table",
    MirrorAction.MIRROR: "mirror",
    MirrorAction.NONE: "nothing",
    BaselineAction.CLEAR: "clear",
    BaselineAction.KEEP: "keep",
    BaselineAction.SET: "set",
    Contact.AUTHENTICATION: "authentication",
    Contact.NONE: "none",
    Contact.PUBLIC: "public",
}


def is_written_by_permitted(fact: Facts) -> bool:
    """In the mirror table the writer of the new value is the fact `Source`; the value itself is then never not permitted."""
    return fact["Public"] != "not_permitted"


def differences(table: Table[Any], told: Callable[[Any], str], document: Callable[[Facts], str]) -> list[tuple[Facts, str, str]]:
    """The combinations where the table and the document part, with what each says."""
    parted = []
    for facts in table.combinations():
        fact = words(facts)
        if table is MIRROR and not is_written_by_permitted(fact):
            continue
        expected, actual = document(fact), told(table.decide(*facts))
        if expected != actual:
            parted.append((fact, expected, actual))
    return parted


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_combination_has_a_row(table: Table[Any]) -> None:
    """No combination of facts falls through, and the row found is the first of those that match."""
    for facts in table.combinations():
        assert next(row for row in table.rows if row.matches(facts)) is table.decide(*facts)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_row_is_reached(table: Table[Any]) -> None:
    """No row stands in the shadow of earlier ones."""
    assert [row.id for row in table.rows] == sorted(
        {table.decide(*facts).id for facts in table.combinations()}, key=[row.id for row in table.rows].index
    )


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_order_of_facts_does_not_matter(table: Table[Any]) -> None:
    """`decide` takes the facts in any order."""
    for facts in table.combinations():
        assert table.decide(*facts) is table.decide(*reversed(facts))


def test_copy_is_b2_row_by_row() -> None:
    """The matching row of the copy table is the one of B.2."""
    assert [] == differences(COPY, lambda row: row.id, document_copy)


def test_only_c6_copies() -> None:
    """B.2: every other row says "none"."""
    assert {"C6"} == {row.id for row in COPY.rows if row.outcome is CopyAction.COPY}


def test_mirror_is_b3_with_b5() -> None:
    """What the mirror table does is what B.3 and B.5 do. "copy table" for a number that is not valid ends in C4, C5, C7 or C8."""

    def told(row: Any) -> str:  # noqa: ANN401 - a row of any table
        return ACTIONS[row.outcome]

    parted = differences(MIRROR, told, document_mirror)
    assert [] == [one for one in parted if one[1:] != ("nothing", "copy table") or one[0]["Public"] == "valid"]


def test_mirror_rows_are_those_of_b3() -> None:
    """For an ordinary change by a permitted source in the window, the matching row has B.3's number."""
    usual = {"Standing": "synced", "Moment": "inside", "Event": "change", "Source": "permitted"}
    parted = differences(
        MIRROR, lambda row: row.id, lambda fact: document_mirror_row(fact) if usual.items() <= fact.items() else "unusual"
    )
    assert [] == [one for one in parted if one[1] != "unusual"]


def test_outside_the_window_is_m1() -> None:
    """B.3: M1 comes first, whatever else holds."""
    outside = [facts for facts in MIRROR.combinations() if words(facts)["Moment"] != "inside"]
    assert {"M1"} == {MIRROR.decide(*facts).id for facts in outside}


def test_baseline_is_b5() -> None:
    """A8: a valid number is remembered, a malformed one forgets nothing, a cleared one does."""
    assert [] == differences(BASELINE, lambda row: ACTIONS[row.outcome], document_baseline)


def test_effective_is_a5() -> None:
    """The number contacted is the one of A.5."""
    assert [] == differences(EFFECTIVE, lambda row: ACTIONS[row.outcome], document_effective)


def test_status_is_g() -> None:
    """The status reported is the one of G."""
    assert [] == differences(STATUS, lambda row: row.outcome.status.value, document_status)


def test_the_rule_of_a_status_is_the_row_of_the_copy_table() -> None:
    """G names in brackets the row of B.2 that goes with each status; both tables find the same one."""
    for facts in STATUS.combinations():
        copy = COPY.decide(*(fact for fact in facts if type(fact) in COPY.vocabularies))
        assert copy.id == STATUS.decide(*facts).outcome.rule


def test_to_copy_is_exactly_what_c6_copies() -> None:
    """What the plan counts as `to_copy` is what the copy will write."""
    for facts in STATUS.combinations():
        copies = COPY.decide(*(fact for fact in facts if type(fact) in COPY.vocabularies)).outcome is CopyAction.COPY
        assert copies == (STATUS.decide(*facts).outcome.status.value == "to_copy")


def test_a_copy_changes_no_contact() -> None:
    """S4, over the tables alone: where C6 matches, the user is one with fallback and the public number is the one contacted."""
    for standing, moment, configured, authentication, public in COPY.combinations():
        if COPY.decide(standing, moment, configured, authentication, public).outcome is CopyAction.COPY:
            assert ("synced", "inside") == (standing.name.lower(), moment.name.lower())
            assert Contact.PUBLIC is EFFECTIVE.decide(authentication, Fallback.ON, configured, public).outcome


def subsets(table: Table[Any]) -> list[tuple[type[Fact], ...]]:
    """Every choice of vocabularies that may be known beforehand."""
    sizes = range(len(table.vocabularies) + 1)
    return list(chain.from_iterable(combinations(table.vocabularies, size) for size in sizes))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_narrowing_changes_no_decision(table: Table[Any]) -> None:
    """Whatever is known beforehand, the narrowed rows decide as the whole table does."""
    narrowed: dict[tuple[Fact, ...], tuple[Any, ...]] = {}
    every = [(facts, table.decide(*facts)) for facts in table.combinations()]
    for known_kinds in subsets(table):
        for facts, whole in every:
            known = tuple(fact for fact in facts if type(fact) in known_kinds)
            if known not in narrowed:
                narrowed[known] = table.narrow(*known)
            row = next(row for row in narrowed[known] if row.matches(facts))
            assert (whole.id, whole.outcome) == (row.id, row.outcome)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_narrowed_rows_ask_nothing_known(table: Table[Any]) -> None:
    """A narrowed row has no condition on a fact that is known, and the last row has none that is settled by then."""
    for facts in table.combinations():
        assert [((), table.decide(*facts).id)] == [(row.when, row.id) for row in table.narrow(*facts)]

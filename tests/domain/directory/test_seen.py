"""Names noted in a few bytes each: which stand there, which stand there twice."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.directory.seen import SeenNames, SuspectedNames, short_digest

names = st.lists(st.text("abcé\U0001f600\ud800", max_size=4), max_size=30)


def noted(given_names: list[str]) -> SeenNames:
    """All of them, ready to be asked."""
    seen = SeenNames()
    for name in given_names:
        seen.add(name)
    seen.close()
    return seen


@given(names, st.text("abcé\U0001f600\ud800", max_size=4))
def test_a_name_is_in_it_exactly_when_it_was_noted(given_names: list[str], other: str) -> None:
    """No name is lost, however odd, and none is invented."""
    seen = noted(given_names)
    assert all(name in seen for name in given_names)
    assert (other in given_names) == (other in seen)


@given(names)
def test_repeated_names(given_names: list[str]) -> None:
    """Each name noted more than once is suspected, and no other of these few."""
    seen = SuspectedNames()
    for name in given_names:
        seen.add(name)
    assert {short_digest(name) for name, count in Counter(given_names).items() if count > 1} == set(seen.repeated())

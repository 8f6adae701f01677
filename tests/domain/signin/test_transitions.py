"""The state table of a challenge: what is over stays over, and what is open ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.signin.transitions import TRANSITIONS, Move, State, drawing, next_state
from tests.docs.documents import ROOT

OVER = [state for state in State if not state.is_open]
OPEN = [state for state in State if state.is_open]


@pytest.mark.parametrize("move", Move)
@pytest.mark.parametrize("state", OVER)
def test_what_is_over_stays_over(state: State, move: Move) -> None:
    """An approved challenge is not answered again, an expired one not approved."""
    assert next_state(state, move) is None


@pytest.mark.parametrize(
    ("move", "after"),
    [
        (Move.ANSWER, State.APPROVED),
        (Move.DECLINE, State.DENIED),
        (Move.EXPIRE, State.EXPIRED),
        (Move.LOCK, State.LOCKED),
        (Move.REPLACE, State.REPLACED),
    ],
)
@pytest.mark.parametrize("state", OPEN)
def test_an_open_challenge_can_end_in_each_of_these_ways(state: State, move: Move, after: State) -> None:
    """Whether or not the network said something before."""
    assert after is next_state(state, move)


@given(st.lists(st.sampled_from(Move), max_size=12))
def test_a_walk_is_approved_only_by_an_answer(moves: list[Move]) -> None:
    """Whatever comes in whatever order: approved means that an answer was right while it was open."""
    state = State.CREATED
    for move in moves:
        after = next_state(state, move)
        assert after is not State.APPROVED or (move is Move.ANSWER and state.is_open)
        state = after or state
    assert state is not State.APPROVED or Move.ANSWER in moves


def test_every_state_is_reached() -> None:
    """None is there in vain, and sending once more alone leads back to the beginning."""
    assert set(State) == set(TRANSITIONS.values())
    assert {Move.RESEND} == {move for (_, move), after in TRANSITIONS.items() if after is State.CREATED}


def test_the_document_has_the_drawing() -> None:
    """It is the table's own (docs/challenges.md)."""
    assert f"```mermaid\n{drawing()}```\n" in (ROOT / "docs" / "challenges.md").read_text("utf-8")

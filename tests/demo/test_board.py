"""The phone board, end to end: a challenge is asked over HTTP, the outbox is drained into the board, a browser answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.engines import empty_database
from tests.demo.boards import NUMBER, Board, Browser, board_in
from tests.graph.conftest import ENGINES


@pytest.fixture(params=ENGINES)
def board(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Board]:
    """A demonstration, once per engine."""
    with empty_database(request.param, request, tmp_path) as url, board_in(tmp_path, url) as one:
        yield one


def test_a_text_arrives_and_its_code_is_right(board: Board) -> None:
    """On the phone of the one who was asked, with the number unmasked."""
    challenge = board.ask(board.user("Sam Smith"))
    board.deliver()
    browser = Browser(board)
    browser.open()
    assert ("Sam Smith, mobile" in browser.page, NUMBER in browser.page) == (True, True)
    code = re.findall(r"\b[0-9]{6}\b", browser.page)[0]
    assert "approved" == board.call("POST", f"/{challenge}/answer", {"code": code})["state"]

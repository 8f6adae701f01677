"""What was pressed on the board, heard by the rules of every call (domain rules D.4, D.6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest

from ringfence.application.ports.board import BoardCall, CallState
from ringfence.application.ports.calls import CallEnd
from ringfence.demo.board_keys import decide_end, hear
from ringfence.domain.signin.call_keys import Heard
from tests.contract.clocks import IN_WINDOW

_UNTIL: Final = IN_WINDOW + timedelta(minutes=3)


def _call(keys: str, code: str | None = "0", state: CallState = CallState.ANSWERED, *, must_confirm: bool = False) -> BoardCall:
    return BoardCall(b"c" * 16, "+49 15112345678", IN_WINDOW, _UNTIL, code, must_confirm, state, keys, IN_WINDOW)


@pytest.mark.parametrize(
    ("call", "heard"),
    [
        (_call(""), Heard.NOTHING_YET),
        (_call("#"), Heard.APPROVED),
        (_call("#0#"), Heard.APPROVED),
        (_call("0#"), Heard.FRAUD),
        (_call("0"), Heard.NOTHING_YET),
        (_call("1#"), Heard.OTHER),
        (_call("1##"), Heard.APPROVED),
        (_call("911#", "911"), Heard.FRAUD),
        (_call("0#", None), Heard.OTHER),
        (_call("0#", must_confirm=True), Heard.FRAUD_TO_CONFIRM),
        (_call("0#1", must_confirm=True), Heard.FRAUD),
        (_call("0###", must_confirm=True), Heard.APPROVED),
    ],
    ids=lambda value: value.keys or "none" if isinstance(value, BoardCall) else value.value,
)
def test_keys(call: BoardCall, heard: Heard) -> None:
    """The first entry that decides, does; a call's own rules of fraud hold."""
    assert heard is hear(call)


def test_what_was_pressed_counts_before_the_receiver_is_put_down() -> None:
    """Both may lie between two looks."""
    call = _call("#", state=CallState.ENDED)
    assert CallEnd.APPROVED is decide_end(call, IN_WINDOW)

"""What somebody did with a phone of the board, as whoever called it hears it.

Keys come as entries that `#` ends. Only a `#` by itself approves; digits before it never do, whether they are the fraud code or
not. Source: domain rules D.4, D.6.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum, unique
from typing import Final

from ringfence.application.board import is_live
from ringfence.application.ports.board import BoardCall, CallState
from ringfence.application.ports.calls import CallEnd

_ENTER: Final = "#"
_CONFIRM: Final = "1"


@unique
class Heard(Enum):
    """What the keys so far amount to."""

    APPROVED = "approved"
    FRAUD = "fraud"
    FRAUD_TO_CONFIRM = "fraud to confirm"
    NOTHING = "nothing"


def hear(call: BoardCall) -> Heard:
    """Listen to the keys of a call, to the first that decide."""
    entry, is_confirming = "", False
    for key in call.keys:
        if is_confirming and key == _CONFIRM:
            return Heard.FRAUD
        if is_confirming:
            is_confirming = False
        elif key != _ENTER:
            entry += key
        elif entry == "":
            return Heard.APPROVED
        else:
            is_fraud, entry = entry == call.fraud_code, ""
            if is_fraud and not call.must_confirm_fraud:
                return Heard.FRAUD
            is_confirming = is_fraud
    return Heard.FRAUD_TO_CONFIRM if is_confirming else Heard.NOTHING


_DECIDED: Final = {Heard.APPROVED: CallEnd.APPROVED, Heard.FRAUD: CallEnd.FRAUD}


def decide_end(call: BoardCall, now: datetime) -> CallEnd | None:
    """How a call ended, None while it goes on. What was pressed before the receiver was put down counts."""
    decided = _DECIDED.get(hear(call))
    if decided is not None or call.state is CallState.ENDED:
        return decided or call.end
    return None if is_live(call, now) else end_of_time(call)


def end_of_time(call: BoardCall) -> CallEnd:
    """How a call ends whose time is over."""
    return CallEnd.NO_ANSWER if call.state is CallState.RINGING else CallEnd.NO_KEY

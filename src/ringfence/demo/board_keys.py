"""What somebody did with a phone of the board, as whoever called it hears it: how the call ended, if it did.

Does not own what keys mean (`ringfence.domain.signin.call_keys`). No pause ends an entry here: a page has no pauses.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ringfence.application.board import is_live
from ringfence.application.ports.board import BoardCall, CallState
from ringfence.application.ports.calls import CallEnd
from ringfence.domain.signin.call_keys import NO_KEYS, Heard, KeyRules, next_keys

_DECIDED: Final = {Heard.APPROVED: CallEnd.APPROVED, Heard.FRAUD: CallEnd.FRAUD}


def hear(call: BoardCall) -> Heard:
    """Listen to the keys of a call, to the first that decide; else to the last."""
    rules, keys, heard = KeyRules(call.fraud_code, call.must_confirm_fraud), NO_KEYS, Heard.NOTHING_YET
    for key in call.keys:
        keys, heard = next_keys(rules, keys, key)
        if heard in _DECIDED:
            break
    return heard


def decide_end(call: BoardCall, now: datetime) -> CallEnd | None:
    """How a call ended, None while it goes on. What was pressed before the receiver was put down counts."""
    decided = _DECIDED.get(hear(call))
    if decided is not None or call.state is CallState.ENDED:
        return decided or call.end
    return None if is_live(call, now) else end_of_time(call)


def end_of_time(call: BoardCall) -> CallEnd:
    """How a call ends whose time is over."""
    return CallEnd.NO_ANSWER if call.state is CallState.RINGING else CallEnd.NO_KEY

"""Which numbers are dialled, and which never.

Owns the refusal of emergency numbers, in whatever form they could reach one: a trunk may take the country code off, an office
may dial out with what is meant for an extension. Does not own which countries may be called.
Sources: E.164; E.161.1 (112 and 911), and the national emergency numbers in use.
"""

from __future__ import annotations

import re
from typing import Final

from ringfence.application.ports.calls import VoiceCall

_MOST_DIGITS: Final = 15
"""E.164: country code and national number together."""
_EMERGENCY: Final = re.compile(r"0*(?:000|108|11[0-37-9]|12[23]|144|19[0-3]|911|99[7-9])")
_SERVICE_CODE: Final = re.compile(r"1[2-9]11[0-9]*")
"""North American area codes end in 11 for services alone, 911 among them."""
_DIALLED_OUT: Final = re.compile(r"[09]?(112|911|999)")


def dialled_digits(call: VoiceCall) -> str | None:
    """Return country code and number as digits to dial; None for a number that is never dialled."""
    digits, national = call.digits, call.national
    is_emergency = _EMERGENCY.fullmatch(national) or _SERVICE_CODE.fullmatch(digits)
    if len(digits) > _MOST_DIGITS or is_emergency or _DIALLED_OUT.fullmatch(call.extension):
        return None
    return digits

"""What the keys mean that somebody presses during a call.

Keys come as entries: what was pressed up to a `#`, or up to a pause. Only a `#` by itself approves. Whoever presses digits and
then `#` meant to say something with them, so that is never an approval, whether the digits are the fraud code or not.
Source: domain rules D.4, D.6; that a pause ends an entry is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Final, NamedTuple

ENTER: Final = "#"
CONFIRM: Final = "1"
_LONGEST: Final = 16
"""Of an entry; what follows changes nothing, for no fraud code is as long."""


@unique
class Heard(Enum):
    """What the keys so far amount to."""

    APPROVED = "approved"
    FRAUD = "fraud"
    FRAUD_TO_CONFIRM = "fraud to confirm"
    NOTHING_YET = "nothing yet"
    OTHER = "other"
    """An entry that means nothing here: the question is to be put again."""


@dataclass(frozen=True, slots=True)
class KeyRules:
    """The code that reports fraud, None where nothing does, and whether a report wants a `1` after it."""

    fraud_code: str | None
    must_confirm_fraud: bool


class Keys(NamedTuple):
    """The entry so far, and whether it answers the question if fraud was meant."""

    entry: str = ""
    is_confirming: bool = False


NO_KEYS: Final = Keys()


def next_keys(rules: KeyRules, keys: Keys, key: str) -> tuple[Keys, Heard]:
    """Return the keys so far after another one, and what they amount to."""
    if keys.is_confirming:
        return NO_KEYS, Heard.FRAUD if key == CONFIRM else Heard.OTHER
    if key != ENTER:
        return Keys((keys.entry + key)[:_LONGEST]), Heard.NOTHING_YET
    if keys.entry == "":
        return NO_KEYS, Heard.APPROVED
    if keys.entry != rules.fraud_code:
        return NO_KEYS, Heard.OTHER
    if rules.must_confirm_fraud:
        return Keys(is_confirming=True), Heard.FRAUD_TO_CONFIRM
    return NO_KEYS, Heard.FRAUD


def keys_after_pause(keys: Keys) -> tuple[Keys, Heard]:
    """Return the keys after a pause, which ends an entry that has begun."""
    return (NO_KEYS, Heard.OTHER) if keys.entry else (keys, Heard.NOTHING_YET)

"""Whether a method may be there already: creating wants it absent, changing wants it present, setting takes either."""

from __future__ import annotations

from enum import Enum, unique


@unique
class Presence(Enum):
    """What the caller expects."""

    ABSENT = "absent"
    EITHER = "either"
    PRESENT = "present"

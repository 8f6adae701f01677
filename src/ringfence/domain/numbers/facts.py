"""The facts the tables of rules look at, each a closed vocabulary.

Owns the vocabularies and nothing else. How a fact is found out is the business of whoever asks: `resolve_facts` in
`ringfence.domain.numbers.standing` for one user in memory, `ringfence.storage.fact_sql` for a million in the database.
Sources: domain-rules A.5, B.2, B.3, G.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, unique
from typing import Final


class Fact(Enum):
    """Base of the vocabularies: the value is the word shown to people."""


@unique
class Authentication(Fact):
    """The authentication number, compared with the present public number in canonical form (A1)."""

    DIFFERENT = "different from the public number"
    EMPTY = "empty"
    SAME = "the same as the public number"


@unique
class Against(Fact):
    """The authentication number, compared with the baseline: the last valid public number before the change (A8, T2)."""

    DIFFERENT = "different from the old public number"
    EMPTY = "empty"
    NOTHING_OLD = "set, while there was no old public number"
    SAME = "the same as the old public number"


@unique
class Configured(Fact):
    """Whether the user has any method entry of the pair, default or not (A4)."""

    NO = "no"
    YES = "yes"


@unique
class Event(Fact):
    """What kind of write of a public number it is (A12, A14)."""

    CHANGE = "an ordinary change"
    RESTORE = "the user is restored"
    TAKEOVER = "the user becomes synced"


@unique
class Fallback(Fact):
    """Whether the service may contact the public number of this user at this time (A.5)."""

    OFF = "off"
    ON = "on"


@unique
class Moment(Fact):
    """The time, seen from the transition `[start, end)` (A18); no transition yet is *before*, a closed one is *after*."""

    AFTER = "at or after the end"
    BEFORE = "before the start"
    INSIDE = "in the window"


@unique
class Origin(Fact):
    """Who wrote the authentication number last."""

    BY_TASK = "copy or mirror"
    OTHERWISE = "anything else"


@unique
class Public(Fact):
    """The public number; *not permitted* is one last written by a source outside `mirror_sources` (A17)."""

    EMPTY = "empty"
    MALFORMED = "malformed"
    NOT_PERMITTED = "last written by a source that is not permitted"
    VALID = "valid"


@unique
class Source(Fact):
    """Whether the writer of a public number is one whose changes are carried over (A17, `mirror_sources`)."""

    NOT_PERMITTED = "not permitted"
    PERMITTED = "permitted"


@unique
class Standing(Fact):
    """Source of authority (H.1): cloud-only and formerly synced users count alike."""

    NOT_SYNCED = "cloud-only or formerly synced"
    SYNCED = "synced"


TITLES: Final[Mapping[type[Fact], str]] = {
    Against: "authentication number, against the old public number",
    Authentication: "authentication number",
    Configured: "configured",
    Event: "event",
    Fallback: "public number as stand-in",
    Moment: "time",
    Origin: "authentication number last written by",
    Public: "public number",
    Source: "writer of the public number",
    Standing: "user",
}
"""What each vocabulary is called where people read it."""

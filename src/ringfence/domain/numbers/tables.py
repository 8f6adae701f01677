"""The tables: copy, mirror, baseline, effective number and status. Rows of facts, first match wins.

Sources: domain-rules B.2 (copy, C1-C9), B.3 with B.5 and the answers A12, A14, A17 (mirror), A8 (baseline), A.5 (effective
number) and G (status). The rule ids are those of the source; the rows of A.5 and A8, which has none, are E1-E5 and L1-L3.
"""

from __future__ import annotations

from enum import Enum, StrEnum, unique
from typing import Final

from ringfence.domain.numbers.facts import (
    Against,
    Authentication,
    Configured,
    Event,
    Fallback,
    Moment,
    Origin,
    Public,
    Source,
    Standing,
)
from ringfence.domain.numbers.table import Row, Table


@unique
class CopyAction(Enum):
    """What the copy does with a pair."""

    COPY = "copy the public number into the authentication number"
    NONE = "nothing"


@unique
class MirrorAction(Enum):
    """What a written public number does to the authentication number."""

    COPY_TABLE = "ask the copy table with the new value"
    MIRROR = "carry the new number over to the authentication number"
    NONE = "nothing"


@unique
class BaselineAction(Enum):
    """What a written public number does to the baseline."""

    CLEAR = "forget it"
    KEEP = "keep it"
    SET = "remember the new number"


@unique
class Contact(StrEnum):
    """Which number the service contacts."""

    AUTHENTICATION = "authentication"
    NONE = "none"
    PUBLIC = "public"


@unique
class Status(StrEnum):
    """The state of a pair in the reports (G)."""

    BEFORE_WINDOW = "before_window"
    COPIED = "copied"
    DIVERGED = "diverged"
    FROZEN_AFTER_DELETE = "frozen_after_delete"
    IN_SYNC = "in_sync"
    INVALID_FORMAT = "invalid_format"
    LEFT_BEHIND = "left_behind"
    NO_NUMBER = "no_number"
    NOT_CONFIGURED = "not_configured"
    NOT_SYNCED = "not_synced"
    TO_COPY = "to_copy"
    WINDOW_CLOSED = "window_closed"


_BAD = (Public.MALFORMED, Public.NOT_PERMITTED)
_NOW = (Moment.INSIDE,)
_YES = (Configured.YES,)
_EMPTY, _SAME, _OTHER = (Authentication.EMPTY,), (Authentication.SAME,), (Authentication.DIFFERENT,)

COPY: Final = Table(
    "copy",
    (Standing, Moment, Configured, Authentication, Public),
    (
        Row("C1", CopyAction.NONE, "Only synced users are copied.", ((Standing.NOT_SYNCED,),)),
        Row("C2", CopyAction.NONE, "Before the start nothing is copied.", ((Moment.BEFORE,),)),
        Row("C3", CopyAction.NONE, "No method entry of the pair: the number is not in use for MFA.", (_NOW, (Configured.NO,))),
        Row("C4", CopyAction.NONE, "Both numbers are empty.", (_NOW, _YES, _EMPTY, (Public.EMPTY,))),
        Row("C5", CopyAction.NONE, "The public number is malformed, or not from a permitted source.", (_NOW, _YES, _EMPTY, _BAD)),
        Row(
            "C6",
            CopyAction.COPY,
            "In use for MFA, and the authentication number is empty: copy.",
            (_NOW, _YES, _EMPTY, (Public.VALID,)),
        ),
        Row("C7", CopyAction.NONE, "The numbers are the same already.", (_NOW, _YES, _SAME)),
        Row("C8", CopyAction.NONE, "The numbers differ: never overwrite.", (_NOW, _YES, _OTHER)),
        Row("C9", CopyAction.NONE, "At and after the end nothing is copied.", ((Moment.AFTER,),)),
    ),
)
"""B.2, row by row."""

MIRROR: Final = Table(
    "mirror",
    (Standing, Moment, Event, Source, Configured, Against, Public),
    (
        Row("M1", MirrorAction.NONE, "Outside the window.", ((Moment.BEFORE, Moment.AFTER),)),
        Row("A13", MirrorAction.NONE, "The user is not synced: nothing is mirrored.", ((Standing.NOT_SYNCED,),)),
        Row("A12", MirrorAction.COPY_TABLE, "Becoming synced is not a later change.", ((Event.TAKEOVER,),)),
        Row("A14", MirrorAction.COPY_TABLE, "Being restored is not a later change.", ((Event.RESTORE,),)),
        Row("A17", MirrorAction.NONE, "The writer is not a permitted source.", ((Source.NOT_PERMITTED,),)),
        Row("M2", MirrorAction.COPY_TABLE, "The authentication number is empty.", ((Against.EMPTY,),)),
        Row(
            "M3",
            MirrorAction.MIRROR,
            "Same as the old public number, and in use for MFA: carry the new number over.",
            ((Configured.YES,), (Against.SAME,), (Public.VALID, Public.NOT_PERMITTED)),
        ),
        Row(
            "M4",
            MirrorAction.NONE,
            "The public number was deleted: the authentication number stays.",
            ((Configured.YES,), (Against.SAME,), (Public.EMPTY,)),
        ),
        Row(
            "M5",
            MirrorAction.NONE,
            "The new public number is malformed: no change, the baseline is kept.",
            ((Configured.YES,), (Against.SAME,), (Public.MALFORMED,)),
        ),
        Row(
            "M6",
            MirrorAction.NONE,
            "The numbers differed: the authentication number is the one in use.",
            ((Configured.YES,), (Against.DIFFERENT,)),
        ),
        Row("M7", MirrorAction.NONE, "No method entry of the pair.", ((Configured.NO,),)),
        Row("M8", MirrorAction.NONE, "A number added after a deletion is not mirrored.", ((Against.NOTHING_OLD,),)),
    ),
)
"""B.3, with the events and sources of B.5. `Public` is the new value; a value written by a permitted source is never
`NOT_PERMITTED` here, since the writer is the fact `Source`."""

BASELINE: Final = Table(
    "baseline",
    (Public,),
    (
        Row("L1", BaselineAction.CLEAR, "The public number was cleared.", ((Public.EMPTY,),)),
        Row("L2", BaselineAction.KEEP, "A malformed number counts as no change.", ((Public.MALFORMED,),)),
        Row("L3", BaselineAction.SET, "A valid number, mirrored or not.", ((Public.VALID, Public.NOT_PERMITTED),)),
    ),
)
"""A8 and B.5: the baseline follows every valid public number, at any time, of any user."""

EFFECTIVE: Final = Table(
    "effective",
    (Authentication, Fallback, Configured, Public),
    (
        Row(
            "E1", Contact.AUTHENTICATION, "The authentication number is set.", ((Authentication.SAME, Authentication.DIFFERENT),)
        ),
        Row("E2", Contact.NONE, "The public number is not used for this user at this time.", ((Fallback.OFF,),)),
        Row("E3", Contact.NONE, "The user has no method entry of the pair.", ((Configured.NO,),)),
        Row("E4", Contact.PUBLIC, "The public number stands in for the empty authentication number.", ((Public.VALID,),)),
        Row("E5", Contact.NONE, "There is no usable number.", ((Public.EMPTY, *_BAD),)),
    ),
)
"""A.5."""


@unique
class StatusRule(Enum):
    """A row of G and, in its value, the status and the row of the copy table it goes with."""

    G1 = (Status.NOT_SYNCED, "C1")
    G2 = (Status.BEFORE_WINDOW, "C2")
    G3 = (Status.LEFT_BEHIND, "C9")
    G4 = (Status.WINDOW_CLOSED, "C9")
    G5 = (Status.NOT_CONFIGURED, "C3")
    G6A = (Status.NO_NUMBER, "C4")
    G6B = (Status.INVALID_FORMAT, "C5")
    G6C = (Status.TO_COPY, "C6")
    G7A = (Status.COPIED, "C7")
    G7B = (Status.IN_SYNC, "C7")
    G8A = (Status.FROZEN_AFTER_DELETE, "C8")
    G8B = (Status.INVALID_FORMAT, "C8")
    G8C = (Status.DIVERGED, "C8")

    @property
    def status(self) -> Status:
        """The status reported."""
        return self.value[0]

    @property
    def rule(self) -> str:
        """The row of the copy table that matches together with it."""
        return self.value[1]


STATUS: Final = Table(
    "status",
    (Standing, Moment, Configured, Authentication, Public, Origin),
    (
        Row("G1", StatusRule.G1, "Not synced.", ((Standing.NOT_SYNCED,),)),
        Row("G2", StatusRule.G2, "Before the transition's start, or none is open yet.", ((Moment.BEFORE,),)),
        Row(
            "G3",
            StatusRule.G3,
            "The window is over and the public number was never copied.",
            ((Moment.AFTER,), (Configured.YES,), _EMPTY, (Public.VALID,)),
        ),
        Row("G4", StatusRule.G4, "The window is over.", ((Moment.AFTER,),)),
        Row("G5", StatusRule.G5, "No method entry of the pair.", ((Configured.NO,),)),
        Row("G6A", StatusRule.G6A, "No number at all.", (_EMPTY, (Public.EMPTY,))),
        Row("G6B", StatusRule.G6B, "The public number cannot be used.", (_EMPTY, _BAD)),
        Row("G6C", StatusRule.G6C, "Will be copied.", (_EMPTY, (Public.VALID,))),
        Row("G7A", StatusRule.G7A, "The same, written by copy or mirror.", (_SAME, (Origin.BY_TASK,))),
        Row("G7B", StatusRule.G7B, "The same, written by anything else.", (_SAME, (Origin.OTHERWISE,))),
        Row("G8A", StatusRule.G8A, "The public number is gone; the authentication number stays.", (_OTHER, (Public.EMPTY,))),
        Row(
            "G8B",
            StatusRule.G8B,
            "The public number is malformed; the authentication number stays.",
            (_OTHER, (Public.MALFORMED,)),
        ),
        Row(
            "G8C",
            StatusRule.G8C,
            "The numbers differ; the authentication number is the one in use.",
            (_OTHER, (Public.NOT_PERMITTED, Public.VALID)),
        ),
    ),
)
"""G: copy/mirror status per user and pair."""

TABLES: Final = (COPY, MIRROR, BASELINE, EFFECTIVE, STATUS)

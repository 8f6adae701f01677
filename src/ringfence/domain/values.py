"""Values that belong to no single part: who acts, and under which number an operation runs.

Identifiers are 16 raw bytes (a UUID) everywhere inside; surfaces show them as UUID text.
"""

from __future__ import annotations

from enum import IntEnum, unique
from typing import NamedTuple


@unique
class ActorKind(IntEnum):
    """What kind of actor it is; the value is what the database stores."""

    APP = 1
    USER = 2


class Actor(NamedTuple):
    """Who did it: an application or task by its display name, or a person by name."""

    kind: ActorKind
    name: str


COPY_TASK = Actor(ActorKind.APP, "Ringfence copy task")
MIRROR_TASK = Actor(ActorKind.APP, "Ringfence mirror task")
UNDO_TASK = Actor(ActorKind.APP, "Ringfence undo task")
DIRECTORY_IMPORT = Actor(ActorKind.APP, "Ringfence directory import")
MFA_IMPORT = Actor(ActorKind.APP, "Ringfence MFA import")


@unique
class RunKind(IntEnum):
    """What a numbered run does; the value is what the database stores."""

    COPY = 1
    IMPORT_DIRECTORY = 2
    IMPORT_MFA = 3
    UNDO = 4

"""Values that belong to no single part: who acts, and under which number an operation runs.

Identifiers are 16 raw bytes (a UUID) everywhere inside; surfaces show them as UUID text.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum, unique
from typing import NamedTuple


def is_made_here(identifier: bytes) -> bool:
    """Whether an identifier was made by Ringfence (a UUID of version 8) and not given by a directory."""
    return identifier[6] >> 4 == _OWN_VERSION


_OWN_VERSION = 8


@unique
class ActorKind(IntEnum):
    """What kind of actor it is; the value is what the database stores."""

    APP = 1
    USER = 2


class Actor(NamedTuple):
    """Who did it: an application or task by its display name, or a person by name.

    `identifier` is the application's id or the person's object id (16 bytes); tasks and the command line have none.
    """

    kind: ActorKind
    name: str
    identifier: bytes | None = None


COPY_TASK = Actor(ActorKind.APP, "Ringfence copy task")
MIRROR_TASK = Actor(ActorKind.APP, "Ringfence mirror task")
UNDO_TASK = Actor(ActorKind.APP, "Ringfence undo task")
DIRECTORY_IMPORT = Actor(ActorKind.APP, "Ringfence directory import")
MFA_IMPORT = Actor(ActorKind.APP, "Ringfence MFA import")


@unique
class RunKind(IntEnum):
    """What a numbered run does to a tenant; the value is what the database stores."""

    COPY = 1
    IMPORT_DIRECTORY = 2
    IMPORT_MFA = 3
    UNDO = 4
    TRANSITION_OPEN = 5
    TRANSITION_CLOSE = 6
    MFA_SETTINGS = 9
    TELEPHONY_SETTINGS = 10


class Tenant(NamedTuple):
    """A tenant: its number inside the database, its directory id (16 bytes) and its name."""

    tenant_id: int
    directory_id: bytes
    name: str
    created_at: datetime


@unique
class KeyState(IntEnum):
    """Where a key is in its life; the value is what the database stores."""

    PRIMARY = 1
    RETIRING = 2
    RETIRED = 3


class StoredKey(NamedTuple):
    """What the database knows of a key: never the key itself."""

    key_id: int
    state: KeyState
    check_value: bytes


class Run(NamedTuple):
    """A numbered run. `counts` are its results by name; `finished_at` is None while it runs or after it was killed."""

    run_id: bytes
    kind: RunKind
    started_at: datetime
    label: str = ""
    finished_at: datetime | None = None
    counts: Mapping[str, int] | None = None

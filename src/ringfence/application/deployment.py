"""A deployment with all its parts joined, as the surfaces see it; `ringfence.bootstrap` builds it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ringfence.application.ports import DirectoryReader, KeyFile, MfaReader, RejectedRows
from ringfence.application.services import Services


class RejectedPlace(RejectedRows, Protocol):
    """Where the rejected rows of one file go: how many there are, and in which file they are in the end."""

    @property
    def path(self) -> Path:
        """The file, when there are rows."""

    @property
    def count(self) -> int:
        """The rows so far."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The services, the key file, how files are opened, and where rejected rows of a file go."""

    services: Services
    keys: KeyFile
    database: str
    """The database's URL, without any password."""
    open_directory: Callable[[Path], DirectoryReader]
    open_mfa: Callable[[Path], MfaReader]
    rejected_rows: Callable[[Path], AbstractContextManager[RejectedPlace]]
    dispose: Callable[[], None]

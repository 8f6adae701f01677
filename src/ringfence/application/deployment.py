"""A deployment with all its parts joined, as the surfaces see it; `ringfence.bootstrap` builds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from ringfence.application.identity.parts import Identity
from ringfence.application.ports import DirectoryReader, KeyFile, MfaReader, RejectedRows
from ringfence.application.services import Services
from ringfence.domain.signin.challenge import Channel


class RejectedPlace(RejectedRows, Protocol):
    """Where the rejected rows of one file go: how many there are, and in which file they are in the end."""

    @property
    def path(self) -> Path:
        """The file, when there are rows."""

    @property
    def count(self) -> int:
        """The rows so far."""


class Reach(NamedTuple):
    """How a server over this deployment is reached, as the settings say; whether one is running is not known here."""

    listen: str
    """Host and port."""
    public_url: str
    """The address that clients know it by, without a path."""
    authority: Path | None
    """The certificate to trust (PEM), which the first start of a server makes; None where the server was given its own."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The services, the key file, how files are opened, where rejected rows of a file go, and what identity is joined from."""

    services: Services
    keys: KeyFile
    database: str
    """The database's URL, without any password."""
    schema: str
    """The revision of the database's schema."""
    reach: Reach
    open_directory: Callable[[Path], DirectoryReader]
    open_mfa: Callable[[Path], MfaReader]
    rejected_rows: Callable[[Path], AbstractContextManager[RejectedPlace]]
    dispose: Callable[[], None]
    identity: Callable[[], Identity]
    """Joins the parts of the token service, which are slow to load."""
    read_certificate: Callable[[Path], str]
    """The RSA certificate in a file, as PEM; raises `InvalidError` (CERTIFICATE_INVALID, SOURCE_UNREADABLE)."""
    make_certificates: Callable[[], object]
    """Makes the server's own certificate where it has none, or needs another."""
    channels: Callable[[], frozenset[Channel]] = frozenset
    """What there are senders for; reads the file of senders."""
    known_permissions: Callable[[], Mapping[str, tuple[bool, bool]]] = dict
    """Every permission of the Graph API by name: whether it exists for people, and for applications."""

"""The switches over numbers: named settings for what the announcement leaves open.

Source: domain-rules A.5 (`public_number_fallback`), A3, A17, C.2 step 1, H.4 (`bypass_overrides`, `reject_cloud_phone_writes`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum, unique

from ringfence.domain.numbers.facts import Configured, Fallback, Moment, Source, Standing


@unique
class PublicNumberFallback(StrEnum):
    """For whom, and until when, the public number stands in for an empty authentication number."""

    LEGACY_ALL = "legacy_all"
    OFF = "off"
    SYNCED_UNTIL_WINDOW_END = "synced_until_window_end"


@unique
class PublicSource(IntEnum):
    """Who wrote a public number last; the value is what the database stores."""

    SYNC = 1
    ADMIN = 2
    SELF_SERVICE = 3
    OVERRIDE = 4
    """An administrator in the cloud, for a user who was synced then: what the directory sends later is ignored (H.4)."""


@dataclass(frozen=True, slots=True)
class NumberPolicy:
    """The settings, with the defaults this project decided on (docs/divergences.md)."""

    public_number_fallback: PublicNumberFallback = PublicNumberFallback.SYNCED_UNTIL_WINDOW_END
    mirror_sources: frozenset[PublicSource] = frozenset({PublicSource.SYNC, PublicSource.ADMIN})
    mirror_requires_configured: bool = True
    accept_unspaced: bool = False
    bypass_overrides: bool = False
    reject_cloud_phone_writes: bool = False

    def fallback(self, standing: Standing, moment: Moment) -> Fallback:
        """Say whether the public number may be contacted for such a user at such a time (A.5)."""
        if self.public_number_fallback is PublicNumberFallback.LEGACY_ALL:
            return Fallback.ON
        until_end = self.public_number_fallback is PublicNumberFallback.SYNCED_UNTIL_WINDOW_END
        return Fallback.ON if until_end and standing is Standing.SYNCED and moment is not Moment.AFTER else Fallback.OFF

    def source(self, writer: PublicSource) -> Source:
        """Say whether changes of this writer are carried over, and its values contacted and copied (A17)."""
        meant = PublicSource.ADMIN if writer is PublicSource.OVERRIDE else writer
        return Source.PERMITTED if meant in self.mirror_sources else Source.NOT_PERMITTED

    def configured_for_mirror(self, configured: Configured) -> Configured:
        """What the mirror table sees as *configured*: with `mirror_requires_configured` off, everybody (A3)."""
        return configured if self.mirror_requires_configured else Configured.YES

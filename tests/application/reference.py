"""B.5, the reference algorithm, written out again from the document over plain strings; knows nothing of the product's code.

Sources: domain-rules A.2 (entries of a pair), A.5 (contact), B.5, A13, A14, A17, T3, D.1. `MEANING` is C.2, applied by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

START: Final = datetime(2021, 2, 1, tzinfo=UTC)
END: Final = datetime(2021, 5, 1, tzinfo=UTC)

EMPTY: Final = "empty"
MALFORMED: Final = "malformed"

MEANING: Final[dict[str, dict[str, str]]] = {
    "": {"mobile": EMPTY, "office": EMPTY},
    "   ": {"mobile": EMPTY, "office": EMPTY},
    "4255550101": {"mobile": MALFORMED, "office": MALFORMED},
    "n/a": {"mobile": MALFORMED, "office": MALFORMED},
    "+14255550100": {"mobile": MALFORMED, "office": MALFORMED},
    "+1 4255550100": {"mobile": "+1 4255550100", "office": "+1 4255550100"},
    "+1 (425) 555-0100": {"mobile": "+1 4255550100", "office": "+1 4255550100"},
    "+1 4255550101": {"mobile": "+1 4255550101", "office": "+1 4255550101"},
    "+1 4255550101 ext. 12": {"mobile": "+1 4255550101", "office": "+1 4255550101x12"},
    "+44 20 7946 0958": {"mobile": "+44 2079460958", "office": "+44 2079460958"},
}
"""A directory's text -> what C.2 makes of it for each pair: canonical form, empty or malformed."""

NUMBERS: Final = ("+1 4255550100", "+1 4255550101", "+44 2079460958")
"""Authentication numbers, canonical already."""

ENTRIES: Final = {"mobile": ("OneWaySMS", "TwoWayVoiceMobile"), "office": ("TwoWayVoiceOffice",)}
APP: Final = "PhoneAppNotification"


@dataclass
class Half:
    """One pair of one user."""

    text: str = ""
    source: str = "admin"
    baseline: str | None = None
    authentication: str | None = None


@dataclass
class Rules:
    """The tenant: time, the window's end, and the settings."""

    now: datetime
    mirror_sources: frozenset[str]
    mirror_requires_configured: bool
    end: datetime = END

    @property
    def in_window(self) -> bool:
        """A18."""
        return START <= self.now < self.end


@dataclass
class Person:
    """One user."""

    rules: Rules
    synced: bool = False
    deleted: bool = False
    entries: set[str] = field(default_factory=set)
    default: str | None = None
    halves: dict[str, Half] = field(default_factory=lambda: {"mobile": Half(), "office": Half()})

    def configured(self, pair: str) -> bool:
        """A.3, A4."""
        return not self.entries.isdisjoint(ENTRIES[pair])

    def on_commit(self, pair: str, event: str) -> None:
        """B.5, with the new public number stored already."""
        half = self.halves[pair]
        old = half.baseline
        new = MEANING[half.text][pair]
        if new == EMPTY:
            half.baseline = None
            return
        if new == MALFORMED:
            return
        half.baseline = new
        if not (self.synced and self.rules.in_window):
            return
        if event in {"takeover", "restore"}:
            self.copy(pair)
            return
        if half.source not in self.rules.mirror_sources:
            return
        if half.authentication is None:
            self.copy(pair)
            return
        in_use = self.configured(pair) or not self.rules.mirror_requires_configured
        if in_use and old is not None and old == half.authentication:
            half.authentication = new

    def usable_public(self, pair: str) -> str | None:
        """The public number in canonical form; one from a source that is not permitted counts as malformed (A17)."""
        half = self.halves[pair]
        number = MEANING[half.text][pair]
        return number if number not in {EMPTY, MALFORMED} and half.source in self.rules.mirror_sources else None

    def copy(self, pair: str) -> None:
        """B.5, `copy`."""
        half = self.halves[pair]
        if self.synced and self.rules.in_window and self.configured(pair) and half.authentication is None:
            half.authentication = self.usable_public(pair)

    def contacts(self) -> dict[str, str | None]:
        """A.5, fallback `synced_until_window_end`: per entry that needs a number, the one contacted. H.5: no deleted user is."""
        fallback = self.synced and self.rules.now < self.rules.end
        found: dict[str, str | None] = {}
        for pair, names in ENTRIES.items():
            number = self.halves[pair].authentication or (self.usable_public(pair) if fallback else None)
            found.update(dict.fromkeys(self.entries.intersection(names), None if self.deleted else number))
        return found

    def directory_says(self, synced: bool | None, texts: dict[str, str | None]) -> None:  # noqa: FBT001 - Microsoft's flag
        """A row of a directory export; None is an attribute that was not sent, or Microsoft's null for the flag."""
        becomes_synced = bool(synced) and not self.synced
        event = "restore" if self.deleted else "takeover" if becomes_synced else "change"
        self.synced, self.deleted = bool(synced), False
        source = "sync" if synced else "admin"
        for pair, text in texts.items():
            half = self.halves[pair]
            if synced and half.source == "admin" and half.text.strip() and text is not None and not text.strip():
                text = None  # H.3: a takeover overwrites the cloud's number with a number, not with nothing  # noqa: PLW2901
            written = text is not None and (text, source) != (half.text, half.source)
            if text is not None and written:
                half.text, half.source = text, source
            if written or event != "change":
                self.on_commit(pair, event)

    def edits_own_profile(self, text: str) -> None:
        """The user writes `mobilePhone` themself (A17)."""
        half = self.halves["mobile"]
        half.text, half.source = text, "self_service"
        self.on_commit("mobile", "change")

    def administrator_sets(self, pair: str, number: str) -> None:
        """The number, its entries, and a default if there is none (T3 the other way round)."""
        self.halves[pair].authentication = number
        self.entries.update(ENTRIES[pair])
        self.default = self.default or ENTRIES[pair][0]

    def administrator_deletes(self, pair: str) -> bool:
        """T3 and D.1: the entries go with the number; refused for the default while another entry is left. False: refused."""
        left = self.entries.difference(ENTRIES[pair])
        serves_default = self.default in ENTRIES[pair]
        if self.halves[pair].authentication is None or (serves_default and left):
            return False
        self.halves[pair].authentication = None
        self.entries = left
        self.default = None if serves_default else self.default
        return True

    def mfa_export_says(self, entries: tuple[str, ...], number: str | None) -> None:
        """The entries, the first of them the default, and a mobile number or none."""
        self.entries, self.default = set(entries), entries[0]
        if number is not None:
            self.halves["mobile"].authentication = number

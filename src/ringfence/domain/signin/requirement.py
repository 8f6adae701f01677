"""Whether a second factor is demanded of somebody who signs in, and why: rows of facts, first match wins.

Owns the table and its words. Does not own how a fact is found out (`ringfence.application.mfa.requirements`).
Sources: domain-rules D.6 (blocked users), D.9 (per-user MFA, app passwords, trusted addresses, browsers), D.10 (words).
"""

from __future__ import annotations

from enum import IntEnum, unique
from typing import Final, NamedTuple

from ringfence.domain.numbers.facts import Fact
from ringfence.domain.numbers.table import Row, Table


@unique
class AppPassword(Fact):
    """App passwords of the user, and whether the one that was just typed is one of them."""

    GIVEN = "given, and right"
    HELD = "held"
    NONE = "none"


@unique
class Blocked(Fact):
    """Whether the user is blocked for MFA (D.6)."""

    NO = "no"
    YES = "yes"


@unique
class Client(Fact):
    """What the user signs in with."""

    LEGACY = "a legacy protocol"
    MODERN = "browser or modern"


@unique
class Place(Fact):
    """Where the sign-in comes from: a trusted range of addresses, or inside the corporate network by the claim that counts."""

    INSIDE = "trusted location"
    OUTSIDE = "elsewhere"


@unique
class Proof(Fact):
    """A second factor that was given in this session already."""

    FRESH = "given in this session"
    NONE = "none"


@unique
class Registered(Fact):
    """Whether a method is registered that can be used, and whether another one has to be registered all the same (E.2)."""

    ANEW = "yes, and one to be registered anew"
    NO = "no"
    YES = "yes"


@unique
class Remembered(Fact):
    """Whether the browser is one that is remembered."""

    NO = "no"
    YES = "yes"


@unique
class State(Fact):
    """Per-user MFA state."""

    DISABLED = "disabled"
    ENABLED = "enabled"
    ENFORCED = "enforced"


@unique
class Requirement(IntEnum):
    """What is demanded, or why nothing is; the value is what the log of sign-ins stores."""

    APP_PASSWORD_REQUIRED = 1
    CHALLENGE = 2
    DENIED_BLOCKED = 3
    DENIED_FRAUD = 4
    """Of no row: what a fraud report leaves in the log."""
    NOT_REQUIRED = 5
    REGISTER = 6
    SATISFIED_REMEMBERED = 7
    SATISFIED_SESSION = 8
    SKIPPED_APP_PASSWORD = 9
    SKIPPED_LOCATION = 10
    UNTIL_ENFORCED = 11

    @property
    def words(self) -> str:
        """For the record of the sign-in, in Microsoft's words where it has some (D.10)."""
        return _WORDS[self]

    @property
    def wire_name(self) -> str:
        """As our own API says it: `skippedLocation`."""
        first, *others = self.name.lower().split("_")
        return first + "".join(word.capitalize() for word in others)

    @property
    def is_met(self) -> bool:
        """Whether nothing more is demanded."""
        return self in _MET


_WORDS: Final = {
    Requirement.APP_PASSWORD_REQUIRED: "MFA required: a legacy client needs an app password",
    Requirement.CHALLENGE: "MFA required",
    Requirement.DENIED_BLOCKED: "MFA denied; user is blocked",
    Requirement.DENIED_FRAUD: "MFA denied; fraud code entered",
    Requirement.NOT_REQUIRED: "MFA not required",
    Requirement.REGISTER: "MFA registration prompted",
    Requirement.SATISFIED_REMEMBERED: "MFA requirement skipped due to remembered device",
    Requirement.SATISFIED_SESSION: "MFA requirement satisfied by claim in token",
    Requirement.SKIPPED_APP_PASSWORD: "MFA requirement skipped due to app password",
    Requirement.SKIPPED_LOCATION: "MFA requirement skipped due to location",
    Requirement.UNTIL_ENFORCED: "MFA not required of legacy clients until the user is enforced",
}
_MET: Final = frozenset(
    {
        Requirement.NOT_REQUIRED,
        Requirement.SATISFIED_REMEMBERED,
        Requirement.SATISFIED_SESSION,
        Requirement.SKIPPED_APP_PASSWORD,
        Requirement.SKIPPED_LOCATION,
        Requirement.UNTIL_ENFORCED,
    }
)


class Facts(NamedTuple):
    """Everything the table looks at."""

    state: State
    client: Client
    blocked: Blocked = Blocked.NO
    place: Place = Place.OUTSIDE
    app_password: AppPassword = AppPassword.NONE
    registered: Registered = Registered.NO
    proof: Proof = Proof.NONE
    remembered: Remembered = Remembered.NO


_LEGACY: Final = (Client.LEGACY,)
_MODERN: Final = (Client.MODERN,)

REQUIREMENTS: Final = Table(
    "second_factor",
    (State, Client, Blocked, Place, AppPassword, Registered, Proof, Remembered),
    (
        Row(
            "S1",
            Requirement.DENIED_BLOCKED,
            "a blocked user's password alone opens no legacy protocol",
            (_LEGACY, (Blocked.YES,)),
        ),
        Row("S2", Requirement.NOT_REQUIRED, "nobody asked for it", ((State.DISABLED,),)),
        Row("S3", Requirement.DENIED_BLOCKED, "denied without a prompt, wherever and however (D.6)", ((Blocked.YES,),)),
        Row(
            "S4",
            Requirement.UNTIL_ENFORCED,
            "legacy clients keep working until the user has registered",
            (_LEGACY, (State.ENABLED,)),
        ),
        Row("S5", Requirement.SKIPPED_APP_PASSWORD, "it stands for both factors", (_LEGACY, (AppPassword.GIVEN,))),
        Row(
            "S6",
            Requirement.APP_PASSWORD_REQUIRED,
            "who has one needs one, in a trusted location too",
            (_LEGACY, (AppPassword.HELD,)),
        ),
        Row("S7", Requirement.SKIPPED_LOCATION, "without one none is needed there", (_LEGACY, (Place.INSIDE,))),
        Row("S8", Requirement.APP_PASSWORD_REQUIRED, "a legacy client can show nothing else", (_LEGACY,)),
        Row("S9", Requirement.SKIPPED_LOCATION, "no second factor from there", (_MODERN, (Place.INSIDE,))),
        Row("S10", Requirement.REGISTER, "there is nothing to ask for yet", (_MODERN, (Registered.NO,))),
        Row(
            "S11",
            Requirement.CHALLENGE,
            "who has to register anew proves first who they are",
            (_MODERN, (Registered.ANEW,)),
        ),
        Row("S12", Requirement.SATISFIED_SESSION, "it was given already", (_MODERN, (Proof.FRESH,))),
        Row(
            "S13",
            Requirement.SATISFIED_REMEMBERED,
            "it was given in this browser, not too long ago",
            (_MODERN, (Remembered.YES,)),
        ),
        Row("S14", Requirement.CHALLENGE, "at each sign-in", (_MODERN,)),
    ),
)

TITLES: Final = {
    AppPassword: "app password",
    Blocked: "blocked",
    Client: "client",
    Place: "place",
    Proof: "second factor",
    Registered: "usable method",
    Remembered: "remembered browser",
    State: "per-user MFA",
}
"""What each vocabulary is called where people read it."""


def decide_requirement(facts: Facts) -> Row[Requirement]:
    """The row that counts: its outcome is what is demanded, its `says` why."""
    return REQUIREMENTS.decide(*facts)


def printed() -> str:
    """The table as Markdown (docs/second-factor.md)."""
    lines = ["| rule | " + " | ".join(TITLES[one] for one in REQUIREMENTS.vocabularies) + " | outcome | why |"]
    lines.append("|---" * (len(TITLES) + 3) + "|")
    for row in REQUIREMENTS.rows:
        named = {type(values[0]): " or ".join(value.value for value in values) for values in row.when}
        cells = [named.get(one, "") for one in REQUIREMENTS.vocabularies]
        lines.append(f"| {row.id} | " + " | ".join(cells) + f" | {row.outcome.words} | {row.says} |")
    return "\n".join((*lines, ""))

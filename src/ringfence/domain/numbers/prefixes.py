"""The prefix of a number: what telephony is allowed, counted and paid by.

Source: domain-rules C.4: areas of the North American plan other than the United States' and Canada's count by four digits (1684),
all others by country code.
"""

from __future__ import annotations

from typing import Final

_PLAN: Final = "1"
_AREAS: Final = frozenset(
    {
        "242",
        "246",
        "264",
        "268",
        "284",
        "340",
        "345",
        "441",
        "473",
        "649",
        "658",
        "664",
        "670",
        "671",
        "684",
        "721",
        "758",
        "767",
        "784",
        "787",
        "809",
        "829",
        "849",
        "868",
        "869",
        "876",
        "939",
    }
)
"""The Bahamas to Puerto Rico, by area code."""


def prefix_of(canonical: str) -> str:
    """The prefix of a canonical number: `49` of `+49 15112345678`, `1684` of `+1 6846331234`."""
    code, _, national = canonical[1:].partition(" ")
    area = national[:3]
    return code + area if code == _PLAN and area in _AREAS else code

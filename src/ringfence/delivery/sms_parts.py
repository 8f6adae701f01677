"""Cutting a text into what fits one SMS each: the GSM alphabet where it suffices, else UCS-2.

Owns the alphabet, the sizes and the user data header. Does not own how parts travel. A part is at most 140 octets on the air;
there seven bits make a GSM character, while SMPP carries one in an octet.
Sources: 3GPP TS 23.038, 6.2.1 (alphabet, extension table) and 6.2.3 (UCS-2); TS 23.040, 9.2.3.24 and 9.2.3.24.1 (concatenation).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, unique
from typing import Final, NamedTuple

MOST_PARTS: Final = 10
"""Our own limit; the header counts to 255."""
_ESCAPE: Final = 0x1B
_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
_GSM: Final = {char: bytes([code]) for code, char in enumerate(_BASIC) if code != _ESCAPE} | {
    char: bytes([_ESCAPE, code]) for char, code in _EXTENDED.items()
}


@unique
class Coding(IntEnum):
    """How a part's characters are written; the value is SMPP's data_coding (SMPP 3.4, 5.2.19)."""

    GSM = 0
    UCS2 = 8


class Part(NamedTuple):
    """One SMS: the header (empty for a text of one part) and the characters, one GSM character or half a UCS-2 unit an octet."""

    coding: Coding
    header: bytes
    body: bytes


_ALONE: Final = {Coding.GSM: 160, Coding.UCS2: 140}
"""Octets of body when there is no header."""
_AMONG_OTHERS: Final = {Coding.GSM: 153, Coding.UCS2: 134}
"""The same beside a header of six octets, which takes the room of seven GSM characters."""


def split_text(text: str, reference: int) -> tuple[Part, ...] | None:
    """The parts of a text, in order; `reference` (0 to 255) binds them together. None for a text that cannot be sent."""
    coding, characters = _written(text)
    if characters is None:
        return None
    whole = b"".join(characters)
    if len(whole) <= _ALONE[coding]:
        return (Part(coding, b"", whole),)
    bodies = _filled(characters, _AMONG_OTHERS[coding])
    if len(bodies) > MOST_PARTS:
        return None
    return tuple(Part(coding, bytes([5, 0, 3, reference, len(bodies), index]), body) for index, body in enumerate(bodies, 1))


def _written(text: str) -> tuple[Coding, list[bytes] | None]:
    """Each character as octets that must stay together: an escape with what it escapes, both halves of a surrogate pair."""
    if text and all(char in _GSM for char in text):
        return Coding.GSM, [_GSM[char] for char in text]
    try:
        return Coding.UCS2, [char.encode("utf-16-be") for char in text] or None
    except UnicodeEncodeError:
        return Coding.UCS2, None


def _filled(characters: Iterable[bytes], room: int) -> list[bytes]:
    bodies = [bytearray()]
    for octets in characters:
        if len(bodies[-1]) + len(octets) > room:
            bodies.append(bytearray())
        bodies[-1] += octets
    return [bytes(body) for body in bodies]

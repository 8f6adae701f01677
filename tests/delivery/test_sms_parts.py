"""Cutting texts: what was cut joins to the text, each part fits an SMS, and nothing that belongs together is cut."""

from __future__ import annotations

import math
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.delivery.sms_parts import MOST_PARTS, Coding, Part, split_text

# 3GPP TS 23.038, 6.2.1 and 6.2.1.1, written down a second time, by code point of the table.
_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\0ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED: Final = dict(zip(b"\x0a\x14\x28\x29\x2f\x3c\x3d\x3e\x40\x65", "\f^{}\\[~]|€", strict=True))
_GSM_TEXT: Final = st.text(st.sampled_from(_BASIC.replace("\0", "") + "".join(_ESCAPED.values())), min_size=1, max_size=700)
_ANY_TEXT: Final = st.text(min_size=1, max_size=400)


def read(part: Part) -> str:
    """What a phone shows of one part."""
    if part.coding is Coding.UCS2:
        return part.body.decode("utf-16-be")
    octets = iter(part.body)
    return "".join(_ESCAPED[next(octets)] if octet == 0x1B else _BASIC[octet] for octet in octets)


def octets_on_the_air(part: Part) -> int:
    """The user data's size: the header, then seven bits a GSM character, aligned, or two octets a unit."""
    if part.coding is Coding.UCS2:
        return len(part.header) + len(part.body)
    return math.ceil((math.ceil(len(part.header) * 8 / 7) + len(part.body)) * 7 / 8)


@given(_GSM_TEXT | _ANY_TEXT, st.integers(0, 255))
def test_parts_join_to_the_text(text: str, reference: int) -> None:
    """Each part can be read by itself, so no surrogate pair and no escape is cut, and together they are the text."""
    parts = split_text(text, reference)
    assert parts is None or text == "".join(map(read, parts))


@given(_GSM_TEXT | _ANY_TEXT, st.integers(0, 255))
def test_each_part_fits(text: str, reference: int) -> None:
    """140 octets, header included, hold every part."""
    assert all(octets_on_the_air(part) <= 140 for part in split_text(text, reference) or ())


@given(_GSM_TEXT | _ANY_TEXT, st.integers(0, 255))
def test_headers_count_the_parts(text: str, reference: int) -> None:
    """A text of several parts numbers them from 1 under one reference (3GPP TS 23.040, 9.2.3.24.1); one part has no header."""
    parts = split_text(text, reference) or ()
    wanted = [bytes([5, 0, 3, reference, len(parts), index]) for index in range(1, len(parts) + 1)] if len(parts) > 1 else [b""]
    assert wanted[: len(parts)] == [part.header for part in parts]


SIZES = {
    "160-gsm": ("a" * 160, Coding.GSM, 1),
    "161-gsm": ("a" * 161, Coding.GSM, 2),
    "306-gsm": ("a" * 306, Coding.GSM, 2),
    "307-gsm": ("a" * 307, Coding.GSM, 3),
    "80-escapes": ("€" * 80, Coding.GSM, 1),
    "escape-at-the-edge": ("a" * 152 + "€" + "a" * 152, Coding.GSM, 3),
    "70-ucs2": ("я" * 70, Coding.UCS2, 1),
    "71-ucs2": ("я" * 71, Coding.UCS2, 2),
    "pair-at-the-edge": ("я" * 66 + "😀" + "я" * 66, Coding.UCS2, 3),
}


@pytest.mark.parametrize(("text", "coding", "count"), SIZES.values(), ids=SIZES)
def test_sizes(text: str, coding: Coding, count: int) -> None:
    """160 and 153 GSM characters, 70 and 67 of UCS-2; an escape or a pair that would be cut goes whole into the next part."""
    parts = split_text(text, 7) or ()
    assert (count, {coding}) == (len(parts), {part.coding for part in parts})


@pytest.mark.parametrize("text", ["", "\ud800", "a" * (153 * MOST_PARTS + 1)], ids=["empty", "half-a-pair", "too-long"])
def test_what_cannot_be_sent(text: str) -> None:
    """No text, no Unicode and too many parts are refused, not cut short."""
    assert split_text(text, 7) is None

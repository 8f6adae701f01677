"""A number as somebody types it who registers a phone: its country code from a list, and the rest as they know it by heart.

Stricter than what an administrator may store (`canonical`, C.2): a text to a number that cannot be one is paid for, and the
person waits for it in vain. What is refused is told by kind, for the page to say what to do.
"""

from __future__ import annotations

from enum import Enum, unique
from typing import Final

from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.numbers.canonical import parse_authentication_number
from ringfence.domain.numbers.metadata import COUNTRY_CODES, is_trunk_zero, lengths_of_kind
from ringfence.domain.numbers.pairs import Pair

_DIGITS: Final = frozenset("0123456789")


@unique
class TypedMistake(Enum):
    """What is wrong with a number that was typed."""

    FORM = "no telephone number"
    LENGTH = "too short or too long for its country"
    ZERO = "begins with the 0 that is dialled inside its country alone"


def read_typed_number(country: str, rest: str, pair: Pair, *, is_texted: bool) -> str | TypedMistake:
    """Return the canonical form, or the mistake; what is texted has to be as long as mobile numbers of its country are."""
    digits = "".join(filter(_DIGITS.__contains__, rest))
    code = COUNTRY_CODES[country[:3]] if country and _DIGITS.issuperset(country) else None
    if code is None:
        return TypedMistake.FORM
    if is_trunk_zero(code, f"{country[len(code) :]}{digits}"):
        return TypedMistake.ZERO
    try:
        canonical = parse_authentication_number(f"+{country} {rest}", pair)
    except InvalidError as error:
        return TypedMistake.LENGTH if digits and error.code is ErrorCode.NUMBER_LENGTH else TypedMistake.FORM
    national = canonical.partition(" ")[2].partition("x")[0]
    return canonical if len(national) in lengths_of_kind(code, is_mobile=is_texted) else TypedMistake.LENGTH

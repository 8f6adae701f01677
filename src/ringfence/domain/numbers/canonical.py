"""Canonical form of a number, the two parsers that make it, and the mask.

Canonical is `"+" CC " " digits ["x" digits]`, as Microsoft writes it: `+1 4255550100x123`. The lenient parser reads public
numbers, where anything may stand; the strict one reads authentication numbers, where anything else is refused. Which codes and
lengths exist is `metadata`'s knowledge. Source: domain-rules C.1 and C.2, for extensions A2 (B.4).
"""

from __future__ import annotations

import re
from enum import IntEnum, unique
from typing import Final, NamedTuple

from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.numbers.metadata import COUNTRY_CODES, POSSIBLE_LENGTHS
from ringfence.domain.numbers.pairs import Pair


@unique
class PublicState(IntEnum):
    """What a public number's text turned out to be; the value is what the database stores.

    `EXTENSION_DROPPED` is valid too: a number that is not an office number carried an extension, counted as a warning (A2).
    """

    EMPTY = 0
    MALFORMED = 1
    VALID = 2
    EXTENSION_DROPPED = 3


class PublicNumber(NamedTuple):
    """A public number as read: `canonical` is None exactly when the state is `EMPTY` or `MALFORMED`."""

    state: PublicState
    canonical: str | None


# Possessive repeats (`*+`) never give back, which keeps the time linear in whatever text an attribute may hold.
_EXTENSION: Final = r"(?:\s*+(?:x|X|ext\.?)\s*+([0-9]{1,10}))?"
_SPACED: Final = re.compile(r"(\+[1-9][0-9]{0,2})[ \xa0]([0-9 .()\xa0-]*+)" + _EXTENSION)
_UNSPACED: Final = re.compile(r"(\+)([1-9][0-9 .()\xa0-]*+)" + _EXTENSION)
# "+44 (0)20 …": that 0 is for callers at home and must not be dialled (C.2, step 3).
_ZERO_GROUP: Final = re.compile(r"\([ .\xa0-]*+0[ .\xa0-]*+\)")
# Digits stand in the table for speed: `translate` takes twice the time over characters that it does not name.
_DROP_SEPARATORS: Final = {**dict.fromkeys(map(ord, " .()-\xa0")), **{ord(digit): digit for digit in "0123456789"}}

_SHORTEST_NATIONAL: Final = 4
_LONGEST_EXTENSION: Final = 10
_MOST_DIGITS: Final = 15
"""E.164, and step 2 of C.2: country code and national number together; an extension does not count."""

# What an import reaches two million times: members of an Enum are slow to reach, a NamedTuple's own constructor to run.
_OFFICE: Final = Pair.OFFICE
_VALID: Final = PublicState.VALID
_EXTENSION_DROPPED: Final = PublicState.EXTENSION_DROPPED
_EMPTY_NUMBER: Final = PublicNumber(PublicState.EMPTY, None)
_MALFORMED_NUMBER: Final = PublicNumber(PublicState.MALFORMED, None)
_new_tuple: Final = tuple.__new__


class _CanonicalLengths(dict[str, frozenset[int]]):
    """`"+" CC` -> the national lengths the canonical form takes; empty, and not kept, when the code is not assigned."""

    def __missing__(self, head: str) -> frozenset[int]:
        if not head.startswith("+") or not (possible := POSSIBLE_LENGTHS[head[1:]]):
            return frozenset()
        fitting = range(_SHORTEST_NATIONAL, _MOST_DIGITS - len(head[1:]) + 1)
        lengths = self[head] = possible.intersection(fitting)
        return lengths


_CANONICAL_LENGTHS: Final = _CanonicalLengths({"": frozenset()})
"""The head of an empty text is there from the start, because half of a directory has no number."""


def parse_public_number(text: str, pair: Pair, *, accept_unspaced: bool = False) -> PublicNumber:
    """Read a public number's text; never raises, in time linear in its length.

    `accept_unspaced` lets the space after the country code be missing or be another separator; codes are prefix-free, so that
    the digits alone tell which code it is.
    """
    head, _, written = text.partition(" ")
    # The short way, without the pattern, for what most of a directory looks like; " " + text takes the long one.
    if lengths := _CANONICAL_LENGTHS[head]:
        if len(written) in lengths and written.isdecimal() and written.isascii():
            return _new_tuple(PublicNumber, (_VALID, text))
        body, mark, extension = written.partition("x")
        national = body.translate(_DROP_SEPARATORS)
        tidy = len(national) in lengths and national.isdecimal() and national.isascii()
        if tidy and not ("(" in body and _ZERO_GROUP.search(body)):
            if not mark:
                return _new_tuple(PublicNumber, (_VALID, f"{head} {national}"))
            if extension.isdecimal() and extension.isascii() and len(extension) <= _LONGEST_EXTENSION:
                return _extended_number(f"{head} {national}", extension, pair)
    if not (trimmed := text.strip()):
        return _EMPTY_NUMBER
    parts = _dissect(trimmed, accept_unspaced=accept_unspaced)
    if isinstance(parts, ErrorCode):
        return _MALFORMED_NUMBER
    return _extended_number(*parts, pair)


def parse_authentication_number(text: str, pair: Pair) -> str:
    """Return the canonical form of an authentication number; blanks around it and separators in it are forgiven.

    Raises `InvalidError` with `NUMBER_FORM`, `NUMBER_COUNTRY`, `NUMBER_LENGTH` or, for another pair than office,
    `NUMBER_EXTENSION`. Its only fact is `phone_type`: the number is private.
    """
    number = parse_public_number(text, pair, accept_unspaced=True)
    if number.state == _VALID and number.canonical is not None:
        return number.canonical
    parts = _dissect(text.strip(), accept_unspaced=True)
    raise InvalidError(parts if isinstance(parts, ErrorCode) else ErrorCode.NUMBER_EXTENSION, phone_type=pair.phone_type)


def mask_number(canonical: str) -> str:
    """Return what a reader without the right sees: the last two national digits, behind a mask of fixed width.

    The width gives neither country nor length away, and an extension never shows. What is not canonical shows no more.
    """
    national = canonical.partition(" ")[2].partition("x")[0]
    return f"+X XXXXXXX{national[-2:]}"


def _extended_number(number: str, extension: str | None, pair: Pair) -> PublicNumber:
    """Return the valid number with its extension, as far as the pair may have one (A2)."""
    if extension is None:
        return _new_tuple(PublicNumber, (_VALID, number))
    if pair == _OFFICE:
        return _new_tuple(PublicNumber, (_VALID, f"{number}x{extension}"))
    return _new_tuple(PublicNumber, (_EXTENSION_DROPPED, number))


def _dissect(text: str, *, accept_unspaced: bool) -> tuple[str, str | None] | ErrorCode:
    """Split trimmed text by the pattern of C.2 into canonical number and extension's digits, or tell what is wrong."""
    match = (_UNSPACED if accept_unspaced else _SPACED).fullmatch(text)
    if match is None:
        return ErrorCode.NUMBER_FORM
    head, written, extension = match.groups()
    if "(" in written and _ZERO_GROUP.search(written):
        return ErrorCode.NUMBER_FORM
    national = written.translate(_DROP_SEPARATORS)
    if accept_unspaced:
        code = COUNTRY_CODES[national[:3]] or ""
        head, national = head + code, national[len(code) :]
    lengths = _CANONICAL_LENGTHS[head]
    if len(national) in lengths:
        return f"{head} {national}", extension
    return ErrorCode.NUMBER_LENGTH if lengths else ErrorCode.NUMBER_COUNTRY

"""The canonical form, the two parsers and the mask, case by case (domain-rules B.6, C.1, C.2; A1 and A2 of B.4).

Expected values come from the rule named in a case's id; which lengths a country has is libphonenumber's (version 9.0).
`docs` marks the samples that Microsoft prints: concept-authentication-phone-options.md and Graph's phoneAuthenticationMethod.
"""

from __future__ import annotations

from typing import Final

import pytest

from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.numbers.canonical import (
    PublicNumber,
    PublicState,
    mask_number,
    parse_authentication_number,
    parse_public_number,
)
from ringfence.domain.numbers.pairs import Pair

EMPTY: Final = PublicNumber(PublicState.EMPTY, None)
MALFORMED: Final = PublicNumber(PublicState.MALFORMED, None)


def valid(canonical: str) -> PublicNumber:
    """What a public number without a warning reads as."""
    return PublicNumber(PublicState.VALID, canonical)


ACCEPTED: Final = [
    pytest.param("+1 4255550100", "+1 4255550100", id="B.6 case 1: canonical"),
    pytest.param("+1 4255550101", "+1 4255550101", id="B.6 case 7: with its country code"),
    pytest.param("+1 4255550100x123", "+1 4255550100x123", id="B.6 case 13: office with extension"),
    pytest.param("+1 4251234567", "+1 4251234567", id="C.1 docs: +CountryCode PhoneNumber"),
    pytest.param("+1 4251234567X12345", "+1 4251234567x12345", id="C.1 docs: upper-case X"),
    pytest.param("+1 5555551234", "+1 5555551234", id="C.1 docs: Graph's number"),
    pytest.param("+1 5555551234x123", "+1 5555551234x123", id="C.1 docs: Graph's number with extension"),
    pytest.param("+1 425 5551234", "+1 4255551234", id="A1: a space more"),
    pytest.param("  +1 4255550100\t\r\n", "+1 4255550100", id="C.2 step 1: blanks around"),
    pytest.param("\u00a0+1 4255550100\u00a0", "+1 4255550100", id="C.2 step 1: NBSP around"),
    pytest.param("+1\u00a0425\u00a0555\u00a00100", "+1 4255550100", id="C.2 step 1: NBSP as separator"),
    pytest.param("+1  4255550100", "+1 4255550100", id="C.2 step 1: two spaces after the code"),
    pytest.param("+44 20 7946 0958", "+44 2079460958", id="C.2 step 2: two-digit code"),
    pytest.param("+353 1 498 0123", "+353 14980123", id="C.2 step 2: three-digit code"),
    pytest.param("+800 12345678", "+800 12345678", id="C.2 step 2: code of no country"),
    pytest.param("+1 0000000000", "+1 0000000000", id="C.2 step 2: possible is enough, valid is not asked"),
    pytest.param("+49 1234567890123", "+49 1234567890123", id="C.2 step 2: 15 digits"),
    pytest.param("+49 1234567890123x1234567890", "+49 1234567890123x1234567890", id="C.2 step 2: extension not counted"),
    pytest.param("+290 2345", "+290 2345", id="C.2: 4 national digits"),
    pytest.param("+1 (425) 555-0100", "+1 4255550100", id="C.2 step 3: parentheses and hyphen"),
    pytest.param("+1 425.555.0100", "+1 4255550100", id="C.2 step 3: full stops"),
    pytest.param("+1 -)425( 555 0100.", "+1 4255550100", id="C.2 step 3: separators in any order"),
    pytest.param("+39 06 6982 0000", "+39 0669820000", id="C.2 step 3: leading 0 kept"),
    pytest.param("+39 (06) 6982 0000", "+39 0669820000", id="C.2 step 3: an area code is not a (0)"),
    pytest.param("+44 20 7946 0958x12", "+44 2079460958x12", id="C.2: x"),
    pytest.param("+44 20 7946 0958 x 12 ", "+44 2079460958x12", id="C.2: x with blanks"),
    pytest.param("+44 20 7946 0958ext12", "+44 2079460958x12", id="C.2: ext"),
    pytest.param("+44 20 7946 0958 ext.\t12", "+44 2079460958x12", id="C.2: ext. with blanks"),
    pytest.param("+44 20 7946 0958\u00a0X\u00a012", "+44 2079460958x12", id="C.2: X with NBSP"),
    pytest.param("+44 2079460958x007", "+44 2079460958x007", id="C.2 step 4: zeros of an extension kept"),
    pytest.param("+44 2079460958x1234567890", "+44 2079460958x1234567890", id="C.2: extension of 10 digits"),
]
"""Both parsers read these so for an office number."""

REFUSED: Final = [
    pytest.param("4255550101", ErrorCode.NUMBER_FORM, id="B.6 case 7: no country code"),
    pytest.param("020 7946 0958", ErrorCode.NUMBER_FORM, id="C.1: national number"),
    pytest.param("0044 20 7946 0958", ErrorCode.NUMBER_FORM, id="C.2 step 1: 00 is not +"),
    pytest.param("\uff0b1 4255550100", ErrorCode.NUMBER_FORM, id="C.2 step 1: full-width plus"),
    pytest.param("++1 4255550100", ErrorCode.NUMBER_FORM, id="C.2 step 1: two plus signs"),
    pytest.param("tel:+1 4255550100", ErrorCode.NUMBER_FORM, id="C.2 step 1: a word before"),
    pytest.param("+ 1 4255550100", ErrorCode.NUMBER_FORM, id="C.2 step 1: space before the code"),
    pytest.param("+1\t4255550100", ErrorCode.NUMBER_FORM, id="C.2 step 1: tab after the code"),
    pytest.param("+", ErrorCode.NUMBER_FORM, id="C.2 step 1: plus alone"),
    pytest.param("+0 4255550100", ErrorCode.NUMBER_FORM, id="C.2: no code begins with 0"),
    pytest.param("+999 12345678", ErrorCode.NUMBER_COUNTRY, id="C.2 step 2: unassigned code"),
    pytest.param("+1 425555010", ErrorCode.NUMBER_LENGTH, id="C.2 step 2: too short"),
    pytest.param("+1 42555501000", ErrorCode.NUMBER_LENGTH, id="C.2 step 2: too long"),
    pytest.param("+1 5550100", ErrorCode.NUMBER_LENGTH, id="C.2 step 2: local only"),
    pytest.param("+49 12345678901234", ErrorCode.NUMBER_LENGTH, id="C.2 step 2: 16 digits, though Germany has such"),
    pytest.param("+1 ", ErrorCode.NUMBER_LENGTH, id="C.2 step 2: code alone"),
    pytest.param("+1 x12", ErrorCode.NUMBER_LENGTH, id="C.2 step 2: extension alone"),
    pytest.param("+44 (0)20 7946 0958", ErrorCode.NUMBER_FORM, id="C.2 step 3: (0)"),
    pytest.param("+44 ( 0 )20 7946 0958", ErrorCode.NUMBER_FORM, id="C.2 step 3: (0) with blanks"),
    pytest.param("+39 06 (0) 6982000", ErrorCode.NUMBER_FORM, id="C.2 step 3: (0) inside, of a possible length"),
    pytest.param("\u00a0+39\u00a0(0)6 6982 0000", ErrorCode.NUMBER_FORM, id="C.2 step 3: (0) after NBSP, of a possible length"),
    pytest.param("+44 020 7946 0958", ErrorCode.NUMBER_LENGTH, id="C.2 step 3: leading 0 not dropped"),
    pytest.param("+1 425/555/0100", ErrorCode.NUMBER_FORM, id="C.2: slash"),
    pytest.param("+1 425\u2011555\u20110100", ErrorCode.NUMBER_FORM, id="C.2: non-breaking hyphen"),
    pytest.param("+1 425\t5550100", ErrorCode.NUMBER_FORM, id="C.2: tab inside"),
    pytest.param("+1 425555010\u0660", ErrorCode.NUMBER_FORM, id="C.2: Arabic-Indic digit"),
    pytest.param("+1 425555010\uff10", ErrorCode.NUMBER_FORM, id="C.2: full-width digit"),
    pytest.param("+1 425555010\u00b2", ErrorCode.NUMBER_FORM, id="C.2: superscript digit"),
    pytest.param("+\u0661 4255550100", ErrorCode.NUMBER_FORM, id="C.2: Arabic-Indic code"),
    pytest.param("+1 4255550100x\u0661", ErrorCode.NUMBER_FORM, id="C.2: Arabic-Indic extension"),
    pytest.param("+1 4255550100\x00", ErrorCode.NUMBER_FORM, id="C.2: NUL"),
    pytest.param("+1 425555010\ud800", ErrorCode.NUMBER_FORM, id="C.2: lone surrogate"),
    pytest.param("+1 FLOWERS", ErrorCode.NUMBER_FORM, id="C.2: letters"),
    pytest.param("+1 4255550100; +1 4255550101", ErrorCode.NUMBER_FORM, id="C.2: two numbers"),
    pytest.param("+1 4255550100x", ErrorCode.NUMBER_FORM, id="C.2: extension without digits"),
    pytest.param("+1 4255550100x12345678901", ErrorCode.NUMBER_FORM, id="C.2: extension of 11 digits"),
    pytest.param("+1 4255550100x1 2", ErrorCode.NUMBER_FORM, id="C.2: space in the extension"),
    pytest.param("+1 4255550100x1x2", ErrorCode.NUMBER_FORM, id="C.2: two extensions"),
    pytest.param("+1 4255550100 EXT 12", ErrorCode.NUMBER_FORM, id="C.2: EXT is not in the pattern"),
    pytest.param("+1 4255550100 extension 12", ErrorCode.NUMBER_FORM, id="C.2: nor is a whole word"),
    pytest.param("+1 4255550100#12", ErrorCode.NUMBER_FORM, id="C.2: nor is #"),
]
"""Both parsers refuse these, whatever the pair; the code is the strict one's."""

UNSPACED: Final = [
    pytest.param("+14255550100", "+1 4255550100", id="C.2 step 5: missing space"),
    pytest.param("+442079460958x12", "+44 2079460958x12", id="C.2 step 5: missing space, extension"),
    pytest.param("+35314980123", "+353 14980123", id="C.2 step 5: missing space, three-digit code"),
    pytest.param("+1-425-555-0100", "+1 4255550100", id="C.2 step 5: hyphen after the code"),
    pytest.param("+1.425.555.0100", "+1 4255550100", id="C.2 step 5: full stop after the code"),
    pytest.param("+1(425)5550100", "+1 4255550100", id="C.2 step 5: parenthesis after the code"),
    pytest.param("+1425 5550100", "+1 4255550100", id="C.2 step 5: space after the area code"),
    pytest.param("+142 55550100", "+1 4255550100", id="C.2 step 5: 142 is no code, so the digits begin with 1"),
]
"""The strict parser reads these, the lenient one only with `accept_unspaced`."""

WITH_EXTENSION: Final = "+1 4255550100 ext. 123"


@pytest.mark.parametrize(("text", "canonical"), ACCEPTED)
def test_a_public_office_number_reads_as(text: str, canonical: str) -> None:
    """The lenient parser returns the canonical form."""
    assert valid(canonical) == parse_public_number(text, Pair.OFFICE)


@pytest.mark.parametrize(("text", "canonical"), ACCEPTED + UNSPACED)
def test_an_authentication_number_reads_as(text: str, canonical: str) -> None:
    """The strict parser returns the canonical form."""
    assert canonical == parse_authentication_number(text, Pair.OFFICE)


@pytest.mark.parametrize(("text", "code"), REFUSED)
@pytest.mark.parametrize("unspaced", [pytest.param(False, id="spaced"), pytest.param(True, id="accept_unspaced")])
@pytest.mark.parametrize("pair", Pair)
def test_a_public_number_is_malformed(text: str, code: ErrorCode, pair: Pair, unspaced: bool) -> None:  # noqa: FBT001 - parametrised
    """Bad text is an answer, not an error; `accept_unspaced` forgives the separator after the code and nothing else."""
    del code
    assert MALFORMED == parse_public_number(text, pair, accept_unspaced=unspaced)


@pytest.mark.parametrize(("text", "code"), [*REFUSED, pytest.param(" \u00a0", ErrorCode.NUMBER_FORM, id="C.2: empty")])
@pytest.mark.parametrize("pair", Pair)
def test_an_authentication_number_is_refused(text: str, code: ErrorCode, pair: Pair) -> None:
    """The strict parser tells which rule was broken, and of the input nothing: an authentication number is private."""
    with pytest.raises(InvalidError) as refusal:
        parse_authentication_number(text, pair)
    assert (code, {"phone_type": pair.phone_type}) == (refusal.value.code, refusal.value.facts)


@pytest.mark.parametrize(("text", "canonical"), UNSPACED)
def test_a_public_number_needs_its_space(text: str, canonical: str) -> None:
    """C.2 step 1: without a space or NBSP after the country code it is malformed, unless `accept_unspaced` is on."""
    expected = (MALFORMED, valid(canonical))
    assert expected == (
        parse_public_number(text, Pair.OFFICE),
        parse_public_number(text, Pair.OFFICE, accept_unspaced=True),
    )


@pytest.mark.parametrize("text", ["", " ", "\t\r\n", "\u00a0", "\u2003 "])
@pytest.mark.parametrize("pair", Pair)
def test_a_public_number_is_empty(text: str, pair: Pair) -> None:
    """C.2 step 1: what is nothing after trimming is no number, which is not a malformed one (B.2, C4 and C5)."""
    assert EMPTY == parse_public_number(text, pair)


@pytest.mark.parametrize("pair", [Pair.MOBILE, Pair.ALTERNATE])
@pytest.mark.parametrize("text", [WITH_EXTENSION, "+1 4255550100x123", " +1 4255550100X123"])
def test_an_extension_is_dropped_with_a_warning(text: str, pair: Pair) -> None:
    """A2: only an office number has an extension; elsewhere the number is valid without it, and that is counted."""
    assert PublicNumber(PublicState.EXTENSION_DROPPED, "+1 4255550100") == parse_public_number(text, pair)


@pytest.mark.parametrize("pair", [Pair.MOBILE, Pair.ALTERNATE])
def test_an_extension_of_an_authentication_number_is_refused(pair: Pair) -> None:
    """C.2: the x-part only when the phone type is office; who types one for a mobile is told, not corrected."""
    with pytest.raises(InvalidError) as refusal:
        parse_authentication_number(WITH_EXTENSION, pair)
    assert (ErrorCode.NUMBER_EXTENSION, {"phone_type": pair.phone_type}) == (refusal.value.code, refusal.value.facts)


LONG: Final = 100_000
HOSTILE: Final = [
    pytest.param(start + fill * LONG + end, id=f"{start!r} + many {fill!r} + {end!r}")
    for start, fill, end in [
        ("+1 ", " ", "z"),
        ("+1 ", "(", "z"),
        ("+1 ", "(0 ", "z"),
        ("+1 (", ".", "z"),
        ("+1 ", "1", ""),
        ("+1 4255550100", "\t", "z"),
        ("+1 4255550100x", " ", "z"),
        ("+1 4255550100x", "1", "z"),
        ("+1 4255550100", " x", ""),
        ("", "1", " 4255550100"),
        ("", "+", ""),
        ("", "\x00", ""),
        ("", "\ud800", ""),
    ]
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("unspaced", [pytest.param(False, id="spaced"), pytest.param(True, id="accept_unspaced")])
def test_a_long_text_is_malformed_like_a_short_one(text: str, unspaced: bool) -> None:  # noqa: FBT001 - parametrised
    """An attribute accepts any text (C.1); a parser that went back over it would stand still here for minutes."""
    assert MALFORMED == parse_public_number(text, Pair.OFFICE, accept_unspaced=unspaced)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        pytest.param("+1 4255550134", "+X XXXXXXX34", id="issue A: the sample"),
        pytest.param("+1 4255550134x12", "+X XXXXXXX34", id="issue A: without extension"),
        pytest.param("+353 14980123", "+X XXXXXXX23", id="same width for another country"),
        pytest.param("+290 2345", "+X XXXXXXX45", id="same width for a short number"),
        pytest.param("4255550134", "+X XXXXXXX", id="not canonical: nothing shows"),
    ],
)
def test_a_mask_shows_two_digits(number: str, masked: str) -> None:
    """The mask gives away the last two national digits only, neither country nor length nor extension."""
    assert masked == mask_number(number)

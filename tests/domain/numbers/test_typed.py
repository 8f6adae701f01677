"""Numbers that are typed: the national zero, and what is too short, before anything is paid for (E.3; the plans of the ITU)."""

from __future__ import annotations

import pytest

from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.typed import TypedMistake, read_typed_number


@pytest.mark.parametrize(
    ("country", "rest", "canonical"),
    [
        pytest.param("49", "151 2345-6789", "+49 15123456789", id="Germany"),
        pytest.param("39", "06 1234 5678", "+39 0612345678", id="Italy, where the zero belongs to it"),
        pytest.param("225", "07 12 34 56 78", "+225 0712345678", id="Ivory Coast, where it does too"),
        pytest.param("1", "(425) 555-0100", "+1 4255550100", id="United States"),
        pytest.param("1684", "733 1234", "+1 6847331234", id="an area of the North American plan"),
        pytest.param("290", "51234", "+290 51234", id="Saint Helena, where five digits are all"),
    ],
)
def test_numbers_that_can_be_texted(country: str, rest: str, canonical: str) -> None:
    """Are read into the form that is stored."""
    assert canonical == read_typed_number(country, rest, Pair.MOBILE, is_texted=True)


@pytest.mark.parametrize(
    ("country", "rest"),
    [("49", "0151 23456789"), ("49", "(0)151 23456789"), ("44", "07700 900123"), ("61", "0412 345 678"), ("43", "0664 1234567")],
)
def test_the_national_zero(country: str, rest: str) -> None:
    """Is told as what it is, with brackets and without."""
    assert TypedMistake.ZERO is read_typed_number(country, rest, Pair.MOBILE, is_texted=True)


@pytest.mark.parametrize(
    ("rest", "text", "call"),
    [
        pytest.param("1234", TypedMistake.LENGTH, TypedMistake.LENGTH, id="nobody's"),
        pytest.param("3012345", TypedMistake.LENGTH, "+49 3012345", id="of a fixed line, which can be called"),
        pytest.param("151234567890123", TypedMistake.LENGTH, TypedMistake.LENGTH, id="too long"),
        pytest.param("0", TypedMistake.LENGTH, TypedMistake.LENGTH, id="a zero alone"),
    ],
)
def test_lengths_of_germany(rest: str, text: str | TypedMistake, call: str | TypedMistake) -> None:
    """A text goes to as many digits as mobile numbers have; a call to those of fixed lines too."""
    assert (text, call) == tuple(read_typed_number("49", rest, Pair.MOBILE, is_texted=texted) for texted in (True, False))


@pytest.mark.parametrize(
    ("country", "rest"),
    [("", "1512345678"), ("49", ""), ("49", "<script>"), ("49", "+49 151 23456789"), ("999", "1234567"), ("4 9", "1512345678")],
)
def test_what_is_no_number(country: str, rest: str) -> None:
    """Whatever is sent in its place."""
    assert TypedMistake.FORM is read_typed_number(country, rest, Pair.MOBILE, is_texted=True)

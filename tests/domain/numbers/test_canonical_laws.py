"""What holds of the two parsers for every text (domain-rules C.2), where `test_canonical` has single cases."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import phonenumbers
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.numbers.canonical import PublicState, mask_number, parse_authentication_number, parse_public_number
from ringfence.domain.numbers.metadata import POSSIBLE_LENGTHS
from ringfence.domain.numbers.pairs import Pair

STRICT_FORM: Final = re.compile(r"\+[1-9]\d{0,2} \d{4,14}(x\d{1,10})?", re.ASCII)
"""C.2, as Microsoft's API accepts it."""
ASSIGNED: Final = sorted(str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
VALID_STATES: Final = (PublicState.VALID, PublicState.EXTENSION_DROPPED)


class Number(NamedTuple):
    """A number before anybody wrote it down."""

    code: str
    national: str
    extension: str

    @property
    def canonical(self) -> str:
        """The canonical form, its extension included."""
        return f"+{self.code} {self.national}" + (f"x{self.extension}" if self.extension else "")


def digits(shortest: int, longest: int) -> st.SearchStrategy[str]:
    """Digits, zeros first as likely as any."""
    return st.text("0123456789", min_size=shortest, max_size=longest)


@st.composite
def possible_numbers(draw: st.DrawFn) -> Number:
    """A number that both parsers must accept for an office phone."""
    code = draw(st.sampled_from(ASSIGNED))
    length = draw(st.sampled_from(sorted(n for n in POSSIBLE_LENGTHS[code] if 4 <= n <= 15 - len(code))))
    return Number(code, draw(digits(length, length)), draw(digits(0, 10)))


@st.composite
def writings(draw: st.DrawFn, number: Number) -> str:
    """The number as some person would write it: separators anywhere in the national part but never a `(0)`."""
    separators = st.text(" .-()\u00a0", max_size=2)
    parts = [draw(separators) + digit for digit in number.national] + [draw(separators)]
    blank = st.text(" \t\u00a0", max_size=2)
    written = re.sub(r"\((?=[^0-9]*0[^0-9]*\))", "", "".join(parts))
    extension = draw(blank) + draw(st.sampled_from(["x", "X", "ext", "ext."])) + draw(blank) + number.extension
    space = draw(st.sampled_from(" \u00a0"))
    return f"{draw(blank)}+{number.code}{space}{written}{extension if number.extension else ''}{draw(blank)}"


any_text: Final = st.text(st.characters(categories=("Cs", "Cc", "L", "N", "P", "S", "Z")))
near_text: Final = st.builds(
    str.__add__,
    st.sampled_from(["", " ", "+", "+1 ", "+1", "+44 ", "+49\u00a0", "+39 (0", "+999 ", "+1 4255550100"]),
    st.text("0123456789 .()-+xXet\u00a0\t\u0661\u00b2", max_size=24),
)
written_numbers: Final = possible_numbers().flatmap(writings)
texts: Final = st.one_of(any_text, near_text, written_numbers)
pairs: Final = st.sampled_from(Pair)


def strictly(text: str, pair: Pair) -> str | ErrorCode:
    """What the strict parser answers, a refusal as its code."""
    try:
        return parse_authentication_number(text, pair)
    except InvalidError as refusal:
        return refusal.code


@given(st.data(), possible_numbers())
def test_separators_never_change_the_result(data: st.DataObject, number: Number) -> None:
    """However a possible number is written, both parsers return its one canonical form."""
    text = data.draw(writings(number))
    expected = (PublicState.VALID, number.canonical, number.canonical)
    assert expected == (*parse_public_number(text, Pair.OFFICE), strictly(text, Pair.OFFICE))


@given(texts, pairs, st.booleans())
def test_the_lenient_parser_never_raises(text: str, pair: Pair, unspaced: bool) -> None:  # noqa: FBT001 - drawn
    """Any text is an answer, and there is a canonical form exactly when the state says so."""
    state, canonical = parse_public_number(text, pair, accept_unspaced=unspaced)
    assert (state in VALID_STATES) == (canonical is not None)


@given(texts, pairs)
def test_the_strict_parser_raises_its_own_errors_only(text: str, pair: Pair) -> None:
    """Any text is either refused by one of the four codes or comes out in the form that Microsoft's API takes."""
    answer = strictly(text, pair)
    refusals = {ErrorCode.NUMBER_COUNTRY, ErrorCode.NUMBER_EXTENSION, ErrorCode.NUMBER_FORM, ErrorCode.NUMBER_LENGTH}
    assert answer in refusals or STRICT_FORM.fullmatch(answer)


@given(texts, pairs, st.booleans())
def test_the_canonical_form_is_a_fixed_point(text: str, pair: Pair, unspaced: bool) -> None:  # noqa: FBT001 - drawn
    """Reading what was read changes nothing: parse(parse(x)) = parse(x), by either parser, on the same pair."""
    canonical = parse_public_number(text, pair, accept_unspaced=unspaced).canonical
    if canonical is not None:
        assert ((PublicState.VALID, canonical), canonical) == (parse_public_number(canonical, pair), strictly(canonical, pair))


@given(texts, pairs)
def test_the_strict_parser_reads_every_valid_public_number_alike(text: str, pair: Pair) -> None:
    """A number that may be copied may be typed: the same form, except that a mobile's extension is refused, not dropped."""
    state, canonical = parse_public_number(text, pair)
    if state == PublicState.VALID:
        assert canonical == strictly(text, pair)
    if state == PublicState.EXTENSION_DROPPED:
        assert ErrorCode.NUMBER_EXTENSION == strictly(text, pair)


@given(texts, pairs)
def test_the_strict_parser_accepts_no_more_than_the_unspaced_lenient_one(text: str, pair: Pair) -> None:
    """The strict parser's forgiveness is `accept_unspaced` (C.2, step 5) and nothing else."""
    state, canonical = parse_public_number(text, pair, accept_unspaced=True)
    answer = strictly(text, pair)
    assert (canonical if state == PublicState.VALID else None) == (None if isinstance(answer, ErrorCode) else answer)


@given(texts, pairs, st.booleans())
def test_blanks_around_never_matter(text: str, pair: Pair, unspaced: bool) -> None:  # noqa: FBT001 - drawn
    """C.2 step 1; it also holds the short way through the parser equal to the pattern, which a leading blank forces."""
    expected = parse_public_number(text, pair, accept_unspaced=unspaced)
    assert expected == parse_public_number(f"\t{text}\u00a0", pair, accept_unspaced=unspaced)


@given(st.one_of(st.sampled_from(ASSIGNED), st.integers(1, 999).map(str)), digits(1, 18))
def test_both_parsers_and_the_library_agree_on_what_is_possible(code: str, national: str) -> None:
    """C.2 step 2: possible for the region as libphonenumber judges, at most 15 digits, at least 4 national ones."""
    # A zero in front of the last digit counts, and the library keeps it apart.
    zeros = len(national[:-1]) - len(national[:-1].lstrip("0"))
    number = phonenumbers.PhoneNumber(
        country_code=int(code),
        national_number=int(national),
        italian_leading_zero=zeros > 0,
        number_of_leading_zeros=max(zeros, 1),
    )
    possible = phonenumbers.ValidationResult.IS_POSSIBLE == phonenumbers.is_possible_number_with_reason(number)
    expected = possible and len(code + national) <= 15 and len(national) >= 4
    text = f"+{code} {national}"
    public, private = parse_public_number(text, Pair.MOBILE), strictly(f"+{code}{national}", Pair.MOBILE)
    assert (text if expected else None) == public.canonical
    if expected:
        assert text == private


@given(possible_numbers())
def test_a_mask_has_one_width_and_two_digits(number: Number) -> None:
    """Nothing but the last two national digits comes through."""
    assert f"+X XXXXXXX{number.national[-2:]}" == mask_number(number.canonical)

"""The tables of country codes and possible lengths, held equal to libphonenumber (domain-rules C.2, step 2)."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Final

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.numbers.metadata import COUNTRY_CODES, POSSIBLE_LENGTHS

SRC: Final = Path(__file__).parents[3] / "src"
ASSIGNED: Final = sorted(str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
"""The library's own list: 215 codes in version 9.0."""

codes: Final = st.one_of(st.sampled_from(ASSIGNED), st.integers(1, 1999).map(str))
digits: Final = st.text("0123456789", min_size=1, max_size=20)
zeros_first: Final = st.builds(lambda zeros, rest: ("0" * zeros + rest)[:20], st.integers(0, 20), digits)


def library_says_possible(code: str, national: str) -> bool:
    """Ask the library about a national number written with all its zeros, even when there is nothing else."""
    zeros = min(len(national) - len(national.lstrip("0")), len(national) - 1)
    number = phonenumbers.PhoneNumber(
        country_code=int(code),
        national_number=int(national),
        italian_leading_zero=zeros > 0,
        number_of_leading_zeros=max(zeros, 1),
    )
    assert national == phonenumbers.national_significant_number(number)
    return phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE


def run_apart(code: str) -> str:
    """Run code in a fresh interpreter and return what it prints."""
    program = f"import sys; sys.path.insert(0, {str(SRC)!r}); {code}"
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip()


@given(codes, zeros_first)
def test_a_length_is_possible_exactly_when_the_library_says_so(code: str, national: str) -> None:
    """For any code, assigned or not, and any digits, the table answers as `is_possible_number_with_reason`."""
    assert library_says_possible(code, national) == (len(national) in POSSIBLE_LENGTHS[code])


def test_every_length_of_every_code_is_the_library_s() -> None:
    """All 215 codes and all lengths up to 20, once with a leading zero and once without: no difference."""
    cases = [(code, digit * length) for code, length, digit in product(ASSIGNED, range(1, 21), "02")]
    different = [
        (code, len(national))
        for code, national in cases
        if library_says_possible(code, national) != (len(national) in POSSIBLE_LENGTHS[code])
    ]
    assert [] == different


@given(digits)
def test_the_country_code_of_digits_is_the_assigned_code_they_begin_with(number: str) -> None:
    """The table finds the library's code from the first three digits, or None."""
    assert next((code for code in ASSIGNED if number.startswith(code)), None) == COUNTRY_CODES[number[:3]]


def test_no_code_begins_with_another() -> None:
    """Country codes are prefix-free (E.164), which is what makes a missing space unambiguous (C.2, step 5)."""
    assert [] == [(one, two) for one, two in product(ASSIGNED, ASSIGNED) if one != two and two.startswith(one)]


@pytest.mark.parametrize(
    ("code", "local_length"),
    [pytest.param("1", 7, id="NANP subscriber number"), pytest.param("44", 4, id="United Kingdom local number")],
)
def test_a_local_only_length_is_not_possible(code: str, local_length: int) -> None:
    """What can be dialled in its own area only (the library's IS_POSSIBLE_LOCAL_ONLY) cannot be reached from abroad."""
    number = phonenumbers.PhoneNumber(country_code=int(code), national_number=2 * 10 ** (local_length - 1))
    assert phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY == phonenumbers.is_possible_number_with_reason(number)
    assert local_length not in POSSIBLE_LENGTHS[code]


@given(st.one_of(st.text(), st.integers(1, 10**6).map(str)))
def test_no_input_makes_the_tables_grow(text: str) -> None:
    """What a look-up keeps is an assigned code, or up to three digits that begin with one; anything else is forgotten."""
    lengths, code = POSSIBLE_LENGTHS[text], COUNTRY_CODES[text]
    assert (text in ASSIGNED) == (text in POSSIBLE_LENGTHS) == bool(lengths)
    assert (code is not None and len(text) <= 3) == (text in COUNTRY_CODES)


def test_importing_loads_no_library() -> None:
    """A command that reads no number does not pay for `phonenumbers`."""
    loaded = run_apart("import ringfence.domain.numbers.canonical; print('phonenumbers' in sys.modules)")
    assert "False" == loaded


def test_a_look_up_loads_one_region() -> None:
    """Only the region asked for is loaded, none of the other 244."""
    loaded = run_apart(
        "from ringfence.domain.numbers.metadata import POSSIBLE_LENGTHS; POSSIBLE_LENGTHS['44'];"
        "print(*(name for name in sys.modules if name.startswith('phonenumbers.data.region_')))"
    )
    assert "phonenumbers.data.region_GB" == loaded

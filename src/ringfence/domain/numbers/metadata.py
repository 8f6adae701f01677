"""What libphonenumber knows, as look-up tables: the assigned country calling codes, and the possible lengths of each.

Owns the only use of `phonenumbers` in the project; parsing belongs to `canonical` and `typed`. The tables ask the library once
per code and are plain dict accesses from then on. The library itself is loaded on the first look-up, and a region's metadata on
the first look-up of its code, so that a command that reads no number pays for neither. Source: domain-rules C.2, step 2.
"""

from __future__ import annotations

from functools import cache
from typing import Final

_LONGEST_CODE: Final = 3
_LONGEST_NATIONAL: Final = 17
"""No national number is longer in libphonenumber's data, whatever E.164 says; a property test looks beyond it."""


@cache
def _assigned_codes() -> frozenset[str]:
    """Return the assigned country calling codes, geographic or not, as digits."""
    import phonenumbers  # noqa: PLC0415 - costs as much as the rest of a start-up: only who reads a number pays

    return frozenset(map(str, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))


def _ask_lengths(code: str) -> frozenset[int]:
    """Ask the library which national lengths can be dialled from abroad in an assigned code's main region."""
    import phonenumbers  # noqa: PLC0415 - as above

    # The library judges the length alone, so that one number of each length tells all.
    return frozenset(
        length
        for length in range(1, _LONGEST_NATIONAL + 1)
        if phonenumbers.is_possible_number_with_reason(
            phonenumbers.PhoneNumber(country_code=int(code), national_number=10 ** (length - 1))
        )
        == phonenumbers.ValidationResult.IS_POSSIBLE
    )


def calling_code(region: str) -> str | None:
    """The country calling code of a country (ISO 3166, two letters), digits only; None for what is no country."""
    import phonenumbers  # noqa: PLC0415 - as above

    code = phonenumbers.country_code_for_region(region.strip().upper())
    return str(code) if code else None


@cache
def lengths_of_kind(code: str, *, is_mobile: bool) -> frozenset[int]:
    """The lengths of mobile numbers of a country code, or of mobile and fixed ones; the possible ones where no kind is known."""
    import phonenumbers  # noqa: PLC0415 - as above

    kinds = phonenumbers.PhoneNumberType
    kind = kinds.MOBILE if is_mobile else kinds.FIXED_LINE_OR_MOBILE
    possible = POSSIBLE_LENGTHS[code]
    found = frozenset(
        length
        for length in possible
        if phonenumbers.is_possible_number_for_type_with_reason(
            phonenumbers.PhoneNumber(country_code=int(code), national_number=10 ** (length - 1)), kind
        )
        == phonenumbers.ValidationResult.IS_POSSIBLE
    )
    return found or possible


def is_trunk_zero(code: str, national: str) -> bool:
    """Whether the 0 that these digits begin with is dialled inside the country alone; in Italy it is a part of the number."""
    import phonenumbers  # noqa: PLC0415 - as above

    if not national.startswith("0"):
        return False
    try:
        parsed = phonenumbers.parse(f"+{code}{national}")
    except phonenumbers.NumberParseException:  # too short or too long, which says nothing about the 0
        return False
    return phonenumbers.national_significant_number(parsed) != national


class _CountryCodes(dict[str, str | None]):
    """Fills itself; a prefix that begins with no assigned code is not kept, so that no input can make the table grow."""

    def __missing__(self, prefix: str) -> str | None:
        codes = _assigned_codes()
        # Codes are prefix-free (E.164): at most one of the candidates is assigned.
        for length in range(1, min(len(prefix), _LONGEST_CODE) + 1):
            if (code := prefix[:length]) in codes:
                if len(prefix) <= _LONGEST_CODE:
                    self[prefix] = code
                return code
        return None


class _PossibleLengths(dict[str, frozenset[int]]):
    """Fills itself; what is not an assigned code is not kept, so that no input can make the table grow."""

    def __missing__(self, code: str) -> frozenset[int]:
        if code not in _assigned_codes():
            return frozenset()
        lengths = self[code] = _ask_lengths(code)
        return lengths


COUNTRY_CODES: Final = _CountryCodes()
"""First three digits (or fewer, if there are no more) of an international number -> its country code, or None."""

POSSIBLE_LENGTHS: Final = _PossibleLengths()
"""Country code, digits only -> the lengths its national numbers may have, leading zeros counted; empty if unassigned."""

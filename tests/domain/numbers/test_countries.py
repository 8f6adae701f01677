"""The names of countries: complete, and none for what is no country's code (E.164)."""

from __future__ import annotations

import phonenumbers

from ringfence.domain.numbers.countries import COUNTRIES, label_of


def test_every_country_code_has_a_name() -> None:
    """And nothing else has one."""
    geographic = {str(code) for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items() if regions != ("001",)}
    assert geographic == COUNTRIES.keys()


def test_labels() -> None:
    """An area that is smaller than a code stays as it is."""
    assert ["Germany (+49)", "+1684", "+800"] == [label_of(prefix) for prefix in ("49", "1684", "800")]

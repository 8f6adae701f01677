"""What a number is counted by: its country code, or four digits in the North American plan (C.4)."""

from __future__ import annotations

import pytest

from ringfence.domain.numbers.prefixes import prefix_of


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+49 15112345678", "49"),
        ("+1 4255550100", "1"),
        ("+1 4165550100", "1"),
        ("+1 6846331234", "1684"),
        ("+1 8765550100x9", "1876"),
        ("+7 7212345678", "7"),
        ("+44 2425550100", "44"),
    ],
)
def test_the_prefix(number: str, expected: str) -> None:
    """The United States and Canada are 1; American Samoa is 1684, as the rule names it."""
    assert expected == prefix_of(number)

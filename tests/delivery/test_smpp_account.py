"""What an account at an SMSC may say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from ringfence.delivery.smpp import relative_time
from ringfence.delivery.smpp_account import Address, SmppAccount
from ringfence.domain.errors import ErrorCode, InvalidError

REFUSED: dict[str, dict[str, Any]] = {
    "password-of-nine": {"password": "ninechars"},
    "password-empty": {"password": ""},
    "password-not-ascii": {"password": "schlüss"},
    "system-id-of-sixteen": {"system_id": "s" * 16},
    "source-of-twelve": {"source": "TwelveLetter"},
    "source-with-zero-byte": {"source": "Ring\0fence"},
    "window-closed": {"window": 0},
}


def account(**fields: Any) -> SmppAccount:  # noqa: ANN401 - fields
    """An account that is right but for these."""
    right: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": 2775,
        "system_id": "ringfence",
        "password": "eightchr",
        "source": "Ringfence",
    }
    return SmppAccount(**(right | fields))


@pytest.mark.parametrize("fields", REFUSED.values(), ids=REFUSED)
def test_refused(fields: dict[str, Any]) -> None:
    """What SMPP has no room for is refused by name before anything is sent, and a password is not repeated."""
    with pytest.raises(InvalidError) as caught:
        account(**fields)
    assert ErrorCode.SETTING_INVALID == caught.value.code
    assert "ninechars" not in str(caught.value.facts)


def test_a_password_is_not_shown() -> None:
    """`repr` of an account may reach a log."""
    assert "eightchr" not in repr(account())


SOURCES = {
    "number": ("+4915112345678", Address("4915112345678", 1, 1)),
    "short-code": ("12345", Address("12345", 3, 0)),
    "name": ("Contoso MFA", Address("Contoso MFA", 5, 0)),
}


@pytest.mark.parametrize(("source", "address"), SOURCES.values(), ids=SOURCES)
def test_sources(source: str, address: Address) -> None:
    """Type of number and numbering plan follow from the source's form (SMPP 3.4, 5.2.5 and 5.2.6)."""
    assert address == account(source=source).source_address


SPANS = {
    "five-minutes": (dt.timedelta(minutes=5), "000000000500000R"),
    "a-day-and-more": (dt.timedelta(days=1, hours=2, minutes=3, seconds=4), "000001020304000R"),
    "less-than-a-second": (dt.timedelta(milliseconds=1), "000000000001000R"),
    "longer-than-a-month": (dt.timedelta(days=400), "000027000000000R"),
}


@pytest.mark.parametrize(("span", "text"), SPANS.values(), ids=SPANS)
def test_relative_times(span: dt.timedelta, text: str) -> None:
    """SMPP 3.4, 7.1.1.2: years, months, days, hours, minutes, seconds, then 000R."""
    assert text == relative_time(span)
